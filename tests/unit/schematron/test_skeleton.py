# SPDX-License-Identifier: Apache-2.0
"""Stylesheets of the ISO skeleton: what they say, and every departure from the shape."""

from __future__ import annotations

import pytest

from gateway.schematron.errors import SchemaError
from gateway.schematron.lean import lean
from gateway.schematron.model import Let, ValueOf
from gateway.schematron.saxon import Saxon
from gateway.schematron.skeleton import read_skeleton
from tests.unit.schematron.samples import (
    SKELETON_START,
    judge,
    judge_schema,
    skeleton,
    skeleton_rule,
)

TWO_RULES = (
    skeleton_rule("@v", "false()", "ATTRIBUTE", 1000),
    skeleton_rule("a[b]|b", "false()", "FIRST", 1002),
    skeleton_rule("a", "$top = 1", "SECOND", 1001),
)
LETS = '<xsl:param name="top" select="1"/><xsl:variable name="here" select="2"/>'


def test_modes_are_patterns_and_priorities_the_order_of_rules() -> None:
    schema = read_skeleton(skeleton(*TWO_RULES, start=SKELETON_START + LETS))
    (pattern,) = schema.patterns
    assert [each.context for each in pattern.rules] == ["a[b]|b", "a", "@v"]
    assert (schema.title, pattern.name) == ("a title", "first")
    assert schema.lets == (Let(name="top", select="1"),)
    assert pattern.lets == (Let(name="here", select="2"),)
    assert schema.namespaces == {"n": "urn:n"}
    assert (schema.visits_attributes, schema.visits_comments) == (True, False)
    (found,) = pattern.rules[1].assertions
    assert (found.rule, found.flag, found.test) == ("SECOND", "warning", "$top = 1")
    assert found.text == ("[SECOND]-says ", ValueOf(select="name(.)"))


def test_without_an_id_the_text_gives_the_name() -> None:
    text = skeleton_rule("a", "b", "X-1", 1000)
    without = text.replace('<xsl:attribute name="id">X-1</xsl:attribute>', "")
    (rule,) = read_skeleton(skeleton(without)).patterns[0].rules
    assert rule.assertions[0].rule == "X-1"


@pytest.mark.parametrize(
    ("walk", "attributes", "comments"),
    [
        ("*|@*", True, False),
        ("*", False, False),
        ("*|comment()|processing-instruction()", False, True),
    ],
)
def test_the_walk_is_noted(walk: str, attributes: bool, comments: bool) -> None:
    schema = read_skeleton(skeleton(walk=walk))
    assert (schema.visits_attributes, schema.visits_comments) == (attributes, comments)


RULE = skeleton_rule("a", "b", "X", 1000)


@pytest.mark.parametrize(
    "data",
    [
        b"<a/>",
        skeleton(RULE, RULE),
        skeleton(RULE.replace('mode="M1"', 'mode="M2"')),
        skeleton(RULE, walk="node()"),
        skeleton(RULE, walk="a"),
        skeleton(RULE.replace("<walk-on/>", "")),
        skeleton(RULE.replace("<walk-on/>", "<xsl:message/><walk-on/>")),
        skeleton(RULE.replace("<walk-on/>", "stray<walk-on/>")),
        skeleton(RULE.replace('priority="1000"', 'priority="-3"')),
        skeleton(RULE.replace('<xsl:when test="b"/>', '<xsl:when test="b">x</xsl:when>')),
        skeleton(RULE.replace("<xsl:otherwise>", '<xsl:when test="c"/><xsl:otherwise>')),
        skeleton(RULE.replace("<svrl:text>", "<svrl:diagnostic-reference/><svrl:text>")),
        skeleton(RULE.replace("svrl:failed-assert test", 'svrl:failed-assert id="{a}" test')),
        skeleton(RULE.replace('mode="M1" p', 'mode="M1" xmlns:n="urn:other" p')),
        skeleton(RULE, start=""),
        skeleton(RULE, start=SKELETON_START + '<xsl:template name="x"/>'),
        skeleton(RULE, start=SKELETON_START + '<xsl:include href="x"/>'),
        skeleton(RULE, start=SKELETON_START + '<xsl:strip-space elements="*"/>'),
        skeleton(RULE).replace(b'version="2.0"', b'version="2.0" xpath-default-namespace="u"'),
        skeleton(RULE).replace(
            b'priority="-1"/><xsl:template match="@*', b'/><xsl:template match="@*'
        ),
    ],
)
def test_another_shape_is_refused(data: bytes) -> None:
    with pytest.raises(SchemaError):
        read_skeleton(data)
    with pytest.raises(SchemaError):
        lean(data)


def test_original_lean_and_generated_agree(saxon: Saxon) -> None:
    original = skeleton(*TWO_RULES, start=SKELETON_START + LETS)
    document = "<a v='1'><b/><c><a/></c></a>"
    published = judge(saxon, original, document)
    assert published.failed == {("FIRST", "warning"), ("ATTRIBUTE", "warning")}
    for verdict in (
        judge(saxon, lean(original), document),
        judge_schema(saxon, read_skeleton(original), document),
    ):
        assert verdict.counts() == published.counts()
        assert [(each.path, each.attribute, each.text) for each in verdict.failures] == [
            ((), None, "[FIRST]-says a"),
            ((), "v", "[ATTRIBUTE]-says v"),
            ((0,), None, "[FIRST]-says b"),
        ]


def test_lean_leaves_no_record_of_rules_that_fired(saxon: Saxon) -> None:
    original = skeleton(*TWO_RULES, start=SKELETON_START + LETS)
    layer, document = saxon.compile(lean(original)), saxon.parse(b"<a><b/></a>")
    report = layer.report(document)
    assert b"failed-assert" in report
    assert b"fired-rule" not in report
    assert b"active-pattern" not in report
