# SPDX-License-Identifier: Apache-2.0
"""Encrypts and decrypts payload parts: AES-128-GCM, its key wrapped with RSA-OAEP.

The only module of the engine that draws random numbers: message keys and nonces. A part on the
wire is nonce, ciphertext, tag. Sources: XML Encryption 1.1, 5.2.4 and 5.5.2; CEF eDelivery AS4
1.14, 3.2.6.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import GCM

from gateway import pki
from gateway.as4.const import AES_KEY_SIZE, GCM_IV_SIZE, GCM_TAG_SIZE
from gateway.as4.errors import FailedDecryptionError, Step
from gateway.as4.wsse import EncryptedKey

_OAEP: Final = padding.OAEP(
    mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)


def new_key() -> bytes:
    """A fresh key, for one message."""
    return os.urandom(AES_KEY_SIZE)


def wrap_key(key: bytes, recipient: pki.Certificate) -> bytes:
    """Encrypt the message's key to a certificate that was judged good before."""
    return recipient.public_key.encrypt(key, _OAEP)


def unwrap_key(encrypted: EncryptedKey, keys: Iterable[pki.Unwrapper]) -> bytes:
    """The message's key, by the one of our keys that is named; two are held during a rollover.

    A key that cannot be unwrapped becomes a random one, so that neither answer nor time tells it
    from a part whose tag is wrong. Raises `FailedDecryptionError` if none of our keys is named.
    """
    for own in keys:
        if encrypted.key_name.names(own.certificate):
            try:
                key = own.unwrap(encrypted.wrapped)
            except pki.KeyUnwrapError:
                key = b""
            return key if len(key) == AES_KEY_SIZE else new_key()
    raise failed_decryption()


def failed_decryption() -> FailedDecryptionError:
    """The one wording for every cause."""
    return FailedDecryptionError("the message cannot be decrypted", step=Step.DECRYPT)


class PartEncryptor:
    """One part on its way out."""

    def __init__(self, key: bytes) -> None:
        nonce = os.urandom(GCM_IV_SIZE)
        self._context = Cipher(AES128(key), GCM(nonce)).encryptor()
        self.start = nonce

    def feed(self, data: bytes) -> bytes:
        """The ciphertext of the next piece."""
        return self._context.update(data)

    def close(self) -> bytes:
        """What ends the part: the tag."""
        return self._context.finalize() + self._context.tag


class PartDecryptor:
    """One part on its way in. What `feed` gives is untrusted until `close` returned."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._context: AEADDecryptionContext | None = None
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Decrypt all but the last bytes, which may be the tag."""
        data = self._held + data
        if self._context is None:
            if len(data) < GCM_IV_SIZE + GCM_TAG_SIZE:
                self._held = data
                return b""
            self._context = Cipher(AES128(self._key), GCM(data[:GCM_IV_SIZE])).decryptor()
            data = data[GCM_IV_SIZE:]
        self._held = data[-GCM_TAG_SIZE:]
        return self._context.update(data[:-GCM_TAG_SIZE])

    def close(self) -> None:
        """Check the tag. Raises `FailedDecryptionError`."""
        if self._context is None:
            raise failed_decryption()
        try:
            self._context.finalize_with_tag(self._held)
        except InvalidTag as error:
            raise failed_decryption() from error
