# SPDX-License-Identifier: Apache-2.0
"""What an engine says of a document, the same for every engine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One assertion that failed at one node.

    `path` leads from the root to the element: the position of each element among the element
    children of the one before it, counted from 0; empty for the root, `None` for the document node.
    `attribute` names the attribute (`{namespace}name`), where the node is one.
    """

    rule: str
    flag: str
    test: str
    path: tuple[int, ...] | None
    attribute: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The failures of one layer, or the error that ended it without a verdict."""

    failures: tuple[Failure, ...] = ()
    error: str | None = None

    @property
    def failed(self) -> frozenset[tuple[str, str]]:
        """The set by which verdicts are compared: (rule, flag)."""
        return frozenset((failure.rule, failure.flag) for failure in self.failures)

    def counts(self) -> Counter[tuple[str, str]]:
        """How often each (rule, flag) failed."""
        return Counter((failure.rule, failure.flag) for failure in self.failures)
