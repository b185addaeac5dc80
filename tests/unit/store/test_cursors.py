# SPDX-License-Identifier: Apache-2.0
"""Cursors: a round trip, and a refusal for everything else."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Fault
from gateway.store.cursors import MAX_CURSOR, BadCursorError, build_cursor, parse_cursor

AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def test_round_trip() -> None:
    cursor = build_cursor(AT, "doc_01JD0000000000000000000000")
    assert parse_cursor(cursor) == (AT, "doc_01JD0000000000000000000000")
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.datetimes(timezones=st.just(UTC)), st.from_regex(r"\Adoc_[0-9A-Z]{26}\Z"))
def test_every_place_round_trips(at: datetime, document_id: str) -> None:
    assert parse_cursor(build_cursor(at, document_id)) == (at, document_id)


@given(st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_whatever_somebody_makes_of_it(text: str) -> None:
    with suppress(BadCursorError):
        moment, document_id = parse_cursor(text)
        assert moment.tzinfo is UTC
        assert document_id.isprintable()


@pytest.mark.parametrize(
    "inner", ["2:1:doc", "1:x:doc", "1:1", "1:1:doc:more", "1:99999999999999999999:doc", "1:1:a\n"]
)
def test_wrong_insides(inner: str) -> None:
    with pytest.raises(BadCursorError):
        parse_cursor(base64.urlsafe_b64encode(inner.encode()).decode().rstrip("="))


def test_a_refusal_is_the_callers_fault() -> None:
    with pytest.raises(BadCursorError) as caught:
        parse_cursor("nonsense")
    assert (caught.value.code, caught.value.fault) == ("malformed_request", Fault.CALLER)


def test_a_long_one_is_not_read() -> None:
    with pytest.raises(BadCursorError):
        parse_cursor("A" * (MAX_CURSOR + 1))
