# SPDX-License-Identifier: Apache-2.0
"""Sends with the package peppol-py.

Replaced for the tests, beside the program xmlsec: its lookup, which asks the real network's DNS,
by the address and certificate of the order; its check of the receiver's certificate, which knows
the roots of the real network only; and the name of this machine, which it puts into message ids.
The one order is `send`; `times` repeats the same bytes.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import sys
import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any

from peppol_py import SendPeppolError, send_peppol_document, sender
from peppol_py.as4_sender import post_edelivery_as4_document
from talking import Answer, Order, talk

HOST = "peppol-py.example"
SECONDS = 30


def send(order: Order, *, folder: Path, xmlsec: Path) -> Answer:
    """One message, sent once or more often."""
    socket.getfqdn = lambda name="": HOST
    sender.get_service_info_for_participant_from_smp = lambda *_, **__: (
        "peppol-transport-as4-v2_0",
        order["url"],
        order["to_certificate"].encode("ascii"),
    )
    sender.validate_certificate = lambda *_: None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_text(order["key"])
    certificate.write_text(order["certificate"])
    body, headers, statistics = send_peppol_document(
        b64decode(order["document"]),
        xmlsec_path=str(xmlsec),
        keyfile=str(key),
        keyfile_password="",
        certfile=str(certificate),
        document_type_version="2.1",
        dryrun=True,
    )
    answers = [_try(order["url"], body, headers) for _ in range(order.get("times", 1))]
    named = re.search(rb"MessageId>([^<]+)<", body)
    message_id = named[1].decode("ascii") if named else ""
    return {"message_id": message_id, "statistics": statistics, "answers": answers}


def _try(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    try:
        post_edelivery_as4_document(url, body, headers, timeout=SECONDS, user_agent="peppol-py")
    except SendPeppolError as error:
        return {"problem": str(error), "code": error.code, "endpoint": error.endpoint}
    return {"problem": None}


def main() -> None:
    """Talk, with a launcher for the stand-in: peppol-py takes the path of one program."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        xmlsec = folder / "xmlsec1"
        program = Path(__file__).with_name("xmlsec_stand_in.py")
        xmlsec.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{program}' \"$@\"\n")
        os.chmod(xmlsec, stat.S_IRWXU)  # noqa: PTH101
        talk({"send": lambda order: send(order, folder=folder, xmlsec=xmlsec)})


if __name__ == "__main__":
    main()
