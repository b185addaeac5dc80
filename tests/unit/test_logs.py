# SPDX-License-Identifier: Apache-2.0
"""One JSON object a line, whatever the facts are; nothing of a payload gets in by itself."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway import correlation
from gateway.logs import JSONLines, start_logging
from gateway.store.database import build_engine
from gateway.store.dialects import Dialect
from gateway.store.failures import database_error


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger that writes to `log.handlers[0].stream`."""
    logger = logging.getLogger("gateway.test")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JSONLines())
    logger.addHandler(handler)
    token = correlation.current.set(None)
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True
    correlation.current.reset(token)


def lines(logger: logging.Logger) -> list[dict[str, Any]]:
    handler = logger.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    text = handler.stream.getvalue()
    assert text.isascii()
    assert not text or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_event_and_facts(log: logging.Logger) -> None:
    log.info("message_received", extra={"document": "doc_1", "status": 200, "remote": None})
    (line,) = lines(log)
    moment = datetime.fromisoformat(line.pop("time"))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert line == {
        "level": "info",
        "logger": "gateway.test",
        "event": "message_received",
        "document": "doc_1",
        "status": 200,
    }


def test_the_correlation_stands_on_every_line(log: logging.Logger) -> None:
    correlation.current.set("doc_7")
    log.info("one")
    log.warning("two")
    assert [line["correlation"] for line in lines(log)] == ["doc_7", "doc_7"]


def test_facts_do_not_hide_what_every_line_has(log: logging.Logger) -> None:
    log.info("one", extra={"event": "false", "level": "false", "time": "never", "logger": "no"})
    (line,) = lines(log)
    assert (line["event"], line["event_"]) == ("one", "false")
    assert (line["level"], line["level_"]) == ("info", "false")


def test_exceptions_are_one_member(log: logging.Logger) -> None:
    try:
        int("something\nin two lines")
    except ValueError:
        log.exception("job_failed", extra={"ref": "doc_1"})
    (line,) = lines(log)
    assert line["level"] == "error"
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize(
    "hostile",
    ["a\r\nb", "\u2028", "\x85", "\x1b[31m", "\x9b31m", '"}{', "\udcff", "\x00", "é"],
)
def test_strangers_cannot_write_lines(log: logging.Logger, hostile: str) -> None:
    log.info("one", extra={"as4_message": hostile})
    (line,) = lines(log)
    assert line["as4_message"] == hostile


def test_any_value_can_be_a_fact(log: logging.Logger) -> None:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    log.info("one", extra={"at": moment, "odd": object, "raw": b"x", "many": ("a", 1)})
    (line,) = lines(log)
    assert line["at"] == str(moment)
    assert line["many"] == ["a", 1]


def test_arguments_of_other_libraries_are_filled_in(log: logging.Logger) -> None:
    log.warning("%s of %d", "one", 2)
    assert lines(log)[0]["event"] == "one of 2"


def test_start_logging_quiets_what_talks_too_much() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.StringIO()
    try:
        with redirect_stderr(written):
            start_logging("info")
        logging.getLogger("gateway.x").info("ours", extra={"n": 1})
        logging.getLogger("gateway.x").debug("too fine")
        logging.getLogger("aiohttp.access").info("theirs")
        logging.getLogger("aiohttp.server").warning("warned")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name in ("aiohttp", "alembic", "asyncio", "signxml", "sqlalchemy"):
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert [json.loads(line)["event"] for line in written.getvalue().splitlines()] == [
        "ours",
        "warned",
    ]


def test_a_failing_statement_does_not_bring_its_values_into_the_log(
    log: logging.Logger, tmp_path: Path
) -> None:
    """SQLAlchemy writes parameters into its messages, and those are documents and keys."""
    url = sa.make_url(f"sqlite:///{tmp_path / 'x.db'}")
    engine = build_engine(url, Dialect.SQLITE, connections=1)
    values = {"x": "".join(["PAY", "LOAD"])}  # a traceback shows lines of this file as well
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT * FROM nothing WHERE x = :x"), values)
    except sa.exc.SQLAlchemyError as error:
        ours = database_error(error)
        ours.__cause__ = error
        log.exception("job_failed", exc_info=ours)
    engine.dispose()
    (line,) = lines(log)
    assert "StoreUnavailableError" in line["exception"]
    assert "PAYLOAD" not in line["exception"]
