# SPDX-License-Identifier: Apache-2.0
"""Sends one document through the sandbox and gathers what each step did and how long it took.

Asks as any client would, by REST; the times inside the access points come from their logs.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from gateway.errors import GatewayError
from gateway.net.rest_client import Answer, RefusedError, RESTClient
from gateway.sandbox.invoices import Shipment
from gateway.sandbox.network import Network

PATIENCE_SECONDS = 60.0
ASK_AGAIN_SECONDS = 0.05
LONGEST_WAIT = "20"
ARRIVED = ("transmitted", "delivered")
LOG_TAIL_BYTES = 512 * 1024
DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*\?>")


class NotDeliveredError(GatewayError):
    """A sample did not arrive, or not as it was sent."""

    code = "not_delivered"


class NotRefusedError(GatewayError):
    """A document that breaks its rules was accepted."""

    code = "not_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The answer to a document with mistakes, as docs/problems.md has it."""

    problem: Mapping[str, Any]
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story; `milliseconds` is None where a step is measured with its neighbour."""

    name: str
    what: str
    milliseconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A delivered document and its steps."""

    document: Mapping[str, Any]
    steps: tuple[Step, ...]
    seconds: float


def travel(network: Network, shipment: Shipment, document: BinaryIO) -> Journey:
    """Push, follow, pull and acknowledge one document. Raises `NotDeliveredError`."""
    start = time.perf_counter()
    document.seek(0)
    sent = _bare(document.read())
    with (
        _client(network, shipment.sender_ap) as out,
        _client(network, shipment.receiver_ap) as back,
    ):
        pushed, push_ms = _push(out, document)
        settled = _follow(out, pushed)
        verdict = out.get(f"/v1/documents/{settled['id']}/validation").json()
        inside = _from_log(network.log_file(shipment.sender_ap), "attempt_finished", settled["id"])
        found = out.post_json(
            "/v1/lookups",
            {
                "participant": settled["routing"]["receiver"]["value"],
                "document_type": settled["routing"]["document_type"]["value"],
            },
        ).json()
        item, pull_ms = _pull(back, settled, sent)
    steps = (
        Step(name="push", what=f"REST 202, {settled['id']}", milliseconds=push_ms),
        Step(name="validate", what=_judged(verdict), milliseconds=verdict["milliseconds"]),
        Step(name="lookup", what=_looked_up(found), milliseconds=inside.get("lookup_ms")),
        *_sent(settled, inside, shipment.receiver_seat),
        Step(name="inbox", what=f"equal byte for byte, {item['id']}", milliseconds=pull_ms),
    )
    return Journey(document=settled, steps=steps, seconds=time.perf_counter() - start)


def submit_broken(network: Network, access_point: str, document: bytes) -> Refusal:
    """Push a document that its rules refuse. Raises `NotRefusedError` if it is accepted."""
    start = time.perf_counter()
    with _client(network, access_point) as out:
        try:
            out.post_document(document, query={}, idempotency_key=f"sandbox-{uuid.uuid4()}")
        except RefusedError as error:
            if error.problem.get("code") != "document_invalid":
                raise
            taken = (time.perf_counter() - start) * 1000
            return Refusal(problem=error.problem, milliseconds=taken)
    raise NotRefusedError("a document with mistakes was accepted")


def _sent(document: Mapping[str, Any], log: Mapping[str, Any], seat: str) -> Iterator[Step]:
    """The steps of the one try, with the times that the sender's log has of them."""
    for name, what, time_of in (
        ("SBDH", f"instance {document['sbdh_instance_id']}", "envelope_ms"),
        ("sign + encrypt", f"gzip, RSA-SHA256, AES-128-GCM for {seat}", "compose_ms"),
        ("transmit", f"AS4 {document['as4_message_id']}", "transmit_ms"),
        ("receipt", f"signed by {seat}, state {document['state']}", "receipt_ms"),
    ):
        yield Step(name=name, what=what, milliseconds=log.get(time_of))


def _client(network: Network, name: str) -> RESTClient:
    return RESTClient(network.url(f"{name}-api"), network.api_key(name))


def _bare(document: bytes) -> bytes:
    """A document without XML declaration and outer blanks: the envelope, XML itself, has no place
    for them.
    """
    return DECLARATION.sub(b"", document, count=1).strip()


def _push(client: RESTClient, document: BinaryIO) -> tuple[dict[str, Any], float]:
    start = time.perf_counter()
    answer: Answer = client.post_document(
        document, query={}, idempotency_key=f"sandbox-{uuid.uuid4()}"
    )
    return answer.json(), (time.perf_counter() - start) * 1000


def _follow(client: RESTClient, document: Mapping[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen = dict(document)
    while not seen["settled"] and time.monotonic() < deadline:
        known = {"wait": LONGEST_WAIT, "sequence": str(seen["sequence"])}
        seen = client.get(f"/v1/documents/{document['id']}", known).json()
    if seen["state"] not in ARRIVED:
        problem = seen.get("problem") or {}
        raise NotDeliveredError(
            f"{seen['id']} is {seen['state']}: {problem.get('code')} {problem.get('detail')}"
        )
    return seen


def _pull(
    client: RESTClient, document: Mapping[str, Any], sent: bytes
) -> tuple[Mapping[str, Any], float]:
    """Find the document in the receiver's inbox, read it, compare, acknowledge."""
    start = time.perf_counter()
    item = _waiting(client, document)
    content = client.get(f"/v1/documents/{item['id']}/content").body
    if _bare(content) != sent:
        raise NotDeliveredError(f"{item['id']} is not what was sent as {document['id']}")
    done = client.post_json(
        "/v1/inbox/acknowledgements",
        {"items": [{"document_id": item["id"], "outcome": "accepted"}]},
    ).json()
    if done["items"][0]["result"] != "acknowledged":
        raise NotDeliveredError(f"{item['id']} could not be acknowledged")
    return item, (time.perf_counter() - start) * 1000


def _waiting(client: RESTClient, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    query = {"receiver": sent["routing"]["receiver"]["value"], "limit": "200"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        after: str | None = ""
        while after is not None:
            page = client.get("/v1/inbox", query | ({"after": after} if after else {})).json()
            for item in page["data"]:
                if item["sbdh_instance_id"] == sent["sbdh_instance_id"]:
                    return dict(item)
            after = page.get("next_cursor")
        time.sleep(ASK_AGAIN_SECONDS)
    raise NotDeliveredError(f"{sent['id']} has its receipt, but is not in the receiver's inbox")


def _judged(verdict: Mapping[str, Any]) -> str:
    notices = [notice["code"] for notice in verdict["notices"]]
    said = f", {', '.join(notices)}" if notices else ""
    return f"{verdict['outcome']} by {verdict['rule_set']}, engine {verdict['engine']}{said}"


def _looked_up(found: Mapping[str, Any]) -> str:
    endpoint = found.get("endpoint") or {}
    dns = found.get("dns") or {}
    return f"SMP {dns.get('smp_url', '?')}, endpoint {endpoint.get('url', '?')}"


def _from_log(file: Path, event: str, document: str) -> dict[str, Any]:
    """The last line of a log that has this event of this document; empty if there is none."""
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - LOG_TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
        for line in reversed(lines):
            if event in line and document in line:
                return dict(json.loads(line))
        time.sleep(ASK_AGAIN_SECONDS)
    return {}
