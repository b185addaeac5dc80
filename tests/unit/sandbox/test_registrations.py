# SPDX-License-Identifier: Apache-2.0
"""Who is in DNS: whom the SMP lists, and while it is down, whom it listed last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import smp
from gateway.identifiers import ParticipantId
from gateway.safexml import MalformedXMLError
from gateway.sandbox.registrations import Registrations, read_list

ZONE = "participant.sml.sandbox."
SMP = "http://127.0.0.1:9003"
LIST = b"""<smp:ServiceGroupReferenceList xmlns:smp="http://busdox.org/serviceMetadata/publishing/1.0/">
<smp:ServiceGroupReference href="http://127.0.0.1:9003/iso6523-actorid-upis%3A%3A0106%3A91000011"/>
<smp:ServiceGroupReference href="http://x/iso6523-actorid-upis::0208:0990000014/"/>
</smp:ServiceGroupReferenceList>"""


def _name(value: str) -> str:
    return smp.dns_name(ParticipantId(value), ZONE)


class FakeSMP:
    """Lists what it is given, or is down."""

    def __init__(self, *listed: str) -> None:
        self.listed: tuple[str, ...] = listed
        self.down = False
        self.asked = 0

    def fetch(self) -> tuple[str, ...]:
        self.asked += 1
        if self.down:
            raise ConnectionRefusedError
        return self.listed


def _registrations(fake: FakeSMP, saved: Path) -> Registrations:
    return Registrations(zone=ZONE, smp_url=SMP, saved=saved, fetch=fake.fetch)


def test_a_listed_participant_has_an_address(tmp_path: Path) -> None:
    registrations = _registrations(FakeSMP("0106:91000011"), tmp_path / "registered.json")
    assert registrations.smp_address(_name("0106:91000011")) == SMP
    assert registrations.smp_address(_name("0106:91000022")) is None


def test_a_participant_added_later_is_found_at_once(tmp_path: Path) -> None:
    fake = FakeSMP("0106:91000011")
    registrations = _registrations(fake, tmp_path / "registered.json")
    assert registrations.smp_address(_name("0106:91000022")) is None
    fake.listed += ("0106:91000022",)
    assert registrations.smp_address(_name("0106:91000022")) == SMP


def test_the_last_list_holds_while_the_smp_is_down(tmp_path: Path) -> None:
    saved = tmp_path / "registered.json"
    fake = FakeSMP("0106:91000011")
    _registrations(fake, saved).smp_address(_name("0106:91000011"))
    fake.down = True
    again = _registrations(fake, saved)
    assert again.smp_address(_name("0106:91000011")) == SMP
    assert again.smp_address(_name("0106:91000022")) is None
    assert json.loads(saved.read_bytes()) == ["0106:91000011"]


def test_an_smp_that_is_down_is_not_asked_at_every_name(tmp_path: Path) -> None:
    fake, now = FakeSMP("0106:91000011"), [0.0]
    saved = tmp_path / "registered.json"
    registrations = Registrations(
        zone=ZONE, smp_url=SMP, saved=saved, fetch=fake.fetch, clock=lambda: now[0]
    )
    assert registrations.smp_address(_name("0106:91000011")) == SMP
    fake.down, now[0] = True, 10.0
    for _ in range(5):
        assert registrations.smp_address(_name("0106:91000011")) == SMP
        assert registrations.smp_address(_name("0106:91000022")) is None
    assert fake.asked == 2
    fake.down, now[0] = False, 20.0
    fake.listed += ("0106:91000022",)
    assert registrations.smp_address(_name("0106:91000022")) == SMP


def test_the_smp_list_is_read() -> None:
    assert read_list(LIST) == (
        "iso6523-actorid-upis::0106:91000011",
        "iso6523-actorid-upis::0208:0990000014",
    )


def test_another_answer_is_an_error() -> None:
    with pytest.raises(MalformedXMLError):
        read_list(b"<html>")
