# SPDX-License-Identifier: Apache-2.0
"""Looks at rules before they are installed: both engines must take them and agree on documents.

What the fast engine refuses, or judges otherwise than Saxon, is Saxon's from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lxml import etree

from gateway import safexml, schematron
from gateway.ubl import trials
from gateway.ubl.documents import CBC
from gateway.ubl.engines import FAST, SAXON
from gateway.ubl.file_ports import Kept
from gateway.ubl.layer_sources import LayerSource
from gateway.ubl.packs import LayerCheck
from gateway.ubl.rulesets import Kind

TRIALS = 60  # changed documents for each layer
_SHOWN = 3  # rules named in the reason of a difference


def vet(
    source: LayerSource,
    kind: Kind,
    documents: Iterable[bytes],
    saxon: schematron.Saxon,
    *,
    chance: trials.Chance,
    kept: Kept | None = None,
    accepts: Callable[[etree._Element], bool] = lambda _: True,
    trials_wanted: int = TRIALS,
) -> LayerCheck:
    """Check one layer; `documents` are of its kind. Raises `SchemaError` if no engine takes it.

    An engine may skip what it does not need, or look at it first (XPath 2.0, 2.3.4), so one of two
    may end in an error where the other does not. That counts on documents that their schema
    `accepts`; the others never get to the rules. The translation goes to `kept`, so that it is made
    once.
    """
    reference = saxon.compile(source.stylesheet())
    try:
        schema = source.schema()
        compiled = schematron.translate(schema)
    except (schematron.SchemaError, schematron.UnsupportedError) as refusal:
        said = getattr(refusal, "detail", None) or str(refusal)
        return LayerCheck(layer=source.name, engine=SAXON, reason=said)
    dumped = compiled.dump()
    if kept is not None:
        kept.put(source.checksum(), dumped)
    # What is tried is what later processes run: the translation as it was kept.
    program = (schematron.Compiled.load(dumped) or compiled).program(
        lambda: schematron.careful_program(schema)
    )
    number, reason, differing = 0, "", 0
    engines = _Engines(program, reference, saxon, accepts)
    for data in _trials(schema, kind, documents, trials_wanted, chance=chance):
        found = engines.compare(data)
        number += found is not None
        if found:
            differing += 1
            reason = reason or found
    return LayerCheck(
        layer=source.name,
        engine=SAXON if differing else FAST,
        reason=reason,
        rules=sum(len(rule.assertions) for one in schema.patterns for rule in one.rules),
        documents=number,
        differences=differing,
    )


def _trials(
    schema: schematron.Schema,
    kind: Kind,
    documents: Iterable[bytes],
    number: int,
    *,
    chance: trials.Chance,
) -> Iterable[bytes]:
    """The documents as they are, one grown from the rules, and changed copies of all of them."""
    given = list(documents)
    yield from given
    roots = [safexml.parse_document(data) for data in given]
    for name in kind.names():
        roots.append(trials.grown(schema, name, _told(kind, name)))
        yield safexml.serialise(roots[-1])
    each = max(1, number // max(1, len(roots)))
    for root in roots:
        yield from trials.mutants(root, chance, each)


def _told(kind: Kind, root: str) -> list[tuple[str, str]]:
    """What makes a document one of its kind."""
    said = next(iter((*kind.equals, *kind.starts)), "") + "".join(kind.contains)
    is_ubl = ":ubl:" in root
    space = CBC if is_ubl else f"{root.partition('}')[0]}}}"
    profile = kind.profiles[0] if kind.profiles else ""
    return [(f"{space}CustomizationID", said), (f"{space}ProfileID", profile)]


class _Engines:
    """One layer on both engines."""

    def __init__(
        self,
        program: schematron.Program,
        reference: schematron.SaxonLayer,
        saxon: schematron.Saxon,
        accepts: Callable[[etree._Element], bool],
    ) -> None:
        self._program = program
        self._reference = reference
        self._saxon = saxon
        self._accepts = accepts
        self._states = schematron.States()

    def compare(self, data: bytes) -> str | None:
        """What differs on one document: nothing is "", and `None` where there is no telling."""
        if self._states.full:
            self._states = schematron.States()
        try:
            root = safexml.parse_document(data)
            document = schematron.Document(root, self._states)
        except (safexml.MalformedXMLError, schematron.UnsupportedDocumentError):
            return None
        try:
            first = self._program.judge(document)
        except schematron.UnsupportedDocumentError:
            return None
        finally:
            document.close()
        second = self._reference.judge(self._saxon.parse(data), root)
        if (first.error is None) != (second.error is None):
            said = f"one engine ends in an error: {first.error or second.error}"
            return said if self._accepts(root) else None
        if first.error is not None or first.failed == second.failed:
            return ""
        rules = sorted({rule for rule, _ in first.failed ^ second.failed})
        return f"the engines differ on {', '.join(rules[:_SHOWN])}"


def is_one_of(data: bytes, kind: Kind) -> bool:
    """Whether bytes are a document of a kind, by root and CustomizationID."""
    try:
        root = safexml.parse_document(data)
    except safexml.MalformedXMLError:
        return False
    name, space = str(root.tag), etree.QName(root).namespace or ""
    said = root.findtext(f"{CBC}CustomizationID") or root.findtext(f"{{{space}}}CustomizationID")
    return said is not None and kind.takes(name, said.strip())
