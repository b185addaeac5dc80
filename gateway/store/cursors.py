# SPDX-License-Identifier: Apache-2.0
"""Cursors of lists: the place of the last row, as text that callers hand back unread.

They carry nothing secret and need no signature: a cursor only says where to go on in what the
caller may read anyway. Whatever somebody makes of it is a place or a refusal.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta

from gateway.errors import Fault, GatewayError

MAX_CURSOR = 200  # characters; ours have about 70

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class BadCursorError(GatewayError):
    """The cursor is not one that we gave."""

    code = "malformed_request"
    fault = Fault.CALLER


def build_cursor(created_at: datetime, document_id: str) -> str:
    """Write the place behind one document."""
    text = f"1:{(created_at - _EPOCH) // _MICROSECOND}:{document_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parse_cursor(cursor: str) -> tuple[datetime, str]:
    """Read a place. Raises `BadCursorError`."""
    try:
        return _read(cursor)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise BadCursorError(
            "the cursor is not one that a list gave",
            advice="Start again without `after`, or use next_cursor as it came.",
        ) from error


def _read(cursor: str) -> tuple[datetime, str]:
    if len(cursor) > MAX_CURSOR:
        raise ValueError("too long")
    data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    version, microseconds, document_id = data.decode("ascii").split(":")
    if version != "1" or not document_id.isprintable():
        raise ValueError("not a cursor")
    return _EPOCH + int(microseconds) * _MICROSECOND, document_id
