# SPDX-License-Identifier: Apache-2.0
"""The business message envelope: write it, read it, check it, take the document out of it.

Does not look into the business document beyond its root element, and does not know AS4: `match`
compares with header values that the caller passes in.

Source: Peppol Business Message Envelope 2.0.1 (2023-08-17), with the two scopes for message level
statuses of release candidate 2.0.2; UN/CEFACT Standard Business Document Header 1.3.
"""

from __future__ import annotations

from gateway.sbdh.envelope import (
    Envelope,
    EnvelopeError,
    EnvelopeMismatchError,
    InvalidEnvelopeError,
    match,
)
from gateway.sbdh.extracting import DocumentExtractor
from gateway.sbdh.reading import EnvelopeReader
from gateway.sbdh.writing import wrap

__all__ = [
    "DocumentExtractor",
    "Envelope",
    "EnvelopeError",
    "EnvelopeMismatchError",
    "EnvelopeReader",
    "InvalidEnvelopeError",
    "match",
    "wrap",
]
