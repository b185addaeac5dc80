# SPDX-License-Identifier: Apache-2.0
"""The one list of algorithms that XML signatures may use, as profiles for AS4 and for SMP."""

from __future__ import annotations

from dataclasses import dataclass

EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SWA_CONTENT = (
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"
)
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmProfile:
    """Which algorithms a kind of signature may use; `transforms` goes by the start of the URI."""

    name: str
    canonicalisation: str
    signature: str
    digest: str
    transforms: tuple[tuple[str, tuple[str, ...]], ...]

    def transforms_for(self, uri: str) -> tuple[str, ...] | None:
        """What a reference with this URI must be put through; None: no such URI is allowed."""
        for start, transforms in self.transforms:
            if uri == start or (start and uri.startswith(start)):
                return transforms
        return None


# eDelivery AS4 2.0, 3.2.6, and WSS SOAP Messages with Attachments 1.1, 5.3
AS4_PROFILE = AlgorithmProfile(
    name="AS4",
    canonicalisation=EXCLUSIVE_C14N,
    signature=RSA_SHA256,
    digest=SHA256,
    transforms=(("#", (EXCLUSIVE_C14N,)), ("cid:", (SWA_CONTENT,))),
)
# Peppol SMP 1.4.0, 5.5.1
SMP_PROFILE = AlgorithmProfile(
    name="SMP",
    canonicalisation=INCLUSIVE_C14N,
    signature=RSA_SHA256,
    digest=SHA256,
    transforms=(("", (ENVELOPED,)),),
)
