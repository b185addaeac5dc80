# SPDX-License-Identifier: Apache-2.0
"""Fills the templates: ids, times, references, our own signature, the envelope around it all."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from gateway import pki
from gateway.as4 import const
from gateway.as4.rendering import Template
from gateway.as4.signature import SignedReference

_TOKEN_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Names:
    """All ids of one message, made of its message id: no two messages share one."""

    token: str

    @classmethod
    def of(cls, message_id: str) -> Names:
        """The message id is random and unknown to those whose text we carry, so this is too."""
        return cls(hashlib.sha256(message_id.encode()).hexdigest()[:_TOKEN_LENGTH])

    def id(self, prefix: str) -> str:
        """An id that is an NCName, such as `msg-…`."""
        return f"{prefix}-{self.token}"


def format_time(at: datetime) -> str:
    """UTC with three fraction digits: one peer fails on any other number of them."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def base64_text(data: bytes) -> str:
    """Base64 without line breaks."""
    return base64.b64encode(data).decode("ascii")


def reference_to(uri: str, data: bytes | str) -> SignedReference:
    """A reference to what we sign ourselves."""
    raw = data.encode() if isinstance(data, str) else data
    return digested_reference(uri, hashlib.sha256(raw).digest())


def digested_reference(uri: str, digest: bytes) -> SignedReference:
    """A reference with a digest that is known already."""
    return SignedReference(uri=uri, digest_algorithm=const.SHA256, digest_value=digest)


def fill_signed_info(template: Template, **references: SignedReference) -> str:
    """The SignedInfo over these references, by the names of the template's slots."""
    values: dict[str, str] = {}
    for slot, reference in references.items():
        values[f"{slot}_uri"] = reference.uri
        values[f"{slot}_digest"] = base64_text(reference.digest_value)
    return template.fill(**values)


def signature_slots(names: Names, signer: pki.Signer, signed_info: str) -> dict[str, str]:
    """Sign, and give what a Security template needs of it."""
    return {
        "signed_info": signed_info,
        "signature": base64_text(signer.sign(signed_info.encode())),
        "signature_id": names.id("SIG"),
        "signer": base64_text(signer.certificate.der),
        "signer_id": names.id("X509"),
        "signer_uri": "#" + names.id("X509"),
    }


def build_envelope(header: str, body: str) -> bytes:
    """The SOAP part around blocks that carry their own namespace declarations."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><S12:Envelope xmlns:S12="{const.S12}">'
        f"<S12:Header>{header}</S12:Header>{body}</S12:Envelope>"
    ).encode()
