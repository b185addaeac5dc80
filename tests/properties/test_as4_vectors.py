# SPDX-License-Identifier: Apache-2.0
"""The good vectors of the reference data, cut and flipped at seeded places."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from gateway import as4, pki
from gateway.errors import GatewayError
from tests.interop.captured import Captured, read_captured
from tests.shared import shared

pytestmark = pytest.mark.interop

NAMES = [
    "ok-gzip-sec-first.http",
    "ok-gzip-msg-first-no-prefixlist.http",
    "ok-uncompressed-xml-c14n.http",
    "ok-soap-with-bom.http",
    "ok-ping.http",
    "peer-as4lib-message.http",
    "peer-peppolpy-message.http",
]
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@cache
def receiver(folder: Path) -> tuple[pki.KeyPair, pki.TrustPolicy]:
    pair = pki.load_key_pair(
        (folder / "POP990002.key.pem").read_bytes(), (folder / "POP990002.cert.pem").read_bytes()
    )
    trust = pki.TrustPolicy(
        role=pki.Role.AP,
        network="test",
        roots=pki.load_certificates((folder / "root.cert.pem").read_bytes()),
        issuers=pki.load_certificates((folder / "apca.cert.pem").read_bytes()),
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(),
    )
    return pair, trust


def verdict(captured: Captured, body: bytes) -> tuple[bytes, ...] | GatewayError:
    pair, trust = receiver(shared("data/as4/own/pki"))
    try:
        _, payloads = as4.receive(
            captured.headers,
            body,
            keys=[pair],
            trust=trust,
            revocation=pki.Revocation.none(),
            at=AT,
        )
    except (as4.AS4Error, as4.SOAPFaultError, as4.HTTPRefusedError) as error:
        return error
    return payloads


@pytest.mark.parametrize("name", NAMES)
def test_mangled_vector_is_refused_or_the_same(name: str) -> None:
    captured = read_captured(shared("data/as4/own") / name)
    chance = random.Random(name)
    whole = verdict(captured, captured.body)
    assert not isinstance(whole, GatewayError)
    for _ in range(100):
        mangled = bytearray(captured.body)
        mangled[chance.randrange(len(mangled))] ^= chance.randrange(1, 256)
        cut = captured.body[: chance.randrange(len(captured.body))]
        for body in (bytes(mangled), cut):
            found = verdict(captured, body)
            assert isinstance(found, GatewayError) or found == whole
