# SPDX-License-Identifier: Apache-2.0
"""One payload part on its way in: transfer encoding, decryption, digest, unpacking, in one pass.

Rows 15 to 17 of docs/architecture.md. All of it is untrusted until `close` is through: a fault that
shows in the plaintext is kept back until tag and digest were checked, so that answers tell nothing
about it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.as4.compress import Inflater
from gateway.as4.encryption import PartDecryptor
from gateway.as4.errors import DecompressionFailureError, FailedAuthenticationError, Step
from gateway.as4.limits import Limits
from gateway.as4.mime import PartHeaders
from gateway.as4.part_digest import PartDigest
from gateway.as4.transfer import transfer_decoder
from gateway.as4.usermessage import PartInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBytes:
    """A piece of a part, at most 256 kB each. Untrusted until `Received`.

    `signed` is what the digest covers (decrypted, still compressed), `payload` the unpacked bytes;
    either may be empty.
    """

    index: int
    signed: bytes
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPart:
    """What is known of a part that was read whole and whose digest is right."""

    content_id: str
    mime_type: str
    compressed: bool
    signed_size: int
    signed_sha256: str
    payload_size: int
    headers: bytes


class PartReceiver:
    """Takes the bytes of one part as they stand between the boundaries."""

    def __init__(
        self,
        info: PartInfo,
        headers: PartHeaders,
        *,
        index: int,
        key: bytes,
        mime_type: str | None,
        digest: bytes,
        limits: Limits,
    ) -> None:
        self._info = info
        self._headers = headers
        self._index = index
        self._expected = digest
        self._transfer = transfer_decoder(headers.transfer_encoding)
        self._decryptor = PartDecryptor(key)
        # SwA profile 5.4.2: the type inside the encryption; the part's own if that says nothing
        self._digest = PartDigest(
            "" if info.compressed else (mime_type or headers.media_type or "")
        )
        self._sha256 = hashlib.sha256()
        self._inflater = Inflater(limits) if info.compressed else None
        self._inflate_error: DecompressionFailureError | None = None
        self._signed_size = 0

    def feed(self, data: bytes) -> Iterator[PartBytes]:
        """The next bytes on the wire. Raises `AS4Error`."""
        yield from self._take(self._transfer.feed(data))

    def close(self) -> Iterator[PartBytes]:
        """The part ends here: row 15 tag, row 16 digest, row 17 end of the compressed data."""
        yield from self._take(self._transfer.close())
        self._decryptor.close()
        if not self._is_signed():
            raise FailedAuthenticationError("the digest of a part is wrong", step=Step.DIGEST)
        if self._inflate_error is not None:
            raise self._inflate_error
        if self._inflater is not None:
            self._inflater.close()

    def result(self) -> ReceivedPart:
        """Call after `close` is exhausted."""
        return ReceivedPart(
            content_id=self._info.content_id,
            mime_type=self._info.mime_type,
            compressed=self._info.compressed,
            signed_size=self._signed_size,
            signed_sha256=self._sha256.hexdigest(),
            payload_size=self._inflater.size if self._inflater else self._signed_size,
            headers=self._headers.raw,
        )

    def _take(self, encrypted: bytes) -> Iterator[PartBytes]:
        signed = self._decryptor.feed(encrypted) if encrypted else b""
        if not signed:
            return
        self._signed_size += len(signed)
        self._sha256.update(signed)
        self._digest.feed(signed)
        if self._inflater is None:
            yield PartBytes(index=self._index, signed=signed, payload=signed)
            return
        waiting = signed
        for piece in self._inflate(self._inflater, signed):
            yield PartBytes(index=self._index, signed=waiting, payload=piece)
            waiting = b""
        if waiting:
            yield PartBytes(index=self._index, signed=waiting, payload=b"")

    def _inflate(self, inflater: Inflater, signed: bytes) -> Iterator[bytes]:
        if self._inflate_error is not None:
            return
        try:
            yield from inflater.feed(signed)
        except DecompressionFailureError as error:
            self._inflate_error = error

    def _is_signed(self) -> bool:
        if hmac.compare_digest(self._sha256.digest(), self._expected):
            return True
        canonical = self._digest.canonical()
        return canonical is not None and hmac.compare_digest(canonical, self._expected)
