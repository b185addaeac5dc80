# SPDX-License-Identifier: Apache-2.0
"""Answers whether a participant is received here, with the matching that senders use.

Source: Policy for use of Identifiers 4.4.0, section 5.1.2.
"""

from __future__ import annotations

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.ports import ParticipantStore


class ServedHere:
    """Who is received here, out of the participant store."""

    def __init__(self, participants: ParticipantStore) -> None:
        self._participants = participants

    def serves(
        self,
        receiver: ParticipantId,
        document_type: DocumentTypeId | None = None,
        process: ProcessId | None = None,
    ) -> bool:
        """Whether the participant is ours; with a document type, whether it takes that too."""
        participant = self._participants.served(receiver)
        if participant is None or document_type is None:
            return participant is not None
        offered = dict.fromkeys(kind for kind, _ in participant.document_types)
        match = smp.best_match(document_type, offered)
        return match is not None and any(
            kind == match and process in (None, offered_process)
            for kind, offered_process in participant.document_types
        )
