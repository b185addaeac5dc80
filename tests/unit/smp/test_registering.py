# SPDX-License-Identifier: Apache-2.0
"""What may be registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway import pki, smp
from gateway.identifiers import ProcessId
from gateway.pki import Role
from gateway.sandbox.pki import Flaw, IssuedLeaf, LocalPKI
from tests.discovery_builders import AT, BILLING, endpoint, information, pint
from tests.pki_fixtures import fresh_pki, shared_key

DAY = timedelta(days=1)


def judged(record: smp.ServiceMetadata, local_pki: LocalPKI) -> smp.ServiceMetadata:
    return smp.registrable(
        record, ap_trust=local_pki.trust(Role.AP), revocation=pki.Revocation.none(), at=AT
    )


def test_a_good_record_passes_with_its_certificate_on_one_line(
    local_pki: LocalPKI, receiver_leaf: IssuedLeaf
) -> None:
    record = information(
        endpoint(receiver_leaf, certificate=receiver_leaf.certificate_pem.decode())
    )
    assert judged(record, local_pki) == information(endpoint(receiver_leaf))


@pytest.mark.parametrize(
    "changed",
    [
        {"transport_profile": "peppol-transport-as4-v1_0"},
        {"transport_profile": ""},
        {"address": "http://ap.example.org/as4"},
        {"address": "ap.example.org"},
        {"certificate": "AAAA"},
        {"description": ""},
        {"technical_contact": ""},
        {"description": "x" * 2000},
    ],
)
def test_endpoints_that_are_refused(
    local_pki: LocalPKI, receiver_leaf: IssuedLeaf, changed: dict[str, Any]
) -> None:
    with pytest.raises(smp.RegistrationRefusedError):
        judged(information(endpoint(receiver_leaf, **changed)), local_pki)


@pytest.mark.parametrize("flaw", [Flaw.EXPIRED, Flaw.NO_KEYENC, Flaw.FOREIGN, Flaw.REVOKED])
def test_certificates_that_are_refused(flaw: Flaw) -> None:
    own = fresh_pki()
    leaf = own.issue(Role.AP, "POP000119", at=AT, flaw=flaw, key=shared_key("flawed"))
    with pytest.raises(smp.RegistrationRefusedError):
        smp.registrable(
            information(endpoint(leaf)),
            ap_trust=own.trust(Role.AP),
            revocation=own.revocation(AT),
            at=AT,
        )


def test_an_smp_is_no_access_point(local_pki: LocalPKI, smp_leaf: IssuedLeaf) -> None:
    with pytest.raises(smp.RegistrationRefusedError):
        judged(information(endpoint(smp_leaf)), local_pki)


def test_periods_of_one_profile_must_not_overlap(
    local_pki: LocalPKI, receiver_leaf: IssuedLeaf
) -> None:
    old, new = endpoint(receiver_leaf, expiration=AT), endpoint(receiver_leaf, activation=AT)
    judged(information(old, new), local_pki)
    with pytest.raises(smp.RegistrationRefusedError):
        judged(information(old, endpoint(receiver_leaf, activation=AT - DAY)), local_pki)
    with pytest.raises(smp.RegistrationRefusedError):
        judged(information(endpoint(receiver_leaf), endpoint(receiver_leaf)), local_pki)


def test_processes(local_pki: LocalPKI, receiver_leaf: IssuedLeaf) -> None:
    record = information(endpoint(receiver_leaf))
    for processes in (
        (),
        record.processes * 2,
        (smp.Process(id=BILLING, endpoints=()),),
        (replace(record.processes[0], id=ProcessId("x", "other-scheme")),),
    ):
        with pytest.raises(smp.RegistrationRefusedError):
            judged(replace(record, processes=processes), local_pki)


@pytest.mark.parametrize("customization", ["*", "a@*", "a**", "a*@b", "a@a*", "@a*"])
def test_wildcards_that_are_refused(customization: str) -> None:
    with pytest.raises(smp.RegistrationRefusedError):
        smp.refuse_wildcard(pint(customization))


@pytest.mark.parametrize("customization", ["a", "a*", "a@b*"])
def test_wildcards_that_are_fine(customization: str) -> None:
    smp.refuse_wildcard(pint(customization))


def test_redirects(local_pki: LocalPKI) -> None:
    good = smp.Redirect(href="https://smp2.example.org/x", certificate_uid="CN=a,C=NL")
    assert judged(good, local_pki) == good
    for bad in (
        replace(good, href="http://smp2.example.org/x"),
        replace(good, certificate_uid="a"),
    ):
        with pytest.raises(smp.RegistrationRefusedError):
            judged(bad, local_pki)
