# SPDX-License-Identifier: Apache-2.0
"""Casts and conversions to Python source (XPath 2.0, sections 3.1.5 and 3.10)."""

from __future__ import annotations

from gateway.schematron.fast.codes import (
    NUMBERS,
    STRINGS,
    UNTYPED,
    Code,
    as_decimal,
    as_list,
    as_optional_text,
    atomized,
    cast_text,
    single,
)
from gateway.schematron.fast.unsupported import UnsupportedError

CASTS = {
    "xs:integer": ("to_integer", "integer"),
    "xs:double": ("to_double", "double"),
    "xs:date": ("to_date", "date"),
    "xs:boolean": ("to_boolean", "boolean"),
}
_CASTABLE = {
    **{name: function for name, (function, _) in CASTS.items()},
    "xs:decimal": "to_decimal",
}


def cast_to(code: Code, name: str) -> Code:
    """A cast of at most one value to a named type."""
    function, item = CASTS[name]
    if code.item == item:
        return single(code)
    if code.item in UNTYPED | STRINGS:
        return cast_text(function, code, item)
    if name == "xs:integer" and code.item in {"decimal", "double"}:
        return Code(f"each(whole, {single(code).source})", "integer", "?")
    if name == "xs:double" and code.item in NUMBERS:
        return Code(f"each(float, {single(code).source})", "double", "?")
    raise UnsupportedError(f"the cast of a value of kind {code.item} to {name}")


def type_test(kind: str, code: Code, type_name: str) -> Code:
    """`castable as` and `cast as`."""
    bare = type_name.rstrip("?").replace("xsd:", "xs:")
    if kind == "castable" and bare == "xs:string" and code.item in STRINGS | NUMBERS:
        many = code.many == "1" or type_name.endswith("?")
        if many:
            return Code("True", "boolean", "1")
    if kind == "castable" and bare == "xs:time":
        return _castable(code, "is_time({0})", optional=type_name.endswith("?"))
    if kind == "castable" and bare in _CASTABLE:
        form = f"is_castable({{0}}, {_CASTABLE[bare]})"
        return _castable(code, form, optional=type_name.endswith("?"))
    if kind == "cast" and bare in CASTS:
        return cast_to(code, bare)
    if kind == "cast" and bare == "xs:decimal":
        return as_decimal(code)
    raise UnsupportedError(f"{kind} as {type_name}")


def _castable(code: Code, form: str, *, optional: bool) -> Code:
    if code.item in NUMBERS:
        raise UnsupportedError("castable of a number")
    if code.item == "mixed":
        code = Code(f"mixed_texts({code.source})", "string", "*")
    if code.many != "1":
        values = as_list(atomized(code))
        every = f"all([{form.format('v')} for v in {{0}}])"
        few = "<= 1" if optional else "== 1"
        test = f"(lambda w: len(w) {few} and {every.format('w')})({values})"
        return Code(test, "boolean", "1")
    return Code(form.format(as_optional_text(code).source), "boolean", "1")


def converted(code: Code, type_name: str) -> Code:
    """A value as a declared type asks for it (the function conversion rules, XPath 2.0 3.1.5)."""
    bare, optional = type_name.rstrip("?*+"), type_name[-1:]
    if bare in {"item()", "node()", "element()"} or type_name.endswith(("*", "+")):
        return _listed(code, bare)
    if bare == "xs:boolean" and code.item == "boolean":
        return code if code.many == "1" else Code(f"required({code.source})", "boolean", "1")
    made = _conversion(code, bare)
    if optional == "?" or made.many == "1":
        return made
    return Code(f"required({made.source})", made.item, "1")


def _listed(code: Code, bare: str) -> Code:
    if bare in {"item()", "node()", "element()"}:
        return code
    if bare == "xs:string" and code.item == "string":
        return code
    raise UnsupportedError(f"a list of {bare} from {code.item}")


def _conversion(code: Code, bare: str) -> Code:
    if code.item == "mixed":
        forms = {
            "xs:decimal": ("mixed_decimal", "decimal"),
            "xs:double": ("mixed_double", "double"),
        }
        if bare not in forms:
            raise UnsupportedError(f"items of several kinds as {bare}")
        return Code(f"{forms[bare][0]}({code.source})", forms[bare][1], "?")
    if bare in {"xs:string", "xs:anyAtomicType"} and code.item in STRINGS | {"node"}:
        return as_optional_text(code)
    if bare == "xs:decimal" and code.item in UNTYPED | {"decimal", "integer"}:
        return as_decimal(code)
    if bare == "xs:integer" and code.item in UNTYPED | {"integer"}:
        return cast_to(code, bare)
    if bare == "xs:double" and code.item in UNTYPED | NUMBERS:
        return cast_to(code, bare)
    if bare in {"xs:date", "xs:boolean"} and code.item in UNTYPED:
        return cast_to(code, bare)
    raise UnsupportedError(f"a value of kind {code.item} as {bare}")
