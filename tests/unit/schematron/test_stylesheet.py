# SPDX-License-Identifier: Apache-2.0
"""The generated stylesheet on Saxon: which rule runs where, lets, keys, functions and places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.schematron.errors import SchemaError
from gateway.schematron.saxon import Saxon
from gateway.schematron.stylesheet import to_xslt
from gateway.schematron.stylesheet_walk import matches_attributes
from tests.unit.schematron.samples import iso, judge_schema, rule


def test_the_first_rule_that_matches_is_the_one_that_runs(saxon: Saxon) -> None:
    schema = iso(
        f"<pattern>{rule('b[@x]', 'false()', 'FIRST')}{rule('a|b', 'false()', 'SECOND')}</pattern>"
        f"<pattern>{rule('b', 'false()', 'OTHER')}</pattern>"
    )
    verdict = judge_schema(saxon, schema, "<a><b x='1'/><b/></a>")
    assert [(each.rule, each.path) for each in verdict.failures] == [
        ("SECOND", ()),
        ("FIRST", (0,)),
        ("SECOND", (1,)),
        ("OTHER", (0,)),
        ("OTHER", (1,)),
    ]


def test_attributes_and_the_document_have_places(saxon: Saxon) -> None:
    schema = iso(
        f"<pattern>{rule('/', 'false()', 'DOCUMENT')}{rule('@n:v', 'false()', 'NAMESPACE')}"
        f"{rule('a/@v', 'false()', 'PLAIN')}</pattern><ns prefix='n' uri='urn:n'/>"
    )
    verdict = judge_schema(saxon, schema, "<a v='1'><b/><!-- c --><b xmlns:n='urn:n' n:v='2'/></a>")
    assert [(each.rule, each.path, each.attribute) for each in verdict.failures] == [
        ("DOCUMENT", None, None),
        ("PLAIN", (), "v"),
        ("NAMESPACE", (1,), "{urn:n}v"),
    ]


def test_failures_carry_flag_test_and_text(saxon: Saxon) -> None:
    schema = iso(
        "<pattern><rule context='a'><report id='{R}' flag='warning' test=\"@v = '{1}'\">v is "
        "<value-of select='@v'/> in <name/></report></rule></pattern>"
    )
    (failure,) = judge_schema(saxon, schema, "<a v='{1}'/>").failures
    assert (failure.rule, failure.flag) == ("{R}", "warning")
    assert (failure.test, failure.text) == ("@v = '{1}'", "v is {1} in a")


def test_where_attributes_are_not_visited_no_rule_on_one_fires(saxon: Saxon) -> None:
    schema = iso(f"<pattern>{rule('@v', 'false()')}</pattern>")
    assert judge_schema(saxon, schema, "<a v='1'/>").failed == {("R1", "fatal")}
    narrow = replace(schema, visits_attributes=False)
    assert judge_schema(saxon, narrow, "<a v='1'/>").failed == frozenset()


def test_comments_are_visited_where_the_schema_says_so(saxon: Saxon) -> None:
    schema = iso(f"<pattern>{rule('comment()', 'false()')}</pattern>")
    document = "<a><b/><c><!-- in --></c></a>"
    assert judge_schema(saxon, schema, document).failures == ()
    wide = replace(schema, visits_comments=True)
    assert [each.path for each in judge_schema(saxon, wide, document).failures] == [(1,)]


def test_lets_of_a_pattern_see_the_document_and_not_the_rule(saxon: Saxon) -> None:
    schema = iso(
        f"<pattern><let name='root' value='name(*)'/>{rule('b', '$root = &quot;a&quot;')}</pattern>"
    )
    assert judge_schema(saxon, schema, "<a><b/></a>").failures == ()


def test_a_let_that_nothing_needs_is_not_evaluated(saxon: Saxon) -> None:
    schema = iso(
        "<let name='broken' value='1 div 0'/><pattern><let name='worse' value='xs:date(/a)'/>"
        f"{rule('b', '$worse')}{rule('a', 'false()')}</pattern>"
    )
    assert judge_schema(saxon, schema, "<a/>").failed == {("R1", "fatal")}
    assert judge_schema(saxon, schema, "<a><b/></a>").error is not None


def test_patterns_may_use_one_name_for_two_things(saxon: Saxon) -> None:
    schema = iso(
        "<let name='v' value='0'/>"
        "<pattern><let name='v' value='1'/><let name='w' value='$v + 10'/>"
        f"{rule('a', '$v = 1 and $w = 11', 'ONE')}</pattern>"
        "<pattern><let name='v' value='2'/><let name='w' value='$v + 20'/>"
        f"{rule('a', '$v = 2 and $w = 22', 'TWO')}</pattern>"
        f"<pattern>{rule('a', '$v = 0', 'SCHEMA')}</pattern>"
    )
    assert judge_schema(saxon, schema, "<a/>").failures == ()


def test_names_that_cannot_be_told_apart_are_refused() -> None:
    twice = iso("<let name='v' value='1'/><let name='v' value='2'/>")
    with pytest.raises(SchemaError, match="more than once"):
        to_xslt(twice)
    let = "<pattern><let name='v' value='1'/>"
    with pytest.raises(SchemaError, match="several patterns"):
        to_xslt(iso(f"{let}{rule('a[$v]', 'b')}</pattern>{let}</pattern>"))


def test_keys_and_functions_work(saxon: Saxon) -> None:
    test = "f:twice(xs:decimal(key(&quot;by-id&quot;, &quot;2&quot;))) = 5"
    schema = iso(
        "<ns prefix='f' uri='urn:f'/><xsl:key name='by-id' match='b' use='@id'/>"
        "<xsl:function name='f:twice' as='xs:decimal' xmlns:f='urn:f'"
        " xmlns:xs='http://www.w3.org/2001/XMLSchema'><xsl:param name='n' as='xs:decimal'/>"
        "<xsl:sequence select='$n * 2'/></xsl:function>"
        f"<pattern>{rule('a', test)}</pattern>"
    )
    assert judge_schema(saxon, schema, "<a><b id='1'>9</b><b id='2'>2.5</b></a>").failures == ()
    assert judge_schema(saxon, schema, "<a><b id='2'>2</b></a>").failed == {("R1", "fatal")}


def test_rules_of_xpath_1_take_the_first_of_several_nodes(saxon: Saxon) -> None:
    schema = iso(f"<pattern>{rule('a', 'normalize-space(b) = string(1)')}</pattern>")
    document = "<a><b>1</b><b>2</b></a>"
    assert judge_schema(saxon, schema, document).error is not None
    old = judge_schema(saxon, replace(schema, xpath_1=True), document)
    assert (old.failures, old.error) == ((), None)


@pytest.mark.parametrize(
    ("context", "matches"),
    [
        ("@v", True),
        ("a | b/@*", True),
        ("a/attribute::v", True),
        ("key('k', 'v')", True),
        ("a[@v = 'x']/b[c[@d]]", False),
        ("a[. = '@]']", False),
        ("//*[not(*)]", False),
        ("$nodes", True),
    ],
)
def test_contexts_that_may_mean_attributes_are_known(context: str, matches: bool) -> None:
    assert matches_attributes(context) is matches
