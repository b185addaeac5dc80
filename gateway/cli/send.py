# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway send`: push documents to a gateway and, if wanted, wait until they arrived."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli import stop
from gateway.cli.connection import connection_options
from gateway.errors import GatewayError
from gateway.net.rest_client import RefusedError, RESTClient

LONGEST_WAIT = 20  # seconds of one request; the interface allows 30
ARRIVED = ("transmitted", "delivered")
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file."""

    file: Path
    document: Mapping[str, Any] | None = None
    problem: Mapping[str, Any] | None = None

    @property
    def state(self) -> str:
        """The document's state, or the code of the problem that kept it from becoming one."""
        if self.document is not None:
            return str(self.document["state"])
        return str((self.problem or {}).get("code", "refused"))

    def as_json(self) -> str:
        """One line for machines."""
        shown = {"file": str(self.file), "document": self.document, "problem": self.problem}
        return json.dumps(shown)

    def as_text(self) -> str:
        """One line for people."""
        cause = self.problem or (self.document or {}).get("problem") or {}
        detail = cause.get("detail") or cause.get("title") or ""
        identifier = (self.document or {}).get("id", "-")
        return f"{self.file}: {self.state} {identifier} {detail}".rstrip()


class Sender:
    """Sends files, over as many connections as there are threads at work."""

    def __init__(
        self, url: str, key: str, *, query: Mapping[str, str], wait: float | None, again: bool
    ) -> None:
        self._url = url
        self._key = key
        self._query = query
        self._wait = wait
        self._again = again
        self._idle: SimpleQueue[RESTClient] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def send(self, file: Path) -> Outcome:
        """Send one file and follow it if wanted."""
        try:
            with self._connected() as client:
                return Outcome(file=file, document=self._document(client, file))
        except RefusedError as error:
            problem = {"code": "refused", "detail": error.detail, **error.problem}
            return Outcome(file=file, problem=problem)
        except GatewayError as error:
            return Outcome(file=file, problem={"code": error.code, "detail": error.detail})

    def fine(self, outcome: Outcome) -> bool:
        """Tell whether a file came as far as was asked for."""
        if outcome.document is None:
            return False
        return self._wait is None or outcome.state in ARRIVED

    @contextmanager
    def _connected(self) -> Iterator[RESTClient]:
        try:
            client = self._idle.get_nowait()
        except Empty:
            client = RESTClient(self._url, self._key)
        try:
            yield client
        finally:
            self._idle.put(client)

    def _document(self, client: RESTClient, file: Path) -> dict[str, Any]:
        with file.open("rb") as source:
            key = self._idempotency_key(file)
            answer = client.post_document(source, query=self._query, idempotency_key=key)
        document = answer.json()
        if self._wait is None:
            return document
        deadline = time.monotonic() + self._wait
        while (left := deadline - time.monotonic()) > 0 and not document["settled"]:
            seconds = str(max(1, min(LONGEST_WAIT, round(left))))
            known = {"wait": seconds, "sequence": str(document["sequence"])}
            document = client.get(f"/v1/documents/{document['id']}", known).json()
        return document

    def _idempotency_key(self, file: Path) -> str:
        if self._again:
            return f"send-{uuid.uuid4()}"
        digest = hashlib.sha256(json.dumps(sorted(self._query.items())).encode())
        with file.open("rb") as source:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
        return f"send-{digest.hexdigest()}"


@click.command("send")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@connection_options
@click.option("--sender", help="Participant that sends, if not as the document says.")
@click.option("--receiver", help="Participant that receives, if not as the document says.")
@click.option("--document-type", help="Document type, if not as the document says.")
@click.option("--process", help="Process, if not as the document says.")
@click.option("--c1-country", help="Country of the sender, two letters.")
@click.option("--reference", help="Text of your own that stays with the documents.")
@click.option(
    "--duplicate-policy",
    type=click.Choice(["refuse", "allow"]),
    help="What to do with a document whose number was sent before.",
)
@click.option(
    "--wait", type=click.FloatRange(min=0), metavar="SECONDS", help="Follow each until it arrived."
)
@click.option(
    "--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="Files at once."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each file.")
def command(
    files: tuple[Path, ...],
    url: str,
    key: str,
    *,
    wait: float | None,
    parallel: int,
    as_json: bool,
    **routing: str | None,
) -> None:
    """Send FILES, each one business document in XML.

    The command may be repeated after a broken connection: a file with the same content and options
    is taken once, unless duplicates are allowed. Exit status 0: all were accepted; with --wait:
    all arrived. Otherwise 1.
    """
    query = {name: value for name, value in routing.items() if value}
    again = query.get("duplicate_policy") == "allow"
    everything_fine = True
    with Sender(url, key, query=query, wait=wait, again=again) as sender:
        for outcome in _send_all(sender, files, parallel=parallel):
            everything_fine = sender.fine(outcome) and everything_fine
            click.echo(outcome.as_json() if as_json else outcome.as_text())
    stop(0 if everything_fine else 1)


def _send_all(sender: Sender, files: tuple[Path, ...], *, parallel: int) -> Iterator[Outcome]:
    console = Console(stderr=True)
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    hidden = len(files) == 1 or not console.is_terminal
    with (
        Progress(*columns, console=console, disable=hidden, transient=True) as progress,
        ThreadPoolExecutor(max_workers=parallel) as pool,
    ):
        bar = progress.add_task("files", total=len(files))
        for done in as_completed([pool.submit(sender.send, file) for file in files]):
            progress.advance(bar)
            yield done.result()
