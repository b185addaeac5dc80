# SPDX-License-Identifier: Apache-2.0
"""Forged messages, broken once more at random: only foreseen errors come out of the engine."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from lxml import etree

from gateway import as4, pki
from gateway.cli.captures import Capture
from gateway.cli.inspection import Bench
from tests.forge.cast import AT, Cast
from tests.forge.request import Request
from tests.forge.signing import Signing
from tests.interop.forged import replies, signatures

TOKENS = (b"<", b"/>", b"&#0;", b"\x00", b"xmlns=''", b"<!--", b"-->", b"<?x?>", b"]]>", b"\r\n",
          b"--", b"%zz", b"%ff", b"=", b"#", b"cid:", b"\xc3\x28", b"\xed\xa0\x80", b"AAAA", b'"',
          b"\xe2\x80\xa8", b" Id='msg-1'", b"xmlns:eb='r'", b"1" * 50)  # fmt: skip
OUTCOMES = {
    "accept",
    "duplicate",
    "error",
    "fault",
    "rejected",
    "rejected-unauthenticated",
    "invalid-receipt",
    "no-signal",
}


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast()


@pytest.fixture(scope="module")
def bench(cast: Cast) -> Bench:
    receiver = cast["receiver"]
    authorities = [pki.load_certificate(one.pem) for one in (cast.root, cast.ap_ca)]
    return Bench(
        keys=[pki.load_key_pair(receiver.key_pem, receiver.pem)],
        trust=pki.TrustPolicy.of(
            role=pki.Role.AP,
            network="test",
            certificates=authorities,
            unknown_revocation=pki.Unknown.ACCEPT,
            grace=timedelta(),
        ),
        revocation=pki.Revocation.none(),
        at=AT,
    )


def mangled(data: bytes, chance: random.Random) -> bytes:
    """One to three small accidents."""
    text = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(text))
        match chance.randrange(4):
            case 0:
                text[place] ^= 1 << chance.randrange(8)
            case 1:
                del text[place : place + chance.choice((1, 8, 200))]
            case 2:
                text[place:place] = chance.choice(TOKENS)
            case _:
                other = chance.randrange(len(text))
                text[place:place] = text[other : other + chance.choice((4, 40, 400))]
    return bytes(text)


def before_signing(chance: random.Random) -> Iterator[Request]:
    """Requests that were broken first and signed then, so that the later steps see them."""

    def edit(text: str) -> str:
        return mangled(text.encode(), chance).decode("utf-8", "replace")

    while True:
        yield Request(unit=edit)
        yield Request(encryption=edit)
        yield Request(signing=Signing(edit=edit))


@pytest.mark.parametrize("seed", range(4))
def test_requests(cast: Cast, bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    captures = [case.message.capture(cast) for case in signatures.CASES[:: 7 + seed]]
    for _ in range(600):
        forged = chance.choice(captures)
        broken = Capture(headers=forged.headers, body=mangled(forged.body, chance))
        assert bench.judge_request(broken).outcome in OUTCOMES


@pytest.mark.parametrize("seed", range(2))
def test_signed_requests(cast: Cast, bench: Bench, seed: int) -> None:
    requests = before_signing(random.Random(seed))
    for _ in range(300):
        try:
            forged = next(requests).capture(cast)
        except (etree.XMLSyntaxError, etree.C14NError, ValueError, AssertionError, StopIteration):
            continue  # no XML any more, so there is nothing to sign
        capture = Capture(headers=forged.headers, body=forged.body)
        assert bench.judge_request(capture).outcome in OUTCOMES


def test_replies(cast: Cast, bench: Bench) -> None:
    chance = random.Random(9)
    request = Request().capture(cast)
    sent = as4.recall_sent(request.headers, request.body)
    forged = [case.message.capture(cast) for case in replies.CASES[::5]]
    captures = [one for one in forged if 1000 < len(one.body) < 100_000]
    for _ in range(1000):
        chosen = chance.choice(captures)
        broken = Capture(headers=chosen.headers, body=mangled(chosen.body, chance))
        assert bench.judge_reply(broken, sent).outcome in OUTCOMES
