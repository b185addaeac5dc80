# SPDX-License-Identifier: Apache-2.0
"""A sandbox whose processes are started, measured and killed one by one.

Folder, ports, certificates and commands are those of `peppol-gateway sandbox`; only the watching
over the processes is left out, since here they die on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.messages import Road
from benchmarks.reaching import answers
from gateway import pki
from gateway.net.rest_client import RESTClient
from gateway.sandbox import programs
from gateway.sandbox.layout import open_folder
from gateway.sandbox.network import AccessPoint, Network
from gateway.sandbox.pki import LocalPKI
from gateway.sandbox.processes import CODE_FOLDER, Program, environment, log_tail

START_SECONDS = 60.0
STOP_SECONDS = 15.0
LOOK_AGAIN_SECONDS = 0.02
SENDER, RECEIVER = "ap1", "ap2"
BUILD_FOLDER = CODE_FOLDER / "build"  # on a disk, where a folder for temporary files may not be


class NotUpError(Exception):
    """A process did not come up."""


@dataclass(slots=True)
class Server:
    """One program and its process of the moment; it ends with this one (gateway.sandbox.leash)."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    leash: int = -1

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start and return at once."""
        reading, self.leash = os.pipe()
        leash = ("-m", "gateway.sandbox.leash", str(reading))
        with self.program.log_file.open("ab") as log_file:
            self.process = subprocess.Popen(
                [sys.executable, *leash, self.program.module, *self.program.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log_file,
                stderr=log_file,
                pass_fds=(reading,),
                env=environment(),
                cwd=CODE_FOLDER,
            )
        os.close(reading)

    def wait_until_up(self) -> None:
        """Return when its port answers. Raises `NotUpError`."""
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.program.port, self.program.ready_path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = log_tail(self.program.log_file)
                raise NotUpError(f"{self.program.name} is not up:\n{said}")
            time.sleep(LOOK_AGAIN_SECONDS)

    def kill(self) -> None:
        """End it as a power failure would: SIGKILL, no word of warning."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self.leash)
        self.process = None


class Site:
    """The network, laid out and filled; the access points are not yet running."""

    def __init__(self, folder: Path) -> None:
        self.network: Network = open_folder(folder, at=datetime.now(UTC))
        self._ground = {program.name: Server(program) for program in programs.ground(self.network)}
        self._access_points = {
            program.name: Server(program) for program in programs.access_points(self.network)
        }

    def server(self, name: str) -> Server:
        """An access point, to be started; or `dns`, `crl` or `smp`, which is up."""
        return (self._access_points | self._ground)[name]

    def prepare(self) -> None:
        """Start DNS, CRLs and SMP; give the access points their databases and participants."""
        for server in self._ground.values():
            server.start()
        for server in self._ground.values():
            server.wait_until_up()
        asyncio.run(self._fill())

    def stop(self) -> None:
        """Stop whatever runs."""
        for server in (*self._access_points.values(), *self._ground.values()):
            server.stop()

    def client(self, name: str) -> RESTClient:
        """The REST interface of an access point, as its organisation."""
        return RESTClient(self.network.url(f"{name}-api"), self.network.api_key(name))

    def road(self) -> Road:
        """From the first participant of the sender's side to the first of the receiver's."""
        sender, receiver = (
            next(one for one in self.network.access_points if one.name == name)
            for name in (SENDER, RECEIVER)
        )
        return Road(
            signer=pki.load_key_pair(
                self.network.key_file(SENDER).read_bytes(),
                self.network.certificate_file(SENDER).read_bytes(),
            ),
            recipient=pki.load_certificate(self.network.certificate_file(RECEIVER).read_bytes()),
            sender=sender.participants[0].id,
            receiver=receiver.participants[0].id,
        )

    def local_pki(self) -> LocalPKI:
        """The authorities of the network."""
        return LocalPKI.load(self.network.folder / "pki")

    async def _fill(self) -> None:
        await asyncio.gather(*(self._introduce(one) for one in self.network.access_points))

    async def _introduce(self, access_point: AccessPoint) -> None:
        await programs.migrate(self.network, access_point)
        await programs.introduce(self.network, access_point)


@contextmanager
def prepared_site(folder: Path | None = None) -> Iterator[Site]:
    """A site that is ready; all its processes end with the block, and so does its folder."""
    with contextlib.ExitStack() as stack:
        if folder is None:
            BUILD_FOLDER.mkdir(exist_ok=True)
            made = tempfile.TemporaryDirectory(prefix="site-", dir=BUILD_FOLDER)
            folder = Path(stack.enter_context(made)) / "net"
        site = Site(folder)
        stack.callback(site.stop)
        site.prepare()
        yield site
