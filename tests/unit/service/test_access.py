# SPDX-License-Identifier: Apache-2.0
"""API keys: made once, checked in constant words, remembered for seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.service import access as module
from gateway.service.access import Access, NewKey, UnauthenticatedError, UnknownScopeError
from gateway.service.errors import NotFoundError
from gateway.service.records import Organisation
from tests.fakes import CountingIds, FixedClock, MemoryAccounts

OURS = Organisation(id="org_1", name="One", country="NL")


class World:
    """Access over memory, in one environment."""

    def __init__(self, environment: str = "test") -> None:
        self.accounts = MemoryAccounts(OURS)
        self.clock = FixedClock()
        self.access = Access(
            accounts=self.accounts, clock=self.clock, ids=CountingIds(), environment=environment
        )

    async def make(self, life: timedelta | None = timedelta(days=1)) -> NewKey:
        return await self.access.make(organisation="org_1", name="key", life=life)


@pytest.fixture
def world() -> World:
    return World()


async def test_a_key_is_stored_without_its_secret(world: World) -> None:
    made = await world.make()
    secret = made.text.rpartition("_")[2]
    assert made.text.startswith("sk_test_")
    assert len(bytes.fromhex(secret)) == 32
    stored = world.accounts.stored[made.key.id]
    assert secret not in repr(stored)
    caller = await world.access.check(f"Bearer {made.text}")
    assert (caller.key_id, caller.organisation, caller.environment) == (made.key.id, OURS, "test")
    assert caller.scopes == module.SCOPES


async def test_two_keys_differ(world: World) -> None:
    assert (await world.make()).text != (await world.make()).text


async def test_the_scheme_of_the_header_ignores_case(world: World) -> None:
    made = await world.make()
    assert await world.access.check(f"bearer  {made.text} ")


async def test_every_wrong_key_sounds_the_same(world: World) -> None:
    text = (await world.make()).text
    other = "0" if text[-1] != "0" else "1"
    for header in (
        None,
        "",
        text,
        f"Basic {text}",
        f"Bearer {text[:-1]}",
        f"Bearer {text[:-1]}{other}",
        f"Bearer {text}0",
        f"Bearer {text.replace('1_', '2_')}",
        f"Bearer {text.replace('sk_test', 'sk_live')}",
        f"Bearer {text}" + "0" * 200,
        "Bearer sk_test__",
        "Bearer sk_test_é_é",
    ):
        with pytest.raises(UnauthenticatedError, match="missing or not valid"):
            await world.access.check(header)


async def test_a_key_ends(world: World) -> None:
    made = await world.make(life=timedelta(seconds=10))
    world.clock.move(9.9)
    assert await world.access.check(f"Bearer {made.text}")
    world.clock.move(0.1)
    with pytest.raises(UnauthenticatedError):
        await world.access.check(f"Bearer {made.text}")


async def test_a_key_is_remembered_for_seconds(world: World) -> None:
    made = await world.make(life=None)
    for _ in range(3):
        await world.access.check(f"Bearer {made.text}")
    assert world.accounts.asked == 1
    await world.accounts.revoke_key(made.key.id, at=world.clock())
    assert await world.access.check(f"Bearer {made.text}")
    world.clock.move(module.CACHE_SECONDS)
    with pytest.raises(UnauthenticatedError):
        await world.access.check(f"Bearer {made.text}")
    world.access.forget(made.key.id)


async def test_forgetting_makes_a_revocation_hold_at_once(world: World) -> None:
    made = await world.make()
    await world.access.check(f"Bearer {made.text}")
    await world.accounts.revoke_key(made.key.id, at=world.clock())
    world.access.forget(made.key.id)
    with pytest.raises(UnauthenticatedError):
        await world.access.check(f"Bearer {made.text}")


async def test_guesses_do_not_fill_the_memory(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CACHED", 2)
    keys = [await world.make() for _ in range(3)]
    for number in range(10):
        with pytest.raises(UnauthenticatedError):
            await world.access.check(f"Bearer sk_test_{number}_a")
    for made in keys:
        await world.access.check(f"Bearer {made.text}")
    assert len(world.access._cache) == 2


async def test_what_cannot_be_made(world: World) -> None:
    with pytest.raises(NotFoundError):
        await world.access.make(organisation="org_2", name="key")
    with pytest.raises(UnknownScopeError, match="fly"):
        await world.access.make(organisation="org_1", name="key", scopes={"fly"})
