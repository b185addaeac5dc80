# SPDX-License-Identifier: Apache-2.0
"""Text as it stands in canonical XML: escaped once, or refused."""

from __future__ import annotations

import re

from gateway.errors import Fault, GatewayError

_NOT_XML_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnwritableTextError(GatewayError):
    """A text holds a character that XML cannot carry, escaped or not."""

    code = "malformed_request"
    fault = Fault.CALLER


def text(value: str) -> str:
    """Escape `value` as canonical element content. Raises `UnwritableTextError`."""
    _refuse_unwritable(value)
    return (
        value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
    )


def attribute(value: str) -> str:
    """Escape `value` as canonical attribute content, quotes not included."""
    _refuse_unwritable(value)
    return (
        value.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace('"', "&quot;")
        .replace("\t", "&#x9;")
        .replace("\n", "&#xA;")
        .replace("\r", "&#xD;")
    )


def _refuse_unwritable(value: str) -> None:
    if _NOT_XML_CHAR.search(value):
        raise UnwritableTextError("the text holds a control character that XML cannot carry")
