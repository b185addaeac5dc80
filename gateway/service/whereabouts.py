# SPDX-License-Identifier: Apache-2.0
"""Where a document goes, over its tries: found before each, asked again before a no is final."""

from __future__ import annotations

from gateway.service.lifecycle import Event
from gateway.service.lookup import Found, Lookup, LookupFailedError
from gateway.service.records import Document, OutboundMessage
from gateway.service.verdict import Verdict


class Whereabouts:
    """Looks receivers up on behalf of a delivery."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    async def find(self, document: Document, message: OutboundMessage | None) -> Found | None:
        """The endpoint. A look-up that fails is no reason to hold back a message that exists."""
        try:
            return await self._resolve(document)
        except LookupFailedError:
            if message is None:
                raise
            return None

    async def look_again(
        self, document: Document, message: OutboundMessage, ruling: Verdict
    ) -> Verdict:
        """Ask the SMP once more before a refusal is final; what moved gets a new message."""
        if not ruling.look_again:
            return ruling
        self._lookup.forget(document.routing.receiver)
        if ruling.problem is None or ruling.problem.ebms_detail is None:
            return ruling  # nobody answered; the next try looks up afresh and may readdress
        try:
            found = await self._resolve(document)
        except LookupFailedError:
            return ruling
        if found.certificate.sha256 == encrypted_for(message) and found.url == message.url:
            return ruling
        return Verdict(event=Event.DEFERRED, problem=ruling.problem, drop_message=True)

    async def _resolve(self, document: Document) -> Found:
        routing = document.routing
        return await self._lookup.resolve(routing.receiver, routing.document_type, routing.process)


def encrypted_for(message: OutboundMessage) -> str | None:
    """Digest of the certificate that a message was encrypted for."""
    endpoint = message.lookup.get("endpoint") or {}
    return (endpoint.get("certificate") or {}).get("sha256")
