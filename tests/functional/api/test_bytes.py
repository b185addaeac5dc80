# SPDX-License-Identifier: Apache-2.0
"""Bytes on their way out: the envelope as it was sent, and what happens when the store fails."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientError

from gateway.service.lifecycle import Event
from gateway.service.records import Content
from gateway.web import APILimits
from tests.api import API, arrive, received, running_api
from tests.builders import invoice
from tests.fakes import AT
from tests.functional.store.builders import content, message

LARGE = "".join(f"{number:07}" for number in range(400_000))  # does not compress to nothing


async def test_the_envelope_of_a_sent_document_is_the_one_that_left(api: API) -> None:
    location = (await api.submit(invoice())).headers["Location"]
    document_id = location.rpartition("/")[2]
    await api.store.submissions.step(document_id, Event.ENDPOINT_FOUND, at=AT)
    signed = content(gzip.compress(b"<StandardBusinessDocument/>"), gzip=True)
    sent = message(document_id=document_id, signed=signed)
    await api.store.submissions.start_attempt(sent, number=1, at=AT)
    envelope = await api.call("GET", f"{location}/envelope")
    assert envelope.status == 200
    assert envelope.body == b"<StandardBusinessDocument/>"
    assert "sbd" in envelope.headers["Content-Disposition"]


async def test_bytes_that_are_gone_are_a_problem(api: API, tmp_path: Path) -> None:
    location = (await api.submit(invoice(note=LARGE))).headers["Location"]
    (file,) = [path for path in (tmp_path / "payloads").rglob("*") if path.is_file()]
    file.unlink()
    reply = await api.call("GET", f"{location}/content")
    assert (reply.status, reply.code) == (503, "dependency_unavailable")


async def test_a_download_that_fails_halfway_never_looks_whole(
    api: API, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = received(1, invoice(note=LARGE))
    assert made.content.inline is not None
    spool = api.store.payloads.spool()
    spool.write(made.content.inline)
    kept: Content = await api.store.payloads.keep(spool, gzip=True)
    document_id = await arrive(api, received(1, invoice(), content=kept))
    (file,) = [path for path in (tmp_path / "payloads").rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[: kept.size // 2])
    with pytest.raises(ClientError):
        await api.call("GET", f"/v1/documents/{document_id}/content")
    assert "content_broke_off" in [
        record.message for record in caplog.records if record.levelno == logging.ERROR
    ]


class _Heard(logging.Handler):
    """Waits for one event of the log."""

    def __init__(self, event: str) -> None:
        super().__init__()
        self._event = event
        self.heard = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == self._event:
            self.heard.set()


async def test_a_caller_who_does_not_take_his_bytes_loses_the_connection(tmp_path: Path) -> None:
    log, waiting = logging.getLogger("gateway.api"), _Heard("content_not_taken")
    log.addHandler(waiting)
    try:
        async with running_api(tmp_path, limits=APILimits(download_piece_seconds=0.05)) as api:
            made = await api.submit(invoice(note=LARGE * 8))
            address = urlsplit(api.url)
            with socket.create_connection((address.hostname, address.port)) as line:
                ask = f"GET /v1/documents/{made.json['id']}/content HTTP/1.1\r\nHost: a\r\n"
                line.sendall(f"{ask}Authorization: Bearer {api.key}\r\n\r\n".encode())
                async with asyncio.timeout(10):
                    await waiting.heard.wait()
    finally:
        log.removeHandler(waiting)
