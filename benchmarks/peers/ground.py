# SPDX-License-Identifier: Apache-2.0
"""What the sides share: one site, one PKI, one key for every receiver and one for every sender.

So a message that was composed once is good for each receiver, and each sender delivers to the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks import messages
from benchmarks.load import Answer, drive, post_message
from benchmarks.reaching import settled_cpu
from benchmarks.site import RECEIVER, SENDER, Server, Site
from gateway import pki
from gateway.sandbox.issuing import Authority
from gateway.sandbox.pki import IssuedLeaf
from tests.interop.labs import JDK, Lab, keystore, starting, write_stores

PHASE4, OXALIS = "phase4", "oxalis"
IN_FLIGHT = 100
ROOM = 128  # messages that each receiver takes at once: more than are ever in flight here
PATIENCE_SECONDS = 60.0
_RECEIPT = b"NonRepudiationInformation"


class RefusedError(Exception):
    """A message or a question was not answered as it should be."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server that is up."""

    who: str
    url: str
    pid: int


@dataclass(slots=True, kw_only=True)
class Ground:
    """The site with the built programs of others and the files that they need."""

    site: Site
    folder: Path
    labs: dict[str, Lab]
    jdk: JDK | None = None
    plain: bool = False
    stores: dict[str, Path] = field(default_factory=dict)
    made: int = 0

    def prepare(self) -> None:
        """Write keys and trusted certificates as Java reads them; make room for 100 at once."""
        authorities = self.site.local_pki()
        self.folder.mkdir()
        self.stores = write_stores(self.folder, authorities)
        for name, issuer in ((SENDER, authorities.ap_ca), (RECEIVER, authorities.ap_ca)):
            self._write_key(name, issuer, authorities.root)
        self._write_key("smp", authorities.smp_ca, authorities.root)
        settings = self.site.network.settings_file(RECEIVER)
        text = settings.read_text().replace("[as4]\n", f"[as4]\nmax_in_flight = {ROOM}\n")
        settings.write_text(text)

    def fresh(self, name: str) -> Path:
        """A folder that does not exist yet."""
        self.made += 1
        return self.folder / f"{name}-{self.made}"

    def keys(self, name: str, *, trust: str = "ap") -> tuple[object, ...]:
        """The options of a Java program that acts as `ap1`, `ap2` or `smp`."""
        key = self.folder / f"{name}.p12"
        return ("--keystore", key, "--truststore", self.stores[trust])

    @property
    def java_options(self) -> tuple[str, ...]:
        """None; or those that leave the others' programs as they come."""
        return ("-Dlab.plain=true",) if self.plain else ()

    @contextmanager
    def receiver(self, who: str, *, memory: str = "1g", jdk: JDK | None = None) -> Iterator[Target]:
        """Another's receiver; durable, as it comes. What only the lab wants to know is left out."""
        options = ("--port", 0, "--threads", ROOM, "--no-document-hash")
        place = ("--store", self.fresh(f"{who}-store"))
        arguments = (*options, *self.keys(RECEIVER), *place)
        with starting(
            self.labs[who],
            "receiver",
            *arguments,
            memory=memory,
            jdk=jdk or self.jdk,
            java_options=self.java_options,
        ) as process:
            yield Target(who, process.url, process.pid)

    @contextmanager
    def our_receiver(self, who: str = "ours", *, roles: str = "as4") -> Iterator[Target]:
        """`peppol-gateway serve` with these roles, at rest."""
        with running(self.server(RECEIVER, roles)) as server:
            yield Target(who, self.our_url, server.pid)

    @property
    def our_url(self) -> str:
        """Our receiver's address."""
        return f"{self.site.network.url(f'{RECEIVER}-as4')}/as4"

    def server(self, name: str, roles: str) -> Server:
        """One of our access points with other roles than it has in the sandbox."""
        program = self.site.server(name).program
        door = "api" if "api" in roles else "as4"
        port = self.site.network.ports[f"{name}-{door}"]
        arguments = (*program.arguments[:-1], roles)
        return Server(replace(program, arguments=arguments, port=port, ready_path=None))

    def _write_key(self, name: str, issuer: Authority, root: Authority) -> None:
        key = self.site.network.key_file(name).read_bytes()
        certificate = self.site.network.certificate_file(name).read_bytes()
        leaf = IssuedLeaf(key, certificate, pki.load_certificate(certificate))
        file = self.folder / f"{name}.p12"
        file.write_bytes(keystore(leaf, (issuer, root), alias=name))


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server, up and at rest, while the block runs."""
    server.start()
    try:
        server.wait_until_up()
        settled_cpu(server.pid)
        yield server
    finally:
        server.stop()


def prepared(road: messages.Road, count: int) -> list[messages.Request]:
    """So many messages, each another."""
    return [messages.request(road, f"2026-{number}") for number in range(count)]


def send(
    target: Target, requests: Sequence[messages.Request], *, connections: int
) -> dict[str, float]:
    """What the receiver needs for these messages. Raises `RefusedError` if one has no receipt."""
    ready = [post_message(target.url, request) for request in requests]
    answers, needed = ask(target, ready, connections=connections)
    for answer in answers:
        require_receipt(target, answer)
    return needed


def ask(
    target: Target, ready: Sequence[bytes], *, connections: int
) -> tuple[list[Answer], dict[str, float]]:
    """The answers to these requests, and what the server needed for them until it was at rest."""
    before = settled_cpu(target.pid)
    started = time.perf_counter()
    answers = asyncio.run(
        drive(target.url, iter(ready), connections=connections, patience=PATIENCE_SECONDS)
    )
    seconds = time.perf_counter() - started
    cpu = settled_cpu(target.pid) - before
    return answers, {**rates(answers, seconds), "cpu_ms": cpu * 1000 / len(ready)}


def require_receipt(target: Target, answer: Answer) -> None:
    """Raises `RefusedError` unless this is a receipt."""
    if answer.status != 200 or _RECEIPT not in answer.body:
        said = answer.body[:2000].decode("utf-8", "replace")
        raise RefusedError(f"{target.who} answered {answer.status}: {said}")


def rates(answers: Sequence[Answer], seconds: float) -> dict[str, float]:
    """Answers a second, and how long they took."""
    taken = sorted(answer.seconds * 1000 for answer in answers)
    return {
        "per_second": len(taken) / seconds,
        "p50_ms": taken[len(taken) // 2],
        "p99_ms": taken[min(len(taken) - 1, len(taken) * 99 // 100)],
    }


@contextmanager
def receivers(ground: Ground) -> Iterator[list[Target]]:
    """All of the others' receivers at once."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(ground.receiver(who)) for who in (PHASE4, OXALIS)]
