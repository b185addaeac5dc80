# SPDX-License-Identifier: Apache-2.0
"""Header lines, content types and part headers as peers write them."""

from __future__ import annotations

import pytest

from gateway import as4
from gateway.as4 import mime

MULTIPART = "multipart/related"


@pytest.mark.parametrize(
    ("value", "media_type", "parameters"),
    [
        ("application/soap+xml", "application/soap+xml", {}),
        ("Application/SOAP+XML; charset=UTF-8;", "application/soap+xml", {"charset": "UTF-8"}),
        ('a/b; boundary="x y"', "a/b", {"boundary": "x y"}),
        (r'a/b;x="q\"u\\o"; Y=1', "a/b", {"x": r"q\"u\o".replace(r"\"", '"'), "y": "1"}),
        ("a/b;; x = 1 ;", "a/b", {"x": "1"}),
        ('a/b; start="<a@b>"', "a/b", {"start": "<a@b>"}),
    ],
)
def test_content_type(value: str, media_type: str, parameters: dict[str, str]) -> None:
    parsed = mime.parse_content_type(value)
    assert parsed is not None
    assert (parsed.media_type, parsed.parameters) == (media_type, parameters)


@pytest.mark.parametrize(
    "value", ["", "text", "a/b x", "a/b; x=1; X=2", 'a/b; x="1', "a/b; =1", "a /b", "a/b; é=1"]
)
def test_content_type_that_is_none(value: str) -> None:
    assert mime.parse_content_type(value) is None


def test_framing() -> None:
    headers = [
        ("content-TYPE", f'{MULTIPART}; type="x"; boundary="b=1"; start="<root@x>"'),
        ("Content-Encoding", "Identity"),
    ]
    framing = mime.read_framing(headers)
    assert (framing.boundary, framing.start) == (b"b=1", "root@x")
    assert mime.read_framing([("Content-Type", "application/soap+xml")]).boundary is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Content-Type", "text/xml")],
        [("Content-Type", "multipart/mixed; boundary=a")],
        [("Content-Type", "nonsense")],
        [("Content-Type", "application/soap+xml"), ("content-type", "application/soap+xml")],
        [("Content-Type", f"{MULTIPART}; boundary=a"), ("Content-Encoding", "gzip")],
    ],
)
def test_requests_that_http_refuses(headers: as4.Headers) -> None:
    with pytest.raises(as4.HTTPRefusedError) as caught:
        mime.read_framing(headers)
    assert caught.value.status == 415


@pytest.mark.parametrize("boundary", ["", '""', '"a "', '"' + "a" * 71 + '"', '"ä"'])
def test_unusable_boundary(boundary: str) -> None:
    with pytest.raises(as4.MimeInconsistencyError) as caught:
        mime.read_framing([("Content-Type", f"{MULTIPART}; boundary={boundary}")])
    assert (caught.value.status, caught.value.step) == (400, "mime")


def test_part_headers_of_peers() -> None:
    block = (
        b"Content-Type: application/octet-stream;\r\n name=x\r\n"
        b"content-id: <a@b>\r\nContent-Transfer-Encoding: BASE64\r\nX-Other:\r\n\tfolded"
    )
    part = mime.parse_part_headers(block)
    assert part.media_type == "application/octet-stream"
    assert (part.content_id, part.transfer_encoding, part.raw) == ("a@b", "base64", block)
    bare = mime.parse_part_headers(b"")
    assert (bare.media_type, bare.content_id, bare.transfer_encoding) == (None, None, "binary")
    assert mime.parse_part_headers(b"Content-ID: a@b").content_id == "a@b"


@pytest.mark.parametrize(
    "block",
    [
        b"no colon",
        b"Bad Name: x",
        b"Content-ID: a\r\nContent-Id: b",
        b"Content-Type: a/b\r\ncontent-type: c/d",
        b"X: a\x00b",
        b"X: a\nY: b",
        b" folded: first",
    ],
)
def test_broken_part_headers(block: bytes) -> None:
    with pytest.raises(as4.MimeInconsistencyError):
        mime.parse_part_headers(block)


def test_content_id_of_an_address() -> None:
    assert mime.content_id_of("cid:a%40b") == "a@b"
