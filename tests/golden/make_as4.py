# SPDX-License-Identifier: Apache-2.0
"""Makes the golden AS4 messages anew: `python -m tests.golden.make_as4`. See as4/SOURCE.md.

Run it only when the format of what we send changes on purpose: the point of the files is that
they stay what they are while the code changes.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from gateway import pki
from gateway.as4 import const
from tests.as4_exchange import Exchange, Forgery, Message
from tests.pki_fixtures import AT, fresh_pki, shared_key

FOLDER = Path(__file__).parent / "as4"
PAYLOAD = b"<sbd>" + bytes(range(32, 60)).replace(b"<", b"").replace(b"&", b"") * 4 + b"</sbd>\n"
PREFIX_LIST = f'><ec:InclusiveNamespaces xmlns:ec="{const.EC}" PrefixList="S12 eb #default">'


def main() -> None:
    """Write all files of the folder."""
    FOLDER.mkdir(exist_ok=True)
    local = fresh_pki("golden")
    sender = local.issue(pki.Role.AP, "POP000111", at=AT, key=shared_key("sender"))
    receiver = local.issue(pki.Role.AP, "POP000112", at=AT, key=shared_key("receiver"))
    exchange = Exchange.of(local, sender, receiver, AT)
    forgery = Forgery(exchange=exchange, payload=PAYLOAD, key=b"golden key 16 by")
    write("ours.http", forgery.message())
    write("peer.http", as_peers_write(forgery))
    (FOLDER / "payload.xml").write_bytes(PAYLOAD)
    (FOLDER / "root.cert.pem").write_bytes(local.root.certificate.pem)
    (FOLDER / "ap-ca.cert.pem").write_bytes(local.ap_ca.certificate.pem)
    (FOLDER / "receiver.cert.pem").write_bytes(receiver.certificate.pem)
    facts = {"at": AT.isoformat(), "message_key": forgery.key.hex()}
    (FOLDER / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")


def write(name: str, message: Message) -> None:
    """One file: header lines, an empty line, the exact body."""
    headers, body = message
    lines = "".join(f"{key}: {value}\r\n" for key, value in headers).encode()
    (FOLDER / name).write_bytes(lines + b"\r\n" + body)


def as_peers_write(forgery: Forgery) -> Message:
    """The same message in habits seen elsewhere: other order, lists of prefixes, base64, labels."""

    def signed_info(text: str) -> str:
        for tag in ("ds:CanonicalizationMethod", "ds:Transform"):
            text = text.replace(
                f'<{tag} Algorithm="{const.EXCLUSIVE_C14N}">',
                f'<{tag} Algorithm="{const.EXCLUSIVE_C14N}"{PREFIX_LIST}</ec:InclusiveNamespaces>',
            )
        # The list makes the canonical form show what is in scope at SignedInfo.
        return text.replace("<ds:SignedInfo ", f'<ds:SignedInfo xmlns:S12="{const.S12}" ')

    def soap(text: str) -> str:
        start, end = text.index("<eb:Messaging"), text.index("</S12:Header>")
        messaging = text[start:end]
        return text.replace(messaging, "").replace(
            "<wsse:Security", messaging + "<wsse:Security", 1
        )

    forged = forgery.but(
        signed_info=signed_info,
        soap=soap,
        transfer_encoding="base64",
        wire=lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    )
    headers, body = forged.message()
    body = b"a preamble\r\n" + body.replace(b"Content-ID", b"Content-Id", 1)
    return headers, body + b"an epilogue"


if __name__ == "__main__":
    main()
