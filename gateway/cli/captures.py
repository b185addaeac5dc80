# SPDX-License-Identifier: Apache-2.0
"""Captured HTTP messages as files: header lines, an empty line, the exact body.

A request line or status line may stand before the headers. Lines of the head may end in CR LF or
in LF; the body is taken as it is, or put together if it is still in the chunks of its transfer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Fault, GatewayError

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MAX_HEAD = 64 * 1024
_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ ([0-9]{3})(?: .*)?")
_REQUEST_LINE = re.compile(r"([A-Z]+) \S+ HTTP/[0-9.]+")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


class UnusableCaptureError(GatewayError):
    """A file is not a captured HTTP message."""

    code = "malformed_request"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One message; `status` is that of its status line, else 200; `method` likewise, else POST."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int = 200
    method: str = "POST"


def read_capture(path: Path) -> Capture:
    """Read a file. Raises `UnusableCaptureError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnusableCaptureError(f"{path.name} cannot be read") from error
    end = _HEAD_END.search(data, 0, _MAX_HEAD)
    if end is None:
        raise UnusableCaptureError(
            f"{path.name} has no empty line behind its headers",
            advice="A capture is the HTTP header lines, an empty line and the exact body.",
        )
    lines = _FOLD.sub(" ", data[: end.start()].decode("latin-1")).splitlines()
    first = lines[0] if lines else ""
    status_line, request_line = _STATUS_LINE.fullmatch(first), _REQUEST_LINE.fullmatch(first)
    if status_line or request_line:
        lines = lines[1:]
    headers = tuple(_field(line, path.name) for line in lines)
    body = data[end.end() :]
    return Capture(
        headers=headers,
        body=_put_together(body) if ("transfer-encoding", "chunked") in _lowered(headers) else body,
        status=int(status_line[1]) if status_line else 200,
        method=request_line[1] if request_line else "POST",
    )


def _lowered(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(name.lower(), value.lower()) for name, value in headers]


def _put_together(body: bytes) -> bytes:
    """The content of a chunked body (RFC 9112, 7.1); as it is where it has no chunks any more."""
    pieces: list[bytes] = []
    position = 0
    while line := _CHUNK_LINE.match(body, position):
        size = int(line[1], 16)
        if size == 0:
            return b"".join(pieces)
        end = line.end() + size
        if body[end : end + 2] != b"\r\n":
            break
        pieces.append(body[line.end() : end])
        position = end + 2
    return body


def _field(line: str, file: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise UnusableCaptureError(f"{file} has a line in its head that is no header")
    return name.strip(), value.strip()
