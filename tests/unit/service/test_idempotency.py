# SPDX-License-Identifier: Apache-2.0
"""Keys, fingerprints, claims and what is stored under them."""

from __future__ import annotations

import pytest

from gateway.service.errors import IdempotencyKeyTakenError
from gateway.service.idempotency import (
    BadIdempotencyKeyError,
    Fingerprint,
    Idempotency,
    IdempotencyKeyReusedError,
    parse_key,
)
from tests.fakes import FixedClock, MemoryIdempotency


def _fingerprint(**changes: str) -> Fingerprint:
    words = {
        "method": "POST",
        "path": "/v1/documents",
        "organisation": "org_1",
        "content_type": "application/xml",
    }
    return Fingerprint(**(words | changes))


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        ("  a  ", "a"),
        (r'"a\"b\\c"', 'a"b\\c'),
        ("x" * 255, "x" * 255),
        ('"a', '"a'),
    ],
)
def test_keys_are_read(header: str, key: str) -> None:
    assert parse_key(header) == key


@pytest.mark.parametrize("header", ["", '""', "a b", '"a b"', "x" * 256, "ü", "a\tb"])
def test_bad_keys_are_refused(header: str) -> None:
    with pytest.raises(BadIdempotencyKeyError):
        parse_key(header)


def test_a_fingerprint_counts_everything_but_the_cut_of_the_body() -> None:
    whole, pieces = _fingerprint(), _fingerprint()
    whole.update(b"abc")
    for piece in (b"a", b"", b"bc"):
        pieces.update(piece)
    assert whole.hexdigest() == pieces.hexdigest()
    for changes in (
        {"method": "PUT"},
        {"path": "/v1/documents?a=b"},
        {"organisation": "org_2"},
        {"content_type": "text/xml"},
    ):
        other = _fingerprint(**changes)
        other.update(b"abc")
        assert other.hexdigest() != whole.hexdigest()


def test_parts_count_without_order_but_with_names() -> None:
    def of(*parts: tuple[str, bytes]) -> str:
        made = _fingerprint()
        for name, body in parts:
            made.update(body)
            made.end_part(name, "text/plain")
        return made.hexdigest()

    assert of(("a", b"1"), ("b", b"2")) == of(("b", b"2"), ("a", b"1"))
    assert of(("a", b"1"), ("b", b"2")) != of(("a", b"2"), ("b", b"1"))
    assert of(("a", b"1")) != of(("a", b"1"), ("a", b"1"))


@pytest.fixture
def store() -> MemoryIdempotency:
    return MemoryIdempotency()


@pytest.fixture
def idempotency(store: MemoryIdempotency) -> Idempotency:
    return Idempotency(store=store, clock=FixedClock())


async def test_a_running_key_is_held_and_let_go(idempotency: Idempotency) -> None:
    async with idempotency.claim("org_1", "k"):
        with pytest.raises(IdempotencyKeyTakenError):
            await idempotency.claim("org_1", '"k"').__aenter__()
        async with idempotency.claim("org_2", "k"):
            pass
    held = idempotency.claim("org_1", "k")
    await held.__aenter__()
    assert not await held.__aexit__(ZeroDivisionError, ZeroDivisionError(), None)
    async with idempotency.claim("org_1", "k"):
        pass


async def test_without_a_key_nothing_is_stored(
    idempotency: Idempotency, store: MemoryIdempotency
) -> None:
    async with idempotency.claim("org_1", None) as claim:
        assert await idempotency.replay(claim, _fingerprint()) is None
        answer = idempotency.answer(claim, _fingerprint(), status=202, headers={}, body=b"")
        assert answer is None
        await idempotency.remember(answer)
    assert store.answers == {}


@pytest.mark.parametrize(
    ("status", "kept"),
    [(200, True), (202, True), (400, True), (404, True), (409, True), (422, True)]
    + [(status, False) for status in (401, 403, 408, 413, 429, 500, 503)],
)
async def test_which_answers_are_kept(
    idempotency: Idempotency, store: MemoryIdempotency, status: int, kept: bool
) -> None:
    async with idempotency.claim("org_1", "k") as claim:
        answer = idempotency.answer(claim, _fingerprint(), status=status, headers={}, body=b"x")
        await idempotency.remember(answer)
        again = await idempotency.replay(claim, _fingerprint())
    assert (again is not None) is kept
    if kept:
        with pytest.raises(IdempotencyKeyReusedError):
            await idempotency.replay(claim, _fingerprint(method="PUT"))
