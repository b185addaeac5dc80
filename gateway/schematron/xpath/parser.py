# SPDX-License-Identifier: Apache-2.0
"""Tokens to syntax tree, by recursive descent over the grammar of XPath 2.0, appendix A.1."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.schematron.xpath.cursor import Cursor
from gateway.schematron.xpath.names import expanded, is_kind_test, number_literal
from gateway.schematron.xpath.tokens import Token, XPathSyntaxError, tokens_of
from gateway.schematron.xpath.tree import (
    Binary,
    Call,
    Conditional,
    ContextItem,
    Expression,
    Filter,
    Literal,
    Logic,
    Loop,
    Negation,
    Path,
    Root,
    Sequence,
    Step,
    TypeTest,
    Variable,
)

# How tightly binary operators bind (XPath 2.0, A.4).
_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "is", "<<", ">>"), 3),
    "to": 4,
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "div", "idiv", "mod"), 6),
    **dict.fromkeys(("union", "|"), 7),
    **dict.fromkeys(("intersect", "except"), 8),
}
_TYPE_WORDS = {"instance": "of", "treat": "as", "castable": "as", "cast": "as"}
_ANYWHERE = Step("descendant-or-self", "node()")
_MAX_DEPTH = 100


def parse_xpath(source: str, namespaces: Mapping[str, str]) -> Expression:
    """The tree of an expression or of a match pattern. Raises `XPathSyntaxError`."""
    parser = _Parser(tokens_of(source), namespaces)
    expression = parser.sequence()
    if parser.token.kind != "end":
        raise XPathSyntaxError(f"{parser.token.text!r} is not expected here")
    return expression


class _Parser(Cursor):
    def __init__(self, tokens: list[Token], namespaces: Mapping[str, str]) -> None:
        super().__init__(tokens)
        self._namespaces = namespaces
        self._depth = 0

    def sequence(self) -> Expression:
        """Items parted by commas."""
        items = [self._single()]
        while self.take(","):
            items.append(self._single())
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _single(self) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise XPathSyntaxError("the expression is nested too deeply")
        try:
            if self.at("for", "some", "every") and self.peek_kind() == "variable":
                return self._loop()
            if self.at("if") and self.peek() == "(":
                return self._conditional()
            return self._binary(1)
        finally:
            self._depth -= 1

    def _loop(self) -> Expression:
        kind = self.next().text
        bindings = []
        while True:
            variable = self._variable()
            self.expect("in")
            bindings.append((variable, self._single()))
            if not self.take(","):
                break
        self.expect("return" if kind == "for" else "satisfies")
        body = self._single()
        for variable, sequence in reversed(bindings):
            body = Loop(kind, variable, sequence, body)
        return body

    def _variable(self) -> str:
        if self.token.kind != "variable":
            raise XPathSyntaxError("a variable is expected")
        return self.next().text[1:].strip()

    def _conditional(self) -> Expression:
        self.next()
        self.expect("(")
        test = self.sequence()
        self.expect(")")
        self.expect("then")
        yes = self._single()
        self.expect("else")
        return Conditional(test, yes, self._single())

    def _binary(self, floor: int) -> Expression:
        left = self._type_test()
        while True:
            token = self.token
            binding = _BINDING.get(token.text, 0) if token.kind in {"symbol", "name"} else 0
            if binding < max(floor, 1):
                return left
            if token.text in {"or", "and"}:
                left = self._logic(token.text, left, binding)
                continue
            operator = "union" if self.next().text == "|" else token.text
            left = Binary(operator, left, self._binary(binding + 1))

    def _logic(self, word: str, first: Expression, binding: int) -> Expression:
        operands = [first]
        while self.take(word):
            operands.append(self._binary(binding + 1))
        return Logic(word, tuple(operands))

    def _type_test(self) -> Expression:
        operand = self._unary()
        while self.at(*_TYPE_WORDS) and self.peek() == _TYPE_WORDS[self.token.text]:
            kind = self.next().text
            self.next()
            name = self.next().text
            if self.take("("):
                self.expect(")")
                name += "()"
            operand = TypeTest(kind, operand, name + (self.take("?", "*", "+") or ""))
        return operand

    def _unary(self) -> Expression:
        if self.take("+"):
            return Negation(Negation(self._unary()))  # a number too, or an error
        return Negation(self._unary()) if self.take("-") else self._path()

    def _path(self) -> Expression:
        if self.take("//"):
            return self._steps(Path(Path(Root(), _ANYWHERE), self._step()))
        if self.take("/"):
            return self._steps(Path(Root(), self._step())) if self._starts_step() else Root()
        return self._steps(self._step())

    def _steps(self, left: Expression) -> Expression:
        while True:
            if self.take("//"):
                left = Path(Path(left, _ANYWHERE), self._step())
            elif self.take("/"):
                left = Path(left, self._step())
            else:
                return left

    def _starts_step(self) -> bool:
        kind, text = self.token.kind, self.token.text
        if kind == "name":
            return True
        return kind in {"string", "number", "variable"} or text in {"(", ".", "..", "@", "*"}

    def _step(self) -> Expression:
        if self.take(".."):
            return Step("parent", "node()", self._predicates())
        if self.take("@"):
            return Step("attribute", self._node_test(), self._predicates())
        if self.token.kind == "name" and self.peek() == "::":
            axis = self.next().text
            self.next()
            return Step(axis, self._node_test(), self._predicates())
        if self._is_name_test():
            return Step("child", self._node_test(), self._predicates())
        primary = self._primary()
        predicates = self._predicates()
        return Filter(primary, predicates) if predicates else primary

    def _is_name_test(self) -> bool:
        if self.at("*"):
            return True
        if self.token.kind != "name":
            return False
        return self.peek() != "(" or is_kind_test(self.token.text)

    def _node_test(self) -> str:
        token = self.next()
        if token.text == "*":
            return "*"
        if token.kind != "name":
            raise XPathSyntaxError(f"{token.text!r} is no node test")
        if self.take("("):
            self.expect(")")
            return f"{token.text}()"
        return expanded(token.text, self._namespaces)

    def _predicates(self) -> tuple[Expression, ...]:
        predicates = []
        while self.take("["):
            predicates.append(self.sequence())
            self.expect("]")
        return tuple(predicates)

    def _primary(self) -> Expression:
        token = self.next()
        match token.kind:
            case "string":
                return Literal(token.text[1:-1].replace(token.text[0] * 2, token.text[0]), "string")
            case "number":
                return number_literal(token.text)
            case "variable":
                return Variable(token.text[1:].strip())
            case "name" if self.take("("):
                return Call(token.text.removeprefix("fn:"), self._arguments())
            case "symbol" if token.text == ".":
                return ContextItem()
            case "symbol" if token.text == "(":
                if self.take(")"):
                    return Sequence(())
                inner = self.sequence()
                self.expect(")")
                return inner
        raise XPathSyntaxError(f"{token.text!r} is not expected here")

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        if self.take(")"):
            return ()
        while True:
            arguments.append(self._single())
            if not self.take(","):
                self.expect(")")
                return tuple(arguments)
