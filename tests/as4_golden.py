# SPDX-License-Identifier: Apache-2.0
"""The golden AS4 messages, and a reader for them that needs no private key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from gateway import as4, pki
from gateway.errors import GatewayError

FOLDER = Path(__file__).parent / "golden/as4"
NAMES = ("ours.http", "peer.http")


@dataclass(frozen=True)
class KnownKey:
    """An unwrapper that does not unwrap: it knows the message key."""

    certificate: pki.Certificate
    key: bytes

    def unwrap(self, wrapped: bytes) -> bytes:
        return self.key


@dataclass(frozen=True)
class Golden:
    """One golden message and all that is needed to read it."""

    headers: as4.Headers
    body: bytes
    payload: bytes
    at: datetime
    keys: tuple[KnownKey, ...]
    trust: pki.TrustPolicy

    def reader(self) -> as4.Reader:
        return as4.Reader(
            self.headers,
            keys=self.keys,
            trust=self.trust,
            revocation=pki.Revocation.none(),
            at=self.at,
        )

    def events(self, chunks: Iterable[bytes]) -> Iterator[object]:
        reader = self.reader()
        for chunk in chunks:
            yield from reader.feed(chunk)
        yield from reader.close()

    def verdict(self, body: bytes) -> bytes | GatewayError:
        """The payload of a body that is accepted, or the error. Anything else is a failure."""
        payload = b""
        ended = False
        try:
            for event in self.events([body]):
                if isinstance(event, as4.PartBytes):
                    payload += event.payload
                ended = isinstance(event, as4.Received)
        except (as4.AS4Error, as4.SOAPFaultError, as4.HTTPRefusedError) as error:
            return error
        assert ended
        return payload


@cache
def golden(name: str) -> Golden:
    """Read one of `NAMES`."""
    head, _, body = (FOLDER / name).read_bytes().partition(b"\r\n\r\n")
    facts = json.loads((FOLDER / "facts.json").read_bytes())
    fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
    receiver = pki.load_certificate((FOLDER / "receiver.cert.pem").read_bytes())
    return Golden(
        headers=tuple((field[0], field[1]) for field in fields),
        body=body,
        payload=(FOLDER / "payload.xml").read_bytes(),
        at=datetime.fromisoformat(facts["at"]),
        keys=(KnownKey(receiver, bytes.fromhex(facts["message_key"])),),
        trust=pki.TrustPolicy(
            role=pki.Role.AP,
            network="test",
            roots=pki.load_certificates((FOLDER / "root.cert.pem").read_bytes()),
            issuers=pki.load_certificates((FOLDER / "ap-ca.cert.pem").read_bytes()),
            unknown_revocation=pki.Unknown.ACCEPT,
            grace=timedelta(),
        ),
    )
