# SPDX-License-Identifier: Apache-2.0
"""What is written as columns or JSON comes back the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from gateway.service.lifecycle import Inbound, Outbound
from gateway.service.records import Problem
from gateway.store.rows import DOCUMENT_COLUMNS, problem_value, read_problem
from gateway.store.tables import NOT_BLOCKING, document


def test_a_problem_round_trips_through_json() -> None:
    problem = Problem(
        code="peer_refused",
        detail="no",
        retryable=True,
        ebms_code="EBMS:0004",
        ebms_detail="PEPPOL:NOT_SERVICED",
        at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )
    assert read_problem(json.loads(json.dumps(problem_value(problem)))) == problem
    assert read_problem(problem_value(None)) is None


def test_a_problem_of_an_older_version_is_read() -> None:
    assert read_problem({"code": "x", "detail": "y"}) == Problem(code="x", detail="y")


def test_the_states_that_do_not_block_exist() -> None:
    assert set(NOT_BLOCKING) < set(Outbound)


def test_no_state_word_is_in_both_directions() -> None:
    """A list of `ready` documents may use the index on states alone."""
    assert set(Outbound) & set(Inbound) == set()


def test_a_list_reads_no_blob() -> None:
    picked = {"rule_set", "errors", "warnings"}  # out of validation_detail, by the database
    names = {column.name for column in DOCUMENT_COLUMNS}
    assert names - picked < {one.name for one in document.columns}
    assert "validation_detail" not in {column.name for column in DOCUMENT_COLUMNS}
