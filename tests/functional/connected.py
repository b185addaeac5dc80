# SPDX-License-Identifier: Apache-2.0
"""Two access points of ours, connected, one participant on each side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.sandbox.samples import SampleKind, sample
from gateway.service.records import Direction, Document, DocumentFilter
from tests.pki_fixtures import AT
from tests.road import ORGANISATION, Clock, Side, found_at, open_side, served

SENDER, RECEIVER = "0106:11112222", "0106:33334444"
INVOICE = DocumentTypeId.parse(
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##"
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0::2.1"
)
URL = "http://ap2.example/as4"


@dataclass
class Road:
    """Sender's side and receiver's side, connected."""

    here: Side
    there: Side
    clock: Clock

    async def inbox(self) -> tuple[Document, ...]:
        wanted = DocumentFilter(organisation="org_1", direction=Direction.INBOUND)
        page = await self.there.store.documents.page(
            wanted, limit=50, after=None, newest_first=False
        )
        return page.documents

    async def push(self, number: str = "2026-1", attachment: int = 0) -> Document:
        return await self.here.push(invoice(number, attachment))


def invoice(number: str = "2026-1", attachment: int = 0) -> bytes:
    pieces = sample(
        SampleKind.SI_UBL_INVOICE,
        number=number,
        issue_date=date(2026, 11, 20),
        sender=ParticipantId(SENDER),
        receiver=ParticipantId(RECEIVER),
        attachment_bytes=attachment,
    )
    return b"".join(pieces)


@asynccontextmanager
async def open_road(
    folder: Path, local_pki: LocalPKI, leaves: tuple[IssuedLeaf, IssuedLeaf], **options: Any
) -> AsyncIterator[Road]:
    """Both sides, with options of `open_side`."""
    clock = Clock(AT)
    async with AsyncExitStack() as stack:
        here, there = [
            await stack.enter_async_context(
                open_side(folder / name, leaf, local_pki, clock, **options)
            )
            for name, leaf in zip(("here", "there"), leaves, strict=True)
        ]
        here.line.receiver = there.receiver
        here.directory.found[ParticipantId(RECEIVER)] = found_at(
            URL, leaves[1].certificate, INVOICE, AT
        )
        for side in (here, there):
            await side.store.accounts.add_organisation(ORGANISATION)
        await here.store.participants.add(served(SENDER, INVOICE))
        await there.store.participants.add(served(RECEIVER, INVOICE))
        yield Road(here=here, there=there, clock=clock)


@pytest.fixture
async def road(
    tmp_path: Path, local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> AsyncIterator[Road]:
    async with open_road(tmp_path, local_pki, (sender_leaf, receiver_leaf)) as connected:
        yield connected
