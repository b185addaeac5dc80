# SPDX-License-Identifier: Apache-2.0
"""One real validator for all tests here: starting it costs half a second of computing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from gateway import ubl
from gateway.pool import Limits, PooledValidator, Setup, open_validator
from tests.api import API, running_api
from tests.fakes import AT


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def validator() -> AsyncIterator[PooledValidator]:
    """One worker, the fast engine, Saxon before rejections."""
    async with open_validator(
        Setup(policy=ubl.Policy(rules=ubl.CHOSEN, shadow_share=0.0)),
        workers=1,
        limits=Limits(job_seconds=30),
        warm_kinds=("nlcius",),
        at=AT,
        start=True,
    ) as opened:
        await opened.ready()
        yield opened


@pytest_asyncio.fixture(loop_scope="package")
async def api(tmp_path: Path, validator: PooledValidator) -> AsyncIterator[API]:
    """The interface over it."""
    async with running_api(tmp_path, validator=validator) as running:
        yield running
