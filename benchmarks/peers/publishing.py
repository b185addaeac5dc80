# SPDX-License-Identifier: Apache-2.0
"""Signed SMP answers: ours and phoss SMP, filled by the same management calls, asked in turns.

Every answer is of another record than the one before. Ours remembers what it has signed as long as
the record stays the same: `smp_first` is what the first answer of each record costs.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from benchmarks.load import Answer, drive, get
from benchmarks.peers.figures import US, Figures
from benchmarks.peers.ground import Ground, RefusedError, Target, ask
from benchmarks.peers.scale import Scale
from benchmarks.site import RECEIVER
from gateway import pki, smp
from tests.interop.labs import lab_folder, starting
from tests.interop.smp_peers import FIRST_PASSWORD, FIRST_USER

PHOSS = "phoss-smp"
CONNECTIONS = (1, 4)
PREFIX = "9915:bench"
_FILL_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Publisher(Target):
    """An SMP that is up."""

    login: tuple[str, str]


def measure(ground: Ground, scale: Scale, figures: Figures) -> None:
    ours = _ours(ground)
    with _phoss(ground) as theirs:
        for publisher in (ours, theirs):
            scale.say(f"smp: filling {publisher.who}")
            _fill(ground, publisher, scale.participants)
        paths = _paths(ours, scale.participants)
        for publisher in (ours, theirs):
            _require_signed(ground, publisher, paths[0])
        scale.say("smp: first answers")
        figures.add("smp_first", US, _ask(ours, paths, connections=4))
        scale.say(f"smp: warming {theirs.who}")
        _ask(theirs, _shuffled(paths, scale.answers), connections=4)
        for number in range(scale.rounds):
            scale.say(f"smp: round {number + 1} of {scale.rounds}")
            for connections in CONNECTIONS:
                asked = _shuffled(paths, scale.answers)
                for publisher in (ours, theirs):
                    values = _ask(publisher, asked, connections=connections)
                    figures.add(f"smp_{connections}", publisher.who, values)
                    whole = {unit: values[unit] for unit in ("cpu_ms", "per_second")}
                    figures.add("smp", publisher.who, whole)


def _ours(ground: Ground) -> Publisher:
    network = ground.site.network
    login = (network.smp_user, network.smp_password())
    return Publisher(US, network.smp_url, ground.site.server("smp").pid, login)


@contextmanager
def _phoss(ground: Ground) -> Iterator[Publisher]:
    arguments = ("--port", 0, "--data", ground.fresh("phoss"), *ground.keys("smp", trust="smp"))
    with starting(
        ground.labs[PHOSS],
        "server",
        *arguments,
        jdk=ground.jdk,
        java_options=ground.java_options,
    ) as process:
        yield Publisher(PHOSS, process.url, process.pid, (FIRST_USER, FIRST_PASSWORD))


def _fill(ground: Ground, publisher: Publisher, count: int) -> None:
    user, password = publisher.login
    certificate = ground.site.network.certificate_file(RECEIVER)
    done = subprocess.run(
        [
            *(sys.executable, str(lab_folder(PHOSS) / "manage.py"), "--no-sml"),
            *("--base-url", publisher.url, "--user", user, f"--password={password}"),
            *("--participant", PREFIX, "--certificate", str(certificate)),
            *("fill", "--count", str(count)),
        ],
        capture_output=True,
        text=True,
        timeout=_FILL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RefusedError(f"{publisher.who} was not filled: {done.stdout[-500:]}{done.stderr}")


def _paths(ours: Publisher, count: int) -> list[str]:
    """The record of each document type of each participant, in any order."""
    first = f"iso6523-actorid-upis::{PREFIX}-000000"
    (group,) = asyncio.run(
        drive(ours.url, iter([get(f"{ours.url}/{_quoted(first)}")]), connections=1)
    )
    types = smp.parse_service_group(group.body).document_types
    return _shuffled(
        [
            f"/{_quoted(f'{first[:-6]}{number:06d}')}/services/{_quoted(kind.uri)}"
            for number in range(count)
            for kind in types
        ],
        count * len(types),
    )


def _shuffled(paths: Sequence[str], count: int) -> list[str]:
    chosen: list[str] = []
    while len(chosen) < count:
        chosen += random.sample(paths, len(paths))
    return chosen[:count]


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _ask(publisher: Publisher, paths: Sequence[str], *, connections: int) -> dict[str, float]:
    ready = [get(f"{publisher.url}{path}") for path in paths]
    answers, needed = ask(publisher, ready, connections=connections)
    for answer in answers:
        _require(publisher, answer)
    return needed


def _require(publisher: Publisher, answer: Answer) -> None:
    if answer.status != 200 or b"SignedServiceMetadata" not in answer.body:
        said = answer.body[:500].decode("utf-8", "replace")
        raise RefusedError(f"{publisher.who} answered {answer.status}: {said}")


def _require_signed(ground: Ground, publisher: Publisher, path: str) -> None:
    """One answer as a sender reads it. Raises `smp.SignatureInvalidError`."""
    (answer,) = asyncio.run(
        drive(publisher.url, iter([get(f"{publisher.url}{path}")]), connections=1)
    )
    _require(publisher, answer)
    at, authorities = datetime.now(UTC), ground.site.local_pki()
    smp.verify(
        answer.body,
        trust=authorities.trust(pki.Role.SMP),
        revocation=authorities.revocation(at),
        at=at,
    )
