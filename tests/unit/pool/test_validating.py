# SPDX-License-Identifier: Apache-2.0
"""Validation in workers: reports come back as values, errors as they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import ubl
from gateway.pool import Setup, ValidationJob, ValidationPool
from tests.unit.ubl.examples import EXAMPLES

NOW = datetime(2026, 11, 24, tzinfo=UTC)


async def test_documents_as_bytes_and_as_files(tmp_path: Path) -> None:
    setup = Setup(packs=tmp_path, warm=("nlcius-2.0.3.13",))
    good, bad = EXAMPLES / "si-ubl-invoice.xml", EXAMPLES / "five-mistakes.xml"
    validation = ValidationPool(setup, workers=1)
    async with validation.pool:
        by_bytes = await validation.validate(ValidationJob(at=NOW, data=good.read_bytes()))
        by_file = await validation.validate(ValidationJob(at=NOW, file=bad))
        with pytest.raises(ubl.UnknownRuleSetError):
            await validation.validate(ValidationJob(at=NOW, file=bad, rule_set="nobody"))
    assert by_bytes.outcome is ubl.Outcome.VALID
    assert (by_file.outcome, by_file.errors) == (ubl.Outcome.INVALID, 5)
    assert by_file.engine == "fast+saxon"
    assert by_file.differences == ()
