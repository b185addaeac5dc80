# SPDX-License-Identifier: Apache-2.0
"""A REST interface that answers what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Asked], tuple[int, Any]]


@dataclass
class FakeGateway:
    """Where it is, what it was asked, how it answers: (status, JSON value or bytes)."""

    url: str
    answering: Answering
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def fake_gateway(answering: Answering) -> Iterator[FakeGateway]:
    """Serve on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=parts.path,
                query={name: values[0] for name, values in parse_qs(parts.query).items()},
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", "0"))),
            )
            fake.asked.append(asked)
            status, value = fake.answering(asked)
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            kind = "application/xml" if isinstance(value, bytes) else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer  # noqa: N815 - the base class's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = FakeGateway(url=f"http://127.0.0.1:{server.server_address[1]}", answering=answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def document(identifier: str, state: str = "accepted", **more: Any) -> dict[str, Any]:
    """A document resource with what the commands read of it."""
    return {
        "id": identifier,
        "state": state,
        "sequence": 1,
        "settled": state not in ("accepted", "queued", "sending", "waiting_retry"),
        "routing": {
            "sender": {"scheme": "iso6523-actorid-upis", "value": "0106:91000011"},
            "receiver": {"scheme": "iso6523-actorid-upis", "value": "0106:92000033"},
        },
        "summary": {"kind": "invoice", "number": "2026-1", "payable_amount": "121.00"},
        "problem": None,
        **more,
    }
