# SPDX-License-Identifier: Apache-2.0
"""Every vector of the reference data gets the verdict and the code that it should."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import as4, pki
from tests.interop.captured import Captured, read_captured
from tests.shared import shared

Accepted = tuple[as4.Received, tuple[bytes, ...]]
Verdict = Accepted | as4.AS4Error
Answer = as4.Receipt | as4.ErrorSignal | as4.ReplyRejectedError

pytestmark = pytest.mark.interop

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_LISTED = Path(__file__).resolve().parents[3] / "shared/data/as4/own/expected.json"
EXPECTED: dict[str, Any] = json.loads(_LISTED.read_bytes()) if _LISTED.exists() else {"vectors": {}}
VECTORS: dict[str, dict[str, Any]] = EXPECTED["vectors"]

# What needs the envelope to be read is judged by the rooms above; here it passes.
ENVELOPE_ONLY = {"bad-sbdh-recipient-differs.http"}
ANSWERS = {
    "peer-as4lib-receipt.http": "peer-as4lib-message.http",
    "peer-as4lib-error-not-serviced.http": "peer-as4lib-message.http",
}
# This library parses the envelope and writes it anew.
REWRITTEN = {"peer-as4lib-message.http"}
# The SOAP part is judged before the parts arrive: that a named part is not encrypted shows first.
JUDGED_EARLIER = {"bad-partinfo-missing-part.http"}


def messages(kind: str) -> list[str]:
    return [name for name, vector in VECTORS.items() if vector["kind"] == kind]


@pytest.fixture(scope="module")
def own() -> Path:
    return shared("data/as4/own")


@pytest.fixture(scope="module")
def trust(own: Path) -> pki.TrustPolicy:
    return pki.TrustPolicy(
        role=pki.Role.AP,
        network="test",
        roots=pki.load_certificates((own / "pki/root.cert.pem").read_bytes()),
        issuers=pki.load_certificates((own / "pki/apca.cert.pem").read_bytes()),
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(),
    )


def key_pair(own: Path, name: str) -> pki.KeyPair:
    folder = own / "pki"
    return pki.load_key_pair(
        (folder / f"{name}.key.pem").read_bytes(), (folder / f"{name}.cert.pem").read_bytes()
    )


def receive(captured: Captured, own: Path, trust: pki.TrustPolicy) -> Accepted:
    return as4.receive(
        captured.headers,
        captured.body,
        keys=[key_pair(own, "POP990002")],
        trust=trust,
        revocation=pki.Revocation.none(),
        at=AT,
    )


def verdict(captured: Captured, own: Path, trust: pki.TrustPolicy) -> Verdict:
    try:
        return receive(captured, own, trust)
    except as4.AS4Error as error:
        return error


@pytest.mark.parametrize("name", messages("usermessage"))
def test_user_message(name: str, own: Path, trust: pki.TrustPolicy) -> None:
    vector = VECTORS[name]
    outcome = "accept" if name in ENVELOPE_ONLY else vector["outcome"]
    found = verdict(read_captured(own / name), own, trust)
    if isinstance(found, as4.AS4Error):
        assert outcome not in {"accept", "ping", "duplicate"}, (found.step, found.detail)
        assert found.ebms_code in vector["codes"], (found.step, found.detail)
        return
    received, payloads = found
    assert outcome in {"accept", "accept-or-reject", "ping", "duplicate"}
    assert received.verified.ping == (outcome == "ping")
    if name not in ENVELOPE_ONLY | REWRITTEN and not received.verified.ping:
        assert payloads == ((own / "payload-sbd.xml").read_bytes(),)
        assert received.verified.user_message.original_sender == EXPECTED["originalSender"]


@pytest.mark.parametrize("name", messages("usermessage"))
def test_code_is_the_recommended_one(name: str, own: Path, trust: pki.TrustPolicy) -> None:
    """Other codes would be acceptable too; this holds us to the first."""
    codes = VECTORS[name].get("codes")
    if not codes or VECTORS[name]["outcome"] == "accept-or-reject":
        return
    if name in ENVELOPE_ONLY | JUDGED_EARLIER:
        return
    with pytest.raises(as4.AS4Error) as caught:
        receive(read_captured(own / name), own, trust)
    assert caught.value.ebms_code == codes[0], (caught.value.step, caught.value.detail)


def sent_by(name: str, own: Path, trust: pki.TrustPolicy) -> as4.Sent:
    received, _ = receive(read_captured(own / name), own, trust)
    verified = received.verified
    return as4.Sent(
        message_id=verified.user_message.message_id,
        receiving_ap=verified.user_message.receiving_ap,
        references=verified.references,
    )


@pytest.mark.parametrize("name", messages("signal"))
def test_signal(name: str, own: Path, trust: pki.TrustPolicy) -> None:
    vector = VECTORS[name]
    sent = sent_by(ANSWERS.get(name, "ok-gzip-sec-first.http"), own, trust)
    captured = read_captured(own / name)
    signal = reply(captured, sent, trust)
    if isinstance(signal, as4.ReplyRejectedError):
        assert vector["outcome"] == "invalid-receipt", (signal.step, signal.detail)
        assert signal.ebms_code in vector["codes"]
        return
    if isinstance(signal, as4.Receipt):
        assert vector["outcome"] == "accept"
        return
    assert vector["outcome"] == ("rejected" if signal.authenticated else "rejected-unauthenticated")
    assert signal.ebms_code in vector["codes"]


def reply(captured: Captured, sent: as4.Sent, trust: pki.TrustPolicy) -> Answer:
    try:
        return as4.read_reply(
            200,
            captured.headers,
            captured.body,
            sent,
            trust=trust,
            revocation=pki.Revocation.none(),
            at=AT,
        )
    except as4.ReplyRejectedError as error:
        return error
