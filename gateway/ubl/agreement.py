# SPDX-License-Identifier: Apache-2.0
"""Whether a document is what its envelope says: sender, receiver, document type, process.

A difference is a conformance error of its own (Peppol MLS 2.2.1: reason BV), whatever the rules
say of the document. What the document does not say cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.ubl.facts import DocumentFacts
from gateway.ubl.report import Finding, Message, Severity, Value

LAYER = "envelope"
_FIX = Message(
    "Send the document again in an envelope with its own values.",
    "Verzend het document opnieuw, in een envelop met zijn eigen gegevens.",
)
_WORDS = {
    "sender": Message("sender", "afzender"),
    "receiver": Message("receiver", "ontvanger"),
    "document_type": Message("document type", "documenttype"),
    "process": Message("process", "proces"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an envelope says of the document in it."""

    sender: ParticipantId
    receiver: ParticipantId
    document_type: DocumentTypeId
    process: ProcessId


def compare_with_envelope(facts: DocumentFacts, carried: Carried) -> tuple[Finding, ...]:
    """One finding for each of the four that differs."""
    pairs = {
        "sender": (facts.sender, carried.sender),
        "receiver": (facts.receiver, carried.receiver),
        "document_type": (facts.document_type, carried.document_type),
        "process": (facts.process, carried.process),
    }
    return tuple(
        _finding(name, str(said), str(outside))
        for name, (said, outside) in pairs.items()
        if said is not None and said != outside
    )


def _finding(name: str, said: str, outside: str) -> Finding:
    word = _WORDS[name]
    return Finding(
        rule_id=f"SBDH-{name.upper().replace('_', '-')}",
        severity=Severity.FATAL,
        layer=LAYER,
        message=Message(
            f"The {word.en} of the envelope is not that of the document.",
            f"De envelop noemt een andere {word.nl} dan het document."
            if name in ("sender", "receiver")
            else f"De envelop noemt een ander {word.nl} dan het document.",
        ),
        fix=_FIX,
        values=(Value("document", said), Value("envelope", outside)),
    )
