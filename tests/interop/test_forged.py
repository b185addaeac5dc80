# SPDX-License-Identifier: Apache-2.0
"""Messages that no honest peer sends, and odd ones that some do, against the whole receiver.

Each is judged the way `inspect` does it: engine, envelope and served participants together. The
forge shares no code with the engine.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import as4, pki
from gateway.cli.captures import Capture
from gateway.cli.inspection import Bench, Judgement
from tests.forge.cast import AT, Cast, Holder
from tests.forge.names import AP_TYPE
from tests.forge.payload import Part
from tests.forge.request import Request
from tests.forge.signal import Reply
from tests.forge.wire import Capture as Forged
from tests.interop.forged import contents, frames, headers, replies, security, signatures
from tests.interop.forged.table import Case

REQUESTS: tuple[Case, ...] = (
    frames.CASES + headers.CASES + contents.CASES + security.CASES + signatures.CASES
)
REPLIES: tuple[Case, ...] = replies.CASES


@pytest.fixture(scope="module")
def cast() -> Cast:
    return Cast()


@pytest.fixture(scope="module")
def bench_parts(cast: Cast) -> tuple[list[pki.KeyPair], pki.TrustPolicy, pki.Revocation]:
    authorities = [pki.load_certificate(a.pem) for a in (cast.root, cast.ap_ca, cast.smp_ca)]
    trust = pki.TrustPolicy.of(
        role=pki.Role.AP,
        network="test",
        certificates=authorities,
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(),
    )
    revocation = pki.Revocation.of([pki.load_crl(cast.crl(), issuers=authorities)])
    return [_pair(cast["receiver"]), _pair(cast["receiver next"])], trust, revocation


@pytest.fixture
def bench(
    bench_parts: tuple[list[pki.KeyPair], pki.TrustPolicy, pki.Revocation],
) -> Bench:
    keys, trust, revocation = bench_parts
    return Bench(keys=keys, trust=trust, revocation=revocation, at=AT)


def _pair(holder: Holder) -> pki.KeyPair:
    return pki.load_key_pair(holder.key_pem, holder.pem)


def capture(forged: Forged) -> Capture:
    return Capture(headers=forged.headers, body=forged.body, status=forged.status)


def names(cases: tuple[Case, ...]) -> list[str]:
    return [case.name for case in cases]


def test_every_case_has_its_own_name() -> None:
    both = names(REQUESTS) + names(REPLIES)
    assert len(both) == len(set(both))
    assert len(both) > 300


@pytest.mark.parametrize("case", REQUESTS, ids=names(REQUESTS))
def test_request(case: Case, cast: Cast, bench: Bench) -> None:
    assert isinstance(case.message, Request)
    found = bench.judge_request(capture(case.message.capture(cast)))
    assert _said(found).startswith(case.expect), (case.row, found.step, found.reason, found.advice)
    assert found.kind == "usermessage"


@pytest.mark.parametrize("case", REPLIES, ids=names(REPLIES))
def test_reply(case: Case, cast: Cast, bench: Bench) -> None:
    assert isinstance(case.message, Reply)
    request = case.message.request.capture(cast)
    sent = as4.recall_sent(request.headers, request.body)
    found = bench.judge_reply(capture(case.message.capture(cast)), sent)
    assert _said(found).startswith(case.expect), (case.row, found.step, found.reason, found.advice)
    assert found.kind == "signal"


def _said(found: Judgement) -> str:
    """The verdict in the words of the tables."""
    if found.outcome == "error" and found.code is None:
        return "http"
    if found.outcome in ("error", "invalid-receipt"):
        return f"{found.code} {found.step}"
    words = {"rejected-unauthenticated": "hint", "no-signal": "none"}
    outcome = words.get(found.outcome, found.outcome)
    return f"{outcome} {found.code or ''}".strip()


def test_repeats(cast: Cast, bench: Bench) -> None:
    """What failed once is processed normally, what was taken is known."""

    def verdict(request: Request) -> str:
        return _said(bench.judge_request(capture(request.capture(cast))))

    right = Request()
    same_id = replace(right.header, conversation="another")
    third = replace(right.header, from_parties=((AP_TYPE, "POP990013"),))
    assert verdict(right.but(parts=(Part(wire=lambda data: data[:-1]),))) == "EBMS:0102 decrypt"
    assert verdict(right.but(signing_key="third", header=same_id)) == "EBMS:0101 signature"
    assert verdict(right) == "accept"
    assert verdict(right) == "duplicate"
    assert verdict(right.but(parts=(Part(wire=lambda data: data[:-1]),))) == "duplicate"
    assert verdict(right.but(header=same_id)) == "EBMS:0004 duplicate"
    assert verdict(right.but(signing_key="third", header=same_id)) == "EBMS:0101 signature"
    assert verdict(right.but(header=third, signer="third")) == "accept"


def test_only_post_carries_messages(cast: Cast, bench: Bench) -> None:
    forged = Request().capture(cast)
    got = Capture(headers=forged.headers, body=forged.body, method="GET")
    assert _said(bench.judge_request(got)) == "http"
