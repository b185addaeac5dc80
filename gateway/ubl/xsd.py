# SPDX-License-Identifier: Apache-2.0
"""The schema layer: libxml2 first, xmlschema before anything is rejected.

libxml2 is fast, and wrong about white space around dates and times (their `whiteSpace` facet is
`collapse`, XML Schema part 2, 3.2.9). So its refusals are looked at again by xmlschema, which also
gives the readable reason. Very large documents would take that one minutes: there libxml2 judges
again with dates trimmed.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path as File
from typing import Any

from lxml import etree

from gateway.ubl.documents import Path, elements, path_of
from gateway.ubl.report import Message, Value
from gateway.ubl.xsd_messages import Reason, of_child, of_libxml2, of_reason, of_root, of_value

RULE = "XSD"
MAX_ERRORS = 10  # told of one document; the first usually is the cause of the rest
MANY = 1_000  # children of the root; above, the first lines are looked at before all of them
_SAMPLE = 100  # lines
MAX_ARBITRATED = 100_000  # elements; xmlschema takes four seconds for them
_DATE = re.compile(r"[ \t\r\n]*([0-9:TZ.+-]+)[ \t\r\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFault:
    """One place where the document is not as its schema says."""

    path: Path
    message: Message
    fix: Message | None = None
    values: tuple[Value, ...] = ()


class XSDSchema:
    """One schema, compiled when first needed and kept. The two libraries read its files."""

    def __init__(self, file: File) -> None:
        self._file = file

    def load(self) -> None:
        """Compile now what `judge` would compile with its first document."""
        assert self._libxml2 is not None

    def judge(self, root: etree._Element) -> tuple[SchemaFault, ...]:
        """What is wrong with a document; nothing where it is valid."""
        if len(root) > MANY:
            sample, positions = _sampled(root)
            if faults := self._judge_all(sample):
                return tuple(_moved(fault, positions) for fault in faults)
        return self._judge_all(root)

    def _judge_all(self, root: etree._Element) -> tuple[SchemaFault, ...]:
        if self._libxml2.validate(root):
            return ()
        if sum(1 for _ in islice(root.iter(), MAX_ARBITRATED + 1)) > MAX_ARBITRATED:
            return self._judge_again(root)
        # What libxml2 refuses is valid only if both say so once its one known mistake, blanks
        # around dates, is out of the way: xmlschema overlooks things that libxml2 does not.
        return self._readable(root) or self._judge_again(root)

    def _readable(self, root: etree._Element) -> tuple[SchemaFault, ...]:
        import xmlschema  # noqa: PLC0415 - see below

        try:
            faults = list(islice(self._xmlschema.iter_errors(root), MAX_ERRORS))
        except xmlschema.XMLSchemaException:
            return ()  # it has no words for this one; libxml2 has
        return tuple(_fault(root, error) for error in faults)

    def accepts(self, root: etree._Element) -> bool:
        """Whether libxml2 finds nothing wrong, asked alone and at once."""
        return bool(self._libxml2.validate(root))

    def _judge_again(self, root: etree._Element) -> tuple[SchemaFault, ...]:
        trimmed = copy.deepcopy(root)
        for element in trimmed.iter("*"):
            if element.text and (found := _DATE.fullmatch(element.text)):
                element.text = found.group(1)
        schema = self._libxml2
        if schema.validate(trimmed):
            return ()
        errors = islice(iter(schema.error_log), MAX_ERRORS)
        return tuple(
            SchemaFault(path=_path_in(trimmed, error.path), message=of_libxml2(error.message))
            for error in errors
        )

    @cached_property
    def _libxml2(self) -> etree.XMLSchema:
        # The files are ours or an operator's, with local imports only.
        return etree.XMLSchema(file=str(self._file))

    @cached_property
    def _xmlschema(self) -> Any:
        import xmlschema  # noqa: PLC0415 - one to two seconds, and only for what is refused

        return xmlschema.XMLSchema(str(self._file), allow="local")


def _sampled(root: etree._Element) -> tuple[etree._Element, list[int]]:
    """The document with the first lines of each kind only, and where its children were.

    What is wrong with one line is mostly wrong with all. libxml2 goes on after an error, and to
    name the place of each takes it as long as there are lines: two minutes for fifty thousand. The
    content of UBL documents is a sequence in which lines repeat without bound, so a document is
    only valid if this part of it is.
    """
    sample = etree.Element(root.tag, attrib=dict(root.attrib), nsmap=root.nsmap)
    seen: Counter[str] = Counter()
    positions = []
    for position, child in enumerate(elements(root)):
        seen[str(child.tag)] += 1
        if seen[str(child.tag)] <= _SAMPLE:
            sample.append(copy.deepcopy(child))
            positions.append(position)
    return sample, positions


def _moved(fault: SchemaFault, positions: Sequence[int]) -> SchemaFault:
    """A fault of the sample at its place in the document."""
    if not fault.path:
        return fault
    return replace(fault, path=(positions[fault.path[0]], *fault.path[1:]))


def schema_fault(file: File) -> str | None:
    """Why a schema cannot be used, if it cannot: a file is missing or broken."""
    try:
        etree.XMLSchema(file=str(file))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError) as error:
        return str(error).partition("\n")[0][:200]
    return None


def no_such_root(root: str, expected: Sequence[str]) -> SchemaFault:
    """The document is of another kind than its rules are for."""
    reason = of_root(root, expected)
    return SchemaFault(path=(), message=reason.message, fix=reason.fix)


def _fault(root: etree._Element, error: Any) -> SchemaFault:
    """An error of xmlschema in our words."""
    element = error.elem if etree.iselement(error.elem) else root
    reason, at = _reason(error, element)
    return SchemaFault(
        path=path_of(at), message=reason.message, fix=reason.fix, values=reason.values
    )


def _reason(error: Any, element: etree._Element) -> tuple[Reason, etree._Element]:
    tag = str(element.tag)
    if (expected := getattr(error, "expected", _ABSENT)) is not _ABSENT:
        child = getattr(error, "invalid_child", None)
        names = list(_names(expected))
        if child is not None and etree.iselement(child):
            return of_child(tag, str(child.tag), names), child
        return of_child(tag, None, names), element
    if isinstance(error.obj, str) and "attribute" not in (error.reason or ""):
        return of_value(tag, error.obj, _type_name(error.validator)), element
    return of_reason(tag, error.reason or ""), element


def _names(expected: Any) -> Iterator[str]:
    """Tags that may stand there; wildcards have none."""
    for particle in expected or ():
        name = getattr(particle, "name", particle)
        if isinstance(name, str):
            yield name


def _type_name(validator: Any) -> str:
    """The built-in type that refused a value, as `decimal`."""
    found = getattr(validator, "root_type", None) or validator
    return str(getattr(found, "local_name", None) or "")


def _path_in(root: etree._Element, xpath: str | None) -> Path:
    try:
        found = root.getroottree().xpath(
            xpath or "/*", namespaces={k: v for k, v in root.nsmap.items() if k}
        )
    except etree.XPathError:
        return ()
    first = found[0] if isinstance(found, list) and found else root
    return path_of(first) if etree.iselement(first) else ()


_ABSENT = object()
