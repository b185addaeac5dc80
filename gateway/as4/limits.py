# SPDX-License-Identifier: Apache-2.0
"""The ceilings of the AS4 engine, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_SOAP_BYTES: Final = 1024 * 1024  # a signed and encrypted header needs 12 kB
MAX_PARTS: Final = 16  # Peppol sends two: SOAP and one payload
MAX_PART_HEADER_BYTES: Final = 16 * 1024  # four short lines are usual
MAX_BOUNDARY_BYTES: Final = 70  # RFC 2046, 5.1.1
MAX_EARLY_PART_BYTES: Final = 4 * 1024 * 1024  # parts before the SOAP part wait in memory
EVENT_COST: Final = 128  # bytes that a waiting piece takes itself; a body may drip byte by byte
MAX_PADDING_BYTES: Final = 256  # blanks behind a boundary, which gateways may add (RFC 2046)
MAX_PLAIN_XML_BYTES: Final = 16 * 1024 * 1024  # an uncompressed XML part is canonicalised whole
MAX_MESSAGE_ID: Final = 255  # characters; it becomes a key in the store
MAX_REPLY_BYTES: Final = 1024 * 1024  # a receipt needs 8 kB
CHUNK: Final = 256 * 1024  # what one event carries at most
MAX_GZIP_MEMBERS: Final = 4096  # block compressors write one per 64 kB
RATIO_FREE_BYTES: Final = 8 * 1024 * 1024  # below this size no ratio is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an operator may set; the defaults fit Peppol's large-file tests of 100 MB."""

    max_body_bytes: int = 100 * 1024 * 1024
    max_payload_bytes: int = 250 * 1024 * 1024  # unpacked: twice the body for attachments in base64
    max_ratio: int = 200  # invoices of repeated lines reach 90; a bomb has 1000


DEFAULT_LIMITS: Final = Limits()
