# SPDX-License-Identifier: Apache-2.0
"""Revocation lists of a PKI on a port of 127.0.0.1, for peers that fetch them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

_STOP_SECONDS = 0.05


class CRLServer:
    """Serves what `lists` gives, by file name; the PKI that needs the address comes later."""

    def __init__(self) -> None:
        self.lists: Callable[[], dict[str, bytes]] = dict
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answers while the block runs."""
        Thread(target=self._server.serve_forever, args=[_STOP_SECONDS], daemon=True).start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()


def _handler(crls: CRLServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name is http.server's
            body = crls.lists().get(self.path.rpartition("/")[2])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/pkix-crl")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    return Handler
