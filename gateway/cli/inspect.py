# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway inspect`: what an operator runs on a message that a peer swears is right.

Captured HTTP messages go through the same rooms as in a running gateway; nothing is stored, sent
or fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from gateway import as4, pki
from gateway.cli import stop
from gateway.cli.captures import UnusableCaptureError, read_capture
from gateway.cli.inspection import Bench, Judgement
from gateway.identifiers import ParticipantId

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_GOOD = ("accept", "ping", "duplicate")


@click.command("inspect")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--key", "keys", multiple=True, type=_FILE, help="Private key (PEM).")
@click.option("--cert", "certs", multiple=True, type=_FILE, help="Its certificate, in pairs.")
@click.option("--trust", multiple=True, required=True, type=_FILE, help="Roots and issuing CAs.")
@click.option("--crl", "crls", multiple=True, type=_FILE, help="Revocation list, PEM or DER.")
@click.option("--at", metavar="TIME", help="Judge certificates at this moment, not now.")
@click.option("--not-serviced", multiple=True, metavar="ID", help="Participant not served here.")
@click.option("--reply-to", type=_FILE, help="The request; FILES are then its answers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file.")
def command(
    *,
    files: Sequence[Path],
    keys: Sequence[Path],
    certs: Sequence[Path],
    trust: Sequence[Path],
    crls: Sequence[Path],
    at: str | None,
    not_serviced: Sequence[str],
    reply_to: Path | None,
    as_json: bool,
) -> None:
    """Take captured AS4 messages apart and judge them.

    Each of FILES is a request as the gateway received it: header lines, an empty line, the body.
    They go through one receiver in this order, so a repeat is told from a first copy. With
    --reply-to they are answers to that request instead. Without --crl revocation is not known,
    and accepted. Exit status 0: all could be judged, whatever the verdicts.
    """
    authorities = [one for path in trust for one in pki.load_certificates(path.read_bytes())]
    bench = Bench(
        keys=_key_pairs(keys, certs),
        trust=pki.TrustPolicy.of(
            role=pki.Role.AP,
            network="sandbox",  # any network: who is trusted says the bundle
            certificates=authorities,
            unknown_revocation=pki.Unknown.ACCEPT,
            grace=timedelta(),
        ),
        revocation=pki.Revocation.of(
            pki.load_crl(path.read_bytes(), issuers=authorities) for path in crls
        ),
        at=_moment(at),
        not_serviced=frozenset(ParticipantId.parse(text) for text in not_serviced),
    )
    sent = _recalled(reply_to) if reply_to else None
    unusable = 0
    for path in files:
        try:
            capture = read_capture(path)
        except UnusableCaptureError as error:
            unusable += 1
            click.echo(f"{error.detail}. {error.advice}".strip(), err=True)
            continue
        judgement = bench.judge_reply(capture, sent) if sent else bench.judge_request(capture)
        _show(path, judgement, as_json=as_json)
    if unusable:
        stop(1)


def _key_pairs(keys: Sequence[Path], certs: Sequence[Path]) -> tuple[pki.KeyPair, ...]:
    if len(keys) != len(certs):
        raise click.UsageError("--key and --cert are given in pairs.")
    return tuple(
        pki.load_key_pair(key.read_bytes(), cert.read_bytes())
        for key, cert in zip(keys, certs, strict=True)
    )


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            "write it as in 2026-11-22T12:00:00Z", param_hint="--at"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _recalled(path: Path) -> as4.Sent:
    capture = read_capture(path)
    return as4.recall_sent(capture.headers, capture.body)


def _show(path: Path, judgement: Judgement, *, as_json: bool) -> None:
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(path),
                    "kind": judgement.kind,
                    "outcome": judgement.outcome,
                    "code": judgement.code,
                    "step": judgement.step,
                    "reason": judgement.reason,
                    "message_id": judgement.message_id,
                },
                ensure_ascii=False,
            )
        )
        return
    click.secho(f"{path}: {judgement.kind}", bold=True)
    for finding in judgement.passed:
        _line(finding.step, finding.found or "fine", "green")
    if judgement.step is not None:
        code = f"{judgement.code} " if judgement.code else ""
        _line(judgement.step, f"{code}{judgement.reason}", "red")
    if judgement.advice:
        _line("", judgement.advice, "yellow")
    _line("verdict", judgement.outcome, "green" if judgement.outcome in _GOOD else "red")


def _line(name: str, text: str, colour: str) -> None:
    # One line each, whatever the terminal's width: these are copied into mails to the peer.
    shown = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    click.echo(f"  {name:<12}{click.style(shown, fg=colour)}")
