# SPDX-License-Identifier: Apache-2.0
"""The references that a receipt repeats (ebBP signals 2.0, `NonRepudiationInformation`).

Compared are name, digest algorithm and digest: some peers write the copies anew and lose white
space, prefixes and lists of inclusive prefixes. Source: AS4 Profile of ebMS 3.0, 5.1.8.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from lxml import etree

from gateway.as4 import const
from gateway.as4.elements import content
from gateway.as4.errors import ReceiptInvalidError, Step
from gateway.as4.signature import SignedReference

_EBBP: Final = f"{{{const.EBBP}}}"
_DS: Final = f"{{{const.DS}}}"
_MAX_REFERENCES = 64
_MAX_DIGEST_TEXT = 200


def read_repeated_references(receipt: etree._Element) -> tuple[SignedReference, ...]:
    """The references in an eb:Receipt. Other children of it are ignored.

    Raises `ReceiptInvalidError` where there are none, or one is malformed.
    """
    path = f"{_EBBP}NonRepudiationInformation/{_EBBP}MessagePartNRInformation"
    parts = receipt.findall(path)
    if not 0 < len(parts) <= _MAX_REFERENCES:
        raise _malformed("the receipt repeats no references")
    return tuple(_reference(part) for part in parts)


def _reference(part: etree._Element) -> SignedReference:
    references = part.findall(_DS + "Reference")
    if len(references) != 1:
        raise _malformed("a part of the receipt is not one reference")
    reference = references[0]
    methods, values = (
        reference.findall(_DS + "DigestMethod"),
        reference.findall(_DS + "DigestValue"),
    )
    uri = reference.get("URI")
    if len(methods) != 1 or len(values) != 1 or uri is None:
        raise _malformed("a repeated reference is incomplete")
    text = "".join(content(values[0]).split())
    try:
        digest = base64.b64decode(text[:_MAX_DIGEST_TEXT], validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed("a repeated digest is not base64") from error
    return SignedReference(
        uri=uri, digest_algorithm=methods[0].get("Algorithm", ""), digest_value=digest
    )


def _malformed(detail: str) -> ReceiptInvalidError:
    return ReceiptInvalidError(detail, step=Step.REFERENCES)
