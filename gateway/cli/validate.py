# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway validate`: judge documents by their rules, offline and without any settings."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from gateway import ubl
from gateway.cli import stop
from gateway.cli.report_view import report_view, summary_line
from gateway.cli.rule_options import engine_option, packs_in_use, rule_options
from gateway.errors import GatewayError
from gateway.pool import Setup, build_validation, engines_muted

_ANY = click.Path(exists=True, path_type=Path)
_CANNOT_JUDGE = 2


@click.command("validate")
@click.argument("files", nargs=-1, required=True, type=_ANY)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per document.")
@click.option("--svrl", is_flag=True, help="Write the result as SVRL.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, too.")
@click.option("--rule-set", metavar="ID", help="By these rules, whatever the document says.")
@click.option("--lang", type=click.Choice(["nl", "en"]), default="en", help="Language of texts.")
@rule_options
@engine_option(None)
def command(
    *,
    files: Sequence[Path],
    rule_set: str | None,
    rules: str,
    packs: Path | None,
    moment: datetime,
    engine: str | None,
    **form: Any,
) -> None:
    """Judge invoices and other business documents by schema and rules.

    FILES may be folders: every .xml file below is judged. A document is judged by the fast engine,
    and again by the reference before it is refused; --engine takes one of them alone. Exit status
    0: all are valid. 1: one is not. 2: one could not be judged.
    """
    documents = list(_documents(files))
    output = Output(**form, alone=len(documents) == 1)
    output.check(documents)
    policy = ubl.Policy(
        rules=rules, engine=engine or ubl.FAST, second_judge=engine is None, shadow_share=0.0
    )
    outcomes = set()
    try:
        validation = build_validation(Setup(packs=packs_in_use(packs), policy=policy))
        with engines_muted():
            for path in _progressing(documents):
                found = validation.examine(path.read_bytes(), at=moment, rule_set=rule_set)
                outcomes.add(found.report.outcome)
                output.write(path, found)
    except GatewayError as error:
        click.echo("\n".join(filter(None, (f"Error: {error.detail}", error.advice))), err=True)
        stop(_CANNOT_JUDGE)
    if ubl.Outcome.NOT_JUDGED in outcomes:
        stop(_CANNOT_JUDGE)
    if ubl.Outcome.INVALID in outcomes:
        stop(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """In which form reports are written."""

    as_json: bool
    svrl: bool
    html: Path | None
    lang: str
    alone: bool

    def check(self, documents: Sequence[Path]) -> None:
        """Raise `UsageError` for what does not go together."""
        if not documents:
            raise click.UsageError("There is no .xml file in the folders named.")
        if self.as_json and self.svrl:
            raise click.UsageError("Choose --json or --svrl.")
        if not self.alone and (self.svrl or self.html is not None):
            raise click.UsageError("--svrl and --html are for one document.")

    def write(self, path: Path, found: ubl.Examination) -> None:
        """Write one report, and its page if one is wanted."""
        report = found.report
        if self.html is not None:
            page = ubl.render_page(report, language=self.lang, name=path.name)
            self.html.write_text(page, encoding="utf-8")
        if self.as_json:
            line = {"file": str(path), **ubl.as_json(report, self.lang)}
            click.echo(json.dumps(line, ensure_ascii=False))
        elif self.svrl:
            svrl = ubl.report_as_svrl(found)
            click.echo(svrl.decode() if svrl else report.findings[0].message.en, err=not svrl)
        elif not self.alone and not report.findings and not report.notices:
            head = summary_line(str(path), report, self.lang)
            Console().print(head, no_wrap=True, overflow="ignore", crop=False)
        else:
            Console().print(report_view(str(path), report, self.lang), crop=False)


def _documents(files: Iterable[Path]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*.xml") if one.is_file())
        else:
            yield path


def _progressing(documents: Sequence[Path]) -> Iterator[Path]:
    """The documents, with a bar on the terminal where there are many."""
    console = Console(stderr=True)
    if len(documents) == 1 or not console.is_terminal:
        yield from documents
        return
    started = time.monotonic()
    with Progress(console=console, transient=True) as bar:
        yield from bar.track(documents, description="Validating")
    took = max(time.monotonic() - started, 0.001)
    console.print(
        f"{len(documents)} documents in {took:.1f} s, {len(documents) / took:.0f} a second"
    )
