# SPDX-License-Identifier: Apache-2.0
"""Finds the SOAP part in an HTTP answer: usually the whole body, sometimes one part of many.

What the Content-Type says counts only where it says multipart: peers label errors in every way.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.as4 import const
from gateway.as4.errors import MimeInconsistencyError, ReceiptMissingError, Step
from gateway.as4.limits import MAX_REPLY_BYTES
from gateway.as4.mime import PartHeaders, parse_content_type
from gateway.as4.splitter import PartData, Splitter
from gateway.as4.transfer import transfer_decoder


def find_soap(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """The bytes that should be a SOAP envelope. Raises `ReceiptMissingError`."""
    if len(body) > MAX_REPLY_BYTES:
        raise ReceiptMissingError("the answer is too large for a signal", step=Step.HTTP)
    boundary = _boundary(headers)
    if boundary is None:
        return body
    try:
        return _first_part(body, boundary)
    except MimeInconsistencyError as error:
        raise ReceiptMissingError(f"the answer: {error.detail}", step=Step.MIME) from error


def _boundary(headers: Sequence[tuple[str, str]]) -> bytes | None:
    for name, value in headers:
        if name.lower() == "content-type":
            content_type = parse_content_type(value)
            if content_type and content_type.media_type == const.MULTIPART_TYPE:
                return content_type.parameters.get("boundary", "").encode("utf-8")
    return None


def _first_part(body: bytes, boundary: bytes) -> bytes:
    splitter = Splitter(boundary)
    splitter.feed(body)
    part = splitter.next_event()
    if not isinstance(part, PartHeaders):
        raise MimeInconsistencyError("the multipart body has no part", step=Step.MIME)
    decoder = transfer_decoder(part.transfer_encoding)
    soap = bytearray()
    while isinstance(event := splitter.next_event(), PartData):
        soap += decoder.feed(event.data)
    if event is None:
        raise MimeInconsistencyError("the multipart body has no closing boundary", step=Step.MIME)
    return bytes(soap + decoder.close())
