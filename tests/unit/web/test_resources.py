# SPDX-License-Identifier: Apache-2.0
"""Records shown as resources: what differs by direction and state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from gateway.identifiers import PartyId
from gateway.service.lifecycle import OUTBOUND, Inbound, Outbound
from gateway.service.records import Content, Direction, Document, Problem, Routing, Summary
from gateway.web.resources import TITLES, show_document
from gateway.web.schemas import DocumentResource, encode
from tests.builders import BILLING, INVOICE, RECEIVER, SENDER
from tests.fakes import AT

SENT = Document(
    id="doc_1",
    direction=Direction.OUTBOUND,
    organisation="org_1",
    state=Outbound.ACCEPTED,
    settled=False,
    state_since=AT,
    sequence=1,
    routing=Routing(
        sender=SENDER,
        receiver=RECEIVER,
        document_type=INVOICE,
        process=BILLING,
        country_c1="NL",
    ),
    summary=Summary(),
    content=Content(size=3, sha256="aa", gzip=False),
    content_media_type="application/xml",
    validation="not_validated",
    created_at=AT,
    updated_at=AT,
)
GOT = replace(SENT, direction=Direction.INBOUND, state=Inbound.READY, other_ap=PartyId("PNL000001"))


def _shown(document: Document) -> DocumentResource:
    shown = show_document(document, environment="test")
    assert msgspec.json.decode(encode(shown), type=DocumentResource) == shown
    return shown


def test_a_receipt_is_shown_where_there_is_one() -> None:
    assert _shown(SENT).receipt is None
    assert _shown(replace(SENT, state=Outbound.TRANSMITTED)).receipt == "verified"
    note = "missing_duplicate_reported"
    noted = replace(SENT, state=Outbound.TRANSMITTED, receipt_note=note)
    assert _shown(noted).receipt == note
    assert _shown(GOT).receipt is None


def test_size_and_digest_are_the_documents_or_none() -> None:
    assert (_shown(SENT).content.size, _shown(SENT).content.sha256) == (3, "aa")
    received = replace(GOT, content=replace(GOT.content, gzip=True))
    assert (_shown(received).content.size, _shown(received).content.sha256) == (None, None)


@pytest.mark.parametrize("state", Outbound)
def test_actions_are_those_of_the_table(state: Outbound) -> None:
    actions = _shown(replace(SENT, state=state)).next_actions
    assert actions == [event for event in ("cancel", "retry") if event in OUTBOUND[state]]


@pytest.mark.parametrize("state", Inbound)
def test_what_waits_can_be_acknowledged(state: Inbound) -> None:
    expected = ["acknowledge"] if state in ("ready", "leased") else []
    assert _shown(replace(GOT, state=state)).next_actions == expected


def test_a_problem_has_the_peers_words_only_if_it_spoke() -> None:
    ours = _shown(replace(SENT, problem=Problem(code="smp_unavailable", detail="no answer")))
    assert ours.problem is not None
    assert (ours.problem.title, ours.problem.ebms) == (TITLES["smp_unavailable"], None)
    theirs = Problem(code="ebms_error", detail="no", ebms_code="EBMS:0004", ebms_detail="x", at=AT)
    shown = _shown(replace(SENT, problem=theirs)).problem
    assert shown is not None
    assert shown.ebms is not None
    assert (shown.ebms.code, shown.at) == ("EBMS:0004", "2026-11-24T12:00:00.000Z")


def test_every_problem_of_documents_has_its_lines() -> None:
    page = (Path(__file__).parents[3] / "docs" / "problems.md").read_text()
    below = page.partition("# Problems of documents")[2]
    assert {code for code in TITLES if f"`{code}`" not in below} == set()


def test_a_dry_run_has_no_id_and_no_actions() -> None:
    shown = show_document(SENT, environment="test", dry_run=True)
    assert (shown.id, shown.next_actions) == (None, [])
