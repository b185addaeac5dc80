# SPDX-License-Identifier: Apache-2.0
"""What the answer to one try means for the document: pure, one table, no I/O.

A try ends in a receipt, an error signal, an answer that is neither, or no answer at all. The
verdict says what happens to the document, why, and whether the receiver must be looked up again
before anything is final. Where the specifications leave a choice: docs/divergences.md.
Sources: ebMS 3.0 Core 6.7; Peppol AS4 profile 2.0.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from gateway import as4
from gateway.errors import GatewayError
from gateway.service.errors import AddressRefusedError, UnreachableError
from gateway.service.lifecycle import Event
from gateway.service.ports import HTTPAnswer
from gateway.service.records import Problem
from gateway.service.revocations import lists_missing

RECEIPT_WITHOUT_PROOF = "missing_duplicate_reported"

_OK, _REQUEST_REFUSED = 200, frozenset({404, 405, 413, 415})
_PATIENCE = 3  # so many refusals of the request itself in a row mean a wrong address
_TEMPORARY = frozenset({"EBMS:0005", "EBMS:0202", "EBMS:0301", "EBMS:0302"})
_STALE_METADATA = frozenset({"EBMS:0101", "EBMS:0102"})
_INVALID_RECEIPT = "EBMS:0302"
_UNREACHABLE = {"tls": "tls_failed", "timeout": "receiver_timeout"}
_LONGEST_WAIT = timedelta(days=1)  # that we let a peer ask for
_MAX_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The step to take; `look_again` asks for a fresh look-up before `event` is final.

    `drop_message`: this message was answered for good, the next try needs a new one.
    """

    event: Event
    problem: Problem | None = None
    retry_after: timedelta | None = None
    look_again: bool = False
    drop_message: bool = False
    receipt_note: str | None = None


def judge_signal(
    signal: as4.Receipt | as4.ErrorSignal,
    *,
    number: int,
    retry_after: timedelta | None,
    earlier: Sequence[Problem] = (),
) -> Verdict:
    """A signal that could be read; `number` counts the tries of this very message from 1.

    `earlier` is how those before ended.
    """
    if isinstance(signal, as4.Receipt):
        return Verdict(event=Event.RECEIPT_VERIFIED)
    said = signal.detail or signal.description or signal.short_description
    problem = Problem(
        code="not_serviced" if signal.not_serviced else "ebms_error",
        detail=f"the other access point answered {signal.ebms_code}: {said}"[:500],
        ebms_code=signal.ebms_code,
        ebms_detail=said,
        signed=signal.authenticated,
    )
    if signal.duplicate and signal.authenticated:
        verdict = _duplicate(number, problem, earlier)
        return replace(verdict, retry_after=retry_after)
    look_again = signal.not_serviced or signal.ebms_code in _STALE_METADATA
    if signal.ebms_code in _TEMPORARY or not signal.authenticated:
        # Anybody between could have written an unsigned error, so it ends nothing by itself.
        return Verdict(
            event=Event.DEFERRED, problem=problem, retry_after=retry_after, look_again=look_again
        )
    return Verdict(event=Event.PEER_REFUSED, problem=problem, look_again=look_again)


def judge_rejected(
    error: as4.ReplyRejectedError, answer: HTTPAnswer, *, before: Problem | None, at: datetime
) -> Verdict:
    """An answer without a signal that we can believe."""
    retry_after = read_retry_after(answer, at=at)
    if lists_missing(error):  # it may well be a receipt, and it is we who cannot tell
        problem = Problem(code="revocation_unknown", detail=error.detail)
        return Verdict(event=Event.DEFERRED, problem=problem, retry_after=retry_after)
    if error.code != "receipt_missing":
        problem = _again(
            before, Problem(code=error.code, detail=error.detail, ebms_code=_INVALID_RECEIPT)
        )
        event = Event.DEFERRED if problem.repeated == 1 else Event.GAVE_UP
        return Verdict(event=event, problem=problem, retry_after=retry_after)
    if answer.status in _REQUEST_REFUSED:
        detail = f"the address of the other access point answers HTTP {answer.status}"
        problem = _again(before, Problem(code="http_error", detail=detail, ebms_code="EBMS:0005"))
        event = Event.DEFERRED if problem.repeated < _PATIENCE else Event.GAVE_UP
        return Verdict(event=event, problem=problem)
    if answer.status == _OK:
        problem = Problem(code="receipt_missing", detail=error.detail, ebms_code="EBMS:0301")
    else:
        detail = f"the other access point answered HTTP {answer.status} without a signal"
        problem = Problem(code="http_error", detail=detail, ebms_code="EBMS:0301")
    return Verdict(event=Event.DEFERRED, problem=_again(before, problem), retry_after=retry_after)


def judge_unreachable(error: GatewayError, *, before: Problem | None) -> Verdict:
    """No answer: the connection, TLS or a time limit failed, or we refused the address."""
    if isinstance(error, AddressRefusedError):
        return Verdict(event=Event.GAVE_UP, problem=Problem(code=error.code, detail=error.detail))
    cause = error.cause if isinstance(error, UnreachableError) else ""
    problem = Problem(
        code=_UNREACHABLE.get(cause, error.code), detail=error.detail, ebms_code="EBMS:0005"
    )
    return Verdict(event=Event.DEFERRED, problem=_again(before, problem), look_again=True)


def read_retry_after(answer: HTTPAnswer, *, at: datetime) -> timedelta | None:
    """The wait that the peer asks for, in seconds or until a date (RFC 9110, 10.2.3)."""
    value = (answer.header("Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        if len(value) > _MAX_DIGITS:  # thirty years; int() refuses far longer ones
            return _LONGEST_WAIT
        return min(timedelta(seconds=int(value)), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:  # the old forms of a date say no zone and mean GMT
            moment = moment.replace(tzinfo=UTC)
        return min(max(moment - at, timedelta()), _LONGEST_WAIT)
    except (ValueError, OverflowError, TypeError, IndexError):  # whatever mail dates can raise
        return None


def _duplicate(number: int, problem: Problem, earlier: Sequence[Problem]) -> Verdict:
    put_off = [one for one in earlier if one.signed and one.ebms_code in _TEMPORARY]
    if 0 < len(put_off) == number - 1:
        # Each time it said "later" and kept nothing, and calls the id known all the same.
        return Verdict(event=Event.DEFERRED, problem=problem, drop_message=True)
    if number > 1:  # an earlier try arrived and its receipt was lost on the way back
        return Verdict(event=Event.RECEIPT_VERIFIED, receipt_note=RECEIPT_WITHOUT_PROOF)
    return Verdict(event=Event.GAVE_UP, problem=problem, drop_message=True)


def _again(before: Problem | None, problem: Problem) -> Problem:
    """The same problem as last time counts on; so does a receipt that is wrong in another way."""
    if before is None or before.ebms_code != problem.ebms_code:
        return problem
    if before.code != problem.code and problem.ebms_code != _INVALID_RECEIPT:
        return problem
    return replace(problem, repeated=before.repeated + 1)
