# SPDX-License-Identifier: Apache-2.0
"""Records survive writing and reading whatever they hold; mangled bytes raise our errors alone."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway import smp
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId

_TEXT = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
    ),
    max_size=20,
).map(lambda text: " ".join(text.split()).strip())
_WORD = st.text(st.sampled_from("abcXYZ019:.#@&<>\"'/+-"), min_size=1, max_size=20)
_MOMENT = st.none() | st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the strategy wants naive ones
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))

_ENDPOINTS = st.builds(
    smp.Endpoint,
    transport_profile=_WORD,
    address=_WORD,
    certificate=_WORD,
    activation=_MOMENT,
    expiration=_MOMENT,
    requires_signature=st.booleans(),
    minimum_authentication=st.none() | _TEXT,
    description=_TEXT,
    technical_contact=_TEXT,
    technical_information=st.none() | _TEXT,
)
_RECORDS = st.builds(
    smp.ServiceInformation,
    participant=st.from_regex(r"\A[0-9]{4}:[a-z0-9]{1,20}\Z").map(ParticipantId),
    document_type=st.builds(
        lambda word: DocumentTypeId("busdox-docid-qns", f"n::r##{word}::2.1"), _WORD
    ),
    processes=st.lists(
        st.builds(
            smp.Process,
            id=st.builds(ProcessId, _WORD, _WORD),
            endpoints=st.lists(_ENDPOINTS, max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(_RECORDS)
def test_round_trip(record: smp.ServiceInformation) -> None:
    assert smp.parse_service_metadata(smp.build_service_metadata(record), strict=True) == record


@given(_RECORDS, st.data())
def test_mangled_bytes(record: smp.ServiceInformation, data: st.DataObject) -> None:
    written = bytearray(smp.build_service_metadata(record))
    position = data.draw(st.integers(0, len(written) - 1))
    written[position] = data.draw(st.integers(0, 255))
    for mangled in (bytes(written), bytes(written[:position])):
        with contextlib.suppress(smp.MetadataError):
            smp.parse_service_metadata(mangled)


@given(st.text(max_size=60))
def test_any_substitution(regexp: str) -> None:
    class Record:
        order, preference, flags, service = 1, 1, "U", "Meta:SMP"

        def __init__(self) -> None:
            self.regexp = regexp

    with contextlib.suppress(smp.NotRegisteredError):
        assert smp.smp_address([Record()]).lower().startswith("https://")
