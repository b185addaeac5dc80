# SPDX-License-Identifier: Apache-2.0
"""Captured HTTP messages as files: header lines, an empty line, the exact body.

A request line or status line may stand before the headers. Lines of the head may end in CR LF or
in LF; the body is taken as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Fault, GatewayError

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MAX_HEAD = 64 * 1024
_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ ([0-9]{3})(?: .*)?")
_REQUEST_LINE = re.compile(r"[A-Z]+ \S+ HTTP/[0-9.]+")
_FOLD = re.compile(r"\r?\n[ \t]+")


class UnusableCaptureError(GatewayError):
    """A file is not a captured HTTP message."""

    code = "malformed_request"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One message; `status` is that of its status line, else 200."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int = 200


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
    status_line = _STATUS_LINE.fullmatch(lines[0]) if lines else None
    if lines and (status_line or _REQUEST_LINE.fullmatch(lines[0])):
        lines = lines[1:]
    return Capture(
        headers=tuple(_field(line, path.name) for line in lines),
        body=data[end.end() :],
        status=int(status_line[1]) if status_line else 200,
    )


def _field(line: str, file: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise UnusableCaptureError(f"{file} has a line in its head that is no header")
    return name.strip(), value.strip()
