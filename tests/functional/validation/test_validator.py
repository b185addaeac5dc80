# SPDX-License-Identifier: Apache-2.0
"""The validator over real workers: large documents, workers that die, limits, alarms."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from gateway import ubl
from gateway.pool import Limits, PooledValidator, Setup, build_validation, open_validator
from gateway.pool.judging import Judged
from gateway.service.validation import (
    NotJudgedError,
    ValidationPendingError,
    ValidationUnavailableError,
)
from tests.fakes import AT
from tests.functional.validation.documents import bad, good
from tests.service_fakes import logged

pytestmark = pytest.mark.asyncio(loop_scope="package")

ALONE = ubl.Policy(rules=ubl.BUNDLED, second_judge=False)


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_findings_of_a_large_document_stand_where_they_would_without_the_cut(
    validator: PooledValidator,
) -> None:
    large = bad(good(attachment=2_000_000))
    assert large.count(b"\n") > 100
    # All on the line of the attachment, so that columns behind it are far to the right.
    large = large.replace(b"</cbc:EmbeddedDocumentBinaryObject>\n", _CLOSE)
    attachment, behind = large.split(_CLOSE)
    large = attachment + _CLOSE + behind.replace(b"\n", b"", 40)
    found = await validator.validate(pieces(large), at=AT)
    whole = build_validation(Setup(policy=ALONE)).validate(large, at=AT)
    assert found.report is not None
    assert [_place(one) for one in found.report.findings] == [_place(one) for one in whole.findings]
    assert (whole.findings[0].column or 0) > 2_000_000


_CLOSE = b"</cbc:EmbeddedDocumentBinaryObject>"


def _place(one: ubl.Finding) -> tuple[str, int | None, int | None, str]:
    return one.rule_id, one.line, one.column, one.location


@pytest.mark.parametrize(
    ("text", "outcome"),
    [(b"JVBE", "valid"), (b"JVBE==", "invalid"), (b"J?BE", "invalid"), (b"JVB", "invalid")],
)
async def test_base64_of_a_large_document_is_still_checked(
    validator: PooledValidator, text: bytes, outcome: str
) -> None:
    large = good(attachment=2_000_000)
    middle = large.index(_CLOSE) - 1_000_000
    middle -= (middle - large.index(b">JVBE") - 1) % 4
    found = await validator.validate(pieces(large[:middle] + text + large[middle:]), at=AT)
    assert found.outcome == outcome
    if outcome == "invalid":
        assert found.report is not None
        assert {one.layer for one in found.report.findings} == {"xsd"}


async def test_a_long_document_without_attachments_travels_as_a_file(
    validator: PooledValidator,
) -> None:
    long = good().replace(b"</Invoice>", b"<!--" + b"x" * 200_000 + b"-->" * 1 + b"</Invoice>")
    long = long.replace(b"<!--", b"<!-- more -->\n" * 100_000 + b"<!--")
    found = await validator.validate(pieces(long), at=AT)
    assert found.outcome == "valid"
    assert list(validator.folder.iterdir()) == []


async def test_a_worker_that_is_killed_costs_nobody_a_verdict(validator: PooledValidator) -> None:
    (pid,) = validator.pids
    asked = [asyncio.create_task(validator.validate(pieces(good()), at=AT)) for _ in range(5)]
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    found = await asyncio.gather(*asked)
    assert {one.outcome for one in found} == {"valid"}
    assert validator.pids != (pid,)


async def test_no_verdict_in_time_is_no_verdict(validator: PooledValidator) -> None:
    with pytest.raises(ValidationPendingError):
        await validator.validate(pieces(good()), at=AT, within=0)
    assert (await validator.validate(pieces(good()), at=AT, within=30)).outcome == "valid"


async def test_a_document_beyond_the_limits_is_not_judged_and_harms_nobody() -> None:
    limits = Limits(job_seconds=0.001)
    async with _open(limits=limits) as validator:
        with logged("gateway.validation") as records, pytest.raises(NotJudgedError) as caught:
            await validator.validate(pieces(bad(good())), at=AT)
    assert caught.value.reason == "validation_timeout"
    assert records.events == ["not_judged"]


async def test_a_worker_that_cannot_start_may_start_later() -> None:
    async with _open(limits=Limits(start_seconds=0.001)) as validator:
        with pytest.raises(ValidationUnavailableError):
            await validator.validate(pieces(good()), at=AT)


async def test_rules_that_were_chosen_and_are_not_here(tmp_path: Path) -> None:
    (tmp_path / ubl.CHOICES_FILE).write_bytes(ubl.choices_page({"nlcius": ubl.OFFICIAL}))
    async with _open(packs=tmp_path) as validator:
        found = await validator.validate(pieces(good()), at=AT)
    assert found.outcome == "not_judged"


async def test_judges_that_disagree_raise_the_alarm() -> None:
    difference = ubl.Difference(
        layer="cen", first="fast", second="saxon", only_first=(("BR-1", "fatal"),)
    )
    report = ubl.Report(outcome=ubl.Outcome.VALID, rule_set="r", differences=(difference,))

    class Pool:
        pids = ()

        async def run(self, job: object) -> object:
            return Judged(report=report)

    validator = PooledValidator(Pool(), Path(), longest_seconds=1)  # type: ignore[arg-type]
    with logged("gateway.validation") as records:
        for _ in range(2):
            await validator.validate(pieces(good()), at=AT)
    assert records.events == ["validation_difference"] * 2
    facts = vars(records.records[-1])
    assert (facts["rule_set"], facts["layer"], facts["count"]) == ("r", "cen", 2)
    assert facts["only_first"] == msgspec.to_builtins(difference)["only_first"]
    assert validator.differences == 2


def _open(limits: Limits | None = None, packs: Path | None = None):  # type: ignore[no-untyped-def]
    return open_validator(
        Setup(packs=packs, policy=ubl.Policy(rules=ubl.CHOSEN, shadow_share=0.0)),
        workers=1,
        limits=limits or Limits(),
        warm_kinds=(),
        at=AT,
        start=False,
    )
