# SPDX-License-Identifier: Apache-2.0
"""Organisations, keys, participants; and what another process changes is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.identifiers import ParticipantId
from gateway.service.errors import StoreUnavailableError
from gateway.service.records import APIKey, Organisation, Participant
from gateway.store import Store
from tests.functional.store.builders import AT, BILLING, INVOICE

ORGANISATION = Organisation(id="org_1", name="Jansen", country="NL")
KEY = APIKey(
    id="k1",
    organisation="org_1",
    name="till",
    scopes=frozenset({"documents:write", "inbox:read"}),
    secret_sha256="0" * 64,
    created_at=AT,
    expires_at=AT + timedelta(days=365),
)
PARTICIPANT = Participant(
    id=ParticipantId("0190:ABC"),
    organisation="org_1",
    document_types=((INVOICE, BILLING),),
    country="NL",
)


async def test_organisations(store: Store) -> None:
    await store.accounts.add_organisation(ORGANISATION)
    await store.accounts.add_organisation(Organisation(id="org_2", name="Aarts", country="BE"))
    await store.accounts.add_organisation(Organisation(id="org_1", name="De Jong", country="NL"))
    assert [one.name for one in await store.accounts.organisations()] == ["Aarts", "De Jong"]
    assert await store.accounts.organisation("org_3") is None


async def test_keys(store: Store) -> None:
    await store.accounts.add_organisation(ORGANISATION)
    await store.accounts.add_key(KEY)
    assert await store.accounts.key("k1") == KEY
    assert await store.accounts.key("k2") is None
    assert await store.accounts.revoke_key("k1", at=AT)
    assert await store.accounts.revoke_key("k1", at=AT + timedelta(days=1))
    (key,) = await store.accounts.keys()
    assert key.revoked_at == AT  # since the first revocation
    assert not await store.accounts.revoke_key("k2", at=AT)


async def test_a_key_needs_its_organisation(store: Store) -> None:
    with pytest.raises(StoreUnavailableError):
        await store.accounts.add_key(KEY)


async def test_participants_are_served_from_memory(store: Store) -> None:
    await store.accounts.add_organisation(ORGANISATION)
    assert store.participants.served(PARTICIPANT.id) is None
    await store.participants.add(PARTICIPANT)
    served = store.participants.served(ParticipantId("0190:abc"))  # without case
    assert served == PARTICIPANT
    assert served is not None
    assert served.id.value == "0190:ABC"
    assert await store.participants.all() == [PARTICIPANT]
    assert await store.participants.remove(PARTICIPANT.id)
    assert not await store.participants.remove(PARTICIPANT.id)
    assert store.participants.served(PARTICIPANT.id) is None


async def test_another_process_adds_a_participant(store: Store, url: str) -> None:
    other = Store.open(url, payload_folder=store.payloads._folder)
    await other.accounts.add_organisation(ORGANISATION)
    await other.participants.add(PARTICIPANT)
    await other.close()
    store.participants.refresh()
    assert store.participants.served(PARTICIPANT.id) == PARTICIPANT


async def test_a_closed_store_says_so(store: Store) -> None:
    await store._database._writer.close()
    with pytest.raises(StoreUnavailableError):
        await store.accounts.add_organisation(ORGANISATION)
