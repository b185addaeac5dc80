# SPDX-License-Identifier: Apache-2.0
"""What a schema refuses, in words of ours, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.ubl.operands import shortened
from gateway.ubl.report import Message, Value
from gateway.ubl.xpaths import prefixed

_SHOWN = 6  # names of elements in one sentence
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_MISSING_ATTRIBUTE = re.compile(r"missing required attribute '([^']+)'")
_ODD_ATTRIBUTE = re.compile(r"'([^']+)' attribute not allowed")
_TEXT_BETWEEN = "character data between child elements"

_TYPES = {
    "decimal": Message("a number, as in 1234.56", "getal, zoals 1234.56"),
    "integer": Message("a whole number", "geheel getal"),
    "date": Message("a date, as in 2026-11-30", "datum, zoals 2026-11-30"),
    "time": Message("a time, as in 14:30:00", "tijd, zoals 14:30:00"),
    "dateTime": Message("a date and time", "datum met tijd"),
    "boolean": Message("true or false", "true of false"),
    "base64Binary": Message("base64 text", "base64-tekst"),
}
_ANY_TYPE = Message("a value that the schema allows", "waarde die het schema toelaat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A message, how to put it right, and the value at fault."""

    message: Message
    fix: Message | None = None
    values: tuple[Value, ...] = ()


def of_child(parent: str, child: str | None, expected: Sequence[str]) -> Reason:
    """A child element that may not stand there, or one that is missing at the end."""
    inside, names = prefixed(parent), [prefixed(name) for name in expected]
    if child is None:
        return _incomplete(inside, names)
    found = prefixed(child)
    if not names or found in names:
        return Reason(
            message=Message(
                f"{found} is not allowed at this place in {inside}.",
                f"{found} mag op deze plaats in {inside} niet staan.",
            ),
            fix=Message(
                "Remove it, or check its spelling, its place, and that it is there only once.",
                "Verwijder het, of kijk of naam en plaats kloppen en of het er maar één keer is.",
            ),
        )
    return Reason(
        message=Message(
            f"In {inside}, {found} stands where {_list(names, 'or')} should be.",
            f"In {inside} staat {found} waar {_list(names, 'of')} moet staan.",
        ),
        fix=Message(
            f"Add {_list(names, 'or')} before {found}, or move {found}: the order is fixed.",
            f"Zet {_list(names, 'of')} vóór {found}, of verplaats {found}: de volgorde ligt vast.",
        ),
    )


def of_root(root: str, expected: Sequence[str]) -> Reason:
    """A root element that the rules are not for."""
    name = root.rpartition("}")[2]
    return Reason(
        message=Message(
            f"The document is {name!r} (namespace {_namespace(root)}), not "
            f"{_list(expected, 'or')}.",
            f"Het document is {name!r} (namespace {_namespace(root)}), geen "
            f"{_list(expected, 'of')}.",
        ),
        fix=Message(
            "Choose the rules for this kind of document, or put the namespace of the root right.",
            "Kies de regels voor dit soort document, of herstel de namespace van het hoofdelement.",
        ),
    )


def _namespace(root: str) -> str:
    return shortened(root.rpartition("}")[0].removeprefix("{")) or "-"


def of_value(tag: str, value: str, type_name: str) -> Reason:
    """A text that is not of its type."""
    name, wanted, shown = prefixed(tag), _TYPES.get(type_name, _ANY_TYPE), shortened(value)
    if not value.strip():
        message = Message(f"{name} is empty.", f"{name} is leeg.")
    else:
        message = Message(
            f"'{shown}' in {name} is not {wanted.en}.", f"'{shown}' in {name} is geen {wanted.nl}."
        )
    return Reason(
        message=message,
        fix=Message(f"Write {wanted.en}.", f"Vul in: {wanted.nl}."),
        values=(Value(".", shown),),
    )


def of_reason(tag: str, reason: str) -> Reason:
    """Attributes and stray text; anything else in the words of the schema's reader."""
    name = prefixed(tag)
    if found := _MISSING_ATTRIBUTE.search(reason):
        attribute = found.group(1)
        return Reason(
            message=Message(
                f"{name} lacks the attribute {attribute}.",
                f"{name} mist het attribuut {attribute}.",
            ),
            fix=Message(f"Add {attribute} to {name}.", f"Geef {name} een {attribute}."),
        )
    if found := _ODD_ATTRIBUTE.search(reason):
        attribute = prefixed(found.group(1))
        return Reason(
            message=Message(
                f"{name} may not have the attribute {attribute}.",
                f"{name} mag geen attribuut {attribute} hebben.",
            ),
            fix=Message("Remove the attribute.", "Verwijder het attribuut."),
        )
    if _TEXT_BETWEEN in reason:
        return Reason(
            message=Message(
                f"Text stands directly in {name}, between its elements.",
                f"Er staat tekst direct in {name}, tussen de elementen.",
            ),
            fix=Message("Remove the text.", "Verwijder de tekst."),
        )
    return Reason(message=of_libxml2(reason, name))


def of_libxml2(said: str, name: str = "the document") -> Message:
    """What a library says, without namespaces."""
    short = shortened(_NAMESPACE.sub("", said))
    where = name if name != "the document" else "het document"
    return Message(f"The schema refuses {name}: {short}", f"Het schema weigert {where}: {short}")


def _incomplete(inside: str, names: Sequence[str]) -> Reason:
    if not names:
        return Reason(message=Message(f"{inside} is incomplete.", f"{inside} is onvolledig."))
    return Reason(
        message=Message(
            f"{inside} is incomplete: {_list(names, 'or')} is missing.",
            f"{inside} is onvolledig: {_list(names, 'of')} ontbreekt.",
        ),
        fix=Message(
            f"Add {_list(names, 'or')} in {inside}.", f"Zet {_list(names, 'of')} in {inside}."
        ),
    )


def _list(names: Sequence[str], word: str) -> str:
    shown = list(dict.fromkeys(names))[:_SHOWN]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"
