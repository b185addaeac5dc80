# SPDX-License-Identifier: Apache-2.0
"""What was sent, read back from the request itself."""

from __future__ import annotations

import re

import pytest

from gateway import as4
from tests.as4_exchange import Exchange


def test_recalls_what_compose_kept(exchange: Exchange) -> None:
    composed, body = exchange.compose()
    assert as4.recall_sent(composed.headers, body) == composed.sent
    cut = body[: body.index(b"Content-Type: application/octet-stream")]
    assert as4.recall_sent(composed.headers, cut) == composed.sent  # the payload is not needed


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (rb"<eb:UserMessage>.*</eb:UserMessage>", b""),
        (rb"<eb:MessageId>.*</eb:MessageId>", b""),
        (rb">POP000112<", b">somebody<"),
        (rb"<ds:Signature .*</ds:Signature>", b""),
        (rb"<ds:SignatureValue>", b"<ds:SignatureValue>!"),
        (rb"</S12:Envelope>", b""),
    ],
)
def test_request_that_tells_nothing(exchange: Exchange, pattern: bytes, replacement: bytes) -> None:
    composed, body = exchange.compose()
    changed = re.sub(pattern, replacement, body)
    assert changed != body
    with pytest.raises(as4.AS4Error):
        as4.recall_sent(composed.headers, changed)


def test_body_that_is_no_request(exchange: Exchange) -> None:
    composed, _ = exchange.compose()
    with pytest.raises(as4.MimeInconsistencyError):
        as4.recall_sent(composed.headers, b"")
    with pytest.raises(as4.HTTPRefusedError):
        as4.recall_sent([], b"")
