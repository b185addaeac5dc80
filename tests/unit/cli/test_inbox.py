# SPDX-License-Identifier: Apache-2.0
"""`inbox`: listing changes nothing, saving is whole, acknowledging comes last."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from gateway.cli import main
from tests.unit.cli.fake_gateway import Asked, FakeGateway, document, fake_gateway

WAITING = [document(f"doc_{number}", "ready") for number in range(3)]


def _answer(asked: Asked) -> tuple[int, object]:
    if asked.path == "/v1/inbox":
        start = int(asked.query.get("after", "0"))
        end = start + min(2, int(asked.query["limit"]))
        more = end < len(WAITING)
        data = WAITING[start:end]
        return 200, {"data": data, "has_more": more, "next_cursor": str(end) if more else None}
    if asked.path == "/v1/inbox/acknowledgements":
        items = json.loads(asked.body)["items"]
        return 200, {"items": [{**item, "result": "acknowledged"} for item in items]}
    return 200, f"<{asked.path}/>".encode()


def _inbox(fake: FakeGateway, *arguments: str) -> Result:
    whole = ["inbox", "--url", fake.url, "--key", "sk_test_1_2", *arguments]
    return CliRunner().invoke(main, whole)


def test_all_pages_are_listed() -> None:
    with fake_gateway(_answer) as fake:
        done = _inbox(fake)
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"doc_{number} 0106:91000011 -> 0106:92000033 invoice 2026-1 121.00" for number in range(3)
    ]
    assert {asked.method for asked in fake.asked} == {"GET"}


def test_a_limit_is_kept() -> None:
    with fake_gateway(_answer) as fake:
        assert len(_inbox(fake, "--limit", "1").output.splitlines()) == 1


def test_documents_are_saved_then_acknowledged(tmp_path: Path) -> None:
    with fake_gateway(_answer) as fake:
        done = _inbox(fake, "--fetch", str(tmp_path / "in"), "--ack", "--json")
    assert done.exit_code == 0
    saved = tmp_path / "in" / "doc_1.xml"
    assert saved.read_bytes() == b"</v1/documents/doc_1/content/>"
    assert not list((tmp_path / "in").glob("*.part"))
    assert [asked.method for asked in fake.asked][-1] == "POST"
    lines = [json.loads(line) for line in done.output.splitlines()]
    assert {line["acknowledgement"] for line in lines} == {"acknowledged"}


def test_nothing_is_acknowledged_when_saving_fails(tmp_path: Path) -> None:
    def answer(asked: Asked) -> tuple[int, object]:
        if asked.path.endswith("/content"):
            return 410, {"code": "content_deleted", "title": "Gone"}
        return _answer(asked)

    with fake_gateway(answer) as fake:
        done = _inbox(fake, "--fetch", str(tmp_path), "--ack")
    assert done.exit_code == 1
    assert "content_deleted" in done.output
    assert {asked.method for asked in fake.asked} == {"GET"}


def test_a_folder_that_cannot_be_written_is_said_and_nothing_acknowledged(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with fake_gateway(_answer) as fake:
        done = _inbox(fake, "--fetch", str(tmp_path / "file" / "in"), "--ack")
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert "Not a directory" in done.output
    assert "POST" not in {asked.method for asked in fake.asked}


def test_an_identifier_is_never_a_path(tmp_path: Path) -> None:
    bad = document("../../evil", "ready")
    page = {"data": [bad], "has_more": False, "next_cursor": None}
    with fake_gateway(lambda _: (200, page)) as fake:
        done = _inbox(fake, "--fetch", str(tmp_path / "in"))
    assert done.exit_code == 1
    assert "no document identifier" in done.output
    assert list(tmp_path.rglob("*")) == [tmp_path / "in"]


def test_an_empty_inbox_is_said() -> None:
    page = {"data": [], "has_more": False, "next_cursor": None}
    with fake_gateway(lambda _: (200, page)) as fake:
        assert _inbox(fake).output == "The inbox is empty.\n"
        assert _inbox(fake, "--json").output == ""
