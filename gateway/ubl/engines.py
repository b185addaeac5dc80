# SPDX-License-Identifier: Apache-2.0
"""The engines as the chain of layers sees them: a document in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from gateway.schematron import Verdict
from gateway.ubl.documents import Document

if TYPE_CHECKING:
    from gateway.schematron import Program, Saxon, SaxonDocument, SaxonLayer

FAST, SAXON = "fast", "saxon"


class Judge(Protocol):
    """One layer on one engine."""

    @property
    def layer(self) -> str:
        """The layer's name."""
        ...

    @property
    def engine(self) -> str:
        """The engine's name, as it stands in reports."""
        ...

    @property
    def checksum(self) -> str:
        """SHA-256 of what the layer was made from."""
        ...

    def judge(self, document: Document) -> Verdict:
        """The layer's verdict on a document."""
        ...


class FastJudge:
    """A layer compiled to Python."""

    engine = FAST

    def __init__(self, program: Program, *, layer: str, checksum: str) -> None:
        self._program = program
        self.layer = layer
        self.checksum = checksum

    def judge(self, document: Document) -> Verdict:
        """The layer's verdict on a document."""
        return self._program.judge(document.root)


class SaxonDesk:
    """One Saxon of a process, started when first needed; parses each document once."""

    def __init__(self, start: Callable[[], Saxon]) -> None:
        self._start = start
        self._saxon: Saxon | None = None
        self._last: tuple[Document, SaxonDocument] | None = None

    @property
    def saxon(self) -> Saxon:
        """The processor."""
        if self._saxon is None:
            self._saxon = self._start()
        return self._saxon

    def parsed(self, document: Document) -> SaxonDocument:
        """The document as Saxon's tree. Raises `MalformedXMLError`."""
        if self._last is None or self._last[0] is not document:
            self._last = (document, self.saxon.parse(document.data))
        return self._last[1]


class SaxonJudge:
    """A layer on Saxon, compiled when it is first asked."""

    engine = SAXON

    def __init__(
        self, desk: SaxonDesk, stylesheet: Callable[[], bytes], *, layer: str, checksum: str
    ) -> None:
        self._desk = desk
        self._stylesheet = stylesheet
        self._compiled: SaxonLayer | None = None
        self.layer = layer
        self.checksum = checksum

    def judge(self, document: Document) -> Verdict:
        """The layer's verdict on a document. Raises `SchemaError` if the rules are broken."""
        if self._compiled is None:
            self._compiled = self._desk.saxon.compile(self._stylesheet())
        return self._compiled.judge(self._desk.parsed(document), document.root)
