# SPDX-License-Identifier: Apache-2.0
"""Multipart bodies, whole and in crumbs."""

from __future__ import annotations

import pytest

from gateway import as4
from gateway.as4 import limits
from gateway.as4.mime import PartHeaders
from gateway.as4.splitter import Mark, PartData, Splitter

Parts = list[tuple[bytes, bytes]]


def split(body: bytes, size: int = 1_000_000) -> tuple[Parts, bool]:
    """Parts as (header block, content), and whether the closing boundary was there."""
    splitter = Splitter(b"b")
    parts: Parts = []
    ended = False
    for start in range(0, len(body), size):
        splitter.feed(body[start : start + size])
        while (event := splitter.next_event()) is not None:
            match event:
                case PartHeaders():
                    parts.append((event.raw, b""))
                case PartData():
                    parts[-1] = (parts[-1][0], parts[-1][1] + event.data)
                case Mark.BODY_END:
                    ended = True
                case Mark.PART_END:
                    pass
    return parts, ended


BODIES: list[tuple[bytes, Parts]] = [
    (b"--b\r\nA: 1\r\n\r\nx\r\n--b--", [(b"A: 1", b"x")]),
    (b"--b\r\n\r\nx\r\n--b--\r\n", [(b"", b"x")]),
    (b"preamble\r\n--b\r\nA: 1\r\n\r\n\r\n--b--\r\nepilogue\r\n--b\r\n", [(b"A: 1", b"")]),
    (b"--b\r\nA: 1\r\n\r\n--b\r\nB: 2\r\n\r\nx\r\n--b--", [(b"A: 1", b""), (b"B: 2", b"x")]),
    (b"--b \t\r\nA: 1\r\n\r\n\r\n\r\n--b  \r\n\r\n--b--", [(b"A: 1", b"\r\n"), (b"", b"")]),
    (b"--b\r\n\r\n\r\n--bc\r\n--b x\r\n--b-\r\n--b--", [(b"", b"\r\n--bc\r\n--b x\r\n--b-")]),
    (b"--b\r\n\r\n--b\n\r--b\r\r\n\n--b--\r\n--b--", [(b"", b"--b\n\r--b\r\r\n\n--b--")]),
    (b"--bx\r\n--b\r\n\r\nx\r\n--b--", [(b"", b"x")]),
    (b"--b--", []),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(("body", "parts"), BODIES)
def test_split(body: bytes, parts: Parts, size: int) -> None:
    assert split(body, size) == (parts, True)


def test_cut_body_never_ends() -> None:
    body = BODIES[3][0]
    for end in range(len(body)):
        assert not split(body[:end])[1]


def test_large_content_comes_in_pieces() -> None:
    content = b"\r\n--" * 300_000
    assert split(b"--b\r\n\r\n" + content + b"\r\n--b--") == ([(b"", content)], True)


def test_limits() -> None:
    block = b"A: " + b"x" * (limits.MAX_PART_HEADER_BYTES - 3)
    assert split(b"--b\r\n" + block + b"\r\n\r\n\r\n--b--") == ([(block, b"")], True)
    with pytest.raises(as4.MimeInconsistencyError, match="too long"):
        split(b"--b\r\n" + block + b"xx\r\n\r\n\r\n--b--")
    part = b"--b\r\n\r\n\r\n"
    assert len(split(part * limits.MAX_PARTS + b"--b--")[0]) == limits.MAX_PARTS
    with pytest.raises(as4.MimeInconsistencyError, match="too many"):
        split(part * (limits.MAX_PARTS + 1) + b"--b--")
    padding = b" " * limits.MAX_PADDING_BYTES
    assert split(b"--b\r\n\r\nx\r\n--b" + padding + b"\r\n--b--")[0][0][1].startswith(b"x\r\n--b ")
