# SPDX-License-Identifier: Apache-2.0
"""The identifiers of the Peppol network as values: building one checks it, then it cannot change.

Source: Peppol Policy for use of Identifiers 4.4.0 (2025-02-06). Schemes and everything but
participant values compare with case; participant values compare without (Policy 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from gateway.errors import Fault, GatewayError

PARTICIPANT_SCHEME = "iso6523-actorid-upis"
DOCUMENT_TYPE_EXACT = "busdox-docid-qns"
DOCUMENT_TYPE_WILDCARD = "peppol-doctype-wildcard"
PROCESS_SCHEME = "cenbii-procid-ubl"

MAX_DOCUMENT_TYPE_VALUE = 500  # Policy 1
MAX_PROCESS_VALUE = 200  # Policy 1

_PARTICIPANT = re.compile(r"[0-9]{4}:[A-Za-z0-9._~-]{1,130}")  # Policy 1: 135 characters in all
_LATIN_WORD = re.compile(r"[!-~]+")  # the invariant part of ISO 8859-1, no white space
_PARTY = re.compile(r"P[A-Z]{2}[0-9]{6}")


class InvalidIdentifierError(GatewayError):
    """A text that should be an identifier is not one."""

    code = "invalid_identifier"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True)
class ParticipantId:
    """An end user of the network, such as `0106:12345678`.

    Equality and hash ignore the case of the value; `value` keeps the writing it came in.
    Raises `InvalidIdentifierError` (Policies 1, 2 and 5).
    """

    value: str = field(compare=False)
    folded: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _PARTICIPANT.fullmatch(self.value):
            raise InvalidIdentifierError(
                f"{self.value[:60]!r} is not a participant identifier",
                advice="Write four digits, a colon and the number, as in 0106:12345678.",
            )
        object.__setattr__(self, "folded", self.value.lower())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `0106:12345678` or `iso6523-actorid-upis::0106:12345678`."""
        scheme, separator, value = text.partition("::")
        if separator and scheme != PARTICIPANT_SCHEME:
            raise InvalidIdentifierError(f"{scheme[:40]!r} is not the participant scheme")
        return cls(value if separator else text)

    @property
    def scheme(self) -> str:
        """The meta scheme, the same for all participants (Policy 5)."""
        return PARTICIPANT_SCHEME

    @property
    def icd(self) -> str:
        """The four digits that name the issuing register."""
        return self.value[:4]

    @property
    def uri(self) -> str:
        """Scheme and value in one text, as SMP addresses carry it."""
        return f"{PARTICIPANT_SCHEME}::{self.value}"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class DocumentTypeId:
    """What kind of document: scheme and value, compared with case (Policies 16 to 22).

    The value reads `<syntax>##<customization>::<version>`, for XML the syntax is
    `<namespace>::<local name>`. A `*` at the end of the customization is legal only under the
    wildcard scheme and only in registrations. Raises `InvalidIdentifierError`.
    """

    scheme: str
    value: str

    def __post_init__(self) -> None:
        if self.scheme not in (DOCUMENT_TYPE_EXACT, DOCUMENT_TYPE_WILDCARD):
            raise InvalidIdentifierError(f"{self.scheme[:40]!r} is not a document type scheme")
        if len(self.value) > MAX_DOCUMENT_TYPE_VALUE or not _LATIN_WORD.fullmatch(self.value):
            raise InvalidIdentifierError("the document type is empty, too long or has blanks")
        if "##" not in self.value or "::" not in self.value.partition("##")[2]:
            raise InvalidIdentifierError(
                f"{self.value[:80]!r} is not a document type identifier",
                advice="Write <namespace>::<root>##<customization>::<version>.",
            )
        if self.scheme == DOCUMENT_TYPE_EXACT and "*" in self.value:
            raise InvalidIdentifierError(f"{DOCUMENT_TYPE_EXACT} allows no '*'")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `scheme::value`; without a known scheme the text is a busdox value."""
        scheme, separator, value = text.partition("::")
        if separator and scheme in (DOCUMENT_TYPE_EXACT, DOCUMENT_TYPE_WILDCARD):
            return cls(scheme, value)
        return cls(DOCUMENT_TYPE_EXACT, text)

    @property
    def syntax(self) -> str:
        """All before the first `##`."""
        return self.value.partition("##")[0]

    @property
    def namespace(self) -> str:
        """Namespace of the root element; empty where the document is not XML."""
        return self.syntax.rpartition("::")[0]

    @property
    def local_name(self) -> str:
        """Local name of the root element; empty where the document is not XML."""
        head, separator, tail = self.syntax.rpartition("::")
        return tail if separator and head else ""

    @property
    def customization_id(self) -> str:
        """Between the first `##` and the last `::`."""
        return self.value.partition("##")[2].rpartition("::")[0]

    @property
    def version(self) -> str:
        """Version of the syntax, such as `2.1`: all behind the last `::`."""
        return self.value.rpartition("::")[2]

    @property
    def uri(self) -> str:
        """Scheme and value in one text, as SMP addresses and AS4 actions carry it."""
        return f"{self.scheme}::{self.value}"

    def __str__(self) -> str:
        return self.uri


@dataclass(frozen=True, slots=True)
class ProcessId:
    """The business process, compared with case (Policies 24 to 27)."""

    value: str
    scheme: str = PROCESS_SCHEME

    def __post_init__(self) -> None:
        if not self.scheme or not _LATIN_WORD.fullmatch(self.scheme):
            raise InvalidIdentifierError("the process has no scheme")
        if len(self.value) > MAX_PROCESS_VALUE or not _LATIN_WORD.fullmatch(self.value):
            raise InvalidIdentifierError("the process is empty, too long or has blanks")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `scheme::value`, or a value of the one scheme in use."""
        scheme, separator, value = text.partition("::")
        return cls(value, scheme) if separator and scheme == PROCESS_SCHEME else cls(text)

    @property
    def uri(self) -> str:
        """Scheme and value in one text."""
        return f"{self.scheme}::{self.value}"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class PartyId:
    """An access point: the seat id, common name of its certificate, such as `PNL000052`.

    Service Provider Identification Scheme 1.0.0, section 1.2. Raises `InvalidIdentifierError`.
    """

    value: str

    def __post_init__(self) -> None:
        if not _PARTY.fullmatch(self.value):
            raise InvalidIdentifierError(f"{self.value[:40]!r} is not a seat id such as PNL000052")

    @property
    def service_provider(self) -> str:
        """The six digits that name the provider whatever its authority (SPIS section 3)."""
        return self.value[3:]

    def __str__(self) -> str:
        return self.value


class TransportProfile(StrEnum):
    """How an endpoint wants to be spoken to; the one profile that is not retired."""

    AS4_V2 = "peppol-transport-as4-v2_0"
