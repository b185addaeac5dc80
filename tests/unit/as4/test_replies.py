# SPDX-License-Identifier: Apache-2.0
"""What a sender makes of an answer: proof, a refusal, a hint, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gateway import as4, pki
from gateway.as4 import const, templates, writing
from gateway.sandbox.pki import LocalPKI
from tests.as4_exchange import MESSAGE_ID, Exchange, same, swap
from tests.pki_fixtures import AT, shared_key

Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def composed(exchange: Exchange) -> as4.Composed:
    return exchange.compose()[0]


@pytest.fixture(scope="module")
def received(exchange: Exchange, composed: as4.Composed) -> as4.Received:
    encrypted = exchange.compose()
    del composed
    return exchange.receive((encrypted[0].headers, encrypted[1]))[0]


def receipt(
    exchange: Exchange,
    references: tuple[bytes, ...],
    *,
    signer: pki.KeyPair | None = None,
    messaging: Edit = same,
    body: Edit = same,
    soap: Edit = same,
) -> bytes:
    """A receipt that is signed right and says whatever it is told to."""
    names = writing.Names.of("receipt@receiver.example")
    parts = "".join(
        f"<ebbp:MessagePartNRInformation>{reference.decode()}</ebbp:MessagePartNRInformation>"
        for reference in references
    )
    text = messaging(
        templates.RECEIPT.fill(
            messaging_id=names.id("msg"),
            timestamp=writing.format_time(exchange.at),
            message_id="receipt@receiver.example",
            ref=MESSAGE_ID,
            references=parts,
        )
    )
    empty = body(templates.EMPTY_BODY.fill(body_id=names.id("body")))
    signed_info = writing.fill_signed_info(
        templates.SIGNAL_SIGNED_INFO,
        messaging=writing.reference_to("#" + names.id("msg"), text),
        body=writing.reference_to("#" + names.id("body"), empty),
    )
    security = templates.SIGNAL_SECURITY.fill(
        **writing.signature_slots(names, signer or exchange.receiver, signed_info)
    )
    return soap(writing.build_envelope(security + text, empty).decode()).encode()


def read(
    exchange: Exchange, sent: as4.Sent, body: bytes, content_type: str = "application/soap+xml"
) -> as4.Receipt | as4.ErrorSignal:
    return as4.read_reply(
        200,
        [("Server", "x"), ("content-type", content_type)],
        body,
        sent,
        trust=exchange.trust,
        revocation=exchange.revocation,
        at=exchange.at,
    )


def rejection(exchange: Exchange, sent: as4.Sent, body: bytes) -> as4.ReplyRejectedError:
    with pytest.raises(as4.ReplyRejectedError) as caught:
        read(exchange, sent, body)
    return caught.value


def test_receipt_as_peers_write_it(
    exchange: Exchange, composed: as4.Composed, received: as4.Received
) -> None:
    """Other order, other white space, lost transforms, an extra element: still proof."""
    references = tuple(
        re.sub(rb"<ds:Transforms>.*</ds:Transforms>", b"\n ", reference).replace(b"ds:", b"x:")
        for reference in reversed(received.verified.reference_elements)
    )
    references = tuple(reference.replace(b"xmlns:ds", b"xmlns:x") for reference in references)
    extra = swap("</eb:Receipt>", '<p:x xmlns:p="urn:p"></p:x></eb:Receipt>')
    reply = read(exchange, composed.sent, receipt(exchange, references, messaging=extra))
    assert isinstance(reply, as4.Receipt)


def test_multipart_receipt(
    exchange: Exchange, composed: as4.Composed, received: as4.Received
) -> None:
    soap = receipt(exchange, received.verified.reference_elements)
    head = b"--b\r\nContent-Type: application/soap+xml\r\n\r\n"
    kind = "multipart/related; boundary=b"
    assert isinstance(read(exchange, composed.sent, head + soap + b"\r\n--b--", kind), as4.Receipt)
    for broken in (head + soap, b"", b"--b--", b"--b\r\nx\r\n\r\n\r\n--b--"):
        with pytest.raises(as4.ReceiptMissingError):
            read(exchange, composed.sent, broken, kind)


@pytest.mark.parametrize("change", ["missing", "extra", "digest", "uri", "algorithm"])
def test_references_must_be_ours(
    exchange: Exchange, composed: as4.Composed, received: as4.Received, change: str
) -> None:
    ours = received.verified.reference_elements
    changed = {
        "missing": ours[:-1],
        "extra": (*ours, ours[0].replace(b'URI="#', b'URI="#x')),
        "digest": (ours[0].replace(b"DigestValue>", b"DigestValue>AAAA", 1), *ours[1:]),
        "uri": (ours[0].replace(b'URI="#', b'URI="#x'), *ours[1:]),
        "algorithm": (ours[0].replace(b"#sha256", b"#sha512"), *ours[1:]),
    }[change]
    error = rejection(exchange, composed.sent, receipt(exchange, changed))
    assert (error.code, error.step, error.retry) == ("receipt_digest_mismatch", "references", True)


@pytest.mark.parametrize(
    "references",
    [
        (),
        (b"",),
        (b"<eb:Reference></eb:Reference>",),
        (f'<ds:Reference xmlns:ds="{const.DS}" URI="#x"></ds:Reference>'.encode(),),
        (
            f'<ds:Reference xmlns:ds="{const.DS}" URI="#x"><ds:DigestMethod></ds:DigestMethod>'
            "<ds:DigestValue>!</ds:DigestValue></ds:Reference>".encode(),
        ),
    ],
)
def test_malformed_repetition(
    exchange: Exchange, composed: as4.Composed, references: tuple[bytes, ...]
) -> None:
    error = rejection(exchange, composed.sent, receipt(exchange, references))
    assert (error.code, error.step) == ("receipt_invalid", "references")


BROKEN: list[tuple[str, dict[str, Edit], str]] = [
    ("tampered", {"soap": swap("2026-11-22T12", "2026-11-22T13")}, "signature"),
    ("unsigned", {"soap": lambda t: re.sub(r"<ds:Signature .*</ds:Signature>", "", t)}, "security"),
    ("for another", {"messaging": swap(MESSAGE_ID, "x@y")}, "signal"),
    (
        "for nobody",
        {"messaging": swap(f"<eb:RefToMessageId>{MESSAGE_ID}</eb:RefToMessageId>", "")},
        "signal",
    ),
    (
        "two receipts",
        {"messaging": swap("</eb:Receipt>", "</eb:Receipt><eb:Receipt></eb:Receipt>")},
        "signal",
    ),
    (
        "two signals",
        {
            "messaging": swap(
                "</eb:SignalMessage>", "</eb:SignalMessage><eb:SignalMessage></eb:SignalMessage>"
            )
        },
        "signal",
    ),
    ("id twice", {"soap": swap("</S12:Header>", '<a Id="X509-TOKEN"></a></S12:Header>')}, "ids"),
    (
        "not understood",
        {
            "soap": swap(
                "</S12:Header>",
                f'<a xmlns:S="{const.S12}" S:mustUnderstand="1"></a></S12:Header>',
            )
        },
        "xml",
    ),
]


@pytest.mark.parametrize(
    ("edits", "step"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_receipt_that_does_not_hold(
    exchange: Exchange,
    composed: as4.Composed,
    received: as4.Received,
    edits: dict[str, Edit],
    step: str,
) -> None:
    token = writing.Names.of("receipt@receiver.example").token
    body = receipt(exchange, received.verified.reference_elements, **edits)
    error = rejection(exchange, composed.sent, body.replace(b"TOKEN", token.encode()))
    assert (error.code, error.step, error.ebms_code) == ("receipt_invalid", step, "EBMS:0302")


def test_receipt_of_another_access_point(
    exchange: Exchange, composed: as4.Composed, received: as4.Received, local_pki: LocalPKI
) -> None:
    references = received.verified.reference_elements
    error = rejection(
        exchange, composed.sent, receipt(exchange, references, signer=exchange.sender)
    )
    assert (error.code, error.step) == ("receipt_invalid", "signer")
    renewed = local_pki.issue(pki.Role.AP, "POP000112", at=AT, key=shared_key("renewed")).pair
    reply = read(exchange, composed.sent, receipt(exchange, references, signer=renewed))
    assert isinstance(reply, as4.Receipt)
    assert reply.signer == renewed.certificate


FAULT_11 = (
    f'<s:Envelope xmlns:s="{const.S11}"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
    "<faultstring>no such\n door</faultstring></s:Fault></s:Body></s:Envelope>"
)
FAULT_12 = writing.build_envelope("", templates.FAULT_BODY.fill(code="S12:Sender", reason="nope"))


@pytest.mark.parametrize(
    ("body", "step", "said"),
    [
        (b"", "http", "empty"),
        (b" \r\n", "http", "empty"),
        (b"x" * (1024 * 1024 + 1), "http", "too large"),
        (b"<html><p>Bad gateway</html>", "xml", "not XML"),
        (b"<html></html>", "signal", "no signal"),
        (FAULT_11.encode(), "signal", "no such door"),
        (FAULT_12, "signal", "nope"),
        (writing.build_envelope("", "<S12:Body></S12:Body>"), "signal", "no signal"),
        (writing.build_envelope("", "<S12:Body><S12:Fault/></S12:Body>"), "signal", "without"),
    ],
)
def test_answer_without_signal(
    exchange: Exchange, composed: as4.Composed, body: bytes, step: str, said: str
) -> None:
    error = rejection(exchange, composed.sent, body)
    assert (error.code, error.step, error.ebms_code) == ("receipt_missing", step, "EBMS:0301")
    assert said in error.detail


def unsigned_error(attributes: str, inside: str = "", info: str = "") -> bytes:
    messaging = (
        f'<eb:Messaging xmlns:eb="{const.EB}"><eb:SignalMessage><eb:MessageInfo>{info}'
        f"</eb:MessageInfo><eb:Error {attributes}>{inside}</eb:Error></eb:SignalMessage>"
        "</eb:Messaging>"
    )
    return writing.build_envelope(messaging, "<S12:Body></S12:Body>")


def test_lenient_error(exchange: Exchange, composed: as4.Composed) -> None:
    body = unsigned_error(
        'errorCode=" EBMS:0004 " severity="error" category="CONTENT" origin="ebms"',
        '<eb:Description xml:lang="">sorry</eb:Description>'
        "<eb:ErrorDetail>\n PEPPOL:NOT_SERVICED\ncause: x</eb:ErrorDetail>",
    )
    error = read(exchange, composed.sent, body, "text/plain")
    assert isinstance(error, as4.ErrorSignal)
    assert (error.ebms_code, error.severity, error.authenticated) == ("EBMS:0004", "error", False)
    assert error.not_serviced
    assert (error.detail, error.description) == ("PEPPOL:NOT_SERVICED cause: x", "sorry")
    assert error.ref_to_message_id is None


def test_duplicate_in_many_words(exchange: Exchange, composed: as4.Composed) -> None:
    for attributes, inside, duplicate in [
        ('errorCode="EBMS:4001" severity="failure"', "", True),
        ('errorCode="EBMS:0004" shortDescription="DuplicateDetected"', "", True),
        ('errorCode="EBMS:0004"', "<eb:ErrorDetail>a duplicate message</eb:ErrorDetail>", True),
        ('errorCode="EBMS:0004"', "", False),
        ('errorCode="EBMS:0101" shortDescription="duplicate"', "", False),
    ]:
        error = read(exchange, composed.sent, unsigned_error(attributes, inside))
        assert isinstance(error, as4.ErrorSignal)
        assert error.duplicate == duplicate


def test_reference_in_the_error_itself(exchange: Exchange, composed: as4.Composed) -> None:
    body = unsigned_error(f'errorCode="EBMS:0004" refToMessageInError="{MESSAGE_ID}"')
    error = read(exchange, composed.sent, body)
    assert isinstance(error, as4.ErrorSignal)
    assert (error.ref_to_message_id, error.authenticated) == (MESSAGE_ID, False)


def test_warning_beside_a_receipt_does_not_spoil_it(
    exchange: Exchange, composed: as4.Composed, received: as4.Received
) -> None:
    warning = '<eb:Error errorCode="EBMS:0002" severity="warning"></eb:Error>'
    body = receipt(
        exchange,
        received.verified.reference_elements,
        messaging=swap("</eb:SignalMessage>", warning + "</eb:SignalMessage>"),
    )
    assert isinstance(read(exchange, composed.sent, body), as4.Receipt)


def test_error_for_another_message_is_only_a_hint(
    exchange: Exchange, composed: as4.Composed
) -> None:
    signal = exchange.answer(as4.NotServicedError(message_id="other@sender.example"))
    error = exchange.read_reply(signal, composed.sent)
    assert isinstance(error, as4.ErrorSignal)
    assert not error.authenticated


def test_error_without_reference(exchange: Exchange, composed: as4.Composed) -> None:
    signal = exchange.answer(as4.NotServicedError())
    assert b"RefToMessageId" not in signal.body
    assert b"refToMessageInError" not in signal.body
    error = exchange.read_reply(signal, composed.sent)
    assert isinstance(error, as4.ErrorSignal)
    assert not error.authenticated


def test_request_that_http_refuses_gets_no_signal(exchange: Exchange) -> None:
    refused = as4.HTTPRefusedError("the request is too large", status=413)
    signal = as4.answer(refused, signer=exchange.receiver, message_id="s@r", at=exchange.at)
    assert (signal.status, signal.message_id) == (413, "")
    assert signal.body == b"the request is too large\n"
