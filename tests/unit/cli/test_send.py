# SPDX-License-Identifier: Apache-2.0
"""`send`: what is asked of the gateway, what is said, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.send import command
from tests.unit.cli.fake_gateway import Asked, FakeGateway, document, fake_gateway


@pytest.fixture
def invoice(tmp_path: Path) -> Path:
    file = tmp_path / "invoice.xml"
    file.write_bytes(b"<Invoice/>")
    return file


def _send(fake: FakeGateway, *arguments: str) -> Result:
    environment = {"PEPPOL_GATEWAY_URL": fake.url, "PEPPOL_GATEWAY_KEY": "sk_test_1_2"}
    return CliRunner().invoke(command, list(arguments), env=environment)


def test_a_file_is_pushed_as_it_is(invoice: Path) -> None:
    with fake_gateway(lambda _: (202, document("doc_1"))) as fake:
        done = _send(fake, str(invoice), "--receiver", "0106:92000033", "--c1-country", "NL")
    assert done.exit_code == 0
    assert done.output == f"{invoice}: accepted doc_1\n"
    (asked,) = fake.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v1/documents", b"<Invoice/>")
    assert asked.query == {"receiver": "0106:92000033", "c1_country": "NL"}
    assert asked.headers["authorization"] == "Bearer sk_test_1_2"
    assert asked.headers["content-type"] == "application/xml"


def test_the_same_file_has_the_same_key_unless_duplicates_are_allowed(invoice: Path) -> None:
    with fake_gateway(lambda _: (202, document("doc_1"))) as fake:
        for extra in ((), (), ("--reference", "x")):
            _send(fake, str(invoice), *extra)
        for _ in range(2):
            _send(fake, str(invoice), "--duplicate-policy", "allow")
    keys = [asked.headers["idempotency-key"] for asked in fake.asked]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4


def test_waiting_follows_the_document_until_it_is_settled(invoice: Path) -> None:
    states = iter(["queued", "transmitted"])

    def answer(asked: Asked) -> tuple[int, object]:
        if asked.method == "POST":
            return 202, document("doc_1")
        return 200, document("doc_1", next(states))

    with fake_gateway(answer) as fake:
        done = _send(fake, str(invoice), "--wait", "30")
    assert done.exit_code == 0
    assert "transmitted doc_1" in done.output
    assert [asked.path for asked in fake.asked[1:]] == ["/v1/documents/doc_1"] * 2
    assert all(0 < int(asked.query["wait"]) <= 30 for asked in fake.asked[1:])


def test_a_document_that_did_not_arrive_ends_with_one(invoice: Path) -> None:
    problem = {"code": "not_registered", "detail": "The receiver is not registered."}
    found = document("doc_1", "unroutable", problem=problem)
    with fake_gateway(lambda _: (202, found)) as fake:
        done = _send(fake, str(invoice), "--wait", "5")
    assert done.exit_code == 1
    assert "unroutable doc_1 The receiver is not registered." in done.output


def test_a_refusal_is_shown_and_the_others_go_on(invoice: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"<")

    def answer(asked: Asked) -> tuple[int, object]:
        if asked.body == b"<":
            return 400, {"code": "malformed_xml", "title": "Not XML", "detail": "line 1"}
        return 202, document("doc_1")

    with fake_gateway(answer) as fake:
        done = _send(fake, str(broken), str(invoice), "--json")
    assert done.exit_code == 1
    outcomes = {Path(one["file"]).name: one for one in map(json.loads, done.output.splitlines())}
    assert outcomes["broken.xml"]["problem"]["code"] == "malformed_xml"
    assert outcomes["invoice.xml"]["document"]["id"] == "doc_1"


def test_a_gateway_that_is_not_there_is_said(invoice: Path) -> None:
    with fake_gateway(lambda _: (202, {})) as fake:
        pass
    done = _send(fake, str(invoice))
    assert done.exit_code == 1
    assert "connection_failed" in done.output
    assert "cannot be reached" in done.output


def test_a_page_of_something_else_is_said(invoice: Path) -> None:
    with fake_gateway(lambda _: (200, b"<html>")) as fake:
        done = _send(fake, str(invoice))
    assert done.exit_code == 1
    assert "not JSON" in done.output


def test_address_and_key_are_needed(invoice: Path) -> None:
    done = CliRunner().invoke(command, [str(invoice)], env={"PEPPOL_GATEWAY_KEY": "k"})
    assert done.exit_code == 2
    assert "--url" in done.output


def test_a_key_with_a_line_end_is_said(invoice: Path) -> None:
    sent = [str(invoice), "--url", "http://127.0.0.1:9", "--key", "sk_test\nx"]
    done = CliRunner().invoke(command, sent)
    assert done.exit_code == 1
    assert "the API key has characters that no key has" in done.output
