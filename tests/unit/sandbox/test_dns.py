# SPDX-License-Identifier: Apache-2.0
"""The sandbox's name server, asked by dnspython over both transports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from gateway import smp
from gateway.identifiers import ParticipantId
from gateway.sandbox.dns import Zone, serve
from gateway.sandbox.ports import HOST, choose_ports

ZONE = "participant.sml.sandbox."
KNOWN = smp.dns_name(ParticipantId("0106:91000011"), ZONE)
STRANGER = smp.dns_name(ParticipantId("0106:99999999"), ZONE)

Ask = Callable[[str, str], dns.message.Message]


@pytest.fixture(params=["udp", "tcp"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    port = choose_ports(["dns"])["dns"]
    known = KNOWN.lower().rstrip(".")
    zone = Zone(ZONE, lambda name: "http://127.0.0.1:9003" if name == known else None)
    servers = serve(zone, port)
    query = dns.query.udp if request.param == "udp" else dns.query.tcp
    send = partial(query, where=HOST, port=port, timeout=5)
    yield lambda name, kind: send(dns.message.make_query(name, kind))
    for server in servers:
        server.stop()
        server.server.server_close()


@pytest.mark.parametrize("name", [KNOWN, KNOWN.lower(), KNOWN.upper()])
def test_a_participant_leads_to_its_smp(ask: Ask, name: str) -> None:
    answer = ask(name, "NAPTR")
    assert answer.rcode() == dns.rcode.NOERROR
    (record,) = answer.answer[0]
    assert (record.order, record.preference, record.flags) == (100, 10, b"U")
    assert record.service == b"Meta:SMP"
    assert record.regexp == b"!.*!http://127.0.0.1:9003!"
    assert record.replacement.to_text() == "."


def test_a_stranger_does_not_exist(ask: Ask) -> None:
    answer = ask(STRANGER, "NAPTR")
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert answer.authority[0].rdtype == dns.rdatatype.SOA


@pytest.mark.parametrize(
    ("name", "kind"), [(KNOWN, "A"), (ZONE, "NAPTR"), (f"iso6523-actorid-upis.{ZONE}", "NAPTR")]
)
def test_a_known_name_without_such_a_record_is_empty(ask: Ask, name: str, kind: str) -> None:
    answer = ask(name, kind)
    assert answer.rcode() == dns.rcode.NOERROR
    assert not answer.answer
    assert answer.authority[0].rdtype == dns.rdatatype.SOA


def test_the_zone_has_an_authority(ask: Ask) -> None:
    assert ask(ZONE, "SOA").answer[0].rdtype == dns.rdatatype.SOA


def test_other_zones_are_refused(ask: Ask) -> None:
    assert ask("example.org.", "NAPTR").rcode() == dns.rcode.REFUSED
