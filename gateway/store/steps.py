# SPDX-License-Identifier: Apache-2.0
"""One change of a document's state: the table of the life cycle decides, the UPDATE makes sure.

The UPDATE names the state and the sequence that were read. If it finds no row, somebody else moved
the document in between; that is a conflict and the caller reads again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.errors import NotFoundError
from gateway.service.lifecycle import (
    Event,
    Inbound,
    Outbound,
    StateConflictError,
    step_inbound,
    step_outbound,
)
from gateway.service.records import Direction, Problem
from gateway.store.rows import event_value, problem_value, read_problem
from gateway.store.tables import document
from gateway.store.transaction import Transaction

_READ = sa.select(
    document.c.id,
    document.c.direction,
    document.c.organisation,
    document.c.state,
    document.c.sequence,
    document.c.created_at,
    document.c.deadline,
    document.c.attempts,
    document.c.exchange_id,
    document.c.business_key,
    document.c.external_reference,
    document.c.problem,
    document.c.validation,
).where(document.c.id == sa.bindparam("wanted"))

_MOVE = (
    sa.update(document)
    .where(
        document.c.id == sa.bindparam("moved"),
        document.c.state == sa.bindparam("from_state"),
        document.c.sequence == sa.bindparam("from_sequence"),
    )
    .returning(document.c.id, document.c.organisation, document.c.state, document.c.sequence)
)


def read_for_step(transaction: Transaction, document_id: str) -> sa.Row[Any]:
    """Read what a step needs to know. Raises `NotFoundError`."""
    row = transaction.read(_READ, {"wanted": document_id})
    if row is None:
        raise NotFoundError("there is no such document")
    return row


def next_state(row: sa.Row[Any], event: Event) -> str:
    """Ask the table of the life cycle. Raises `StateConflictError`."""
    if row.direction == Direction.OUTBOUND:
        return step_outbound(Outbound(row.state), event)
    return step_inbound(Inbound(row.state), event)


def move(
    transaction: Transaction,
    row: sa.Row[Any],
    event: Event,
    *,
    at: datetime,
    problem: Problem | None = None,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Step a document that was read in this transaction, and put the step on its time line."""
    state = next_state(row, event)
    values: dict[str, Any] = {"state": state, "state_since": at, **(also or {})}
    values["problem"] = problem_value(_lasting_problem(row, event, problem))
    change(transaction, row, str(event), at=at, values=values, problem=problem)


def change(
    transaction: Transaction,
    row: sa.Row[Any],
    event: str,
    *,
    at: datetime,
    values: Mapping[str, Any],
    problem: Problem | None = None,
) -> None:
    """Change columns of a document that was read in this transaction, as one event."""
    rows = transaction.change(
        _MOVE,
        {
            "moved": row.id,
            "from_state": row.state,
            "from_sequence": row.sequence,
            "sequence": row.sequence + 1,
            "updated_at": at,
            **values,
        },
    )
    if not rows:
        raise StateConflictError("somebody else changed the document at the same moment")
    transaction.add_event(event_value(rows[0], event, at, problem=problem_value(problem)))


def _lasting_problem(row: sa.Row[Any], event: Event, problem: Problem | None) -> Problem | None:
    """Choose what the document shows as its problem; the time line has them all.

    When time runs out the trouble that used it up says more than "too late".
    """
    if event in (Event.RECEIPT_VERIFIED, Event.RETRY):
        return problem
    earlier = read_problem(row.problem)
    if event is Event.DEADLINE_PASSED:
        return earlier or problem
    return problem or earlier
