# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a message: one class per ebMS code, each with the step that found it.

`answering.py` makes signals of these. `detail` goes to the peer, so it is a short constant sentence
without payload, host or key. Sources: ebMS 3.0 Core 6.7; AS4 Profile of ebMS 3.0, 3.6.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from gateway.as4 import const
from gateway.errors import Fault, GatewayError


class Step(StrEnum):
    """Where in the order of checks a message was refused."""

    HTTP = "http"
    MIME = "mime"
    XML = "xml"
    IDS = "ids"
    HEADER = "header"
    PARTS = "parts"
    PMODE = "pmode"
    SECURITY = "security"
    ALGORITHMS = "algorithms"
    SIGNER = "signer"
    SIGNATURE = "signature"
    DUPLICATE = "duplicate"
    DECRYPT = "decrypt"
    DIGEST = "digest"
    DECOMPRESS = "decompress"
    ENVELOPE = "envelope"
    SERVICED = "serviced"
    SIGNAL = "signal"
    REFERENCES = "references"


class AS4Error(GatewayError):
    """A user message is refused. Abstract: raise one of the classes below."""

    code = "ebms_error"
    fault = Fault.PEER
    ebms_code: ClassVar[str]
    short_description: ClassVar[str]
    category: ClassVar[str]
    origin: ClassVar[str] = "ebMS"
    error_detail: ClassVar[str | None] = None  # ErrorDetail, where not the sentence itself

    def __init__(
        self, detail: str, *, step: str, message_id: str | None = None, advice: str = ""
    ) -> None:
        super().__init__(detail, advice=advice)
        self.step = Step(step)
        self.message_id = message_id

    @property
    def status(self) -> int:
        """400 only where nothing could be taken apart: some senders read signals with 200 alone."""
        broken = self.step in (Step.HTTP, Step.MIME, Step.XML)
        return 400 if broken and self.message_id is None else 200


class ValueInconsistentError(AS4Error):
    """Elements contradict each other or stand there too often."""

    ebms_code, short_description, category = "EBMS:0003", "ValueInconsistent", "Content"


class OtherError(AS4Error):
    """The envelope is faulty, or does not agree with the AS4 header."""

    ebms_code, short_description, category = "EBMS:0004", "Other", "Content"


class NotServicedError(OtherError):
    """We do not receive for this participant, document type or process.

    Peppol AS4 Profile 2.0.3, "Feedback when receiver is not serviced".
    """

    code = "not_serviced"
    error_detail = const.NOT_SERVICED

    def __init__(self, *, message_id: str | None = None) -> None:
        super().__init__(
            "the receiver is not serviced by this access point",
            step=Step.SERVICED,
            message_id=message_id,
        )


class DuplicateContentError(OtherError):
    """A message id that is known came back with other content."""

    def __init__(self, *, message_id: str | None = None) -> None:
        super().__init__(
            "duplicate MessageId with different content",
            step=Step.DUPLICATE,
            message_id=message_id,
        )


class MimeInconsistencyError(AS4Error):
    """The MIME structure is broken, or a part is missing."""

    ebms_code, short_description, category = "EBMS:0007", "MimeInconsistency", "Unpackaging"


class FeatureNotSupportedError(AS4Error):
    """A signal or an exchange pattern that we do not take as a request."""

    ebms_code, short_description, category = "EBMS:0008", "FeatureNotSupported", "Unpackaging"


class InvalidHeaderError(AS4Error):
    """The XML or the ebMS header is not valid."""

    ebms_code, short_description, category = "EBMS:0009", "InvalidHeader", "Unpackaging"


class ProcessingModeMismatchError(AS4Error):
    """A fixed value of the Peppol profile differs, or the message is not for us."""

    ebms_code, short_description, category = "EBMS:0010", "ProcessingModeMismatch", "Processing"


class ExternalPayloadError(AS4Error):
    """A payload reference points outside the message; it is never followed."""

    ebms_code, short_description, category = "EBMS:0011", "ExternalPayloadError", "Content"


class FailedAuthenticationError(AS4Error):
    """Signature, digest or signer are not right."""

    ebms_code, short_description, category = "EBMS:0101", "FailedAuthentication", "Processing"
    origin = "security"


class FailedDecryptionError(AS4Error):
    """The part cannot be decrypted: one wording, whatever the cause."""

    ebms_code, short_description, category = "EBMS:0102", "FailedDecryption", "Processing"
    origin = "security"


class PolicyNoncomplianceError(AS4Error):
    """Unsigned, not encrypted, or by means that the profile does not allow."""

    ebms_code, short_description, category = "EBMS:0103", "PolicyNoncompliance", "Processing"
    origin = "security"


class UnprotectedPartError(PolicyNoncomplianceError):
    """Named parts lack signature or encryption; whether they are there at all, the body shows."""

    def __init__(self, detail: str, *, step: str, unprotected: frozenset[str]) -> None:
        super().__init__(detail, step=step)
        self.unprotected = unprotected


class DeliveryFailureError(AS4Error):
    """The message was right and our own processing failed; the sender should try again."""

    fault = Fault.US
    retry = True
    ebms_code, short_description, category = "EBMS:0202", "DeliveryFailure", "Communication"
    origin = "reliability"

    def __init__(
        self, detail: str, *, step: str = "serviced", message_id: str | None = None
    ) -> None:
        super().__init__(detail, step=step, message_id=message_id)


class DecompressionFailureError(AS4Error):
    """The part is not gzip, is cut off, or unpacks beyond the ceiling."""

    ebms_code, short_description, category = "EBMS:0303", "DecompressionFailure", "Communication"


class SOAPFaultError(GatewayError):
    """A message that SOAP itself refuses: the answer is a SOAP Fault with status 500."""

    code = "ebms_error"
    fault = Fault.PEER
    status: ClassVar[int] = 500  # SOAP 1.2 Part 2, table 20
    fault_code: ClassVar[str]
    step: ClassVar[Step] = Step.XML
    message_id: str | None = None


class MustUnderstandError(SOAPFaultError):
    """A header block that must be understood is not."""

    fault_code = "MustUnderstand"


class VersionMismatchError(SOAPFaultError):
    """The envelope is not of SOAP 1.2."""

    fault_code = "VersionMismatch"


class HTTPRefusedError(GatewayError):
    """The request is refused by HTTP alone: `status` is 405, 413 or 415, without a signal."""

    code = "http_error"
    fault = Fault.PEER
    step: ClassVar[Step] = Step.HTTP
    message_id: str | None = None

    def __init__(self, detail: str, *, status: int, advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.status = status


class ReplyRejectedError(GatewayError):
    """A reply proves nothing: neither a receipt that holds nor an error signal."""

    code = "receipt_invalid"
    fault = Fault.PEER
    retry = True
    ebms_code: ClassVar[str] = "EBMS:0302"  # our own record, never sent

    def __init__(self, detail: str, *, step: str, advice: str = "") -> None:
        super().__init__(detail, advice=advice)
        self.step = Step(step)


class ReceiptInvalidError(ReplyRejectedError):
    """A receipt whose signature, signer or form does not hold."""


class ReceiptMismatchError(ReplyRejectedError):
    """A well signed receipt that is for other bytes than we sent."""

    code = "receipt_digest_mismatch"


class ReceiptMissingError(ReplyRejectedError):
    """The answer holds no signal at all: empty, HTML, a SOAP Fault, broken XML."""

    code = "receipt_missing"
    ebms_code = "EBMS:0301"
