# SPDX-License-Identifier: Apache-2.0
"""Captures: method and status of the first line, bodies that are still in chunks."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.captures import Capture, read_capture


def read(folder: Path, data: bytes) -> Capture:
    path = folder / "one.http"
    path.write_bytes(data)
    return read_capture(path)


@pytest.mark.parametrize(
    ("first", "method", "status"),
    [
        (b"", "POST", 200),
        (b"POST /as4 HTTP/1.1\r\n", "POST", 200),
        (b"GET /as4 HTTP/1.1\r\n", "GET", 200),
        (b"HTTP/1.1 503 Service Unavailable\r\n", "POST", 503),
    ],
)
def test_first_line(tmp_path: Path, first: bytes, method: str, status: int) -> None:
    capture = read(tmp_path, first + b"A: b\r\n\r\nbody")
    assert (capture.method, capture.status, capture.body) == (method, status, b"body")
    assert capture.headers == (("A", "b"),)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n", b"Wikipedia"),
        (b"0\r\n\r\n", b""),
        (b"--boundary\r\nnot in chunks any more", b"--boundary\r\nnot in chunks any more"),
        (b"4\r\nWikipedia\r\n", b"4\r\nWikipedia\r\n"),
        (b"4\r\nWiki\r\n", b"4\r\nWiki\r\n"),
    ],
)
def test_chunks(tmp_path: Path, body: bytes, content: bytes) -> None:
    capture = read(tmp_path, b"Transfer-Encoding: Chunked\r\n\r\n" + body)
    assert capture.body == content
    assert read(tmp_path, b"A: b\r\n\r\n" + body).body == body
