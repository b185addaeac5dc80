# SPDX-License-Identifier: Apache-2.0
"""Header lines, content types, and the multipart frame that we write.

Reading the frame is `splitter.py`. Sources: RFC 2045, RFC 2046, RFC 2387 (multipart/related),
RFC 2392 (cid addresses); Peppol AS4 Profile 2.0.3, "Message packaging".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from gateway.as4 import const
from gateway.as4.errors import HTTPRefusedError, MimeInconsistencyError, Step
from gateway.as4.limits import MAX_BOUNDARY_BYTES

Headers = Iterable[tuple[str, str]]

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf"\s*({_WORD}/{_WORD})\s*")
_PARAMETER = re.compile(rf';\s*(?:({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))\s*)?')
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]*[0-9A-Za-z'()+_,./:=?-]")
_HEADER_NAME = re.compile(_WORD)
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# Header fields of a part that steer how it is read; a second one would be ambiguous.
_SINGLE = frozenset(["content-type", "content-transfer-encoding", "content-id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentType:
    """A media type in lower case and its parameters, names in lower case."""

    media_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHeaders:
    """What the header block of one part says; `raw` is the block as it came."""

    raw: bytes
    media_type: str | None
    content_id: str | None
    transfer_encoding: str

    @property
    def names(self) -> tuple[str, ...]:
        """What a cid: address may call this part; some write its Content-ID percent-encoded too."""
        return () if not self.content_id else (self.content_id, unquote(self.content_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """How the body of a request is built: in parts, or (boundary None) the SOAP part alone."""

    boundary: bytes | None
    start: str | None


@lru_cache(maxsize=64)  # of the few that are in use; a multipart one is different each time
def parse_content_type(value: str) -> ContentType | None:
    """Read a Content-Type value; None if it is not one, or names a parameter twice."""
    matched = _TYPE.match(value)
    if not matched:
        return None
    parameters: dict[str, str] = {}
    position = matched.end()
    while position < len(value):
        found = _PARAMETER.match(value, position)
        if not found:
            return None
        position = found.end()
        name, quoted, bare = found.groups()
        if name is None:
            continue  # an empty parameter, as a semicolon at the end leaves
        if name.lower() in parameters:
            return None
        parameters[name.lower()] = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return ContentType(media_type=matched.group(1).lower(), parameters=parameters)


def read_framing(headers: Headers) -> Framing:
    """Judge the HTTP headers of a request (row 1 of docs/architecture.md).

    Raises `HTTPRefusedError` 415 for another type or a content encoding, `MimeInconsistencyError`
    for a multipart type without usable boundary.
    """
    content_types: list[str] = []
    for name, value in headers:
        lowered = name.lower()
        if lowered == "content-type":
            content_types.append(value)
        elif lowered == "content-encoding" and value.strip().lower() not in ("", "identity"):
            raise HTTPRefusedError("a Content-Encoding is not supported", status=415)
    content_type = parse_content_type(content_types[0]) if len(content_types) == 1 else None
    if content_type is not None and content_type.media_type == const.SOAP_TYPE:
        return Framing(boundary=None, start=None)
    if content_type is None or content_type.media_type != const.MULTIPART_TYPE:
        raise HTTPRefusedError("the Content-Type must be multipart/related", status=415)
    boundary = content_type.parameters.get("boundary", "")
    if len(boundary) > MAX_BOUNDARY_BYTES or not _BOUNDARY.fullmatch(boundary):
        raise MimeInconsistencyError("the Content-Type has no usable boundary", step=Step.MIME)
    start = content_type.parameters.get("start")
    return Framing(
        boundary=boundary.encode("ascii"), start=None if start is None else bare_content_id(start)
    )


def parse_part_headers(block: bytes) -> PartHeaders:
    """Read the header block of a part, without the empty line that ends it."""
    seen: dict[str, str] = {}
    for name, value in _fields(block):
        if name in _SINGLE and name in seen:
            raise MimeInconsistencyError(f"a part has two {name} fields", step=Step.MIME)
        seen.setdefault(name, value)
    content_type = seen.get("content-type")
    parsed = None if content_type is None else parse_content_type(content_type)
    content_id = seen.get("content-id")
    return PartHeaders(
        raw=block,
        media_type=None if parsed is None else parsed.media_type,
        content_id=None if content_id is None else bare_content_id(content_id),
        transfer_encoding=seen.get("content-transfer-encoding", "binary").strip().lower(),
    )


def _fields(block: bytes) -> Iterable[tuple[str, str]]:
    if b"\r\n " in block or b"\r\n\t" in block:
        block = _FOLD.sub(b"", block)
    if not block:
        return
    for line in block.split(b"\r\n"):
        yield _field(line)


@lru_cache(maxsize=64)  # all lines but the Content-ID are the same in every message of a peer
def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.decode("utf-8", "replace").partition(":")
    name = name.rstrip()
    if not colon or not _HEADER_NAME.fullmatch(name) or _CONTROL.search(line):
        raise MimeInconsistencyError("a part has a broken header line", step=Step.MIME)
    return name.lower(), value.strip()


def bare_content_id(value: str) -> str:
    """A Content-ID without its angle brackets."""
    stripped = value.strip()
    if stripped.startswith("<") and stripped.endswith(">"):
        return stripped[1:-1]
    return stripped


def content_id_of(href: str) -> str:
    """The Content-ID that a `cid:` address names (RFC 2392: it may be percent-encoded)."""
    return unquote(href[len("cid:") :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The bytes around the encrypted part of a message that we send."""

    headers: tuple[tuple[str, str], ...]
    head: bytes
    part_headers: bytes
    tail: bytes


def build_frame(*, soap: bytes, boundary: str, host: str, root_id: str, part_id: str) -> Frame:
    """Write the multipart frame: SOAP first, then one binary part."""
    part_headers = (
        "Content-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{part_id}@{host}>"
    ).encode("ascii")
    root_headers = (
        f"--{boundary}\r\n"
        f"Content-Type: {const.SOAP_TYPE}; charset=UTF-8\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{root_id}@{host}>\r\n\r\n"
    ).encode("ascii")
    between = f"\r\n--{boundary}\r\n".encode("ascii")
    content_type = (
        f'{const.MULTIPART_TYPE}; type="{const.SOAP_TYPE}"; boundary="{boundary}"; '
        f'start="<{root_id}@{host}>"; start-info="{const.SOAP_TYPE}"'
    )
    return Frame(
        headers=(("Content-Type", content_type), ("MIME-Version", "1.0")),
        head=b"".join([root_headers, soap, between, part_headers, b"\r\n\r\n"]),
        part_headers=part_headers,
        tail=f"\r\n--{boundary}--\r\n".encode("ascii"),
    )
