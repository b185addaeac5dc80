# SPDX-License-Identifier: Apache-2.0
"""The sandbox's DNS: NAPTR records of the registered participants, over UDP and TCP.

Answers as the zone of an SML does (Peppol SML 1.3.0, section 2.1.1): a participant has one U-NAPTR
record that leads to its SMP, a stranger is NXDOMAIN, a known name without the asked type is an
empty answer, and names outside the zone are refused. It asks nobody else.

Called as `python -m gateway.sandbox.dns FOLDER`.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from dnslib import NAPTR, QTYPE, RCODE, RR, SOA, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer

from gateway.identifiers import PARTICIPANT_SCHEME
from gateway.sandbox import ports
from gateway.sandbox.network import Network
from gateway.sandbox.registrations import Registrations, list_from_smp

TTL_SECONDS = 60
NEGATIVE_TTL_SECONDS = 1  # a participant that was just added should be found at once
ORDER, PREFERENCE = 100, 10


class Zone:
    """The answers of one zone, as dnslib's server asks for them."""

    def __init__(self, zone: str, smp_address: Callable[[str], str | None]) -> None:
        self._zone = zone.lower().rstrip(".")
        self._smp_address = smp_address

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        """Answer one query."""
        reply = request.reply(ra=0, aa=1)
        name = str(request.q.qname).lower().rstrip(".")
        if name != self._zone and not name.endswith(f".{self._zone}"):
            reply.header.aa = 0
            reply.header.rcode = RCODE.REFUSED
            return reply
        address = self._smp_address(name)
        kind = QTYPE[request.q.qtype]
        if address is not None and kind in ("NAPTR", "ANY"):
            reply.add_answer(_naptr(request.q.qname, address))
            return reply
        if name == self._zone and kind in ("SOA", "ANY"):
            reply.add_answer(self._authority())
            return reply
        if address is None and name not in (self._zone, f"{PARTICIPANT_SCHEME}.{self._zone}"):
            reply.header.rcode = RCODE.NXDOMAIN
        reply.add_auth(self._authority())
        return reply

    def _authority(self) -> RR:
        times = (1, 3600, 600, 86400, NEGATIVE_TTL_SECONDS)
        start = SOA(f"ns.{self._zone}.", f"hostmaster.{self._zone}.", times)
        return RR(f"{self._zone}.", QTYPE.SOA, ttl=NEGATIVE_TTL_SECONDS, rdata=start)


def _naptr(name: object, address: str) -> RR:
    record = NAPTR(ORDER, PREFERENCE, b"U", b"Meta:SMP", f"!.*!{address}!".encode("ascii"))
    return RR(name, QTYPE.NAPTR, ttl=TTL_SECONDS, rdata=record)


def serve(zone: Zone, port: int) -> tuple[DNSServer, DNSServer]:
    """Answer on both transports, each in a thread of its own; returns the two servers."""
    logger = DNSLogger("-request,-reply", prefix=False)
    servers = tuple(
        DNSServer(zone, address=ports.HOST, port=port, tcp=tcp, logger=logger)
        for tcp in (False, True)
    )
    for server in servers:
        server.start_thread()
    return servers[0], servers[1]


def main() -> None:
    """Serve the zone of one sandbox until told to stop."""
    network = Network.load(Path(sys.argv[1]))
    registrations = Registrations(
        zone=network.zone,
        smp_url=network.smp_url,
        saved=network.folder / "dns" / "registered.json",
        fetch=lambda: list_from_smp(
            network.smp_url, user=network.smp_user, password=network.smp_password()
        ),
    )
    servers = serve(Zone(network.zone, registrations.smp_address), network.ports["dns"])
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    told_to_stop.wait()
    for server in servers:
        server.stop()


if __name__ == "__main__":
    main()
