# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway inbox`: list what was received and waits, save it, acknowledge it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from gateway.cli.connection import connection_options
from gateway.errors import GatewayError
from gateway.net.rest_client import RESTClient

PAGE_ITEMS = 200  # the most that the interface gives at once
ACKNOWLEDGE_AT_ONCE = 100
DOCUMENT_ID = re.compile(r"doc_[0-9A-Za-z]{1,60}")

Item = Mapping[str, Any]


class StrangeAnswerError(GatewayError):
    """The gateway gave a document an identifier that cannot be a file name."""

    code = "strange_answer"


@click.command("inbox")
@connection_options
@click.option("--receiver", help="Only what is for this participant.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many, oldest first.")
@click.option(
    "--fetch",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Save each document in this folder as ID.xml.",
)
@click.option("--ack", is_flag=True, help="Acknowledge what was listed, after it was saved.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each document.")
def command(
    url: str,
    key: str,
    *,
    receiver: str | None,
    limit: int | None,
    fetch: Path | None,
    ack: bool,
    as_json: bool,
) -> None:
    """List the documents that wait in the inbox, oldest first.

    Looking changes nothing. An acknowledged document leaves the inbox and stays readable under its
    identifier.
    """
    with RESTClient(url, key) as client:
        items = list(waiting(client, receiver=receiver, limit=limit))
        if fetch is not None:
            save(client, items, fetch)
        results = acknowledge(client, items) if ack else {}
    for item in items:
        click.echo(_as_json(item, results) if as_json else _as_text(item, results))
    if not items and not as_json:
        click.echo("The inbox is empty.")


def waiting(
    client: RESTClient, *, receiver: str | None = None, limit: int | None = None
) -> Iterator[Item]:
    """Page through the inbox."""
    after: str | None = None
    given = 0
    while True:
        wanted = PAGE_ITEMS if limit is None else min(PAGE_ITEMS, limit - given)
        query = {"limit": str(wanted)}
        query |= {"after": after} if after else {}
        query |= {"receiver": receiver} if receiver else {}
        page = client.get("/v1/inbox", query).json()
        yield from page["data"]
        given += len(page["data"])
        after = page.get("next_cursor")
        if not after or not page.get("has_more") or (limit is not None and given >= limit):
            return


def save(client: RESTClient, items: Sequence[Item], folder: Path) -> None:
    """Save the documents themselves, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    quiet = len(items) == 1 or not console.is_terminal
    for item in track(items, "fetching", console=console, disable=quiet, transient=True):
        target = folder / f"{_file_name(item)}.xml"
        unfinished = target.with_suffix(".part")
        _write(unfinished, client.get(f"/v1/documents/{item['id']}/content").body)
        unfinished.replace(target)
    if items:
        _sync(folder)


def _write(file: Path, document: bytes) -> None:
    """On disk, not in a buffer: what is acknowledged next is nowhere else in the inbox."""
    with file.open("wb") as output:
        output.write(document)
        output.flush()
        os.fsync(output.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def acknowledge(client: RESTClient, items: Sequence[Item]) -> dict[str, str]:
    """Acknowledge all; returns the result of each by document."""
    results: dict[str, str] = {}
    for start in range(0, len(items), ACKNOWLEDGE_AT_ONCE):
        part = items[start : start + ACKNOWLEDGE_AT_ONCE]
        wanted = [{"document_id": item["id"], "outcome": "accepted"} for item in part]
        answer = client.post_json("/v1/inbox/acknowledgements", {"items": wanted}).json()
        results |= {one["document_id"]: one["result"] for one in answer["items"]}
    return results


def _file_name(item: Item) -> str:
    identifier = str(item["id"])
    if not DOCUMENT_ID.fullmatch(identifier):
        raise StrangeAnswerError(f"{identifier[:60]!r} is no document identifier")
    return identifier


def _as_json(item: Item, results: Mapping[str, str]) -> str:
    result = results.get(str(item["id"]))
    return json.dumps({**item, "acknowledgement": result} if result else dict(item))


def _as_text(item: Item, results: Mapping[str, str]) -> str:
    routing, summary = item["routing"], item["summary"]
    sender, receiver = routing["sender"]["value"], routing["receiver"]["value"]
    what = " ".join(str(summary.get(name) or "-") for name in ("kind", "number", "payable_amount"))
    result = results.get(str(item["id"]), "")
    return f"{item['id']} {sender} -> {receiver} {what} {result}".rstrip()
