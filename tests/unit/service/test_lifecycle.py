# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import product

import pytest

from gateway.service import lifecycle
from gateway.service.lifecycle import (
    INBOUND,
    OUTBOUND,
    Event,
    Inbound,
    Outbound,
    StateConflictError,
)


def test_every_state_has_a_row() -> None:
    assert set(OUTBOUND) == set(Outbound)
    assert set(INBOUND) == set(Inbound)


def _reachable(table, start):
    seen, todo = set(), [start]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += table[state].values()
    return seen


def test_every_state_can_be_reached_from_the_first() -> None:
    assert _reachable(OUTBOUND, Outbound.ACCEPTED) == set(Outbound)
    assert _reachable(INBOUND, Inbound.RECEIVED) == set(Inbound)


def test_what_is_not_settled_can_always_end() -> None:
    for state in set(Outbound) - lifecycle.SETTLED_OUTBOUND:
        assert _reachable(OUTBOUND, state) & lifecycle.SETTLED_OUTBOUND
    for state in set(Inbound) - lifecycle.SETTLED_INBOUND:
        assert _reachable(INBOUND, state) & lifecycle.SETTLED_INBOUND


@pytest.mark.parametrize(("state", "event"), list(product(Outbound, Event)))
def test_a_step_is_in_the_table_or_refused(state: Outbound, event: Event) -> None:
    if event in OUTBOUND[state]:
        assert lifecycle.step_outbound(state, event) is OUTBOUND[state][event]
    else:
        with pytest.raises(StateConflictError, match=state):
            lifecycle.step_outbound(state, event)


@pytest.mark.parametrize(("state", "event"), list(product(Inbound, Event)))
def test_an_inbound_step_is_in_the_table_or_refused(state: Inbound, event: Event) -> None:
    if event in INBOUND[state]:
        assert lifecycle.step_inbound(state, event) is INBOUND[state][event]
    else:
        with pytest.raises(StateConflictError, match=state):
            lifecycle.step_inbound(state, event)


def test_a_document_on_the_wire_cannot_be_cancelled() -> None:
    with pytest.raises(StateConflictError):
        lifecycle.step_outbound(Outbound.SENDING, Event.CANCEL)
