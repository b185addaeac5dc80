# SPDX-License-Identifier: Apache-2.0
"""Messages that others made or that were captured: header lines, an empty line, the exact body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway import as4


@dataclass(frozen=True, slots=True)
class Captured:
    """One HTTP message from a file."""

    headers: as4.Headers
    body: bytes


def read_captured(path: Path) -> Captured:
    """Split a file at its first empty line; header lines may be folded."""
    data = path.read_bytes()
    separator = b"\r\n\r\n" if b"\r\n\r\n" in data[:4096] else b"\n\n"
    head, _, body = data.partition(separator)
    lines = head.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b" ")
    headers: list[tuple[str, str]] = []
    for line in lines.decode("latin-1").split("\n"):
        name, colon, value = line.partition(":")
        if colon and " " not in name:  # a request or status line is no header
            headers.append((name, value.strip()))
    return Captured(tuple(headers), body)
