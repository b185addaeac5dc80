# SPDX-License-Identifier: Apache-2.0
"""DNS names of participants, and SMP addresses out of NAPTR answers."""

from __future__ import annotations

import json
from typing import Any

import dns.message
import dns.rdatatype
import pytest

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.service.ports import NAPTRRecord
from tests.shared import shared

NAMES = [  # the first column is printed in SML 1.3.0 or Policy 7, or computed with hashlib alone
    ("0106:12345678", "KE4W67IQG2GNWNFGNSHCA7GMURFSABUOJIEFUEWX3VNOCMDPNIFQ"),
    ("9915:test", "EH5BOAVAKTMBGZYH2A63DZ4QOV33FVP5NSDVQKLUCFRAAYOODW6A"),
    ("0088:123abc", "Y7DZFXAF3D4CJZ4KCGRXTEC6TWVCGA4KY7ZWA5BOIF6MSWD4TDRQ"),
    ("0088:123ABC", "Y7DZFXAF3D4CJZ4KCGRXTEC6TWVCGA4KY7ZWA5BOIF6MSWD4TDRQ"),
    ("0010:5798000000001", "XUKHFQABQZIKI3YKVR2FHR4SNFA3PF5VPQ6K4TONV3LMVSY5ARVQ"),
    ("9944:NL123456789B01", "7BCOIK4NV2L2MGWFTP3AP32KRRIEC2SCJZ7JITXPN753VBT4PLZQ"),
]


@pytest.mark.parametrize(("participant", "label"), NAMES)
def test_dns_name(participant: str, label: str) -> None:
    name = smp.dns_name(ParticipantId(participant), "participant.sml.test.tech.peppol.org.")
    assert name == f"{label}.iso6523-actorid-upis.participant.sml.test.tech.peppol.org."


def test_a_zone_is_absolute_with_or_without_its_final_dot() -> None:
    participant = ParticipantId("9915:test")
    assert smp.dns_name(participant, "zone.example") == smp.dns_name(participant, "zone.example.")


def naptr(regexp: str, **changed: Any) -> NAPTRRecord:
    fields: dict[str, Any] = {
        "order": 100,
        "preference": 10,
        "flags": "U",
        "service": "Meta:SMP",
        "regexp": regexp,
        "replacement": ".",
    }
    return NAPTRRecord(**(fields | changed))


@pytest.mark.parametrize(
    ("regexp", "address"),
    [
        ("!.*!https://smp.example.org!", "https://smp.example.org"),
        ("!^.*$!https://smp.example.org/a/b/!", "https://smp.example.org/a/b"),
        ("/^.*/https:\\x/", None),
        ("#.*$#https://smp.example.org:8443/x#i", "https://smp.example.org:8443/x"),
        ("!^.*!HTTPS://SMP.Example.org!", "HTTPS://SMP.Example.org"),
        ("!.*!http://smp.example.org!", None),
        ("!.+!https://smp.example.org!", None),
        ("!(.*)!https://\\1.example.org!", None),
        ("!.*!https://a\\!b.example.org!", None),
        ("!.*!https://user@smp.example.org!", None),
        ("!.*!https://smp.example.org?x=1!", None),
        ("!.*!https://smp.example.org#x!", None),
        ("!.*!https://!", None),
        ("!.*!https://smp.example.org:99999!", None),
        ("!.*!https://smp.example.org/a b!", None),
        ("!.*!https://[::1!", None),
        ("!.*!https://smp.example.org/é!", None),
        ("!.*!https://smp.example.org/" + "x" * 2000 + "!", None),
        ("!.*!https://smp.example.org!x", None),
        ("!.*!https://smp.example.org", None),
        ("!.*!!", None),
        ("", None),
    ],
)
def test_substitution(regexp: str, address: str | None) -> None:
    if address is not None:
        assert smp.smp_address([naptr(regexp)]) == address
        return
    with pytest.raises(smp.NotRegisteredError) as caught:
        smp.smp_address([naptr(regexp)])
    assert caught.value.cause == "faulty_smp_address"


def test_http_only_where_it_is_allowed() -> None:
    record = naptr("!.*!http://127.0.0.1:8080!")
    assert smp.smp_address([record], allow_http=True) == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"service": "meta:cppa3"}, "no_smp_record"),
        ({"flags": "S"}, "no_smp_record"),
        ({"flags": ""}, "no_smp_record"),
    ],
)
def test_records_of_others_are_no_smp(changed: dict[str, str], cause: str) -> None:
    with pytest.raises(smp.NotRegisteredError) as caught:
        smp.smp_address([naptr("!.*!https://smp.example.org!", **changed)])
    assert caught.value.cause == cause


def test_order_counts_before_preference() -> None:
    records = [
        naptr("!.*!https://c.example!", order=20, preference=1),
        naptr("!.*!https://b.example!", order=10, preference=20),
        naptr("!.*!https://a.example!", order=10, preference=10, service="META:smp", flags="u"),
    ]
    assert smp.smp_address(records) == "https://a.example"


VECTORS = {
    "one NAPTR": "https://smp.example.org",
    "anchored regexp, lower-case flag, path prefix": "https://smp.example.org/peppol",
    "other services and two candidates, preference decides": "https://first.example.org",
    "CNAME then NAPTR": "https://smp.example.org",
    "http only (must be refused)": "faulty_smp_address",
    "NOERROR without answer (no NAPTR)": "nodata",
}


@pytest.mark.parametrize("case", VECTORS)
def test_answers_on_the_wire(case: str) -> None:
    vectors = json.loads(shared("data/sml/local-made/dns-naptr-vectors.json").read_bytes())
    found = next(entry for entry in vectors["cases"] if entry["case"] == case)
    message = dns.message.from_wire(bytes.fromhex(found["hex"]))
    records = [
        naptr(
            data.regexp.decode(),
            order=data.order,
            preference=data.preference,
            flags=data.flags.decode(),
            service=data.service.decode(),
        )
        for rrset in message.answer
        if rrset.rdtype == dns.rdatatype.NAPTR
        for data in rrset
    ]
    if VECTORS[case].startswith("https"):
        assert smp.smp_address(records) == VECTORS[case]
        return
    with pytest.raises(smp.NotRegisteredError) as caught:
        smp.smp_address(records)
    assert caught.value.cause == VECTORS[case]


def test_each_identifier_of_a_path_is_encoded_by_itself() -> None:
    participant = ParticipantId("0106:12345678")
    kind = DocumentTypeId.parse("busdox-docid-qns::http://x/Invoice##a@b::2.1")
    assert smp.metadata_path(participant, kind) == (
        "/iso6523-actorid-upis%3A%3A0106%3A12345678/services/"
        "busdox-docid-qns%3A%3Ahttp%3A%2F%2Fx%2FInvoice%23%23a%40b%3A%3A2.1"
    )
