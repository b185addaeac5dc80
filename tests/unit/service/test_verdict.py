# SPDX-License-Identifier: Apache-2.0
"""Every row of the sender's decision, and what a stranger can do to it."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import as4, pki
from gateway.service.errors import AddressRefusedError, DNSUnavailableError, UnreachableError
from gateway.service.lifecycle import Event
from gateway.service.ports import HTTPAnswer
from gateway.service.records import Problem
from gateway.service.verdict import (
    RECEIPT_WITHOUT_PROOF,
    Verdict,
    judge_rejected,
    judge_signal,
    judge_unreachable,
    read_retry_after,
)
from tests.fakes import AT


def error_signal(code: str, detail: str = "a detail", **changed: Any) -> as4.ErrorSignal:
    fields: dict[str, Any] = {
        "ebms_code": code,
        "severity": "failure",
        "short_description": "Short",
        "detail": detail,
        "description": "a description",
        "authenticated": True,
        "ref_to_message_id": "m@x",
    }
    return as4.ErrorSignal(**(fields | changed))


def answered(status: int = 200, retry_after: str | None = None) -> HTTPAnswer:
    headers = () if retry_after is None else (("RETRY-AFTER", retry_after),)
    return HTTPAnswer(status=status, headers=headers, body=b"")


def judged(signal: as4.ErrorSignal, number: int = 1) -> Verdict:
    return judge_signal(signal, number=number, retry_after=None)


def missing(status: int, before: Problem | None = None, **headers: str) -> Verdict:
    error = as4.ReceiptMissingError("the answer is empty", step="http")
    return judge_rejected(error, answered(status, **headers), before=before, at=AT)


def invalid(before: Problem | None = None, *, other: bool = False) -> Verdict:
    kind = as4.ReceiptMismatchError if other else as4.ReceiptInvalidError
    return judge_rejected(kind("no", step="signature"), answered(), before=before, at=AT)


def test_a_receipt_that_verifies(sender_leaf: Any) -> None:
    receipt = as4.Receipt(
        message_id="r@x",
        ref_to_message_id="m@x",
        given_at=AT,
        signer=sender_leaf.certificate,
        revocation="good",
    )
    assert judge_signal(receipt, number=1, retry_after=None) == Verdict(
        event=Event.RECEIPT_VERIFIED
    )


def test_a_receipt_that_does_not_verify_is_given_one_more_try() -> None:
    first = invalid()
    assert (first.event, first.look_again) == (Event.DEFERRED, False)
    assert first.problem is not None
    assert (first.problem.code, first.problem.ebms_code) == ("receipt_invalid", "EBMS:0302")
    second = invalid(first.problem)
    assert second.event is Event.GAVE_UP
    assert second.problem is not None
    assert second.problem.repeated == 2


def test_a_receipt_that_is_wrong_in_another_way_is_wrong_twice_all_the_same() -> None:
    assert invalid(invalid().problem, other=True).event is Event.GAVE_UP
    assert invalid(invalid(other=True).problem).event is Event.GAVE_UP


def test_a_receipt_that_we_cannot_judge_is_not_held_against_the_peer() -> None:
    def rejected() -> as4.ReceiptInvalidError:
        lists = pki.RevocationUnknownError("the list lapsed")
        signer = as4.FailedAuthenticationError("not acceptable", step="signer")
        error = as4.ReceiptInvalidError("the signal", step="signer")
        signer.__cause__, error.__cause__ = lists, signer
        return error

    problem: Problem | None = None
    for _ in range(5):
        ruling = judge_rejected(rejected(), answered(), before=problem, at=AT)
        problem = ruling.problem
        assert ruling.event is Event.DEFERRED
        assert problem is not None
        assert (problem.code, problem.repeated) == ("revocation_unknown", 1)


@pytest.mark.parametrize(
    ("status", "code", "ebms_code"),
    [
        (200, "receipt_missing", "EBMS:0301"),
        (202, "http_error", "EBMS:0301"),
        (204, "http_error", "EBMS:0301"),
        (301, "http_error", "EBMS:0301"),
        (307, "http_error", "EBMS:0301"),
        (400, "http_error", "EBMS:0301"),
        (403, "http_error", "EBMS:0301"),
        (429, "http_error", "EBMS:0301"),
        (500, "http_error", "EBMS:0301"),
        (502, "http_error", "EBMS:0301"),
        (503, "http_error", "EBMS:0301"),
        (404, "http_error", "EBMS:0005"),
        (405, "http_error", "EBMS:0005"),
        (413, "http_error", "EBMS:0005"),
        (415, "http_error", "EBMS:0005"),
    ],
)
def test_an_answer_without_a_signal_is_tried_again(status: int, code: str, ebms_code: str) -> None:
    ruling = missing(status)
    assert ruling.event is Event.DEFERRED
    assert ruling.problem is not None
    assert (ruling.problem.code, ruling.problem.ebms_code) == (code, ebms_code)
    assert not ruling.drop_message


@pytest.mark.parametrize("status", [404, 405, 413, 415])
def test_a_refused_request_three_times_in_a_row_is_the_end(status: int) -> None:
    second = missing(404, missing(413).problem)
    assert second.event is Event.DEFERRED
    assert missing(status, second.problem).event is Event.GAVE_UP


def test_refusals_that_are_not_in_a_row_do_not_count() -> None:
    twice = missing(404, missing(404).problem).problem
    between = missing(503, twice)
    assert between.problem is not None
    assert (between.event, between.problem.repeated) == (Event.DEFERRED, 1)
    again = missing(404, between.problem)
    assert again.problem is not None
    assert (again.event, again.problem.repeated) == (Event.DEFERRED, 1)


def test_a_busy_peer_for_a_day_is_never_given_up_by_counting() -> None:
    problem: Problem | None = None
    for count in range(1, 30):
        ruling = missing(503, problem)
        problem = ruling.problem
        assert ruling.event is Event.DEFERRED
        assert problem is not None
        assert problem.repeated == count


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured(status: int) -> None:
    assert missing(status, retry_after="120").retry_after == timedelta(minutes=2)


@pytest.mark.parametrize("code", ["EBMS:0005", "EBMS:0202", "EBMS:0301", "EBMS:0302"])
def test_a_failure_that_may_pass_is_deferred(code: str) -> None:
    wait = timedelta(minutes=2)
    ruling = judge_signal(error_signal(code), number=1, retry_after=wait)
    assert (ruling.event, ruling.retry_after) == (Event.DEFERRED, wait)
    assert not ruling.look_again


@pytest.mark.parametrize("text", ["PEPPOL:NOT_SERVICED", "PEPPOL:NOT_SERVICED cause: unknown"])
def test_not_serviced_asks_the_smp_again(text: str) -> None:
    ruling = judged(error_signal("EBMS:0004", text))
    assert (ruling.event, ruling.look_again) == (Event.PEER_REFUSED, True)
    assert ruling.problem is not None
    assert (ruling.problem.code, ruling.problem.ebms_detail) == ("not_serviced", text)


@pytest.mark.parametrize("code", ["EBMS:0101", "EBMS:0102"])
def test_a_certificate_that_does_not_fit_asks_the_smp_again(code: str) -> None:
    ruling = judged(error_signal(code))
    assert (ruling.event, ruling.look_again) == (Event.PEER_REFUSED, True)


@pytest.mark.parametrize(
    "code", ["EBMS:0003", "EBMS:0004", "EBMS:0009", "EBMS:0103", "EBMS:0303", "EBMS:0060", "", "?"]
)
def test_every_other_code_is_a_refusal(code: str) -> None:
    ruling = judged(error_signal(code, "the envelope is wrong"))
    assert (ruling.event, ruling.look_again) == (Event.PEER_REFUSED, False)
    assert ruling.problem is not None
    assert (ruling.problem.code, ruling.problem.ebms_code) == ("ebms_error", code)
    assert "the envelope is wrong" in ruling.problem.detail


def test_a_peer_that_explains_elsewhere_is_heard_too() -> None:
    said = judged(error_signal("EBMS:0009", "")).problem
    assert said is not None
    assert said.detail.endswith("a description")
    assert said.ebms_detail == "a description"
    short = judged(error_signal("EBMS:0009", "", description="")).problem
    assert short is not None
    assert short.ebms_detail == "Short"
    long = judged(error_signal("EBMS:0009", "x" * 2000)).problem
    assert long is not None
    assert len(long.detail) == 500


DUPLICATES = [
    ("EBMS:4001", "seen before"),
    ("EBMS:0004", "Duplicate message"),
]


@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_at_the_first_try_is_our_fault(code: str, text: str) -> None:
    ruling = judged(error_signal(code, text))
    assert (ruling.event, ruling.look_again) == (Event.GAVE_UP, False)
    assert ruling.drop_message  # the same id again would be taken for a delivery


@pytest.mark.parametrize("number", [2, 3, 9])
@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_later_means_that_the_receipt_was_lost(
    code: str, text: str, number: int
) -> None:
    ruling = judged(error_signal(code, text), number)
    assert (ruling.event, ruling.receipt_note) == (Event.RECEIPT_VERIFIED, RECEIPT_WITHOUT_PROOF)
    assert not ruling.drop_message


@pytest.mark.parametrize("put_off", ["EBMS:0005", "EBMS:0202", "EBMS:0301", "EBMS:0302"])
@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_of_what_was_put_off_is_no_delivery(code: str, text: str, put_off: str) -> None:
    earlier = [judged(error_signal(put_off)).problem, judged(error_signal("EBMS:0202")).problem]
    ruling = judge_signal(
        error_signal(code, text), number=3, retry_after=None, earlier=[p for p in earlier if p]
    )
    assert (ruling.event, ruling.receipt_note) == (Event.DEFERRED, None)
    assert ruling.drop_message


@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_after_tries_of_unknown_end_is_a_delivery(code: str, text: str) -> None:
    earlier = [
        judged(error_signal("EBMS:0202")).problem,
        judged(error_signal(code, text, authenticated=False)).problem,
        invalid().problem,
        missing(500).problem,
    ]
    ruling = judge_signal(
        error_signal(code, text), number=5, retry_after=None, earlier=[p for p in earlier if p]
    )
    assert ruling.event is Event.RECEIPT_VERIFIED


@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_after_an_unsigned_error_is_a_delivery(code: str, text: str) -> None:
    unsigned = judged(error_signal("EBMS:0202", authenticated=False)).problem
    assert unsigned is not None
    ruling = judge_signal(error_signal(code, text), number=2, retry_after=None, earlier=[unsigned])
    assert ruling.event is Event.RECEIPT_VERIFIED


@pytest.mark.parametrize(("code", "text"), DUPLICATES)
def test_a_duplicate_after_a_try_that_left_no_trace_is_a_delivery(code: str, text: str) -> None:
    put_off = judged(error_signal("EBMS:0202")).problem
    assert put_off is not None
    ruling = judge_signal(error_signal(code, text), number=3, retry_after=None, earlier=[put_off])
    assert ruling.event is Event.RECEIPT_VERIFIED


def test_duplicate_under_another_code_is_a_refusal() -> None:
    assert judged(error_signal("EBMS:0009", "duplicate element"), 2).event is Event.PEER_REFUSED


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("code", ["EBMS:4001", "EBMS:0004", "EBMS:0101", "EBMS:0103", "EBMS:0303"])
def test_an_unsigned_error_ends_nothing(code: str, number: int) -> None:
    ruling = judged(error_signal(code, "duplicate", authenticated=False), number)
    assert ruling.event is Event.DEFERRED
    assert ruling.receipt_note is None
    assert not ruling.drop_message


@pytest.mark.parametrize(
    ("code", "text"), [("EBMS:0004", "PEPPOL:NOT_SERVICED"), ("EBMS:0102", ""), ("EBMS:0101", "")]
)
def test_an_unsigned_error_may_refresh_the_lookup(code: str, text: str) -> None:
    assert judged(error_signal(code, text, authenticated=False)).look_again


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        ("connection", "connection_failed"),
        ("tls", "tls_failed"),
        ("timeout", "receiver_timeout"),
        ("too_large", "connection_failed"),
        ("broken_answer", "connection_failed"),
    ],
)
def test_nobody_answered(cause: str, code: str) -> None:
    error = UnreachableError("no", cause=cause)
    ruling = judge_unreachable(error, before=None)
    assert (ruling.event, ruling.look_again) == (Event.DEFERRED, True)
    assert ruling.problem is not None
    assert (ruling.problem.code, ruling.problem.ebms_code) == (code, "EBMS:0005")
    again = judge_unreachable(error, before=ruling.problem)
    assert again.problem is not None
    assert (again.event, again.problem.repeated) == (Event.DEFERRED, 2)


def test_an_address_that_we_refuse_is_final() -> None:
    ruling = judge_unreachable(AddressRefusedError("a private network"), before=None)
    assert (ruling.event, ruling.look_again) == (Event.GAVE_UP, False)


def test_another_network_error_keeps_its_code() -> None:
    ruling = judge_unreachable(DNSUnavailableError("no"), before=None)
    assert ruling.problem is not None
    assert ruling.problem.code == "dns_unavailable"


def test_another_problem_in_between_starts_the_count_anew() -> None:
    before = Problem(code="tls_failed", detail="no", ebms_code="EBMS:0005", repeated=7)
    ruling = judge_unreachable(UnreachableError("no"), before=before)
    assert ruling.problem is not None
    assert ruling.problem.repeated == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        (" 120 ", 120),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 9, 86400),
        ("9" * 10, 86400),
        ("9" * 8000, 86400),
        (format_datetime(AT + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(AT - timedelta(minutes=5), usegmt=True), 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("Tuesday, 24-Nov-26 12:01:00 GMT", 60),
        ("Tue Nov 24 12:01:00 2026", 60),
        ("Tue, 24 Nov 2026 12:01:00 -0000", 60),
    ],
)
def test_retry_after_in_every_form(value: str, seconds: int) -> None:
    assert read_retry_after(answered(503, value), at=AT) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "-1",
        "+5",
        "1.5",
        "\u0661\u0662",
        "\u00b2",
        "soon",
        "Tue, 99 Nov 2026 12:00:00 GMT",
        "Tue, 24 Nov 2026 12:00:00 +9999999999999999999",
        "Tue, 24 Nov 99999999999 12:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        ",",
        "0 0 0 0 0",
    ],
)
def test_retry_after_that_is_nonsense_is_none(value: str) -> None:
    assert read_retry_after(answered(503, value), at=AT) in (
        None,
        timedelta(),
        timedelta(days=1),
    )


def test_no_retry_after() -> None:
    assert read_retry_after(answered(503), at=AT) is None


@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(
            r"[A-Z][a-z]{2}, [0-9]{1,3} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{0,9}( [-+A-Z0-9]{1,8})?",
            fullmatch=True,
        ),
    )
)
def test_retry_after_never_raises_and_never_waits_longer_than_a_day(value: str) -> None:
    wait = read_retry_after(answered(503, value), at=AT)
    assert wait is None or timedelta() <= wait <= timedelta(days=1)
