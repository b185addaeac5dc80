# SPDX-License-Identifier: Apache-2.0
"""Functions and keys of XSLT 2.0 within rule sets: `xsl:function` and `xsl:key` as values.

Only what a function of values needs is read: parameters, variables, `xsl:sequence`, `xsl:value-of`,
`xsl:choose`, `xsl:if` and text. Everything else of XSLT raises `SchemaError`.
"""

from __future__ import annotations

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.model import (
    Body,
    Choose,
    Function,
    Instruction,
    Key,
    Let,
    Parameter,
    Return,
    Text,
    TextValue,
    ValueOf,
)
from gateway.schematron.sources import (
    XSLT,
    check_attributes,
    children,
    describe,
    no_text,
    required,
    unexpected,
)

_X = f"{{{XSLT}}}"


def read_key(element: etree._Element) -> Key:
    """Read an `xsl:key`. Raises `SchemaError`."""
    check_attributes(element, ("name", "match", "use"))
    if len(element):
        raise SchemaError(f"{describe(element)} has content, which is not supported")
    name, match, use = (required(element, part) for part in ("name", "match", "use"))
    return Key(name=name, match=match, use=use)


def read_function(element: etree._Element) -> Function:
    """Read an `xsl:function`. Raises `SchemaError`."""
    check_attributes(element, ("name", "as", "override"))
    parameters = []
    for child in children(element):
        if child.tag != _X + "param":
            break
        check_attributes(child, ("name", "as", "required"))
        if len(child) or (child.text or "").strip():
            raise SchemaError(f"{describe(child)} has a default, which is not supported")
        parameters.append(Parameter(name=required(child, "name"), as_type=child.get("as")))
    return Function(
        name=required(element, "name"),
        parameters=tuple(parameters),
        body=_body(element, skip=len(parameters)),
        as_type=element.get("as"),
        source=etree.tostring(element, encoding="UTF-8", with_tail=False),
    )


def read_variable(element: etree._Element) -> Let:
    """Read an `xsl:variable` or `xsl:param` that has a value. Raises `SchemaError`."""
    check_attributes(element, ("name", "select", "as"))
    name, select, as_type = required(element, "name"), element.get("select"), element.get("as")
    if select is not None:
        if len(element) or (element.text or "").strip():
            raise SchemaError(f"{describe(element)} has both a select and content")
        return Let(name=name, select=select, as_type=as_type)
    body = _body(element)
    if as_type is not None and len(body) == 1 and isinstance(body[0], Return):
        return Let(name=name, select=body[0].select, as_type=as_type)
    if all(isinstance(part, TextValue) for part in body):
        texts = (part.content for part in body if isinstance(part, TextValue))
        content = tuple(piece for text in texts for piece in text)
        return Let(name=name, content=content, as_type=as_type)
    raise SchemaError(f"the content of {describe(element)} is not supported")


def _body(element: etree._Element, skip: int = 0) -> Body:
    """A sequence constructor: text and instructions in order, after `skip` parameters."""
    found: list[Instruction] = []
    text = element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            if skip:
                skip -= 1
            else:
                found += [*_text(text), _instruction(child)]
            text = ""
        text += child.tail or ""
    return (*found, *_text(text))


def _text(text: str) -> Body:
    """Text as XSLT sees it: comments do not part it, and blanks alone are nothing."""
    return (TextValue(content=(text,)),) if text.strip() else ()


def _instruction(element: etree._Element) -> Instruction:
    match element.tag:
        case "{http://www.w3.org/1999/XSL/Transform}variable":
            return read_variable(element)
        case "{http://www.w3.org/1999/XSL/Transform}sequence":
            return Return(select=_only_select(element))
        case "{http://www.w3.org/1999/XSL/Transform}value-of":
            return TextValue(content=(read_value_of(element),))
        case "{http://www.w3.org/1999/XSL/Transform}text":
            return TextValue(content=read_text(element))
        case "{http://www.w3.org/1999/XSL/Transform}if":
            check_attributes(element, ("test",))
            return Choose(branches=((required(element, "test"), _body(element)),))
        case "{http://www.w3.org/1999/XSL/Transform}choose":
            return _choose(element)
        case _:
            raise unexpected(element)


def read_text(element: etree._Element) -> Text:
    """The text of an `xsl:text`, blanks and all. Raises `SchemaError` for children."""
    check_attributes(element, ())
    if len(element):
        raise unexpected(element[0])
    return (element.text,) if element.text else ()


def read_value_of(element: etree._Element) -> ValueOf:
    """Read an `xsl:value-of` with a select and nothing else. Raises `SchemaError`."""
    return ValueOf(select=_only_select(element))


def _only_select(element: etree._Element) -> str:
    check_attributes(element, ("select",))
    if len(element):
        raise unexpected(element[0])
    return required(element, "select")


def _choose(element: etree._Element) -> Choose:
    check_attributes(element, ())
    no_text(element)
    branches: list[tuple[str, Body]] = []
    otherwise: Body = ()
    for child in children(element):
        if child.tag == _X + "when":
            check_attributes(child, ("test",))
            branches.append((required(child, "test"), _body(child)))
        elif child.tag == _X + "otherwise":
            check_attributes(child, ())
            otherwise = _body(child)
        else:
            raise unexpected(child)
    return Choose(branches=tuple(branches), otherwise=otherwise)
