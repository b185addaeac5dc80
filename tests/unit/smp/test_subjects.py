# SPDX-License-Identifier: Apache-2.0
"""The certificate that a redirect names against the one that signed."""

from __future__ import annotations

import pytest

from gateway import smp
from gateway.sandbox.pki import IssuedLeaf

SUBJECT = "CN=PNO000179,OU=PEPPOL TEST SMP,O=Direktoratet for Forvaltning og IKT,C=NO"


@pytest.mark.parametrize(
    "named",
    [
        SUBJECT,
        "C=NO,O=Direktoratet for Forvaltning og IKT,OU=PEPPOL TEST SMP,CN=PNO000179",
        "cn=pno000179, ou=peppol  test smp , o=Direktoratet for Forvaltning og IKT, c=no",
        'CN=PNO000179+OU="PEPPOL TEST SMP",O=Direktoratet for Forvaltning og IKT,C=NO',
    ],
)
def test_same(named: str) -> None:
    assert smp.same_subject(named, SUBJECT)


@pytest.mark.parametrize(
    "named",
    [
        "",
        " ",
        "PNO000179",
        "CN=PNO000179",
        SUBJECT + ",OU=PEPPOL TEST SMP",
        SUBJECT + ",",
        SUBJECT.replace("TEST", "PRODUCTION"),
        SUBJECT.replace("CN=", "OU="),
        "x" * 2000,
        "=".join("abc"),
    ],
)
def test_not_same(named: str) -> None:
    assert not smp.same_subject(named, SUBJECT)


def test_escapes_mean_the_character() -> None:
    assert smp.same_subject(r"O=Foo\, Inc\2E,CN=\C3\A9", 'CN="é",O="Foo, Inc."')
    assert smp.same_subject("2.5.4.5=12,CN=a", "SERIALNUMBER=12, cn=A")


def test_the_text_of_a_certificate_can_be_read(smp_leaf: IssuedLeaf) -> None:
    subject = smp_leaf.certificate.subject
    assert smp.same_subject(",".join(reversed(subject.split(","))), subject)
