# SPDX-License-Identifier: Apache-2.0
"""Moments as they are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.columns import Moment

LITE: sa.Dialect = sqlite.dialect()
SERVER: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_round_trip(moment: datetime) -> None:
    stored = Moment().process_bind_param(moment, LITE)
    assert Moment().process_result_value(stored, LITE) == moment


@given(moments, moments)
def test_text_sorts_as_time_does(one: datetime, other: datetime) -> None:
    first, second = (str(Moment().process_bind_param(at, LITE)) for at in (one, other))
    assert (first < second) == (one < other)


def test_other_zones_become_utc() -> None:
    there = datetime(2026, 11, 22, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    assert Moment().process_bind_param(there, LITE) == "2026-11-22T12:00:00.000000+00:00"
    read = Moment().process_result_value(there, SERVER)
    assert read is not None
    assert read.utcoffset() == timedelta(0)


@pytest.mark.parametrize("dialect", [LITE, SERVER])
def test_naive_moments_are_refused(dialect: sa.Dialect) -> None:
    with pytest.raises(ValueError, match="naive"):
        Moment().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001


def test_nothing_stays_nothing() -> None:
    assert Moment().process_bind_param(None, LITE) is None
    assert Moment().process_result_value(None, SERVER) is None
