# SPDX-License-Identifier: Apache-2.0
"""Python source with what is known of its value, and the turns from one form to another.

`item` is the kind of the items, `many` how many there may be:

- `"1"`: the source yields the value itself; `"?"`: the value or `None`; `"*"`: a list or tuple.
- `node` elements (and the document node); `attribute` the strings of attribute or text nodes;
  `untyped`, `string`, `decimal`, `integer`, `double`, `boolean`, `date` atomic values;
  `mixed` items that carry their kind (see `atoms.py`), always `"*"`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.schematron.fast.unsupported import UnsupportedError

STRINGS = frozenset(("attribute", "untyped", "string"))
UNTYPED = frozenset(("node", "attribute", "untyped"))
NUMBERS = frozenset(("decimal", "integer", "double"))


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression. `constant` holds the strings of a list that is known when compiling."""

    source: str
    item: str
    many: str
    constant: tuple[str, ...] | None = None


def as_list(code: Code) -> str:
    """The items as a list or tuple of bare values."""
    if code.many == "*":
        return code.source
    if code.many == "1":
        return f"({code.source},)"
    return f"[v for v in ({code.source},) if v is not None]"


def as_test(code: Code) -> str:
    """The effective boolean value, as something Python finds true or false."""
    if code.item in {"node", "attribute"}:
        return {"1": "True", "?": f"({code.source} is not None)", "*": code.source}[code.many]
    if code.item == "mixed":
        return f"truth({code.source})"
    if code.many == "*":
        return f"truth({as_mixed(code)})"
    if code.item == "date":
        raise UnsupportedError("the truth of a date")
    if code.item == "double":
        return f"truth([v for v in ({code.source},) if v is not None])"
    return code.source


def as_text(code: Code) -> str:
    """The string of at most one item, empty for none: an argument of type xs:string?."""
    if code.item == "node":
        return {"1": f"{code.source}.t", "?": f"text_of({as_list(code)})"}.get(
            code.many, f"text_of({code.source})"
        )
    if code.item == "mixed":
        return f"mixed_text({code.source})"
    if code.item not in STRINGS:
        raise UnsupportedError(f"a value of kind {code.item} where a string is asked for")
    return {"1": code.source, "?": f"({code.source} or '')"}.get(
        code.many, f"(only({code.source}) or '')"
    )


def as_optional_text(code: Code) -> Code:
    """The string of at most one item, or `None`."""
    if code.item == "node":
        if code.many == "1":
            return Code(f"{code.source}.t", "string", "1")
        return Code(f"only([v.t for v in {as_list(code)}])", "string", "?")
    if code.item not in STRINGS:
        raise UnsupportedError(f"a value of kind {code.item} where a string is asked for")
    if code.many == "*":
        return Code(f"only({code.source})", "string", "?")
    return Code(code.source, "string", code.many)


def as_mixed(code: Code) -> str:
    """The items as a list of items that carry their kind."""
    wrap = {"attribute": "Attribute", "untyped": "Untyped"}.get(code.item)
    if wrap is None:
        return as_list(code)
    return f"[{wrap}(v) for v in {as_list(code)}]"


def atomized(code: Code) -> Code:
    """Nodes as their untyped values; the rest as it is."""
    if code.item == "node":
        if code.many == "1":
            return Code(f"{code.source}.t", "untyped", "1")
        return Code(f"[v.t for v in {as_list(code)}]", "untyped", "*")
    if code.item == "attribute":
        return Code(code.source, "untyped", code.many, code.constant)
    if code.item == "mixed":
        return Code(f"[atom(v) for v in {code.source}]", "mixed", "*")
    return code


def as_number(code: Code) -> Code:
    """At most one number, for arithmetic: an untyped value becomes a double."""
    if code.item == "mixed":
        return Code(f"mixed_double({code.source})", "double", "?")
    if code.item in UNTYPED:
        text = as_optional_text(code)
        if text.many == "1":
            return Code(f"to_double({text.source})", "double", "1")
        return Code(f"each(to_double, {text.source})", "double", "?")
    if code.item not in NUMBERS:
        raise UnsupportedError(f"arithmetic with a value of kind {code.item}")
    return single(code)


def single(code: Code) -> Code:
    """At most one value; several are an error."""
    return Code(f"only({code.source})", code.item, "?") if code.many == "*" else code


def as_decimal(code: Code) -> Code:
    """xs:decimal(...): at most one value, cast."""
    match code.item:
        case "node":
            if code.many == "1":
                return Code(f"decimal_of({code.source})", "decimal", "1")
            return Code(f"decimal_of_only({as_list(code)})", "decimal", "?")
        case "mixed":
            return Code(f"mixed_decimal({code.source})", "decimal", "?")
        case "decimal" | "integer":
            return single(code)
        case "double":
            return _mapped("double_to_decimal", single(code), "decimal")
        case "boolean":
            return _mapped("int", single(code), "integer")
    return _mapped("to_decimal", as_optional_text(code), "decimal")


def _mapped(function: str, code: Code, item: str) -> Code:
    if code.many == "1":
        return Code(f"{function}({code.source})", item, "1")
    return Code(f"each({function}, {code.source})", item, "?")


def cast_text(function: str, code: Code, item: str) -> Code:
    """A cast of at most one string by a function of `atoms.py`."""
    return _mapped(function, as_optional_text(code), item)
