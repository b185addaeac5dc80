# SPDX-License-Identifier: Apache-2.0
"""Whether two judges agree: verdicts are sets of (rule, flag), and an error is one of its own."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.schematron import Verdict
from gateway.ubl.report import Difference, Severity, severity_of

_WHOLE = 0x1_0000_0000


def blocks(verdict: Verdict) -> bool:
    """Whether a document with this verdict would be rejected."""
    fatal = any(severity_of(one.flag) is Severity.FATAL for one in verdict.failures)
    return fatal or verdict.error is not None


def is_shadowed(digest: bytes, share: float) -> bool:
    """Whether a document belongs to the share (0 to 1) that is judged twice, by its SHA-256."""
    return int.from_bytes(digest[:4]) < share * _WHOLE


def compare(
    layer: str,
    first: tuple[str, Iterable[Verdict]],
    second: tuple[str, Iterable[Verdict]],
) -> Difference | None:
    """What one judge found and the other did not; each with its name and its layers' verdicts.

    Where a layer ended in an error there is no set to compare: both must have ended so.
    """
    (one, ones), (other, others) = first, second
    left, left_error = _union(ones)
    right, right_error = _union(others)
    if left_error is not None and right_error is not None:
        return None
    if left_error is None and right_error is None and left == right:
        return None
    return Difference(
        layer=layer,
        first=one,
        second=other,
        only_first=tuple(sorted(left - right)),
        only_second=tuple(sorted(right - left)),
        first_error=left_error,
        second_error=right_error,
    )


def _union(verdicts: Iterable[Verdict]) -> tuple[set[tuple[str, str]], str | None]:
    failed: set[tuple[str, str]] = set()
    error: str | None = None
    for verdict in verdicts:
        failed |= verdict.failed
        error = error or verdict.error
    return failed, error


def joined(engines: Iterable[str]) -> str:
    """The names of all engines that took part, each once."""
    return "+".join(sorted({name for one in engines for name in one.split("+")}))
