# SPDX-License-Identifier: Apache-2.0
"""Registers participants as another provider does, and finds them as we do.

They are written into an SMP by the calls of `manage.py`, and stand in DNS as an SML writes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.sandbox.pki import IssuedLeaf
from gateway.service.lookup import Found, Lookup, LookupFailedError
from tests.functional.discovery.network import Zone
from tests.interop.cases import INVOICE
from tests.interop.smp_peers import SMP, Account, Stores, done
from tests.road import BILLING, Clock

AP_URL = "http://127.0.0.1:9/as4"  # found, never called
KIND = INVOICE.document_type


@dataclass(frozen=True, slots=True)
class Finder:
    """Our look-up; its name server tells of the participants that a test registers."""

    lookup: Lookup
    clock: Clock
    zone: Zone
    nameserver: str

    async def find(self, participant: ParticipantId) -> Found:
        """Where an invoice for the participant goes."""
        return await self.lookup.resolve(participant, KIND, BILLING)

    async def refusal(self, participant: ParticipantId) -> tuple[str, str]:
        """Problem code and cause, where no endpoint must be found."""
        with pytest.raises(LookupFailedError) as caught:
            await self.find(participant)
        return caught.value.code, caught.value.cause

    def register(self, participant: ParticipantId, at: SMP) -> None:
        """What the SML does when a participant is registered."""
        self.zone.register(participant, at.url)


class Registrar:
    """Writes participants of the peer's access point with `manage.py`, and registers them."""

    def __init__(self, stores: Stores, finder: Finder) -> None:
        self._stores, self._finder = stores, finder

    async def put(
        self,
        at: SMP,
        participant: ParticipantId,
        *kinds: DocumentTypeId,
        url: str = AP_URL,
    ) -> None:
        """An endpoint for each of these document types; without any, for three of billing."""
        await self._call(at.account, "put-group", participant)
        more = ("--endpoint-url", url, "--certificate", self._stores.receiver)
        await self._call(at.account, "put-endpoint", participant, *_types(*kinds), *more)
        self._finder.register(participant, at)

    async def redirect(
        self,
        at: SMP,
        participant: ParticipantId,
        *,
        to: SMP,
        leaf: IssuedLeaf | None = None,
    ) -> None:
        """Send those who ask for the invoice on, to an SMP with this certificate."""
        await self._call(at.account, "put-group", participant)
        there = to.url + smp.metadata_path(participant, KIND)
        subject = (leaf or to.leaf).certificate.subject
        more = ("--redirect-url", there, "--redirect-uid", subject)
        await self._call(at.account, "put-redirect", participant, *_types(KIND), *more)
        self._finder.register(participant, at)

    async def delete(self, at: SMP, participant: ParticipantId) -> None:
        """Take the invoice out."""
        await self._call(at.account, "delete-metadata", participant, *_types(KIND))

    async def _call(
        self, account: Account, action: str, participant: ParticipantId, *more: object
    ) -> None:
        await done(account, action, "--participant", participant.value, *more)


def _types(*kinds: DocumentTypeId) -> list[str]:
    return [word for kind in kinds for word in ("--doctype", kind.uri)]
