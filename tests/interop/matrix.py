# SPDX-License-Identifier: Apache-2.0
"""Collects what the tests with real peers found, for the page docs/interoperability.md.

A test fills a cell by its marker `cell`: the case, which way it goes, and the peer (of the marker,
else the test's parameter `peer`). What a peer answered stands in the property `answer`. Options:
`--interop` runs every peer, not phase4 alone; `--matrix FILE` writes the page after the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

_GATHERING = pytest.StashKey["Gathering"]()
_CELL = "cell"
_ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class CellReport:
    """What one test says of one cell; `outcome` is pytest's word."""

    way: str
    case: str
    peer: str
    outcome: str
    answer: str = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("interoperability")
    group.addoption("--interop", action="store_true", help="run every peer, not only phase4")
    group.addoption("--matrix", metavar="FILE", help="write the page about all peers there")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_GATHERING] = Gathering()
    config.pluginmanager.register(config.stash[_GATHERING])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow peers out unless they are asked for; note each test's cell on its report."""
    for item in items:
        marker = item.get_closest_marker(_CELL)
        if marker:
            peer = marker.kwargs.get("peer") or _parameter(item, "peer")
            item.user_properties.append((_CELL, (marker.kwargs["way"], marker.args[0], peer)))
    if config.getoption("--interop"):
        return
    left_out = [item for item in items if item.get_closest_marker("everything")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


class Gathering:
    """Hears of every test, in the one process that leads the others."""

    def __init__(self) -> None:
        self.reports: list[CellReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.reports.extend(_reports(report))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page, where it was asked for and everything ran."""
    file = session.config.getoption("--matrix")
    reports = session.config.stash[_GATHERING].reports
    if not file or hasattr(session.config, "workerinput"):
        return
    if any(report.outcome == "skipped" for report in reports):
        words = f"{file} is left as it was, because peers are missing here (see the skips)."
        session.config.get_terminal_writer().line(f"\n{words}")
        return
    # Imported here, because the page asks the lab for versions and most runs want no page.
    from tests.interop.matrix_page import page  # noqa: PLC0415

    text = page(reports, day=datetime.now(UTC).date())
    Path(file).write_text(text, encoding="utf-8")


def _parameter(item: pytest.Item, name: str) -> str:
    assert isinstance(item, pytest.Function)
    value = item.callspec.params[name]
    return str(getattr(value, "name", value))


def _reports(report: pytest.TestReport) -> Iterable[CellReport]:
    answers = [str(value) for name, value in report.user_properties if name == _ANSWER]
    for name, value in report.user_properties:
        if name == _CELL and isinstance(value, tuple | list):
            way, case, peer = value
            yield CellReport(way, case, peer, report.outcome, "; ".join(answers))
