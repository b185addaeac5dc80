# SPDX-License-Identifier: Apache-2.0
"""The Python packages as4 and peppol-py as peers; their programs run in their own environments."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.issuing import Authority
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.interop.cases import business_document
from tests.interop.peer import Came, Outcome, Shipment
from tests.interop.peer_processes import Program

_ERROR_CODE = re.compile(r'errorCode="([^"]+)"')


@dataclass(frozen=True, slots=True)
class As4Receiver:
    """The package as4 as a receiver."""

    program: Program
    leaf: IssuedLeaf
    name: str = "as4"

    @property
    def url(self) -> str:
        """Where its program listens."""
        return f"http://127.0.0.1:{self.program.ready['port']}/as4"

    async def become(self, pki: LocalPKI, *, serving: Sequence[str]) -> None:
        """Take the identity of `leaf`, trust this PKI, serve these, and forget what came."""
        authorities = {"roots": [_pem(pki.root)], "intermediates": [_pem(pki.ap_ca)]}
        await self.program.ask(
            "become", **_identity(self.leaf), **authorities, participants=list(serving)
        )

    async def came(self, message_id: str) -> Sequence[Came]:
        """What it took under a message id."""
        said = await self.raw(message_id)
        return [_came(one) for one in said if one["state"] == "received"]

    async def raw(self, message_id: str) -> list[dict[str, Any]]:
        """What its program says of every message of this id, taken or not."""
        return list((await self.program.ask("received", message_id=message_id))["came"])


@dataclass(frozen=True, slots=True)
class PackageSender:
    """A package as a sender; `outcome` reads what its program says of one try."""

    name: str
    program: Program
    outcome: Callable[[str, dict[str, Any]], Outcome]

    async def send(self, shipment: Shipment) -> Sequence[Outcome]:
        """Send the files, each so often as it is to be sent."""
        return [one for file in shipment.files for one in await self._send(shipment, file)]

    async def _send(self, shipment: Shipment, file: bytes) -> list[Outcome]:
        sent = await self.program.ask("send", **_order(shipment, file))
        return [self.outcome(sent["message_id"], answer) for answer in sent["answers"]]


def _order(shipment: Shipment, file: bytes) -> dict[str, Any]:
    return {
        **_identity(shipment.by),
        "url": shipment.url,
        "to_party": shipment.to.common_name,
        "to_certificate": shipment.to.pem.decode("ascii"),
        "sender": shipment.sender,
        "recipient": shipment.receiver,
        "document_type": shipment.document_type.value,
        "process": shipment.process.value,
        "country": shipment.country,
        "instance_id": shipment.instance_id,
        "document": b64encode(file).decode("ascii"),
        "times": shipment.times,
    }


def as4_outcome(message_id: str, answer: dict[str, Any]) -> Outcome:
    """What the program of as4 says of one try."""
    code, detail = answer["refused"] or (None, answer["problem"])
    return Outcome(
        delivered=answer["state"] == "acknowledged",
        message_id=message_id,
        code=code,
        detail=detail,
        verified=answer["problem"] is None,
        status=answer["status"],
        answer=b64decode(answer["body"]),
    )


def peppol_py_outcome(message_id: str, answer: dict[str, Any]) -> Outcome:
    """What the program of peppol-py says of one try."""
    endpoint = answer.get("endpoint") or {}
    code = _ERROR_CODE.search(endpoint.get("error_xml") or "")
    problem = answer["problem"]
    return Outcome(
        delivered=problem is None,
        message_id=message_id,
        code=code and code[1],
        detail=problem and problem.removeprefix("Endpoint error: "),
        status=endpoint.get("status_code"),
    )


def _came(said: dict[str, Any]) -> Came:
    document = business_document(b64decode(said["payload"]))
    return Came(
        message_id=said["message_id"],
        conversation_id=said["conversation_id"],
        instance_id=None,
        signer=said["signer"],
        sender=said["sender"],
        receiver=said["recipient"],
        document_type=f"busdox-docid-qns::{said['document_type']}",
        process=said["process"],
        document=hashlib.sha256(document).hexdigest(),
    )


def _pem(holder: IssuedLeaf | Authority) -> str:
    return holder.certificate.pem.decode("ascii")


def _identity(leaf: IssuedLeaf) -> dict[str, str]:
    return {
        "party": leaf.certificate.common_name,
        "certificate": _pem(leaf),
        "key": leaf.key_pem.decode("ascii"),
    }
