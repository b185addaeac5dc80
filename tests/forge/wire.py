# SPDX-License-Identifier: Apache-2.0
"""The MIME and HTTP frame around a SOAP part and its attachments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.forge.payload import encode


@dataclass(frozen=True)
class Capture:
    """An HTTP message: what a capture file holds."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int = 200

    def file(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return head.encode("latin-1") + b"\r\n" + self.body


@dataclass(frozen=True, kw_only=True)
class Wire:
    """How parts are put together; `plain` sends the SOAP part alone."""

    boundary: str = "forge_0123456789"
    content_type: str | None = None  # None: written from the boundary
    soap_headers: str = "Content-Type: application/soap+xml; charset=UTF-8\r\n"
    soap_id: str | None = "<root@forge.example>"
    soap_transfer: str | None = "binary"
    soap_last: bool = False
    start: str | None = None
    preamble: bytes = b""
    epilogue: bytes = b""
    padding: bytes = b""  # behind a boundary
    plain: bool = False
    headers: tuple[tuple[str, str], ...] = (("MIME-Version", "1.0"),)
    extra_parts: tuple[bytes, ...] = ()  # behind the others
    first_parts: tuple[bytes, ...] = ()  # between SOAP and the others
    type_name: str = "Content-Type"
    edit: Callable[[bytes], bytes] = field(default=lambda body: body)

    def capture(self, soap: bytes, parts: Sequence[bytes]) -> Capture:
        """The whole message."""
        if self.plain:
            kind = self.content_type or "application/soap+xml; charset=UTF-8"
            return Capture(((self.type_name, kind), *self.headers), self.edit(soap))
        root = self._root(soap)
        rest = [*self.first_parts, *parts, *self.extra_parts]
        body = self.frame([*rest, root] if self.soap_last else [root, *rest])
        return Capture(((self.type_name, self._type()), *self.headers), self.edit(body))

    def frame(self, parts: Sequence[bytes]) -> bytes:
        delimiter = b"--" + self.boundary.encode()
        lines = b"".join(delimiter + self.padding + b"\r\n" + part + b"\r\n" for part in parts)
        preamble = self.preamble + b"\r\n" if self.preamble else b""
        return preamble + lines + delimiter + b"--\r\n" + self.epilogue

    def _root(self, soap: bytes) -> bytes:
        head = self.soap_headers
        if self.soap_transfer:
            head += f"Content-Transfer-Encoding: {self.soap_transfer}\r\n"
        if self.soap_id:
            head += f"Content-ID: {self.soap_id}\r\n"
        return head.encode() + b"\r\n" + encode(soap, self.soap_transfer)

    def _type(self) -> str:
        if self.content_type is not None:
            return self.content_type
        start = f'; start="{self.start}"' if self.start else ""
        return f'multipart/related; type="application/soap+xml"; boundary="{self.boundary}"{start}'
