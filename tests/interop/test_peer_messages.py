# SPDX-License-Identifier: Apache-2.0
"""Messages that other implementations wrote verify as the index of the reference data says.

Their certificates are judged at a moment when they were valid. Those that are not of Peppol
(other algorithms, other key forms) are taken apart with the functions, and refused as a whole.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from lxml import etree

from gateway import as4, pki, safexml
from gateway.as4 import const, key_names, signature, soap, wsse
from gateway.as4.encryption import PartDecryptor
from gateway.as4.limits import DEFAULT_LIMITS
from gateway.as4.nonrepudiation import read_repeated_references
from gateway.as4.splitter import Mark, PartData, Splitter
from gateway.pki import xmldsig
from tests.as4_golden import KnownKey
from tests.interop.captured import read_captured
from tests.shared import shared

pytestmark = pytest.mark.interop

ENVELOPE = re.compile(rb"<(\w+:)?Envelope.*?</(\w+:)?Envelope>", re.DOTALL)
EB = f"{{{const.EB}}}"


def envelope(name: str) -> soap.SOAP:
    found = ENVELOPE.search((shared("data/as4/peers") / name).read_bytes())
    assert found
    return soap.take_apart(safexml.parse(found[0]))


def verify(name: str) -> None:
    """Value and digests, whoever signed."""
    message = envelope(name)
    security = wsse.find_security(message)
    signed = xmldsig.read_signature(security.findall(soap.SIGNATURE)[0])
    xmldsig.check_algorithms(signed, xmldsig.AS4_PROFILE)
    certificate = wsse.signer_certificate(signed.key_info, security, message)
    xmldsig.verify_value(signed, certificate)
    signature._verify_elements(message, security, signed.references)


@pytest.mark.parametrize(
    "name",
    [
        "phase4/dump-raw.as4out",
        "phase4/verify-helger.as4in",
        "phase4/verify-governikus.as4in",
        "phase4/verify-dataport1-mustunderstand.as4in",
        "phase4/TestReceipt12.xml",
        "holodeck/from-holodeck-1.xml",
        "as4net/as4-soap-signed-message.txt",
        "as4net/as4-soap-signed-pullrequest.xml",
        "as4net/as4_flame_envelope.as4",
        "as4net/rssbus_message.as4",
        "as4net/c3_minderreceiveagent_request.as4",
        "oxalis-lab/request.http",
        "oxalis-lab/receipt.http",
        "oxalis-lab/error-not-serviced.http",
    ],
)
def test_signature_verifies(name: str) -> None:
    verify(name)


@pytest.mark.parametrize(
    "name",
    [
        "phase4/verify-dataport1.as4in",  # a proxy rewrote one prefix
        "as4net/as4-soap-wrong-signed-message.txt",
        "as4net/as4-soap-untrusted-signed-message.txt",
        "as4net/receipt_with_invalid_signature.as4",
        "phase4/WrongSigningAlgorithm.xml",
        "phase4/WrongSigningDigestAlgorithm.xml",
    ],
)
def test_signature_does_not_verify(name: str) -> None:
    with pytest.raises((pki.SignatureError, as4.AS4Error)):
        verify(name)


def peppol_trust(generation: str) -> pki.TrustPolicy:
    folder = shared("data/pki")
    return pki.TrustPolicy(
        role=pki.Role.AP,
        network="test",
        roots=pki.load_certificates((folder / f"{generation}-test-root.pem").read_bytes()),
        issuers=pki.load_certificates((folder / f"{generation}-test-ap-ca.pem").read_bytes()),
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(),
    )


def sent_for(receipt: soap.SOAP, seat: str) -> as4.Sent:
    """What the unknown sender must have kept, from the receipt itself."""
    (signal,) = receipt.messaging.findall(f"{EB}SignalMessage")
    ref = signal.findtext(f"{EB}MessageInfo/{EB}RefToMessageId")
    (element,) = signal.findall(f"{EB}Receipt")
    party = as4.Sent.from_bytes(
        b'{"message_id":"","receiving_ap":"%s","references":[]}' % seat.encode()
    ).receiving_ap
    return as4.Sent(
        message_id=ref or "", receiving_ap=party, references=read_repeated_references(element)
    )


@pytest.mark.parametrize(
    ("name", "seat", "generation", "year"),
    [
        ("verify-helger.as4in", "POP000306", "g2", 2022),
        ("verify-governikus.as4in", "POP000260", "g2", 2022),
        ("verify-dataport1-mustunderstand.as4in", "PDE000357", "g2", 2022),
        ("TestReceipt12.xml", "PDE000576", "g3", 2026),
    ],
)
def test_receipt_of_a_real_access_point(name: str, seat: str, generation: str, year: int) -> None:
    path = shared("data/as4/peers/phase4") / name
    body = path.read_bytes() if name.endswith(".xml") else read_captured(path).body
    reply = as4.read_reply(
        200,
        [("Content-Type", "application/soap+xml")],
        body,
        sent_for(envelope(f"phase4/{name}"), seat),
        trust=peppol_trust(generation),
        revocation=pki.Revocation.none(),
        at=datetime(year, 6, 1, tzinfo=UTC),
    )
    assert isinstance(reply, as4.Receipt)
    assert reply.signer.common_name == seat


def test_receipt_with_references_in_the_wrong_namespace() -> None:
    receipt = envelope("as4net/Receipt_InvalidNRI_Namespace.as4")
    (element,) = receipt.messaging.iter(f"{EB}Receipt")
    with pytest.raises(as4.ReceiptInvalidError):
        read_repeated_references(element)


def test_request_of_phase4_verifies_before_its_payload() -> None:
    captured = read_captured(shared("data/as4/peers/phase4/dump-raw.as4out"))
    message = envelope("phase4/dump-raw.as4out")
    token = next(message.root.iter(key_names.TOKEN))
    receiver = pki.load_certificate(token.text or "")
    reader = as4.Reader(
        captured.headers,
        keys=[KnownKey(receiver, bytes(16))],
        trust=peppol_trust("g3"),
        revocation=pki.Revocation.none(),
        at=datetime(2026, 1, 30, tzinfo=UTC),
    )
    events = reader.feed(captured.body)
    verified = next(events)
    assert isinstance(verified, as4.Verified)
    assert verified.signer.common_name == "POP000306"
    with pytest.raises(as4.FailedDecryptionError):
        list(events)


@pytest.mark.parametrize(
    "name", ["ErrorMessage.xml", "ErrorMessageNoRefToMessageID.xml", "ErrorMessageWithFault.xml"]
)
def test_errors_of_phase4_are_hints(name: str) -> None:
    body = (shared("data/as4/peers/phase4") / name).read_bytes()
    sent = sent_for(envelope("phase4/TestReceipt12.xml"), "PDE000576")
    error = as4.read_reply(
        400,
        [],
        body,
        sent,
        trust=peppol_trust("g3"),
        revocation=pki.Revocation.none(),
        at=datetime(2026, 6, 1, tzinfo=UTC),
    )
    assert isinstance(error, as4.ErrorSignal)
    assert not error.authenticated
    assert error.ebms_code.startswith("EBMS:")


@pytest.mark.parametrize("name", ["SOAPFaultResponse.xml", "blue2redMessageFaultResponse.xml"])
def test_faults_of_domibus_are_no_signals(name: str) -> None:
    body = (shared("data/as4/peers/domibus") / name).read_bytes()
    sent = sent_for(envelope("phase4/TestReceipt12.xml"), "PDE000576")
    with pytest.raises(as4.ReceiptMissingError) as caught:
        as4.read_reply(
            500,
            [],
            body,
            sent,
            trust=peppol_trust("g3"),
            revocation=pki.Revocation.none(),
            at=datetime(2026, 6, 1, tzinfo=UTC),
        )
    assert caught.value.step == "signal"


# Oxalis, captured in a lab of our own: the whole exchange.


def lab() -> tuple[Path, pki.TrustPolicy, datetime]:
    folder = shared("data/as4/peers/oxalis-lab")
    trust = pki.TrustPolicy(
        role=pki.Role.AP,
        network="test",
        roots=pki.load_certificates((folder / "root.cert.pem").read_bytes()),
        issuers=pki.load_certificates((folder / "ap-ca.cert.pem").read_bytes()),
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=timedelta(),
    )
    return folder, trust, datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_exchange_of_oxalis() -> None:
    folder, trust, at = lab()
    request = read_captured(folder / "request.http")
    pair = pki.load_key_pair(
        (folder / "ap2.key.pem").read_bytes(), (folder / "ap2.cert.pem").read_bytes()
    )
    received, payloads = as4.receive(
        request.headers,
        request.body,
        keys=[pair],
        trust=trust,
        revocation=pki.Revocation.none(),
        at=at,
    )
    assert (received.parts[0].signed_size, len(payloads[0])) == (2144, 10515)
    sent = as4.Sent(
        message_id=received.verified.user_message.message_id,
        receiving_ap=received.verified.user_message.receiving_ap,
        references=received.verified.references,
    )
    replies = [
        as4.read_reply(
            500,
            reply.headers,
            reply.body,
            sent,
            trust=trust,
            revocation=pki.Revocation.none(),
            at=at,
        )
        for reply in map(
            read_captured,
            [
                folder / "receipt.http",
                folder / "error-not-serviced.http",
                folder / "error-untrusted-signer.http",
            ],
        )
    ]
    receipt, not_serviced, untrusted = replies
    assert isinstance(receipt, as4.Receipt)
    assert isinstance(not_serviced, as4.ErrorSignal)
    assert not_serviced.not_serviced
    assert isinstance(untrusted, as4.ErrorSignal)
    assert (untrusted.ebms_code, untrusted.authenticated) == ("EBMS:0009", False)


# Holodeck and AS4.NET, policies other than Peppol's.

KEYS = {
    "as4-encrypted-signed-issuerserial.as4": ("AccessPointB.pfx", b"Pz4cZK4SULUwmraZb"),
    "as4-encrypted-signed-keyidentifier.as4": ("AccessPointB.pfx", b"Pz4cZK4SULUwmraZb"),
    "as4-encrypted-compressed-message.as4": ("partyC.p12", b"ExampleC"),
}


def parts(data: bytes) -> list[tuple[str, bytes]]:
    data = data[data.index(b"--MIMEBoundary") if b"--MIMEBoundary" in data else data.index(b"--") :]
    splitter = Splitter(data[2 : data.index(b"\r\n")])
    splitter.feed(data)
    found: list[tuple[str, bytes]] = []
    while (event := splitter.next_event()) not in (Mark.BODY_END, None):
        if isinstance(event, PartData):
            found[-1] = (found[-1][0], found[-1][1] + event.data)
        elif not isinstance(event, Mark):
            assert event is not None
            found.append((event.content_id or "", b""))
    return found


def private_key(name: str, password: bytes) -> RSAPrivateKey:
    data = (shared("data/as4/peers/as4net") / name).read_bytes()
    key = pkcs12.load_pkcs12(data, password).key
    assert isinstance(key, RSAPrivateKey)
    return key


@pytest.mark.parametrize("name", KEYS)
def test_parts_of_other_policies_decrypt(name: str) -> None:
    """Their OAEP is not ours, so the key is opened here; the parts are opened by our code."""
    pieces = parts((shared("data/as4/peers/as4net") / name).read_bytes())
    root = safexml.parse(pieces[0][1])
    wrapped = root.findtext(f".//{{{const.XENC}}}EncryptedKey//{{{const.XENC}}}CipherValue")
    assert wrapped
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA256(), label=None)
    key = private_key(*KEYS[name]).decrypt(key_names.decoded("".join(wrapped.split())) or b"", oaep)
    digests = {
        reference.get("URI"): reference.findtext(f"{{{const.DS}}}DigestValue")
        for reference in root.iter(f"{{{const.DS}}}Reference")
    }
    assert len(pieces) > 1
    for content_id, data in pieces[1:]:
        decryptor = PartDecryptor(key)
        content = decryptor.feed(data)
        decryptor.close()
        assert content.startswith(b"\x1f\x8b")
        digest = digests.get(f"cid:{content_id}")
        if digest:
            assert key_names.decoded(digest) == hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    "name",
    [
        *KEYS,
        "rssbus_message.as4",
        "as4_flame_envelope.as4",
        "c3_minderreceiveagent_request.as4",
    ],
)
def test_messages_that_are_not_of_peppol_are_refused(name: str) -> None:
    data = (shared("data/as4/peers/as4net") / name).read_bytes()
    found = ENVELOPE.search(data)
    assert found
    with pytest.raises(as4.AS4Error):
        as4.receive(
            [("Content-Type", const.SOAP_TYPE)],
            found[0],
            keys=[],
            trust=peppol_trust("g3"),
            revocation=pki.Revocation.none(),
            at=datetime(2026, 6, 1, tzinfo=UTC),
        )


@pytest.mark.parametrize("name", ["TwoUserMessages.xml", "UserMessageNoPartyID.xml"])
def test_negatives_of_phase4(name: str) -> None:
    data = (shared("data/as4/peers/phase4") / name).read_bytes()
    with pytest.raises(as4.AS4Error) as caught:
        as4.receive(
            [("Content-Type", const.SOAP_TYPE)],
            data,
            keys=[],
            trust=peppol_trust("g3"),
            revocation=pki.Revocation.none(),
            at=datetime(2026, 6, 1, tzinfo=UTC),
            limits=DEFAULT_LIMITS,
        )
    assert caught.value.ebms_code in {"EBMS:0003", "EBMS:0009"}


def test_key_forms_of_domibus_are_read() -> None:
    """Re-indented samples: their digests fail, their layout is what counts."""
    folder = shared("data/as4/peers/domibus")
    named: dict[str, list[str]] = {}
    for name in ("bst_x509v3", "is", "ski"):
        root = safexml.parse((folder / f"{name}_incoming_message.xml").read_bytes())
        message = soap.take_apart(root)
        security = message.header.find(soap.SECURITY)
        assert security is not None
        key = next(root.iter(f"{{{const.XENC}}}EncryptedKey"))
        reference = key.find(f".//{{{const.WSSE}}}SecurityTokenReference/*")
        assert isinstance(reference, etree._Element)
        key_name = key_names.read_key_name(reference, security, message)
        assert key_name is not None
        fields = ("token", "issuer_serial", "subject_key_id", "thumbprint")
        named[name] = [field for field in fields if getattr(key_name, field) is not None]
    assert named == {"bst_x509v3": ["token"], "is": ["issuer_serial"], "ski": ["subject_key_id"]}
