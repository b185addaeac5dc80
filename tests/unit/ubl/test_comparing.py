# SPDX-License-Identifier: Apache-2.0
"""When two judges agree, what blocks, and who is shadowed."""

from __future__ import annotations

import hashlib

from gateway.schematron import Failure, Verdict
from gateway.ubl.comparing import blocks, compare, is_shadowed


def verdict(*failed: tuple[str, str], error: str | None = None) -> Verdict:
    failures = tuple(Failure(rule=rule, flag=flag, test="", path=()) for rule, flag in failed)
    return Verdict(failures=failures, error=error)


def test_what_blocks() -> None:
    assert not blocks(verdict())
    assert not blocks(verdict(("UBL-CR-001", "warning")))
    assert not blocks(verdict(("X", "information")))
    assert blocks(verdict(("UBL-CR-001", "warning"), ("BR-01", "fatal")))
    assert blocks(verdict(("X", "odd")))
    assert blocks(verdict(error="XPTY0004"))


def test_sets_are_compared_not_counts_or_layers() -> None:
    one = [verdict(("A", "fatal"), ("A", "fatal")), verdict(("B", "warning"))]
    other = [verdict(("B", "warning"), ("A", "fatal"))]
    assert compare("*", ("x", one), ("y", other)) is None


def test_a_difference_names_both_sides() -> None:
    found = compare(
        "cen", ("fast", [verdict(("A", "fatal"))]), ("saxon", [verdict(("A", "warning"))])
    )
    assert found is not None
    assert (found.layer, found.first, found.second) == ("cen", "fast", "saxon")
    assert found.only_first == (("A", "fatal"),)
    assert found.only_second == (("A", "warning"),)


def test_errors_agree_with_errors_only() -> None:
    broken, clean = [verdict(error="XPTY0004 here")], [verdict()]
    assert compare("cen", ("fast", broken), ("saxon", [verdict(error="XPTY0004 there")])) is None
    found = compare("cen", ("fast", broken), ("saxon", clean))
    assert found is not None
    assert (found.first_error, found.second_error) == ("XPTY0004 here", None)


def test_the_share_that_is_judged_twice() -> None:
    digests = [hashlib.sha256(bytes([n])).digest() for n in range(256)]
    assert not any(is_shadowed(digest, 0.0) for digest in digests)
    assert all(is_shadowed(digest, 1.0) for digest in digests)
    some = sum(is_shadowed(digest, 0.25) for digest in digests)
    assert 30 < some < 100
