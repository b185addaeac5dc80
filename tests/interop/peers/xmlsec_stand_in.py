# SPDX-License-Identifier: Apache-2.0
"""Stands in for the program xmlsec1 1.3, as far as peppol-py calls it.

    xmlsec_stand_in --encrypt --pubkey-cert-pem FILE --session-key aes-128
                    --binary-data FILE --lax-key-search TEMPLATE

Fills the template: a fresh AES key, wrapped for the certificate with RSA-OAEP (SHA-256, MGF1 with
SHA-256), and the data encrypted with it by AES-128-GCM. XML Encryption 1.1, 5.2.4 and 5.5.2.
"""

from __future__ import annotations

import argparse
import os
import sys
from base64 import b64encode
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

CIPHER_VALUE = "{http://www.w3.org/2001/04/xmlenc#}CipherValue"
IV_BYTES = 12


def main() -> None:
    """Read the call, write the filled template to standard output."""
    call = argparse.ArgumentParser()
    call.add_argument("--encrypt", action="store_true", required=True)
    call.add_argument("--pubkey-cert-pem", type=Path, required=True)
    call.add_argument("--session-key", choices=["aes-128"], required=True)
    call.add_argument("--binary-data", type=Path, required=True)
    call.add_argument("--lax-key-search", action="store_true")
    call.add_argument("template", type=Path)
    given = call.parse_args()
    public_key = x509.load_pem_x509_certificate(given.pubkey_cert_pem.read_bytes()).public_key()
    assert isinstance(public_key, RSAPublicKey)
    key, iv = AESGCM.generate_key(bit_length=128), os.urandom(IV_BYTES)
    wrapped = public_key.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), label=None))
    encrypted = iv + AESGCM(key).encrypt(iv, given.binary_data.read_bytes(), None)
    parser = etree.XMLParser(huge_tree=True)
    tree = etree.parse(given.template, parser)
    for place, value in zip(tree.iter(CIPHER_VALUE), (wrapped, encrypted), strict=True):
        place.text = b64encode(value).decode("ascii")
    sys.stdout.buffer.write(etree.tostring(tree, xml_declaration=True, encoding="UTF-8"))


if __name__ == "__main__":
    main()
