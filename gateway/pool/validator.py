# SPDX-License-Identifier: Apache-2.0
"""The validator of a gateway in service: documents in, verdicts out, judged in child processes.

Whatever goes wrong in a worker says nothing of the document: it becomes `NotJudgedError`, or
`ValidationUnavailableError` where trying again helps. Two judges that disagree raise the alarm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from gateway import ubl
from gateway.errors import GatewayError
from gateway.pool.documents import Parcel
from gateway.pool.host import Limits
from gateway.pool.judging import FACTORY, Judged, Judging, Listing
from gateway.pool.pool import METHOD, Pool
from gateway.pool.validating import Setup
from gateway.service.validation import (
    NotJudgedError,
    ValidationPendingError,
    ValidationUnavailableError,
    outcome_of,
)
from gateway.service.validator import ValidationOutcome

_LOG = logging.getLogger("gateway.validation")


class PooledValidator:
    """Implements `Validator`. `differences` counts documents over which two judges disagreed."""

    def __init__(
        self,
        pool: Pool,
        folder: Path,
        *,
        longest_seconds: float,
        starting: asyncio.Future[None] | None = None,
    ) -> None:
        self._pool = pool
        self.folder = folder
        self._longest = longest_seconds
        self._listed: dict[str, tuple[Mapping[str, Any], ...]] = {}
        self._starting = starting
        self.differences = 0

    async def ready(self) -> None:
        """Return when the workers are there that were started with this.

        Raises what a worker raises that cannot start, `PackError` for one.
        """
        if self._starting is not None:
            await self._starting

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers' processes."""
        return self._pool.pids

    async def validate(
        self,
        document: AsyncIterable[bytes],
        *,
        at: datetime,
        rule_set: str | None = None,
        svrl: bool = False,
        within: float | None = None,
    ) -> ValidationOutcome:
        """Judge one document, see `Validator`."""
        parcel = Parcel(self.folder)
        try:
            await parcel.gather(document)
            job = Judging(
                at=at,
                data=b"" if parcel.file else parcel.data,
                file=parcel.file,
                rule_set=rule_set,
                svrl=svrl,
            )
            judged = await self._judged(job, within)
        except (TimeoutError, asyncio.CancelledError) as error:
            # The worker may still be reading; it has ended when all its time is over.
            asyncio.get_running_loop().call_later(2 * self._longest, parcel.discard)
            if isinstance(error, TimeoutError):
                raise ValidationPendingError from error
            raise
        except BaseException:
            parcel.discard()
            raise
        parcel.discard()
        self._alarm(judged.report)
        return outcome_of(parcel.cuts.restored(judged.report), svrl=judged.svrl)

    async def rule_sets(self, *, at: datetime) -> Sequence[Mapping[str, Any]]:
        """The rule sets that are known, as plain values; asked of a worker once a day."""
        day = ubl.amsterdam_day(at).isoformat()
        if day not in self._listed:
            entries = await self._run(Listing(at=at), named=None)
            self._listed = {day: tuple(msgspec.to_builtins(entry) for entry in entries)}
        return self._listed[day]

    async def _judged(self, job: Judging, within: float | None) -> Judged:
        async with asyncio.timeout(within):
            judged: Judged = await self._run(job, named=job.rule_set)
            return judged

    async def _run(self, job: Judging | Listing, *, named: str | None) -> Any:
        try:
            return await self._pool.run(job)
        except ubl.UnknownRuleSetError as error:
            if named is not None:
                raise
            raise NotJudgedError(error) from error
        except GatewayError as error:
            _LOG.error("not_judged", extra={"code": error.code, "why": error.detail})
            if error.retry:
                raise ValidationUnavailableError from error
            raise NotJudgedError(error) from error

    def _alarm(self, report: ubl.Report) -> None:
        if report.differences:
            self.differences += 1
        for one in report.differences:
            facts = {"rule_set": report.rule_set, **msgspec.to_builtins(one)}
            _LOG.error("validation_difference", extra={**facts, "count": self.differences})


@asynccontextmanager
async def open_validator(
    setup: Setup,
    *,
    workers: int,
    limits: Limits,
    warm_kinds: Sequence[str],
    at: datetime,
    start: bool,
    method: str = METHOD,
) -> AsyncIterator[PooledValidator]:
    """A validator whose workers are coming (`start`, see `ready`), or come with a document."""
    pool = Pool(FACTORY, (setup, warm_kinds, at), workers=workers, limits=limits, method=method)
    with TemporaryDirectory(prefix="peppol-gateway-") as folder:
        async with pool:
            starting = asyncio.ensure_future(pool.warm()) if start else None
            try:
                yield PooledValidator(
                    pool, Path(folder), longest_seconds=limits.job_seconds, starting=starting
                )
            finally:
                if starting is not None:
                    await asyncio.wait({starting})
                    starting.exception()  # seen, also where nobody waited for it
