# SPDX-License-Identifier: Apache-2.0
"""Lists are fetched when they are due, kept when fetching fails, and never go back in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from gateway import pki
from gateway.sandbox.issuing import make_crl
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from gateway.service.errors import AddressRefusedError, UnreachableError
from gateway.service.revocations import (
    CEILING,
    FLOOR,
    Revocations,
    informed,
    lists_missing,
    nothing_learnt,
)
from tests.fakes import FixedClock
from tests.pki_fixtures import AT, fresh_pki, shared_key
from tests.service_fakes import Records, logged

AP_URL, SMP_URL = "http://127.0.0.1:18080/ap-ca.crl", "http://127.0.0.1:18080/smp-ca.crl"
ROOT_URL = "http://127.0.0.1:18080/root.crl"


@dataclass
class Fetcher:
    """The port `ListFetcher`: what lies at an address, or what goes wrong there."""

    lists: dict[str, bytes | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if self.gate is not None:
            await self.gate.wait()
        found = self.lists.get(url, UnreachableError("nothing there"))
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class Files:
    """The port `ListFiles` in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def load(self) -> Mapping[str, bytes]:
        return self.kept

    def save(self, url: str, data: bytes) -> None:
        self.kept[url] = data


@dataclass
class Case:
    """Revocations of a PKI of its own."""

    local: LocalPKI
    clock: FixedClock
    fetcher: Fetcher
    files: Files
    revocations: Revocations

    def publish(self, at: datetime | None = None, *, days: int = 7) -> None:
        lists = self.local.crls(at or self.clock(), days=days)
        base = self.local.crl_base_url
        self.fetcher.lists = {f"{base}/{name}": data for name, data in lists.items()}

    def restarted(self) -> Revocations:
        return Revocations(
            fetcher=self.fetcher,
            files=self.files,
            authorities=[one.certificate for one in self.local.authorities],
            clock=self.clock,
        )

    def standing(self, leaf: IssuedLeaf) -> str:
        status = self.revocations.snapshot().status(
            leaf.certificate, self.clock(), issuer=self.local.ap_ca.certificate
        )
        return status.standing.value

    def asked(self) -> list[str]:
        asked, self.fetcher.asked = self.fetcher.asked, []
        return asked


@pytest.fixture
def case() -> Case:
    local, clock, fetcher, files = fresh_pki("revocations"), FixedClock(AT), Fetcher(), Files()
    made = Case(local, clock, fetcher, files, revocations=None)  # type: ignore[arg-type]
    made.revocations = made.restarted()
    made.publish()
    return made


@pytest.fixture
def leaf(case: Case) -> IssuedLeaf:
    return case.local.issue(pki.Role.AP, "POP000111", at=AT, key=shared_key("sender"))


@pytest.fixture
def log() -> Iterator[Records]:
    with logged("gateway.revocation") as records:
        yield records


async def test_authorities_lists_are_fetched_without_being_told(case: Case) -> None:
    await case.revocations.refresh()
    assert case.asked() == [ROOT_URL]
    assert set(case.files.kept) == {ROOT_URL}


async def test_learning_makes_a_certificate_judgeable(case: Case, leaf: IssuedLeaf) -> None:
    assert case.standing(leaf) == "unknown"
    assert await case.revocations.learn(leaf.certificate.crl_urls)
    assert case.standing(leaf) == "good"
    assert case.asked() == [AP_URL]
    assert not await case.revocations.learn(leaf.certificate.crl_urls)
    assert case.asked() == []


async def test_who_asks_while_a_list_is_fetched_waits_for_it(case: Case) -> None:
    case.fetcher.gate = asyncio.Event()
    asking = [asyncio.create_task(case.revocations.learn([AP_URL])) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    case.fetcher.gate.set()
    assert await asyncio.gather(*asking) == [True, True, True]
    assert case.asked() == [AP_URL]


async def test_one_who_gives_up_waiting_does_not_stop_the_others(case: Case) -> None:
    case.fetcher.gate = asyncio.Event()
    first = asyncio.create_task(case.revocations.learn([AP_URL]))
    second = asyncio.create_task(case.revocations.learn([AP_URL]))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    case.fetcher.gate.set()
    assert await second


async def test_learning_of_several_counts_if_one_came(case: Case, log: Records) -> None:
    assert await case.revocations.learn(iter(["http://127.0.0.1/none.crl", AP_URL]))
    assert log.one("revocation_list_missed")["url"] == "http://127.0.0.1/none.crl"
    assert not await case.revocations.learn([])


@pytest.mark.parametrize(
    "error", [UnreachableError("no"), AddressRefusedError("not on the list of hosts")]
)
async def test_a_list_that_cannot_be_learnt(case: Case, log: Records, error: Exception) -> None:
    case.fetcher.lists[AP_URL] = error
    assert not await case.revocations.learn([AP_URL])
    assert log.events == ["revocation_list_missed"]
    case.asked()
    case.publish()
    await case.revocations.refresh()  # but it is not forgotten
    assert AP_URL in case.asked()


async def test_when_a_list_is_due(case: Case, leaf: IssuedLeaf) -> None:
    case.publish(days=1)
    await case.revocations.learn([AP_URL])
    await case.revocations.refresh()
    case.asked()
    case.clock.at = AT + timedelta(hours=12) - timedelta(seconds=1)
    await case.revocations.refresh()
    assert case.asked() == []
    case.clock.at = AT + timedelta(hours=12)
    await case.revocations.refresh()
    assert AP_URL in case.asked()


async def test_a_list_for_months_is_fetched_every_day(case: Case) -> None:
    case.publish(days=90)
    await case.revocations.refresh()
    case.asked()
    case.clock.at = AT + CEILING - timedelta(seconds=1)
    await case.revocations.refresh()
    assert case.asked() == []
    case.clock.at = AT + CEILING
    await case.revocations.refresh()
    assert case.asked() == [ROOT_URL]


async def test_a_lapsed_list_that_the_server_still_gives_out_is_fetched_no_faster(
    case: Case,
) -> None:
    case.publish(AT - timedelta(days=9), days=7)
    await case.revocations.refresh()
    case.asked()
    case.clock.at = AT + FLOOR - timedelta(seconds=1)
    await case.revocations.refresh()
    assert case.asked() == []
    case.clock.at = AT + FLOOR
    await case.revocations.refresh()
    assert case.asked() == [ROOT_URL]


async def test_a_failing_refresh_keeps_what_is_there(
    case: Case, leaf: IssuedLeaf, log: Records
) -> None:
    await case.revocations.learn([AP_URL])
    case.clock.at = AT + timedelta(days=4)
    case.fetcher.lists = {}
    await case.revocations.refresh()
    assert case.standing(leaf) == "good"
    assert "revocation_list_missed" in log.events
    case.asked()
    await case.revocations.refresh()  # and it is tried again at the next call
    assert AP_URL in case.asked()


@pytest.mark.parametrize("bad", ["nonsense", "false signature", "stranger"])
async def test_a_list_that_is_not_signed_right_is_refused(
    case: Case, leaf: IssuedLeaf, log: Records, bad: str
) -> None:
    await case.revocations.learn([AP_URL])
    kept = dict(case.files.kept)
    case.clock.at = AT + timedelta(days=4)
    week = case.clock() + timedelta(days=7)
    case.fetcher.lists[AP_URL] = {
        "nonsense": b"<html>hotel network</html>",
        "false signature": make_crl(
            case.local.ap_ca,
            [leaf.certificate.serial],
            at=case.clock(),
            next_update=week,
            key=shared_key("a forger"),
        ),
        "stranger": fresh_pki("strangers").crls(case.clock())["ap-ca.crl"],
    }[bad]
    await case.revocations.refresh()
    assert case.standing(leaf) == "good"
    assert case.files.kept[AP_URL] == kept[AP_URL]
    assert log.one("revocation_list_bad")["url"] == AP_URL


async def test_a_revoked_certificate_is_noticed(case: Case, leaf: IssuedLeaf) -> None:
    await case.revocations.learn([AP_URL])
    case.clock.at = AT + timedelta(days=4)
    case.local.revoke(leaf.certificate)
    case.publish()
    await case.revocations.refresh()
    assert case.standing(leaf) == "revoked"


async def test_an_older_list_changes_nothing_neither_here_nor_on_disk(
    case: Case, leaf: IssuedLeaf, log: Records
) -> None:
    """Else a replayed list would make a revoked certificate good again, at the latest after a
    restart."""
    old = dict(case.fetcher.lists)
    case.clock.at = AT + timedelta(days=1)
    case.local.revoke(leaf.certificate)
    case.publish()
    await case.revocations.learn([AP_URL])
    case.clock.at = AT + timedelta(days=5)
    case.fetcher.lists = old
    await case.revocations.refresh()
    assert case.standing(leaf) == "revoked"
    assert "revocation_list_older" in log.events
    case.revocations = case.restarted()
    case.revocations.restore()
    assert case.standing(leaf) == "revoked"


async def test_the_same_list_again_is_no_trouble(case: Case, log: Records) -> None:
    await case.revocations.refresh()
    case.clock.at = AT + timedelta(days=4)
    await case.revocations.refresh()
    assert log.events == []


async def test_lists_of_the_last_run_serve_and_are_kept_fresh(case: Case, leaf: IssuedLeaf) -> None:
    await case.revocations.learn([AP_URL])
    case.revocations = case.restarted()
    case.revocations.restore()
    assert case.standing(leaf) == "good"
    case.asked()
    case.local.revoke(leaf.certificate)
    case.clock.at = AT + timedelta(hours=1)
    case.publish()
    await case.revocations.refresh()  # nobody had to learn the address a second time
    assert AP_URL in case.asked()
    assert case.standing(leaf) == "revoked"


async def test_files_that_are_damaged_are_passed_over(
    case: Case, leaf: IssuedLeaf, log: Records
) -> None:
    case.files.kept = {AP_URL: b"cut off", SMP_URL: case.local.crls(AT)["smp-ca.crl"]}
    case.revocations.restore()
    assert case.standing(leaf) == "unknown"
    assert log.events == ["revocation_list_bad"]
    assert await case.revocations.learn([AP_URL])


async def test_informed_judges_again_after_learning(case: Case, leaf: IssuedLeaf) -> None:
    policy = case.local.trust(pki.Role.AP)

    def judge() -> pki.Trusted:
        return pki.judge(
            leaf.certificate,
            policy=policy,
            revocation=case.revocations.snapshot(),
            at=case.clock(),
            usage=pki.Usage.SIGN,
        )

    with pytest.raises(pki.RevocationUnknownError) as caught:
        await informed(judge, learn=nothing_learnt)
    assert lists_missing(caught.value)
    await case.revocations.refresh()
    trusted = await informed(judge, learn=case.revocations.learn)
    assert trusted.revocation == "good"
    assert await informed(judge, learn=nothing_learnt) == trusted


def test_what_is_missing_may_be_the_cause_of_a_cause() -> None:
    outer, inner = ValueError("outer"), UnreachableError("inner")
    outer.__cause__, inner.__cause__ = inner, pki.RevocationUnknownError("no list")
    assert lists_missing(outer)
    assert not lists_missing(ValueError("alone"))
    assert not lists_missing(None)
