# SPDX-License-Identifier: Apache-2.0
"""The port to whoever judges business documents, and what comes back through it."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gateway import ubl


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationOutcome:
    """What the rules say of a document: `valid`, `invalid`, or `not_judged`.

    `report` names rule set, release, engine and checksums, and has the findings; there is none
    where the validation itself failed, and `reason` is the code of that. `svrl` if it was wanted.
    """

    outcome: str
    report: ubl.Report | None = None
    svrl: bytes | None = None
    reason: str | None = None


class Validator(Protocol):
    """Judges business documents."""

    async def validate(
        self,
        document: AsyncIterable[bytes],
        *,
        at: datetime,
        rule_set: str | None = None,
        svrl: bool = False,
        within: float | None = None,
    ) -> ValidationOutcome:
        """Judge one document that is processed at a moment, by its own rules or those named.

        Raises `ValidationPendingError` without a verdict `within` so many seconds after its last
        byte, `NotJudgedError` and `ValidationUnavailableError` for troubles of ours, and
        `UnknownRuleSetError` for a name that nobody knows. All of the document is read first.
        """
        ...

    async def rule_sets(self, *, at: datetime) -> Sequence[Mapping[str, Any]]:
        """The rule sets that are known, as docs/api.md shows them."""
        ...
