# SPDX-License-Identifier: Apache-2.0
"""The short notation of the tables as particles."""

from __future__ import annotations

import pytest
from lxml import etree

from generators.content_models import particle


def text(model: str) -> str:
    written = etree.tostring(particle(model), encoding="unicode")
    return written.replace(' xmlns:xs="http://www.w3.org/2001/XMLSchema"', "").replace("xs:", "")


@pytest.fixture(autouse=True)
def _prefix() -> None:
    etree.register_namespace("xs", "http://www.w3.org/2001/XMLSchema")


def test_a_sequence_with_every_occurrence() -> None:
    assert text("a:A b:B? a:C* a:D+") == (
        '<sequence><element ref="a:A"/><element ref="b:B" minOccurs="0"/>'
        '<element ref="a:C" minOccurs="0" maxOccurs="unbounded"/>'
        '<element ref="a:D" maxOccurs="unbounded"/></sequence>'
    )


def test_a_repeated_choice_with_a_wildcard_and_a_local_element() -> None:
    assert text("({other lax} | X=string)*") == (
        '<choice minOccurs="0" maxOccurs="unbounded">'
        '<any namespace="##other" processContents="lax"/>'
        '<element name="X" type="string"/></choice>'
    )


def test_groups_inside_a_sequence() -> None:
    assert text("(a:P a:Q)? a:R") == (
        '<sequence><sequence minOccurs="0"><element ref="a:P"/><element ref="a:Q"/></sequence>'
        '<element ref="a:R"/></sequence>'
    )


@pytest.mark.parametrize("model", ["(a:A", "a:A)", "((a:A | a:B)"])
def test_brackets_must_match(model: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        particle(model)
