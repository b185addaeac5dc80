# SPDX-License-Identifier: Apache-2.0
"""The validator of a gateway without rule sets: it judges nothing and says so."""

from __future__ import annotations

from collections.abc import AsyncIterable

from gateway.service.ports import ValidationOutcome

NOT_VALIDATED = "not_validated"


class NullValidator:
    """Implements `Validator`; the answer never claims that a document is valid."""

    async def validate(self, document: AsyncIterable[bytes]) -> ValidationOutcome:  # noqa: ARG002
        """Judge nothing."""
        return ValidationOutcome(outcome=NOT_VALIDATED, detail={})
