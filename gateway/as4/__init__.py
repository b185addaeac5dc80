# SPDX-License-Identifier: Apache-2.0
"""The AS4 message service handler without I/O: bytes, trust and time in, values out.

Inbound: `Reader` (or `receive`) takes a request, `answer` builds what goes back. Outbound:
`compose` builds a request, `read_reply` judges what came back. Nothing here opens a socket or a
file, reads a clock, or logs; message ids are arguments. What the payload is, this room does not
know. Peppol AS4 Profile 2.0.3, on CEF eDelivery AS4 1.14. Enter by these names only.
"""

from __future__ import annotations

from gateway.as4.answering import SIGNAL_HEADERS, Signal, answer
from gateway.as4.composing import Composed, compose
from gateway.as4.errors import (
    AS4Error,
    DecompressionFailureError,
    DeliveryFailureError,
    DuplicateContentError,
    ExternalPayloadError,
    FailedAuthenticationError,
    FailedDecryptionError,
    FeatureNotSupportedError,
    HTTPRefusedError,
    InvalidHeaderError,
    MimeInconsistencyError,
    MustUnderstandError,
    NotServicedError,
    OtherError,
    PolicyNoncomplianceError,
    ProcessingModeMismatchError,
    ReceiptInvalidError,
    ReceiptMismatchError,
    ReceiptMissingError,
    ReplyRejectedError,
    SOAPFaultError,
    Step,
    ValueInconsistentError,
    VersionMismatchError,
)
from gateway.as4.limits import DEFAULT_LIMITS, Limits
from gateway.as4.orders import Order, Sent, Sink, UnusableOrderError
from gateway.as4.parts import PartBytes, ReceivedPart
from gateway.as4.recalling import recall_sent
from gateway.as4.receiving import Headers, Reader, Received, receive
from gateway.as4.replies import ErrorSignal, Receipt, read_reply
from gateway.as4.signature import SignedReference
from gateway.as4.usermessage import PartInfo, Property, UserMessage
from gateway.as4.verifying import Verified

__all__ = [
    "DEFAULT_LIMITS",
    "SIGNAL_HEADERS",
    "AS4Error",
    "Composed",
    "DecompressionFailureError",
    "DeliveryFailureError",
    "DuplicateContentError",
    "ErrorSignal",
    "ExternalPayloadError",
    "FailedAuthenticationError",
    "FailedDecryptionError",
    "FeatureNotSupportedError",
    "HTTPRefusedError",
    "Headers",
    "InvalidHeaderError",
    "Limits",
    "MimeInconsistencyError",
    "MustUnderstandError",
    "NotServicedError",
    "Order",
    "OtherError",
    "PartBytes",
    "PartInfo",
    "PolicyNoncomplianceError",
    "ProcessingModeMismatchError",
    "Property",
    "Reader",
    "Receipt",
    "ReceiptInvalidError",
    "ReceiptMismatchError",
    "ReceiptMissingError",
    "Received",
    "ReceivedPart",
    "ReplyRejectedError",
    "SOAPFaultError",
    "Sent",
    "Signal",
    "SignedReference",
    "Sink",
    "Step",
    "UnusableOrderError",
    "UserMessage",
    "ValueInconsistentError",
    "Verified",
    "VersionMismatchError",
    "answer",
    "compose",
    "read_reply",
    "recall_sent",
    "receive",
]
