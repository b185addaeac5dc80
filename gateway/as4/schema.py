# SPDX-License-Identifier: Apache-2.0
"""Is an eb:Messaging element with a user message built as the ebMS header schema says?

A table and a walk of our own, at least as strict as the schema of ebMS 3.0 Core with the OASIS
correction that gives Property its `type`. Values of the Peppol profile are not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.as4 import const
from gateway.as4.elements import content, has_elements, parse_date_time
from gateway.as4.errors import InvalidHeaderError, Step

_MANY: Final = 1000  # maxOccurs="unbounded": the SOAP part's size bounds it anyway
_BLANKS: Final = " \t\r\n"
_NCNAME = re.compile(r"[^\W\d][\w.-]*")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_URI = re.compile(  # plain addresses only: `xs:anyURI` takes more, and nobody sends any here
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?:[!$&-9;=?-Z_a-z~]|%[0-9A-Fa-f]{2})*(?:#[!$&-Z_a-z~]*)?"
)
_ATTRIBUTES_ANYWHERE = (f"{{{const.XSI}}}schemaLocation",)
Check = Callable[[str], bool]


def _token(_: str) -> bool:
    return True


def _not_empty(text: str) -> bool:
    return text != ""


def _uri(text: str) -> bool:
    return _URI.fullmatch(text.strip(_BLANKS)) is not None


def _language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text.strip(_BLANKS)) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """An element with text only."""

    text: Check = _not_empty
    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Child:
    """One step of a sequence."""

    name: str
    model: Simple | Sequence
    at_least: int = 1
    at_most: int = 1
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", f"{{{const.EB}}}{self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """An element with child elements only, in this order; `open_end` allows foreign ones last."""

    children: tuple[Child, ...]
    attributes: Mapping[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    open_end: bool = False
    foreign_attributes: bool = False


def _properties(attributes: Mapping[str, Check]) -> Sequence:
    a_property = Simple(attributes=attributes, required=frozenset(["name"]))
    return Sequence(children=(Child("Property", a_property, at_most=_MANY),))


_TEXT = Simple()
_PARTY = Sequence(
    children=(
        Child("PartyId", Simple(attributes={"type": _not_empty}), at_most=_MANY),
        Child("Role", _TEXT),
    )
)
_PROPERTIES = _properties({"name": _not_empty, "type": _not_empty})
_LANG = f"{{{const.XML}}}lang"
_PART_INFO = Sequence(
    attributes={"href": _token},
    children=(
        Child(
            "Schema",
            Simple(
                text=lambda text: text == "",
                attributes={"location": _uri, "version": _not_empty, "namespace": _not_empty},
                required=frozenset(["location"]),
            ),
            at_least=0,
        ),
        Child(
            "Description",
            Simple(
                attributes={_LANG: _language},
                required=frozenset([_LANG]),
            ),
            at_least=0,
        ),
        Child("PartProperties", _PROPERTIES, at_least=0),
    ),
)
_USER_MESSAGE = Sequence(
    attributes={"mpc": _token},  # another one than ours is refused anyway, with its own code
    children=(
        Child(
            "MessageInfo",
            Sequence(
                children=(
                    Child("Timestamp", Simple(text=lambda t: parse_date_time(t) is not None)),
                    Child("MessageId", _TEXT),
                    Child("RefToMessageId", _TEXT, at_least=0),
                )
            ),
        ),
        Child("PartyInfo", Sequence(children=(Child("From", _PARTY), Child("To", _PARTY)))),
        Child(
            "CollaborationInfo",
            Sequence(
                children=(
                    Child(
                        "AgreementRef",
                        Simple(attributes={"type": _not_empty, "pmode": _not_empty}),
                        at_least=0,
                    ),
                    Child("Service", Simple(attributes={"type": _not_empty})),
                    Child("Action", Simple(text=_token)),
                    Child("ConversationId", Simple(text=_token)),
                )
            ),
        ),
        Child("MessageProperties", _PROPERTIES, at_least=0),
        Child(
            "PayloadInfo",
            Sequence(children=(Child("PartInfo", _PART_INFO, at_most=_MANY),)),
            at_least=0,
        ),
    ),
)
_MESSAGING = Sequence(
    attributes={
        "id": lambda text: _NCNAME.fullmatch(text.strip(_BLANKS)) is not None,
        _LANG: _language,
        f"{{{const.S12}}}mustUnderstand": lambda text: (
            text.strip(_BLANKS) in ("true", "false", "0", "1")
        ),
        f"{{{const.S11}}}mustUnderstand": lambda text: text in ("0", "1"),
    },
    children=(Child("UserMessage", _USER_MESSAGE, at_most=_MANY),),
    open_end=True,
    foreign_attributes=True,
)


def check_messaging(messaging: etree._Element) -> None:
    """Raise `InvalidHeaderError` unless the element is schema-valid; signals are not allowed."""
    _check(messaging, _MESSAGING)


def _check(element: etree._Element, model: Simple | Sequence) -> None:
    names = [str(name) for name in element.keys()]  # noqa: SIM118 - an element's own method
    if names or model.required:
        _check_attributes(element, model, names)
    if isinstance(model, Sequence):
        _check_children(element, model)
    elif has_elements(element) or not model.text(content(element)):
        raise _invalid(f"{_name(element)} has a wrong value")


def _check_children(element: etree._Element, model: Sequence) -> None:
    if element.text and element.text.strip(_BLANKS):
        raise _invalid(f"{_name(element)} holds text")
    steps = iter((*model.children, None))
    step = next(steps)
    count = 0
    for child in element:
        tail, tag = child.tail, child.tag
        if tail and tail.strip(_BLANKS):
            raise _invalid(f"{_name(element)} holds text")
        if not isinstance(tag, str):
            continue  # a comment or an instruction
        while step and (tag != step.tag or count == step.at_most):
            _end_step(element, step, count)
            step, count = next(steps), 0
        if step:
            _check(child, step.model)
            count += 1
        else:
            _refuse_unless_open(child, model, element)
    while step:
        _end_step(element, step, count)
        step, count = next(steps), 0


def _refuse_unless_open(child: etree._Element, model: Sequence, parent: etree._Element) -> None:
    if not (model.open_end and _is_foreign(child)):
        raise _invalid(f"{_name(parent)} has an element that does not belong there")


def _end_step(parent: etree._Element, step: Child, count: int) -> None:
    if count < step.at_least:
        raise _invalid(f"{_name(parent)} has no {step.name} where it belongs")


def _check_attributes(element: etree._Element, model: Simple | Sequence, names: list[str]) -> None:
    for attribute in names:
        check = model.attributes.get(attribute)
        if check is not None:
            if not check(element.get(attribute, "")):
                raise _invalid(f"{_name(element)} has a wrong attribute value")
        elif not _is_allowed(attribute, model):
            raise _invalid(f"{_name(element)} has an attribute that does not belong there")
    if not model.required.issubset(names):
        raise _invalid(f"{_name(element)} lacks an attribute")


def _is_allowed(attribute: str, model: Simple | Sequence) -> bool:
    if attribute in _ATTRIBUTES_ANYWHERE:
        return True
    foreign = attribute.startswith("{") and not attribute.startswith(f"{{{const.EB}}}")
    return foreign and isinstance(model, Sequence) and model.foreign_attributes


def _is_foreign(element: etree._Element) -> bool:
    namespace = etree.QName(element).namespace
    return namespace is not None and namespace != const.EB


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname[:40]


def _invalid(detail: str) -> InvalidHeaderError:
    return InvalidHeaderError(f"the ebMS header is not valid: {detail}", step=Step.HEADER)
