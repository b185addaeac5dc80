# SPDX-License-Identifier: Apache-2.0
"""NAPTR questions against a name server on loopback: the nine recorded answers, and silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.net.resolver import DNSResolver
from gateway.service.errors import DNSUnavailableError
from gateway.service.ports import NAPTRAnswer
from tests.dns_server import FakeDNS, running_dns, same_id
from tests.shared import shared

NAME = (
    "ke4w67iqg2gnwnfgnshca7gmurfsabuojiefuewx3vnocmdpnifq"
    ".iso6523-actorid-upis.participant.sml.test.tech.peppol.org."
)


def vectors() -> dict[str, bytes]:
    data: dict[str, Any] = json.loads(
        shared("data/sml/local-made/dns-naptr-vectors.json").read_bytes()
    )
    return {entry["case"]: bytes.fromhex(entry["hex"]) for entry in data["cases"]}


async def ask(case: str, *, tcp_case: str = "") -> tuple[NAPTRAnswer, FakeDNS]:
    recorded = vectors()

    def answer(query: bytes, tcp: bool) -> bytes:
        return same_id(query, recorded[tcp_case if tcp and tcp_case else case])

    async with running_dns(answer) as server:
        resolver = DNSResolver(nameservers=[server.address], lifetime_seconds=2)
        return await resolver.naptr(NAME), server


@pytest.mark.parametrize(
    ("case", "regexps"),
    [
        ("one NAPTR", ["!.*!https://smp.example.org!"]),
        (
            "anchored regexp, lower-case flag, path prefix",
            ["!^.*$!https://smp.example.org/peppol!"],
        ),
        ("CNAME then NAPTR", ["!.*!https://smp.example.org!"]),
        ("http only (must be refused)", ["!.*!http://smp.example.org!"]),
        ("NOERROR without answer (no NAPTR)", []),
    ],
)
async def test_answers(case: str, regexps: list[str]) -> None:
    answer, server = await ask(case)
    assert answer.rcode == "NOERROR"
    assert [record.regexp for record in answer.records] == regexps
    assert len(server.queries) == 1
    if regexps:
        first = answer.records[0]
        assert (first.order, first.preference, first.service) == (100, 10, "Meta:SMP")
        assert (first.replacement, answer.ttl) == (".", 60)


async def test_all_records_come_through() -> None:
    answer, _ = await ask("other services and two candidates, preference decides")
    assert sorted(record.service for record in answer.records) == [
        "Meta:SMP",
        "Meta:SMP",
        "meta:cppa3",
    ]


async def test_a_name_that_does_not_exist() -> None:
    answer, _ = await ask("NXDOMAIN (participant not registered)")
    assert (answer.rcode, answer.records) == ("NXDOMAIN", ())


async def test_a_truncated_answer_is_asked_for_again_over_tcp() -> None:
    answer, server = await ask("truncated, repeat over TCP", tcp_case="one NAPTR")
    assert len(answer.records) == 1
    assert [tcp for _, tcp in server.queries] == [False, True]


async def test_the_question_carries_edns() -> None:
    _, server = await ask("one NAPTR")
    query = server.queries[0][0]
    assert query.endswith(b"\x00\x00\x29\x04\xd0" + bytes(6))  # OPT, 1232 bytes


async def test_servfail_is_no_answer() -> None:
    with pytest.raises(DNSUnavailableError) as caught:
        await ask("SERVFAIL (technical, retry)")
    assert caught.value.cause == "servfail"


async def test_silence_is_no_answer() -> None:
    async with running_dns(lambda _query, _tcp: None) as server:
        with pytest.raises(DNSUnavailableError) as caught:
            await DNSResolver(nameservers=[server.address], lifetime_seconds=0.2).naptr(NAME)
    assert caught.value.cause == "timeout"


async def test_rubbish_is_no_answer() -> None:
    async with running_dns(lambda query, _tcp: query[:2] + b"rubbish") as server:
        with pytest.raises(DNSUnavailableError):
            await DNSResolver(nameservers=[server.address], lifetime_seconds=0.3).naptr(NAME)


async def test_a_name_that_is_none() -> None:
    async with running_dns(lambda _query, _tcp: None) as server:
        with pytest.raises(DNSUnavailableError):
            await DNSResolver(nameservers=[server.address]).naptr("x" * 70 + ".example.")
