# SPDX-License-Identifier: Apache-2.0
"""Writes docs/interoperability.md: peers with their versions, a table for each way, the quirks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.interop import labs
from tests.interop.matrix import CellReport
from tests.interop.quirks import QUIRKS

WAYS = {
    "to them": "From us to them",
    "to us": "From them to us",
    "look-up": "Look-ups",
    "management": "Management of a publisher",
}
_REQUIREMENTS = Path(__file__).with_name("peers")
_NOT_RUN = """\
## What is not run, and why

- 20 MB to and from `as4`, and from `peppol-py`: one text of a document may have 10 MB there,
  which is the limit of their XML parser. Theirs end at 1 MB.
- Binary and text payloads: phase4's program alone makes them. Ours sends XML documents only.
- Misbehaviour on demand (errors, delays, HTML, cut connections, broken receipts): phase4's alone.
- Oxalis does not start with a certificate that is expired, of another role or of a foreign
  authority, and does not receive with a revoked one, so it cannot be the one that shows it.
- Documents of another kind and other processes *to* Oxalis and `as4`: as set up here, their
  programs serve every type.
- The oxalis-ng, phoss-ap and Holodeck programs: not released as artefacts that the lab could fetch.
"""
_INTRODUCTION = """\
# Interoperability

Every row is a test with a real program of others at the other end, over HTTP on one machine.
`make interop` runs them all and writes this page; the last time was {day}. Where a code was
given, it stands in the cell. An empty cell: not run, mostly because the peer has no such side.
`make test` runs phase4's rows both ways, save the largest messages.
"""


@dataclass(frozen=True, slots=True)
class PeerFacts:
    """A peer as the page introduces it; its version is that of an artefact of the lab's program."""

    name: str
    about: str
    lab: str = ""
    artefact: str = ""

    def version(self) -> str:
        """As installed for this run, if it is."""
        if self.lab:
            try:
                return labs.built(self.lab).version(self.artefact)
            except labs.LabMissingError:
                return "not here"
        return _pinned(self.name)


PEERS = (
    PeerFacts("phase4", "Java, WSS4J; sends, receives, looks up", "phase4", "phase4-lib"),
    PeerFacts("oxalis", "Java, Apache CXF; sends and receives", "oxalis", "oxalis-as4"),
    PeerFacts("as4", "Python; sends and receives"),
    PeerFacts("peppol-py", "Python; sends"),
    PeerFacts("phoss-smp", "Java; an SMP", "phoss-smp", "phoss-smp-webapp"),
    PeerFacts("peppol-commons", "Java; phoss's SMP client", "phoss-smp", "peppol-smp-client"),
    PeerFacts("vefa-peppol", "Java; the SMP client of oxalis", "oxalis", "peppol-lookup"),
    PeerFacts("manage.py", "the lab's calls as other programs manage an SMP"),
)


def page(reports: Iterable[CellReport], *, day: date) -> str:
    """The whole page."""
    found = list(reports)
    present = {report.peer for report in found}
    unknown = present - {peer.name for peer in PEERS}
    assert not unknown, f"no line in PEERS for {sorted(unknown)}"
    sections = [_INTRODUCTION.format(day=f"{day:%-d %B %Y}"), _peers(present)]
    for way, title in WAYS.items():
        section = [report for report in found if report.way == way]
        if section:
            sections.append(f"## {title}\n\n{_table(section)}")
    sections += [_quirks(), _NOT_RUN]
    return "\n".join(sections)


def _peers(present: set[str]) -> str:
    rows = [(one.name, one.version(), one.about) for one in PEERS if one.name in present]
    return "## The peers\n\n" + _rows(("peer", "version", "what it is"), rows)


def _table(reports: Sequence[CellReport]) -> str:
    present = {report.peer for report in reports}
    peers = [peer.name for peer in PEERS if peer.name in present]
    cases = list(dict.fromkeys(report.case for report in reports))
    rows = []
    for case in sorted(cases):
        cells = [
            _cell([one for one in reports if (one.case, one.peer) == (case, peer)])
            for peer in peers
        ]
        rows.append((case, *cells))
    return _rows(("case", *peers), rows)


def _cell(reports: Sequence[CellReport]) -> str:
    """One cell of several tests: the worst outcome counts."""
    if not reports:
        return ""
    if any(report.outcome == "failed" for report in reports):
        return "**fails**"
    if all(report.outcome == "skipped" for report in reports):
        return "not run"
    answers = sorted({report.answer for report in reports if report.answer})
    return f"✔ {'; '.join(answers)}".strip()


def _quirks() -> str:
    rows = [(quirk.peer, quirk.seen, quirk.met) for quirk in QUIRKS]
    return "## What is odd about them, and how we meet it\n\n" + _rows(
        ("peer", "seen", "what we do"), rows
    )


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _pinned(name: str) -> str:
    file = _REQUIREMENTS / f"{name}.txt"
    if not file.exists():
        return ""
    pinned = re.search(rf"^{re.escape(name)}==(\S+)", file.read_text("utf-8"), re.MULTILINE)
    return pinned[1] if pinned else ""
