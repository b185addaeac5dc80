# SPDX-License-Identifier: Apache-2.0
"""`inspect` on captures of our own exchanges: verdicts, repeats, replies, and no captures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway import as4, pki, sbdh
from gateway.cli import main
from gateway.cli.captures import UnusableCaptureError, read_capture
from gateway.identifiers import ParticipantId
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.as4_exchange import DOCUMENT_TYPE, MESSAGE_ID, PROCESS, Exchange
from tests.pki_fixtures import AT, shared_key

INVOICE = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">1</Invoice>'


@dataclass
class Desk:
    """A folder with keys, trust and captures, and the command to run on them."""

    folder: Path
    exchange: Exchange

    def capture(self, name: str, headers: as4.Headers, body: bytes, first: str = "") -> Path:
        path = self.folder / name
        lines = [first] if first else []
        lines += [f"{key}: {value}" for key, value in headers]
        path.write_bytes("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return path

    def request(self, name: str, *, number: str = "1", first: str = "") -> Path:
        composed, body = self.exchange.compose(envelope(number))
        return self.capture(name, composed.headers, body, first)

    def run(self, *arguments: str | Path, at: str = AT.isoformat()) -> Result:
        options = ["--at", at, "--key", "key.pem", "--cert", "cert.pem"]
        options += ["--trust", "trust.pem", *(str(argument) for argument in arguments)]
        paths = [str(self.folder / o) if o.endswith("pem") and "/" not in o else o for o in options]
        return CliRunner().invoke(main, ["inspect", *paths])

    def judge(self, *arguments: str | Path, at: str = AT.isoformat()) -> list[dict[str, Any]]:
        result = self.run(*arguments, "--json", at=at)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.output.splitlines()]


def envelope(number: str) -> bytes:
    header = sbdh.Envelope(
        sender=ParticipantId("0106:12345678"),
        receiver=ParticipantId("0106:87654321"),
        document_type=DOCUMENT_TYPE,
        process=PROCESS,
        country_c1="NL",
        instance_id=number,
        created_at=AT,
    )
    return b"".join(sbdh.wrap(header, [INVOICE]))


@pytest.fixture
def desk(
    tmp_path: Path, local_pki: LocalPKI, sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf
) -> Desk:
    (tmp_path / "key.pem").write_bytes(receiver_leaf.key_pem)
    (tmp_path / "cert.pem").write_bytes(receiver_leaf.certificate_pem)
    authorities = local_pki.root.certificate.pem + local_pki.ap_ca.certificate.pem
    (tmp_path / "trust.pem").write_bytes(authorities)
    for name, data in local_pki.crls(AT).items():
        (tmp_path / name).write_bytes(data)
    return Desk(tmp_path, Exchange.of(local_pki, sender_leaf, receiver_leaf, AT))


def test_request_repeat_and_other_content(desk: Desk) -> None:
    first = desk.request("first.http", first="POST /as4 HTTP/1.1")
    other = desk.request("other.http", number="2")
    found = desk.judge(first, first, other)
    assert [line["outcome"] for line in found] == ["accept", "duplicate", "error"]
    assert found[0] == {
        "file": str(first),
        "kind": "usermessage",
        "outcome": "accept",
        "code": None,
        "step": None,
        "reason": None,
        "message_id": MESSAGE_ID,
    }
    assert (found[2]["code"], found[2]["step"]) == ("EBMS:0004", "duplicate")


def test_steps_for_people(desk: Desk) -> None:
    first = desk.request("first.http")
    text = desk.run(first, "--crl", desk.folder / "ap-ca.crl", "--crl", desk.folder / "root.crl")
    assert text.exit_code == 0
    for words in ("decompress", "revocation good", "0106:12345678 to 0106:87654321", "accept"):
        assert words in text.output
    late = desk.run(first, at=(AT + timedelta(days=4000)).isoformat())
    assert "EBMS:0101" in late.output
    assert "expired" in late.output  # the peer is not told, the operator is


def test_not_serviced(desk: Desk) -> None:
    (line,) = desk.judge(desk.request("r.http"), "--not-serviced", "0106:87654321")
    assert (line["code"], line["step"]) == ("EBMS:0004", "serviced")


def test_rollover_and_foreign_keys(desk: Desk, local_pki: LocalPKI) -> None:
    other = local_pki.issue(pki.Role.AP, "POP000113", at=AT, key=shared_key("third"))
    (desk.folder / "k2.pem").write_bytes(other.key_pem)
    (desk.folder / "c2.pem").write_bytes(other.certificate_pem)
    second = ["--key", desk.folder / "k2.pem", "--cert", desk.folder / "c2.pem"]
    (line,) = desk.judge(desk.request("r.http"), *second)
    assert line["outcome"] == "accept"
    lonely = desk.run(desk.request("r.http"), "--key", desk.folder / "k2.pem")
    assert lonely.exit_code == 2
    assert "pairs" in lonely.output


def test_refusals(desk: Desk) -> None:
    composed, body = desk.exchange.compose(envelope("1"))
    text = desk.capture("t.http", [("Content-Type", "text/plain")], b"x")
    cut = desk.capture("c.http", composed.headers, body[:-60])
    fault = desk.capture(
        "f.http",
        [("Content-Type", "application/soap+xml")],
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
    )
    tampered = desk.capture("d.http", composed.headers, body[:-70] + b"?" + body[-69:])
    found = desk.judge(text, cut, fault, tampered)
    assert [(line["outcome"], line["code"], line["step"]) for line in found] == [
        ("error", None, "http"),
        ("error", "EBMS:0007", "mime"),
        ("fault", None, "xml"),
        ("error", "EBMS:0102", "decrypt"),
    ]
    assert found[3]["message_id"] == MESSAGE_ID


def test_replies(desk: Desk) -> None:
    request = desk.request("request.http", first="POST /as4 HTTP/1.1")
    composed, body = desk.exchange.compose(envelope("1"))
    received, _ = desk.exchange.receive((composed.headers, body))
    receipt = desk.exchange.answer(received)
    error = desk.exchange.answer(as4.NotServicedError(message_id=MESSAGE_ID))
    unsigned = error.body.replace(b"<eb:Timestamp>2", b"<eb:Timestamp>3")
    other = desk.exchange.compose(b"other")
    files = [
        desk.capture("0.http", receipt.headers, receipt.body, "HTTP/1.1 200 OK"),
        desk.capture("1.http", error.headers, error.body, "HTTP/1.1 200"),
        desk.capture("2.http", error.headers, unsigned),
        desk.capture("3.http", [("Content-Type", "text/html")], b"<p>", "HTTP/1.1 502 Bad Gateway"),
        desk.capture("4.http", [("Server", "x")], b"", "HTTP/1.1 204 No Content"),
    ]
    found = desk.judge(*files, "--reply-to", request)
    # encryption draws a new key and nonce each time, the signed digests stay the same
    assert [(line["outcome"], line["code"]) for line in found] == [
        ("accept", None),
        ("rejected", "EBMS:0004"),
        ("rejected-unauthenticated", "EBMS:0004"),
        ("no-signal", "EBMS:0301"),
        ("no-signal", "EBMS:0301"),
    ]
    assert "502" in found[3]["reason"]
    assert "PEPPOL:NOT_SERVICED" in found[1]["reason"]
    mismatch = desk.capture("o.http", other[0].headers, other[1])
    (line,) = desk.judge(files[0], "--reply-to", mismatch)
    assert (line["outcome"], line["step"]) == ("invalid-receipt", "references")
    shown = desk.run(files[0], "--reply-to", request)
    assert "all 3 digests" in shown.output


def test_request_that_tells_nothing_of_what_was_sent(desk: Desk) -> None:
    composed, body = desk.exchange.compose(envelope("1"))
    for old, new in (
        (b"eb:MessageId>", b"eb:MessageIs>"),
        (b">POP000112<", b">POP0112<"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>!"),
    ):
        assert old in body
        broken = desk.capture("b.http", composed.headers, body.replace(old, new))
        result = desk.run(desk.folder / "b.http", "--reply-to", broken)
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")


@pytest.mark.parametrize(
    "content", [b"", b"no empty line", b"no header\r\n\r\nbody", b"POST / HTTP/1.1\r\n: x\r\n\r\n"]
)
def test_files_that_are_no_captures(desk: Desk, content: bytes) -> None:
    path = desk.folder / "x.http"
    path.write_bytes(content)
    result = desk.run(path, desk.request("r.http"), "--json")
    assert result.exit_code == 1
    assert "x.http" in result.stderr
    (line,) = map(json.loads, result.stdout.splitlines())
    assert line["outcome"] == "accept"


def test_file_that_cannot_be_read(desk: Desk) -> None:
    with pytest.raises(UnusableCaptureError):
        read_capture(desk.folder / "gone.http")


def test_now_is_the_moment_if_none_is_given(desk: Desk) -> None:
    path = desk.request("r.http")
    result = CliRunner().invoke(
        main, ["inspect", str(path), "--trust", str(desk.folder / "trust.pem"), "--json"]
    )
    (line,) = map(json.loads, result.stdout.splitlines())
    assert (line["code"], line["step"]) == ("EBMS:0010", "pmode")  # without keys nothing is ours


def test_moment_must_be_one(desk: Desk) -> None:
    result = desk.run(desk.request("r.http"), at="tomorrow")
    assert result.exit_code == 2
    (line,) = desk.judge(desk.request("r.http"), at="2026-11-22T12:00:00")
    assert line["outcome"] == "accept"


def test_folded_and_bare_line_ends(desk: Desk) -> None:
    composed, body = desk.exchange.compose(envelope("1"))
    folded = composed.headers[0][1].replace("; ", ";\n ")
    path = desk.folder / "folded.http"
    path.write_bytes(f"Content-Type: {folded}\n\n".encode() + body)
    (line,) = desk.judge(path)
    assert line["outcome"] == "accept"
