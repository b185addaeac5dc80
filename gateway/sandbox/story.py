# SPDX-License-Identifier: Apache-2.0
"""The tour of `make run`: invoices travel through the sandbox, step by step in the terminal."""

from __future__ import annotations

import asyncio
import tempfile
import time
from typing import BinaryIO, cast

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.errors import GatewayError
from gateway.pool import examples_folder
from gateway.sandbox.invoices import Shipment, shipments
from gateway.sandbox.journey import Journey, submit_broken, travel
from gateway.sandbox.memory import MemoryWatch
from gateway.sandbox.network import Network
from gateway.sandbox.processes import Supervisor
from gateway.sandbox.start_page import curl_line

MEGABYTE = 1024 * 1024
STEP_WIDTH = 14
TIME_WIDTH = 13
REFUSED = "five-mistakes.xml"


class Story:
    """Tells the tour once; `began` is when the clock in the output started."""

    def __init__(self, *, console: Console, began: float, large_bytes: int, once: bool) -> None:
        self._console = console
        self._began = began
        self._large_bytes = large_bytes
        self._once = once

    async def tell(self, network: Network, supervisor: Supervisor) -> int | None:
        """Send the samples. None: stay up; else the exit status."""
        self._print(f"Everything is up after {self._clock()}.")
        pids = {one.name: supervisor.pid(one.name) for one in network.access_points}
        try:
            await asyncio.to_thread(self._send_all, network, pids)
            await asyncio.to_thread(self._show_refusal, network)
            arrived = True
        except GatewayError as error:
            arrived = False
            self._print(f"Not delivered: {error.detail}", style="bold red")
        if self._once:
            return 0 if arrived else 1
        self._say_where(network)
        return None

    def _send_all(self, network: Network, pids: dict[str, int]) -> None:
        for number, shipment in enumerate(shipments(network, large_bytes=self._large_bytes)):
            with tempfile.TemporaryFile() as file:
                document = cast("BinaryIO", file)
                for chunk in shipment.document:
                    document.write(chunk)
                size = document.tell()
                with MemoryWatch(pids) as memory:
                    journey = travel(network, shipment, document)
            self._show(shipment, journey, size)
            if shipment.large:
                self._show_memory(memory)
            if number == 0:
                self._print(
                    f"The first invoice was delivered {self._clock()} after the start.",
                    style="bold green",
                )

    def _show_refusal(self, network: Network) -> None:
        file = examples_folder() / REFUSED
        if not file.is_file():
            return
        sender = network.access_points[0]
        refusal = submit_broken(network, sender.name, file.read_bytes())
        findings = refusal.problem["findings"]
        self._print(
            f"\nRefused: {REFUSED}, {refusal.problem['rule_set']}, {len(findings)} findings in "
            f"{_milliseconds(refusal.milliseconds)}; nothing is kept",
            style="bold",
        )
        table = Table(box=None, padding=(0, 1), show_header=False)
        table.add_column("rule", style="red", no_wrap=True, min_width=STEP_WIDTH)
        table.add_column("line", justify="right", no_wrap=True, min_width=TIME_WIDTH)
        table.add_column("text")
        for one in findings:
            line = f"line {one['line']}" if one["line"] else ""
            table.add_row(one["rule_id"], line, Text(one["text"]))
        self._console.print(table)

    def _show(self, shipment: Shipment, journey: Journey, size: int) -> None:
        title = (
            f"{shipment.title}: {shipment.sender.name} → {shipment.receiver.name}, "
            f"{journey.document['summary']['number']}, {_size(size)}"
        )
        table = Table(box=None, padding=(0, 1), show_header=False)
        table.add_column("step", style="cyan", no_wrap=True, min_width=STEP_WIDTH)
        table.add_column("time", justify="right", no_wrap=True, min_width=TIME_WIDTH)
        table.add_column("what", overflow="ellipsis", no_wrap=True)
        for step in journey.steps:
            time_of = step.milliseconds
            shown = "with the next" if time_of is None else _milliseconds(time_of)
            table.add_row(step.name, shown, Text(step.what))
        table.add_row("in all", _milliseconds(journey.seconds * 1000), "", style="bold")
        self._print(f"\n{title}", style="bold")
        self._console.print(table)

    def _show_memory(self, memory: MemoryWatch) -> None:
        for name, growth in memory.growth.items():
            self._print(
                f"  memory of {name}: {_size(memory.before[name])} before, "
                f"at most {growth / MEGABYTE:.1f} MB more"
            )

    def _say_where(self, network: Network) -> None:
        self._print("\nThe network stays up; Ctrl-C stops it.", style="bold")
        self._print(f"  start page   {network.url('start')}/")
        for one in network.access_points:
            self._print(
                f"  {one.name} REST     {network.url(f'{one.name}-api')}   key "
                f"{network.api_key(one.name)}"
            )
            self._print(f"  {one.name} AS4      {network.url(f'{one.name}-as4')}/as4")
        self._print(f"  SMP          {network.smp_url}")
        self._print(f"  DNS          {network.dns}, zone {network.zone}")
        self._print(f"  CRLs         {network.url('crl')}/")
        self._print(f"  folder       {network.folder}")
        self._print("\nSend an invoice yourself:", style="bold")
        self._print(curl_line(network))

    def _print(self, text: str, *, style: str | None = None) -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    def _clock(self) -> str:
        return f"{time.time() - self._began:.1f} s"


def _milliseconds(time: float) -> str:
    return f"{time:,.1f} ms"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{size / 1024:.1f} kB"
