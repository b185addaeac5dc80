# SPDX-License-Identifier: Apache-2.0
"""From what failed to what is told: texts, places, values and hints of findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

from gateway.safexml import MalformedXMLError
from gateway.schematron import Failure, Verdict
from gateway.ubl.documents import Document, Path, path_of
from gateway.ubl.operands import values_in
from gateway.ubl.positions import Position, find_positions
from gateway.ubl.report import MAX_FINDINGS, Finding, Message, Severity, Value, severity_of
from gateway.ubl.texts import RuleText
from gateway.ubl.xpaths import Locator
from gateway.ubl.xsd import RULE, SchemaFault

XML_LAYER, XSD_LAYER = "xml", "xsd"
_WITH_LINES = 50  # findings whose values get lines, too: to count siblings takes time
_COMMA = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9]+")
_AT = re.compile(r", line (\d+), column (\d+)")
_COMMA_HINT = Message(
    "Amounts have a point before the decimals, and nothing between thousands.",
    "Bedragen hebben een punt voor de decimalen, en niets tussen duizendtallen.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding without its lines yet: where it is, and where each of its values is."""

    finding: Finding
    path: Path | None
    values_at: tuple[Path, ...] = ()


def of_malformed(error: MalformedXMLError) -> Finding:
    """The one finding on bytes that are no XML document of ours."""
    at = _AT.search(error.detail)
    said = _AT.sub("", error.detail)
    return Finding(
        rule_id="XML",
        severity=Severity.FATAL,
        layer=XML_LAYER,
        message=Message(
            f"This cannot be read as a document: {said}.",
            f"Dit kan niet als document worden gelezen: {said}.",
        ),
        fix=Message(
            error.advice or "Give one whole XML document, as the program that made it wrote it.",
            "Geef één heel XML-document in UTF-8, zoals het programma het heeft gemaakt.",
        ),
        line=int(at.group(1)) if at else None,
        column=int(at.group(2)) if at else None,
    )


def of_schema(faults: Iterable[SchemaFault], locator: Locator) -> list[Found]:
    """What the schema layer found."""
    return [
        Found(
            finding=Finding(
                rule_id=RULE,
                severity=Severity.FATAL,
                layer=XSD_LAYER,
                message=fault.message,
                fix=fault.fix,
                location=locator.xpath(fault.path),
                values=fault.values,
                hint=_hint(fault.values),
            ),
            path=fault.path,
        )
        for fault in faults
    ]


def of_verdict(
    layer: str, verdict: Verdict, locator: Locator, texts: Mapping[str, RuleText]
) -> list[Found]:
    """What a layer of rules found, or that it could not end."""
    if verdict.error is not None:
        return [Found(finding=_broken(layer, verdict.error), path=None)]
    return [
        _of_rule(layer, failure, locator, texts.get(failure.rule), with_lines=number < _WITH_LINES)
        for number, failure in enumerate(_bounded(verdict.failures))
    ]


def placed(found: Sequence[Found], document: Document) -> tuple[Finding, ...]:
    """The findings with line and column, blocking ones first, each in the document's order."""
    wanted = {one.path for one in found if one.path is not None}
    wanted.update(path for one in found for path in one.values_at)
    positions = find_positions(document.data, wanted) if wanted else {}
    ordered = sorted(found, key=lambda one: (one.finding.severity.value, one.path or ()))
    return tuple(_with_positions(one, positions) for one in ordered)


def _with_positions(found: Found, positions: Mapping[Path, Position]) -> Finding:
    finding = found.finding
    if found.path is not None and found.path in positions:
        line, column = positions[found.path]
        finding = msgspec.structs.replace(finding, line=line, column=column)
    if found.values_at:
        lines = [positions[path][0] if path in positions else None for path in found.values_at]
        values = tuple(
            Value(value.path, value.text, line)
            for value, line in zip(finding.values, lines, strict=True)
        )
        finding = msgspec.structs.replace(finding, values=values)
    return finding


def _of_rule(
    layer: str, failure: Failure, locator: Locator, text: RuleText | None, *, with_lines: bool
) -> Found:
    element = locator.element(failure.path)
    operands = values_in(element, failure.test) if element is not None else ()
    values = tuple(operand.value for operand in operands)
    own = failure.text or failure.rule
    finding = Finding(
        rule_id=failure.rule,
        severity=severity_of(failure.flag),
        layer=layer,
        message=text.message if text else Message(own, own),
        fix=text.fix if text else None,
        location=locator.xpath(failure.path, failure.attribute),
        test=failure.test,
        values=values,
        hint=(text.hint if text else None) or _hint(values),
    )
    values_at = tuple(path_of(operand.element) for operand in operands) if with_lines else ()
    return Found(finding=finding, path=failure.path, values_at=values_at)


def _broken(layer: str, error: str) -> Finding:
    return Finding(
        rule_id="RULES-NOT-FINISHED",
        severity=Severity.FATAL,
        layer=layer,
        message=Message(
            f"The rules of {layer} cannot be computed on this document ({error}).",
            f"De regels van {layer} zijn op dit document niet uit te rekenen ({error}).",
        ),
        fix=Message(
            "Look for an element that is there twice and may be there once, or a value of the "
            "wrong kind, such as text where a number belongs.",
            "Zoek een element dat twee keer voorkomt en één keer mag, of een waarde van de "
            "verkeerde soort, zoals tekst waar een getal hoort.",
        ),
    )


def _bounded(failures: Sequence[Failure]) -> Iterable[Failure]:
    """At most `MAX_FINDINGS`, and of every rule at least one."""
    if len(failures) <= MAX_FINDINGS:
        return failures
    first: dict[tuple[str, str], int] = {}
    for number, failure in enumerate(failures):
        first.setdefault((failure.rule, failure.flag), number)
    chosen = set(first.values())
    others = (number for number in range(len(failures)) if number not in chosen)
    chosen.update(list(islice(others, max(0, MAX_FINDINGS - len(chosen)))))
    return [failures[number] for number in sorted(chosen)]


def _hint(values: Iterable[Value]) -> Message | None:
    comma = any(value.text and _COMMA.fullmatch(value.text) for value in values)
    return _COMMA_HINT if comma else None
