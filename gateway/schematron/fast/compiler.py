# SPDX-License-Identifier: Apache-2.0
"""A schema to a program: read every expression, count what is shared, write functions.

One construct that is not translated refuses the whole schema (`UnsupportedError`): a layer is
judged by one engine, never by a mixture.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.schematron.fast.codes import Code
from gateway.schematron.fast.compiled import Compiled, WrittenRule
from gateway.schematron.fast.contexts import (
    alternatives,
    predicate_sources,
    visited,
)
from gateway.schematron.fast.forbidden import forbidden_paths
from gateway.schematron.fast.functions import let, reader
from gateway.schematron.fast.generator import Generator
from gateway.schematron.fast.lazy import lazily
from gateway.schematron.fast.matching import Alternative
from gateway.schematron.fast.memos import count_uses, repeated_paths
from gateway.schematron.fast.normalise import AT_DOCUMENT, Normaliser
from gateway.schematron.fast.plans import Flag
from gateway.schematron.fast.program import Program
from gateway.schematron.fast.scope import Scope
from gateway.schematron.fast.unsupported import UnsupportedError, where
from gateway.schematron.model import Assertion, Function, Let, Pattern, Rule, Schema
from gateway.schematron.xpath import XPathSyntaxError, parse_xpath
from gateway.schematron.xpath.tree import Expression, Literal


def translate(schema: Schema) -> Compiled:
    """A schema's translation, to be run or kept. Raises `UnsupportedError`."""
    if schema.xpath_1:
        raise UnsupportedError("the rules of XPath 1.0 compatibility")
    try:
        return _Compiler(schema).compiled()
    except (RecursionError, MemoryError, SyntaxError) as error:  # Python's own limits
        raise UnsupportedError("expressions that are nested too deeply") from error


def careful_program(schema: Schema) -> Program:
    """The program that knows how Saxon avoids errors; slower, for what ended in one."""
    return _Compiler(schema, careful=True).compiled().program(None)


@dataclass(slots=True)
class _Read:
    """A rule whose expressions are read, once for each place where it may run."""

    rule: Rule
    contexts: list[Alternative]
    normaliser: Normaliser
    first: int


class _Compiler:
    def __init__(self, schema: Schema, *, careful: bool = False) -> None:
        self._schema = schema
        self._namespaces = dict(schema.namespaces)
        self._cache: dict[str, Expression] = {}
        self._uses: Counter[Expression] = Counter()
        self._assertions: list[Assertion] = []
        self._flags: list[Flag] = []
        self._g = Generator(self._uses, careful=careful)
        self._schema_lets = {item.name: f"@{item.name}" for item in schema.lets}
        self._shared: dict[str, str] = {}
        self._g.reader = self._parse
        self._g.reader_of = self._function_reader
        self._g.user_functions = {function.name: function for function in schema.functions}

    def compiled(self) -> Compiled:
        """Read everything first, because what is shared must be counted before it is written."""
        self._keys()
        patterns = [
            self._read_pattern(names, pattern)
            for names, pattern in zip(self._names(), self._schema.patterns, strict=True)
        ]
        self._lets(self._schema.lets, {**self._shared, **self._schema_lets})
        written = tuple(tuple(self._written(read) for read in reads) for reads in patterns)
        g = self._g
        slots = ", ".join(g.slot_functions)
        source = "\n".join([*g.lines, f"SLOTS = ({slots}{',' if slots else ''})"])
        code = lazily(source) if g.careful else source
        return Compiled(
            code=marshal.dumps(compile(code, "<rules>", "exec")),
            constants=g.constants,
            patterns=written,
            flags=tuple(self._flags),
            assertions=tuple(self._assertions),
        )

    def _parse(self, source: str) -> Expression:
        if source not in self._cache:
            try:
                self._cache[source] = parse_xpath(source, self._namespaces)
            except XPathSyntaxError as error:
                raise UnsupportedError(str(error)) from error
        return self._cache[source]

    def _function_reader(self, function: Function) -> Callable[[str], Expression]:
        return reader(function, {**self._shared, **self._schema_lets}, self._parse)

    def _lets(self, lets: tuple[Let, ...], names: dict[str, str]) -> None:
        normaliser = Normaliser(names, AT_DOCUMENT)
        for item in lets:
            with where(f"let {item.name}"):
                if item.select is None:
                    text = item.content or ("",)
                    if len(text) != 1 or not isinstance(text[0], str):
                        raise UnsupportedError("a let with values in its text")
                    definition: Expression = Literal(text[0], "string")
                else:
                    definition = normaliser.rewrite(self._parse(item.select))
                self._g.globals[names[item.name]] = (definition, item.as_type)
                count_uses(definition, self._uses, once=True)

    def _keys(self) -> None:
        normaliser = Normaliser(self._schema_lets, None)
        for key in self._schema.keys:
            with where(f"key {key.name}"):
                use = normaliser.rewrite(self._parse(key.use))
                self._g.keys[key.name] = (self._parse(key.match), use)

    def _names(self) -> list[dict[str, str]]:
        # Lets of patterns are global in the stylesheets that publishers make, so that one
        # pattern may use another's; its own come first.
        own = [
            {item.name: f"@{at}:{item.name}" for item in pattern.lets}
            for at, pattern in enumerate(self._schema.patterns)
        ]
        for names in reversed(own):
            self._shared.update(names)
        return [{**self._shared, **self._schema_lets, **names} for names in own]

    def _read_pattern(self, names: dict[str, str], pattern: Pattern) -> list[_Read]:
        self._lets(pattern.lets, names)
        reads = []
        for rule in pattern.rules:
            with where(f"rule {rule.context!r}"):
                contexts = visited(self._schema, rule, alternatives(self._parse(rule.context)))
            reads.append(self._counted(rule, contexts, names))
        return reads

    def _counted(self, rule: Rule, contexts: list[Alternative], names: dict[str, str]) -> _Read:
        depths = {alternative.depth for alternative in contexts}
        single = all(len(alternative.links) == 1 for alternative in contexts)
        depth = depths.pop() if len(depths) == 1 else None
        if single and not any(alternative.links[0].attribute for alternative in contexts):
            depth = 0 if depth is None else depth
        if depth is None and any(not alternative.links for alternative in contexts):
            depth = AT_DOCUMENT if len(contexts) == 1 else None
        local = {item.name for item in rule.lets}
        normaliser = Normaliser({k: v for k, v in names.items() if k not in local}, depth)
        read = _Read(rule, contexts, normaliser, len(self._assertions))
        self._assertions += rule.assertions
        for source in (*(item.select for item in rule.lets), *(a.test for a in rule.assertions)):
            if source is not None:
                with where(f"rule {rule.context!r}"):
                    count_uses(normaliser.rewrite(self._parse(source)), self._uses, once=depth == 0)
        return read

    def _predicate(self, test: str | None) -> str:
        if test is None:
            return ""
        lines = ["try:", f"    return {test}", "except XPathError:", "    return False"]
        return self._g.define("n, M", lines)

    def _written(self, read: _Read) -> WrittenRule:
        g = self._g
        plain = Normaliser(read.normaliser.globals, None)
        contexts = []
        careful, g.careful = g.careful, True  # an error there only means that nothing matches
        for alternative in read.contexts:
            with where(f"rule {read.rule.context!r}"):
                by_name, by_value = predicate_sources(g, alternative, plain)
            contexts.append((alternative, self._predicate(by_name), self._predicate(by_value)))
        g.careful = careful
        at_root = self._function(read, read.normaliser, flags=read.normaliser.depth == 0)
        anywhere = any(found.depth is None for found in read.contexts)
        if read.normaliser.depth != 0 or not anywhere:
            return tuple(contexts), at_root, at_root
        return tuple(contexts), at_root, self._function(read, plain, flags=False)

    def _function(self, read: _Read, normaliser: Normaliser, *, flags: bool) -> str:
        g = self._g
        g.reader = lambda source: normaliser.rewrite(self._parse(source))
        tests = {
            index: normaliser.rewrite(self._parse(assertion.test))
            for index, assertion in enumerate(read.rule.assertions, read.first)
        }
        flagged = self._flagged(tests) if flags else frozenset()
        lines = self._lines(read, tests, flagged, lazy=g.careful)
        if read.rule.lets and not g.careful:
            # Lets are read eagerly; where that ends in an error, once more as they are needed.
            slow = g.define("n, M, out", self._lines(read, tests, flagged, lazy=True))
            tried = ["mark = len(out)", "try:", *(f"    {line}" for line in lines)]
            lines = [*tried, "except XPathError:", "    del out[mark:]", f"    {slow}(n, M, out)"]
        return g.define("n, M, out", lines or ["pass"])

    def _flagged(self, tests: dict[int, Expression]) -> frozenset[int]:
        flagged = set()
        for index, test in tests.items():
            if self._assertions[index].is_report:
                continue
            if (paths := forbidden_paths(test)) is not None:
                self._flags += [Flag(assertion=index, path=path) for path in paths]
                flagged.add(index)
        return frozenset(flagged)

    def _let_values(self, read: _Read) -> list[Expression]:
        return [self._g.read(item.select) for item in read.rule.lets if item.select is not None]

    def _lines(
        self, read: _Read, tests: dict[int, Expression], flagged: frozenset[int], *, lazy: bool
    ) -> list[str]:
        g = self._g
        node = Code("n", "node", "1")
        scope = Scope(node, current=node)
        lines: list[str] = []
        with where(f"rule {read.rule.context!r}"):
            for path in repeated_paths([*self._let_values(read), *tests.values()]):
                name = g.fresh("c")
                code = g.expr(path, scope)
                lines.append(f"{name} = {code.source}")
                scope = replace(scope, known={**scope.known, path: replace(code, source=name)})
            for item in read.rule.lets:
                code, made = let(g, item, scope, lazy=lazy)
                lines += made
                scope = scope.binding(item.name, code)
        for index, test in tests.items():
            assertion = self._assertions[index]
            if index not in flagged:
                with where(assertion.rule):
                    word = "if" if assertion.is_report else "if not"
                    lines += [f"{word} {g.test(test, scope)}:", f"    out.append(({index}, n))"]
        if flagged:
            lines += [f"for a in M.flagged & {g.constant(flagged)}:", "    out.append((a, n))"]
        return lines
