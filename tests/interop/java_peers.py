# SPDX-License-Identifier: Apache-2.0
"""phase4 and Oxalis as peers: their harnesses take the same options and print the same lines."""

from __future__ import annotations

import asyncio
import http.client
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.interop import labs
from tests.interop.captured import Captured, read_captured
from tests.interop.peer import Came, Outcome, Shipment

_MEMORY = "4g"  # what is not needed is not taken
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class JavaReceiver:
    """A receiver of the lab that runs."""

    name: str
    url: str
    leaf: IssuedLeaf
    store: Path

    async def came(self, message_id: str) -> Sequence[Came]:
        """What it stored under a message id."""
        lines = (self.store / "messages.jsonl").read_text("utf-8").splitlines()
        facts = [json.loads(line) for line in lines]
        return [_came(one) for one in facts if one["message_id"] == message_id]


@contextmanager
def java_receiver(
    lab: labs.Lab,
    leaf: IssuedLeaf,
    pki: LocalPKI,
    *,
    options: Sequence[object] = (),
    port: int = 0,
    jdk: labs.JDK | None = None,
) -> Iterator[JavaReceiver]:
    """The receiver of this program, up while the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        with labs.starting(
            lab,
            "receiver",
            *("--port", port, "--store", store),
            *_who(Path(folder), leaf, pki),
            *options,
            memory=_MEMORY,
            jdk=jdk,
        ) as process:
            yield JavaReceiver(lab.name, process.url, leaf, store)


@dataclass(frozen=True, slots=True)
class JavaSender:
    """The sender of this program; each shipment is a process of its own."""

    lab: labs.Lab
    pki: LocalPKI

    @property
    def name(self) -> str:
        """What the program is called."""
        return self.lab.name

    async def send(self, shipment: Shipment) -> Sequence[Outcome]:
        """Send the files; further times repeat the bytes that were sent, as its user would."""
        return await asyncio.to_thread(self._send, shipment)

    def _send(self, shipment: Shipment) -> list[Outcome]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            wire = folder / "wire"
            lines = labs.run_lines(
                self.lab,
                "sender",
                *_where(folder, shipment),
                *_who(folder, shipment.by, self.pki),
                *_what(shipment),
                *("--wire", wire),
                *shipment.options,
                *_files(folder, shipment),
                memory=_MEMORY,
                seconds=_SECONDS,
                java_options=labs.SHORT_LIVED,
            )
            sent = [read_captured(file) for file in sorted(wire.glob("*-request.http"))]
            answers = [read_captured(file) for file in sorted(wire.glob("*-answer*.http"))]
        outcomes = [_outcome(line, number, sent, answers) for number, line in enumerate(lines)]
        repeats = [
            _repeat(shipment.url, one, outcome)
            for _ in range(shipment.times - 1)
            for one, outcome in zip(sent, outcomes, strict=True)
        ]
        return outcomes + repeats


def _who(folder: Path, leaf: IssuedLeaf, pki: LocalPKI) -> tuple[object, ...]:
    stores = labs.write_stores(folder / "stores", pki)
    keystore = folder / "stores/own.p12"
    keystore.write_bytes(labs.keystore(leaf, (pki.ap_ca, pki.root), alias="own"))
    return ("--keystore", keystore, "--truststore", stores["ap"])


def _where(folder: Path, shipment: Shipment) -> tuple[object, ...]:
    certificate = folder / "receiver.pem"
    certificate.write_bytes(shipment.to.pem)
    return ("--url", shipment.url, "--receiver-cert", certificate)


def _what(shipment: Shipment) -> tuple[object, ...]:
    document_type = f"{shipment.document_type.scheme}::{shipment.document_type.value}"
    ids = {"--instance-id": shipment.instance_id, "--conversation-id": shipment.conversation_id}
    return (
        *("--sender-id", shipment.sender, "--receiver-id", shipment.receiver),
        *("--doctype", document_type, "--process", shipment.process.value),
        *("--country", shipment.country),
        *(word for pair in ids.items() if pair[1] for word in pair),
    )


def _files(folder: Path, shipment: Shipment) -> list[Path]:
    files = [folder / f"document-{number}" for number in range(len(shipment.files))]
    for file, data in zip(files, shipment.files, strict=True):
        file.write_bytes(data)
    return files


def _outcome(
    line: dict[str, Any], number: int, sent: Sequence[Captured], answers: Sequence[Captured]
) -> Outcome:
    said = [*line["errors"], line.get("receipt") or {}]
    return Outcome(
        delivered=line["ok"],
        message_id=line["message_id"],
        code=said[0].get("code"),
        detail=said[0].get("detail") or line.get("exception"),
        verified=said[0].get("signature_verified"),
        status=line["http_status"],
        request=sent[number].body if number < len(sent) else None,
        answer=answers[number].body if number < len(answers) else None,
    )


def _repeat(url: str, sent: Captured, before: Outcome) -> Outcome:
    """The same bytes once more. The answer counts if it is the one that the peer verified."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_SECONDS)
    skipped = {"host", "content-length", "transfer-encoding"}
    headers = {name: value for name, value in sent.headers if name.lower() not in skipped}
    connection.request("POST", urlsplit(url).path, body=sent.body, headers=headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    same = answer == before.answer
    return replace(
        before, delivered=before.delivered and same, status=response.status, answer=answer
    )


def _came(facts: dict[str, Any]) -> Came:
    return Came(
        message_id=facts["message_id"],
        conversation_id=facts["conversation_id"],
        instance_id=facts["instance_id"],
        signer=facts["signer"],
        sender=facts["sender"].rpartition("::")[2],
        receiver=facts["receiver"].rpartition("::")[2],
        document_type=facts["doctype"],
        process=facts["process"].rpartition("::")[2],
        document=facts["sha256_document"],
    )
