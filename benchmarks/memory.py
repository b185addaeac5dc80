# SPDX-License-Identifier: Apache-2.0
"""How much more memory a process holds while one message of 250 MB goes through it, each way.

Two access points as processes of their own, with REST, AS4 and worker. The document is made while
it is pushed, and nowhere whole; it is looked up, composed, sent, received, checked and pulled from
the inbox. The figure is the most that the process held meanwhile, less what it held after a
message of 3 MB had gone the same way. Aim: under 16 MB.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from benchmarks import messages, reporting
from benchmarks.killing import READY, inbox, settled_states
from benchmarks.reaching import PeakWatch
from benchmarks.site import RECEIVER, SENDER, Site, prepared_site
from gateway.sandbox.samples import SampleKind, sample

MB = 1_000_000
UNPACKED_BYTES = 250 * MB
WARM_UP_BYTES = 3 * MB
NOISE_SHARE = 0.45  # of the attachment; the rest compresses to nearly nothing
LIMIT_BYTES = 255 * MB  # of the REST interface; its default is 100 MB
PIECE = 190 * 1024 // 3 * 3
ACCEPTED, OK = 202, 200
_OPENING = b'filename="leverbonnen.pdf">'
_TEXT = b"Geleverd volgens afspraak, zonder opmerkingen bij ontvangst.\n"


class NotDeliveredError(Exception):
    """The large message did not go through."""


def document(road: messages.Road, number: str, *, size: int) -> Iterator[bytes]:
    """An invoice of about this size, nearly all of it an attachment in base64."""
    pieces = sample(
        SampleKind.SI_UBL_INVOICE,
        number=number,
        issue_date=datetime.now(UTC).date(),
        sender=road.sender,
        receiver=road.receiver,
        attachment_bytes=3000,
    )
    head, opening, rest = b"".join(pieces).partition(_OPENING)
    yield head + opening
    wanted = (size - len(head) - len(rest)) // 4 * 3
    for place in range(0, wanted, PIECE):
        yield base64.b64encode(_piece(place, min(PIECE, wanted - place) // 3 * 3))
    yield rest


def measure(site: Site, size: int = UNPACKED_BYTES) -> dict[str, float]:
    allow(site, LIMIT_BYTES)
    servers = {name: site.server(name) for name in (SENDER, RECEIVER)}
    for server in servers.values():
        server.start()
    for server in servers.values():
        server.wait_until_up()
    _transport(site, "warm-up", WARM_UP_BYTES)
    with PeakWatch({name: server.pid for name, server in servers.items()}) as peak:
        pulled = _transport(site, "large", size)
    for server in servers.values():
        server.stop()
    return {
        "outbound_mb": round(peak.growth[SENDER] / MB, 1),
        "inbound_mb": round(peak.growth[RECEIVER] / MB, 1),
        "unpacked_mb": round(pulled / MB, 1),
        "wire_mb": round(_wire_bytes(site) / MB, 1),
    }


def _piece(place: int, size: int) -> bytes:
    noise = int(size * NOISE_SHARE)
    random = hashlib.shake_128(b"%d" % place).digest(noise)
    return random + (_TEXT * (size // len(_TEXT) + 1))[: size - noise]


def allow(site: Site, size: int) -> None:
    settings = site.network.settings_file(SENDER)
    text = settings.read_text().replace("[api]\n", f"[api]\nmax_document_bytes = {size}\n")
    settings.write_text(text)


def _transport(site: Site, number: str, size: int) -> int:
    """Push, deliver, check and pull one document; how many bytes were pulled."""
    push(site, document(site.road(), number, size=size))
    with site.client(SENDER) as here, site.client(RECEIVER) as there:
        states = settled_states(here, "outbound", {"transmitted"})
        if set(states.values()) != {"transmitted"}:
            raise NotDeliveredError(f"the documents are {states}")
        settled_states(there, "inbound", {READY})
        item = next(item for item in inbox(there) if item["summary"]["number"] == number)
    return _pull(site, item["id"])


def push(site: Site, pieces: Iterator[bytes]) -> None:
    headers = {"Content-Type": "application/xml", "Transfer-Encoding": "chunked"}
    answer, body = _call(site, SENDER, "POST", "/v1/documents", headers=headers, body=pieces)
    if answer != ACCEPTED:
        raise NotDeliveredError(f"{answer}: {json.loads(body)}")


def _pull(site: Site, document_id: str) -> int:
    status, body = _call(site, RECEIVER, "GET", f"/v1/documents/{document_id}/content")
    if status != OK:
        raise NotDeliveredError(f"{status}: {body!r}")
    return len(body)


def _call(
    site: Site,
    name: str,
    method: str,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: Iterator[bytes] | None = None,
) -> tuple[int, bytes]:
    address = urlsplit(site.network.url(f"{name}-api"))
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=300)
    allowed = {"Authorization": f"Bearer {site.network.api_key(name)}", **(headers or {})}
    try:
        connection.request(method, path, body=body, headers=allowed, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _wire_bytes(site: Site) -> int:
    lines = site.network.log_file(RECEIVER).read_text().splitlines()
    received = [json.loads(line) for line in lines if '"message_received"' in line]
    return max(int(line["bytes"]) for line in received)


def main() -> None:
    with prepared_site() as site:
        reporting.run(__doc__, lambda: measure(site))


if __name__ == "__main__":
    main()
