# SPDX-License-Identifier: Apache-2.0
"""Golden messages cut at every byte, flipped, fed in crumbs: an error of ours or the payload."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import as4
from gateway.errors import GatewayError
from tests.as4_golden import NAMES, Golden, golden


@pytest.mark.parametrize("name", NAMES)
def test_golden_message_is_read(name: str) -> None:
    message = golden(name)
    assert message.verdict(message.body) == message.payload


@pytest.mark.parametrize("name", NAMES)
def test_cut_at_every_byte(name: str) -> None:
    message = golden(name)
    end = message.body.rindex(b"--") + 2
    for size in range(len(message.body)):
        verdict = message.verdict(message.body[:size])
        if size < end:
            assert isinstance(verdict, as4.AS4Error), size
            status = 400 if verdict.message_id is None else 200
            assert (verdict.ebms_code, verdict.status) == ("EBMS:0007", status)
        else:
            assert verdict == message.payload


@pytest.mark.parametrize("name", NAMES)
def test_flipped_bytes(name: str) -> None:
    message = golden(name)
    chance = random.Random(name)
    for _ in range(1500):
        mangled = bytearray(message.body)
        for _ in range(chance.choice([1, 1, 1, 2, 5])):
            mangled[chance.randrange(len(mangled))] ^= chance.randrange(1, 256)
        assert_refused_or_same(message, bytes(mangled))


@pytest.mark.parametrize("name", NAMES)
def test_spliced_bytes(name: str) -> None:
    """Pieces left out, doubled, and moved."""
    message = golden(name)
    chance = random.Random(name)
    for _ in range(500):
        start, end = sorted(chance.randrange(len(message.body)) for _ in range(2))
        piece = message.body[start:end]
        rest = message.body[:start] + message.body[end:]
        place = chance.randrange(len(rest) + 1)
        for body in (rest, message.body[:end] + piece, rest[:place] + piece + rest[place:]):
            assert_refused_or_same(message, body)


def assert_refused_or_same(message: Golden, body: bytes) -> None:
    verdict = message.verdict(body)
    if not isinstance(verdict, GatewayError):
        assert verdict == message.payload


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_chunks_make_no_difference(name: str, data: st.DataObject) -> None:
    message = golden(name)
    whole = summary(message, [message.body])
    cuts = data.draw(st.lists(st.integers(0, len(message.body)), max_size=40))
    places = [0, *sorted(cuts), len(message.body)]
    chunks = [message.body[a:b] for a, b in itertools.pairwise(places)]
    assert summary(message, chunks) == whole


def test_single_bytes_make_no_difference() -> None:
    for name in NAMES:
        message = golden(name)
        crumbs = [message.body[i : i + 1] for i in range(len(message.body))]
        assert summary(message, crumbs) == summary(message, [message.body])


def summary(message: Golden, chunks: list[bytes]) -> tuple[object, ...]:
    """All events, with the pieces of a part put together."""
    signed = payload = b""
    others = []
    for event in message.events(chunks):
        if isinstance(event, as4.PartBytes):
            assert len(others) == 1  # after Verified, before Received
            signed += event.signed
            payload += event.payload
        else:
            others.append(event)
    return (*others, signed, payload)
