# SPDX-License-Identifier: Apache-2.0
"""The engines as the chain of layers sees them: a document in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway import schematron
from gateway.schematron import Program, Saxon, SaxonDocument, SaxonLayer, States, Verdict
from gateway.ubl.documents import Document

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


class CannotJudgeError(Exception):
    """The fast engine does not take this document; the reference does."""


class FastDesk:
    """Lays each document out once for all layers of the fast engine."""

    def __init__(self) -> None:
        self._states: States | None = None
        self._last: tuple[Document, schematron.Document] | None = None

    def laid_out(self, document: Document) -> schematron.Document:
        """The document as compiled rules see it. Raises `CannotJudgeError`."""
        if self._last is None or self._last[0] is not document:
            self.clear()
            if self._states is None or self._states.full:
                self._states = States()
            try:
                self._last = (document, schematron.Document(document.root, self._states))
            except schematron.UnsupportedDocumentError as error:
                raise CannotJudgeError(str(error)) from error
        return self._last[1]

    def clear(self) -> None:
        """Let go of the last document."""
        if self._last is not None:
            self._last[1].close()
            self._last = None


class FastJudge:
    """A layer compiled to Python."""

    engine = FAST

    def __init__(self, desk: FastDesk, program: Program, *, layer: str, checksum: str) -> None:
        self._desk = desk
        self._program = program
        self.layer = layer
        self.checksum = checksum

    def judge(self, document: Document) -> Verdict:
        """The layer's verdict on a document. Raises `CannotJudgeError`."""
        laid_out = self._desk.laid_out(document)
        try:
            return self._program.judge(laid_out)
        except schematron.UnsupportedDocumentError as error:
            raise CannotJudgeError(str(error)) from error


class SaxonDesk:
    """One Saxon of a process, started when first needed; parses each document once."""

    def __init__(self, start: Callable[[], Saxon]) -> None:
        self._start = start
        self._saxon: Saxon | None = None
        self._layers: dict[str, SaxonLayer] = {}
        self._last: tuple[Document, SaxonDocument] | None = None

    @property
    def saxon(self) -> Saxon:
        """The processor."""
        if self._saxon is None:
            self._saxon = self._start()
        return self._saxon

    def layer(self, checksum: str, stylesheet: Callable[[], bytes]) -> SaxonLayer:
        """A stylesheet compiled, once for all rule sets that have the same layer.

        Raises `SchemaError` if the rules are broken.
        """
        if checksum not in self._layers:
            self._layers[checksum] = self.saxon.compile(stylesheet())
        return self._layers[checksum]

    def parsed(self, document: Document) -> SaxonDocument:
        """The document as Saxon's tree. Raises `MalformedXMLError`."""
        if self._last is None or self._last[0] is not document:
            self._last = (document, self.saxon.parse(document.data))
        return self._last[1]

    def clear(self) -> None:
        """Let go of the last document."""
        self._last = None


class SaxonJudge:
    """A layer on Saxon, compiled when it is first asked."""

    engine = SAXON

    def __init__(
        self, desk: SaxonDesk, stylesheet: Callable[[], bytes], *, layer: str, checksum: str
    ) -> None:
        self._desk = desk
        self._stylesheet = stylesheet
        self.layer = layer
        self.checksum = checksum

    def judge(self, document: Document) -> Verdict:
        """The layer's verdict on a document. Raises `SchemaError` if the rules are broken."""
        layer = self._desk.layer(self.checksum, self._stylesheet)
        return layer.judge(self._desk.parsed(document), document.root)
