# SPDX-License-Identifier: Apache-2.0
"""An access point that only receives, made of the package as4, on a free port of 127.0.0.1.

Orders: `become` (who we are, whom we trust, whom we serve) and `received` (what came under a
message id). The package leaves the HTTP status to the application; here it is always 200.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import as4
from as4.peppol import PeppolReceivingExchange, parse_peppol_message, peppol_security_policy
from as4_parties import certificate, ourselves
from cryptography import x509
from cryptography.x509.oid import NameOID
from talking import Answer, Order, talk


class AccessPoint:
    """What the last `become` made of it, and everything that came since."""

    def __init__(self) -> None:
        self.order: Order = {}
        self.came: list[dict[str, Any]] = []

    def become(self, order: Order) -> Answer:
        """Take another identity and forget what came."""
        self.order, self.came = order, []
        return {}

    def received(self, order: Order) -> Answer:
        """What came under a message id, in the order it came."""
        return {"came": [one for one in self.came if one["message_id"] == order["message_id"]]}

    def take(self, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        """One request; gives headers and body of the answer."""
        exchange = parse_peppol_message(
            request_headers=headers,
            request_body=body,
            local_party=ourselves(self.order),
            accept_participant=self._serve,
            security_policy=peppol_security_policy(
                *(certificate(pem) for pem in self.order["roots"]),
                intermediates=[certificate(pem) for pem in self.order["intermediates"]],
            ),
        )
        self.came.append({**_facts(exchange), "request": hashlib.sha256(body).hexdigest()})
        signal: tuple[dict[str, str], bytes] = exchange.build_signal()
        return signal

    def _serve(self, participant: str) -> None:
        if participant not in self.order["participants"]:
            raise as4.ParticipantNotServicedError(participant)


def _facts(exchange: PeppolReceivingExchange) -> dict[str, Any]:
    message = exchange.message
    assert message is not None
    signer = message.signer_certificate
    refused = message.parse_error
    payload = next(iter(message.decrypted_data.values()), b"")
    return {
        "message_id": message.message_id,
        "conversation_id": message.conversation_id,
        "state": exchange.state,
        "refused": refused and [refused.error_code, refused.detail],
        "signer": signer and _name(signer),
        "sender": message.sender,
        "recipient": message.recipient,
        "document_type": message.document_type_identifier_value,
        "process": message.process_identifier,
        "payload": b64encode(payload).decode("ascii"),
    }


def _name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def main() -> None:
    """Serve and talk until nobody talks to us any more."""
    access_point = AccessPoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name is http.server's
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers, answer = access_point.take(dict(self.headers.items()), body)
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    orders = {"become": access_point.become, "received": access_point.received}
    talk(orders, port=server.server_port)
    server.shutdown()


if __name__ == "__main__":
    main()
