# SPDX-License-Identifier: Apache-2.0
"""What the AS4 engine costs for a 10 kB invoice, in R and against the RSA operations alone.

`outbound_r`: order to signed, encrypted request. `inbound_r`: request to signed receipt, with the
chain of the signer in the cache. `…_x` is the ratio to the RSA operations of that direction, of
which no code can save any. `…_whole_r` adds the business message envelope. Performance.md 1.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO

if "--without-isal" in sys.argv:
    sys.argv.remove("--without-isal")
    sys.modules["isal"] = None  # type: ignore[assignment]

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from benchmarks import messages, reporting
from benchmarks.measuring import Step, interleaved, private_operation
from gateway import as4, pki, sbdh
from gateway.identifiers import ParticipantId
from gateway.sandbox.pki import LocalPKI, make_pki
from gateway.service.intake import Intake

SECONDS = 3.0  # of each step
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class Everybody:
    """Serves whoever is asked for."""

    def serves(self, *_: object) -> bool:
        return True


class Bench:
    """Two access points in one process, and the steps to measure."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.pki: LocalPKI = make_pki(self.at, crl_base_url="http://127.0.0.1")
        sender = self.pki.issue(pki.Role.AP, "POP000111", at=self.at)
        self.ours = self.pki.issue(pki.Role.AP, "POP000112", at=self.at).pair
        self.trust = self.pki.trust(pki.Role.AP)
        self.revocation = self.pki.revocation(self.at)
        self.road = messages.Road(
            signer=sender.pair,
            recipient=self.ours.certificate,
            sender=ParticipantId("0106:91000011"),
            receiver=ParticipantId("0106:92000033"),
        )
        self.invoice = messages.invoice(self.road, "2026-1")
        self.payload = tuple(self.wrapped())
        self.request = messages.compose(self.road, self.payload, self.at)

    def wrapped(self) -> Iterable[bytes]:
        return sbdh.wrap(messages.envelope(self.road, self.at), (self.invoice,))

    def outbound(self, payload: Iterable[bytes]) -> as4.Composed:
        return as4.compose(
            messages.order(self.road, tuple(payload)),
            signer=self.road.signer,
            recipient=self.road.recipient,
            message_id=f"{uuid.uuid4()}@{messages.HOST}",
            at=self.at,
            signed=BytesIO(),
            encrypted=BytesIO(),
        )

    def inbound(self) -> as4.Signal:
        received, _ = as4.receive(
            self.request.headers,
            self.request.body,
            keys=(self.ours,),
            trust=self.trust,
            revocation=self.revocation,
            at=self.at,
        )
        return self.answer(received)

    def inbound_whole(self) -> as4.Signal:
        """The same through the service's intake, which opens and compares the envelope."""
        intake = Intake(
            self.request.headers,
            keys=(self.ours,),
            trust=self.trust,
            revocation=self.revocation,
            served=Everybody(),
            at=self.at,
            sink=BytesIO(),
        )
        for pieces in (intake.feed(self.request.body), intake.close()):
            for _ in pieces:
                pass
        return self.answer(intake.message().received)

    def answer(self, received: as4.Received) -> as4.Signal:
        message_id = f"{uuid.uuid4()}@{messages.HOST}"
        return as4.answer(received, signer=self.ours, message_id=message_id, at=self.at)

    def rsa(self) -> dict[str, Step]:
        """The RSA operations of each direction and nothing else."""
        data, key = b"x" * 1024, os.urandom(16)
        public = self.ours.certificate.public_key
        wrapped = public.encrypt(key, _OAEP)
        signature = self.road.signer.sign(data)
        verifier = self.road.signer.certificate.public_key

        def outbound() -> None:
            self.road.signer.sign(data)
            public.encrypt(key, _OAEP)

        def inbound() -> None:
            verifier.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            self.ours.unwrap(wrapped)
            self.ours.sign(data)

        return {"outbound_rsa": outbound, "inbound_rsa": inbound}


def measure(seconds: float = SECONDS) -> dict[str, float]:
    """Each step with R and the RSA operations of its direction, in turns, and nothing else."""
    bench = Bench()
    steps: dict[str, Step] = {
        "outbound": lambda: bench.outbound(bench.payload),
        "inbound": bench.inbound,
        "outbound_whole": lambda: bench.outbound(bench.wrapped()),
        "inbound_whole": bench.inbound_whole,
    }
    rsa = bench.rsa()
    figures: dict[str, float] = {}
    for name, step in steps.items():
        floor = rsa[f"{name.partition('_')[0]}_rsa"]
        times = interleaved({"r": private_operation(), name: step, "rsa": floor}, seconds=seconds)
        figures.setdefault("r_ms", round(times["r"], 4))
        figures[f"{name}_r"] = round(times[name] / times["r"], 2)
        if not name.endswith("_whole"):
            figures[f"{name}_x"] = round(times[name] / times["rsa"], 2)
    return figures


if __name__ == "__main__":
    reporting.run(__doc__, measure)
