# SPDX-License-Identifier: Apache-2.0
"""States of a document and the table of allowed steps, outbound and inbound.

The words are those of docs/api.md, the same in code, columns and API. A step that is not in the
table raises. Every stored change also names the state it expects, so two workers cannot both step.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import GatewayError


class Outbound(StrEnum):
    """Where a submitted document stands."""

    ACCEPTED = "accepted"
    VALIDATED = "validated"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    WAITING_RETRY = "waiting_retry"
    TRANSMITTED = "transmitted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    INVALID = "invalid"
    UNROUTABLE = "unroutable"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FALLBACK_SENT = "fallback_sent"


class Inbound(StrEnum):
    """Where a received document stands."""

    RECEIVED = "received"
    READY = "ready"
    LEASED = "leased"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    UNDELIVERABLE = "undeliverable"


class Event(StrEnum):
    """What moves a document from one state to the next."""

    VALID = "valid"
    INVALID = "invalid"
    POSTPONED = "postponed"
    ENDPOINT_FOUND = "endpoint_found"
    NO_ENDPOINT = "no_endpoint"
    DEFERRED = "deferred"
    ATTEMPT_STARTED = "attempt_started"
    RECEIPT_VERIFIED = "receipt_verified"
    PEER_REFUSED = "peer_refused"
    GAVE_UP = "gave_up"
    DEADLINE_PASSED = "deadline_passed"
    CANCEL = "cancel"
    RETRY = "retry"
    STATUS_POSITIVE = "status_positive"
    STATUS_NEGATIVE = "status_negative"
    HANDED_OVER = "handed_over"
    CHECKED = "checked"
    LEASE = "lease"
    LEASE_ENDED = "lease_ended"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    PUSH_FAILED = "push_failed"


class StateConflictError(GatewayError):
    """The action is not possible in the state that the document is in."""

    code = "state_conflict"


_WAITING = {
    Event.ENDPOINT_FOUND: Outbound.QUEUED,
    Event.NO_ENDPOINT: Outbound.UNROUTABLE,
    Event.DEFERRED: Outbound.WAITING_RETRY,
    Event.GAVE_UP: Outbound.FAILED,
    Event.DEADLINE_PASSED: Outbound.EXPIRED,
    Event.CANCEL: Outbound.CANCELLED,
}
_AGAIN = {Event.RETRY: Outbound.QUEUED}

OUTBOUND: dict[Outbound, dict[Event, Outbound]] = {
    Outbound.ACCEPTED: _WAITING
    | {Event.VALID: Outbound.VALIDATED, Event.INVALID: Outbound.INVALID},
    Outbound.VALIDATED: _WAITING | {Event.POSTPONED: Outbound.SCHEDULED},
    Outbound.SCHEDULED: _WAITING,
    # The last two: a document that was tried again before the rules ever spoke.
    Outbound.QUEUED: _WAITING
    | {
        Event.ATTEMPT_STARTED: Outbound.SENDING,
        Event.VALID: Outbound.VALIDATED,
        Event.INVALID: Outbound.INVALID,
    },
    Outbound.SENDING: {
        Event.RECEIPT_VERIFIED: Outbound.TRANSMITTED,
        Event.DEFERRED: Outbound.WAITING_RETRY,
        Event.PEER_REFUSED: Outbound.REFUSED,
        Event.GAVE_UP: Outbound.FAILED,
        Event.DEADLINE_PASSED: Outbound.EXPIRED,
    },
    Outbound.WAITING_RETRY: _WAITING | {Event.ATTEMPT_STARTED: Outbound.SENDING},
    Outbound.TRANSMITTED: {
        Event.STATUS_POSITIVE: Outbound.DELIVERED,
        Event.STATUS_NEGATIVE: Outbound.REFUSED,
    },
    Outbound.DELIVERED: {},
    Outbound.REFUSED: _AGAIN,
    Outbound.INVALID: {},
    Outbound.UNROUTABLE: _AGAIN | {Event.HANDED_OVER: Outbound.FALLBACK_SENT},
    Outbound.FAILED: _AGAIN,
    Outbound.EXPIRED: _AGAIN,
    Outbound.CANCELLED: {},
    Outbound.FALLBACK_SENT: {},
}

INBOUND: dict[Inbound, dict[Event, Inbound]] = {
    Inbound.RECEIVED: {Event.CHECKED: Inbound.READY, Event.REJECT: Inbound.REJECTED},
    Inbound.READY: {
        Event.LEASE: Inbound.LEASED,
        Event.ACKNOWLEDGE: Inbound.ACKNOWLEDGED,
        Event.REJECT: Inbound.REJECTED,
        Event.PUSH_FAILED: Inbound.UNDELIVERABLE,
    },
    Inbound.LEASED: {
        Event.LEASE_ENDED: Inbound.READY,
        Event.ACKNOWLEDGE: Inbound.ACKNOWLEDGED,
        Event.REJECT: Inbound.REJECTED,
    },
    Inbound.ACKNOWLEDGED: {},
    Inbound.REJECTED: {Event.RETRY: Inbound.READY},
    Inbound.UNDELIVERABLE: {Event.RETRY: Inbound.READY},
}

SETTLED_OUTBOUND = frozenset(Outbound) - {
    Outbound.ACCEPTED,
    Outbound.VALIDATED,
    Outbound.SCHEDULED,
    Outbound.QUEUED,
    Outbound.SENDING,
    Outbound.WAITING_RETRY,
}
SETTLED_INBOUND = frozenset({Inbound.ACKNOWLEDGED, Inbound.REJECTED, Inbound.UNDELIVERABLE})


def step_outbound(state: Outbound, event: Event) -> Outbound:
    """The state that follows. Raises `StateConflictError` if the table has no such step."""
    try:
        return OUTBOUND[state][event]
    except KeyError:
        raise StateConflictError(f"a document that is {state} cannot take {event}") from None


def step_inbound(state: Inbound, event: Event) -> Inbound:
    """The state that follows. Raises `StateConflictError` if the table has no such step."""
    try:
        return INBOUND[state][event]
    except KeyError:
        raise StateConflictError(f"a document that is {state} cannot take {event}") from None
