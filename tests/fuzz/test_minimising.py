# SPDX-License-Identifier: Apache-2.0
"""A document is made small around what is asked of it, and nothing of that is lost."""

from __future__ import annotations

from tests.fuzz.court import parsed
from tests.fuzz.minimising import minimised

DOCUMENT = b"""<a x="1" y="2">
  <b><c>one</c><!-- c --><d z="3">two</d></b>
  <b><c>three</c>tail</b>
  <e/>
</a>"""


def test_only_what_is_asked_for_stays() -> None:
    small = minimised(parsed(DOCUMENT), lambda data: b"<d" in data and b'y="2"' in data)
    assert b'y="2"' in small
    assert b"<d" in small
    for gone in (b"one", b"three", b"<e", b"x=", b"z=", b"<c", b"<!--", b"tail"):
        assert gone not in small
    assert small.count(b"<b>") == 1


def test_text_behind_an_element_stays_with_its_parent() -> None:
    small = minimised(parsed(DOCUMENT), lambda data: b"tail</b>" in data)
    assert b"<b>tail</b>" in small


def test_what_cannot_be_made_smaller_comes_back_whole() -> None:
    root = parsed(DOCUMENT)
    whole = minimised(parsed(DOCUMENT), lambda data: data.count(b"<") == len(DOCUMENT.split(b"<")))
    assert parsed(whole).findtext("b/d") == root.findtext("b/d")
    assert len(parsed(whole)) == len(root)
