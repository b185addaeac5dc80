# SPDX-License-Identifier: Apache-2.0
"""ISO Schematron source: what each part becomes, and what is refused."""

from __future__ import annotations

import pytest

from gateway.schematron.errors import SchemaError
from gateway.schematron.iso import read_iso
from gateway.schematron.model import Assertion, Let, Schema, ValueOf
from tests.unit.schematron.samples import fragment, iso, rule


def assertions(schema: Schema) -> list[Assertion]:
    return [
        found for pattern in schema.patterns for each in pattern.rules for found in each.assertions
    ]


def test_a_schema_becomes_values_in_order() -> None:
    schema = iso(
        "<title>Rules of\n two lines</title><p>for people</p><ns prefix='n' uri='urn:n'/>"
        "<let name='top' value='1 + 1'/><let name='word'>text </let>"
        "<xsl:key name='k' match='a' use='@id'/>"
        "<pattern id='first'><let name='in' value='$top'/>"
        "<rule context='a'><let name='near' value='.'/><assert id='A-1' test='b'>no b</assert>"
        "<report id='A-2' flag='Warning' test='c'>a c</report></rule></pattern>"
    )
    assert schema.title == "Rules of two lines"
    assert schema.namespaces["n"] == "urn:n"
    assert schema.lets == (Let(name="top", select="1 + 1"), Let(name="word", content=("text ",)))
    assert [(key.name, key.match, key.use) for key in schema.keys] == [("k", "a", "@id")]
    (pattern,) = schema.patterns
    assert (pattern.name, pattern.lets) == ("first", (Let(name="in", select="$top"),))
    assert pattern.rules[0].lets == (Let(name="near", select="."),)
    first, second = pattern.rules[0].assertions
    assert (first.rule, first.flag, first.test, first.is_report) == ("A-1", "fatal", "b", False)
    assert (second.flag, second.is_report) == ("warning", True)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("<assert id=' X-1 ' test='a'>[Y-1] text</assert>", "X-1"),
        ("<assert test='a'> [Y-1]-text</assert>", "Y-1"),
        # printf text | sha1sum
        ("<assert test='a'> text </assert>", "noid-372ea08c"),
    ],
)
def test_an_assertion_is_named_by_id_then_brackets_then_its_text(given: str, name: str) -> None:
    schema = iso(f"<pattern><rule context='x'>{given}</rule></pattern>")
    assert assertions(schema)[0].rule == name


@pytest.mark.parametrize(
    ("of_rule", "of_assert", "flag"),
    [
        ("", "", "fatal"),
        ("flag='warning'", "", "warning"),
        ("flag='warning'", "flag='ERROR'", "fatal"),
        ("flag='fatal'", "role='Warning'", "warning"),
        ("role='information'", "", "information"),
    ],
)
def test_the_nearest_flag_counts(of_rule: str, of_assert: str, flag: str) -> None:
    schema = iso(
        f"<pattern><rule context='x' {of_rule}>"
        f"<assert id='R' {of_assert} test='a'>t</assert></rule></pattern>"
    )
    assert assertions(schema)[0].flag == flag


def test_a_text_keeps_the_places_of_values() -> None:
    schema = iso(
        "<pattern><rule context='x'><assert id='R' test='a'>\n  <name/> of "
        "<name path='..'/> <emph>is</emph>\n <value-of select='@v'/></assert></rule></pattern>"
    )
    assert assertions(schema)[0].text == (
        ValueOf(select="name(.)"),
        " of ",
        ValueOf(select=".."),
        " is ",
        ValueOf(select="@v"),
    )


def test_parameters_replace_whole_names_only() -> None:
    schema = iso(
        "<pattern abstract='true' id='tax'><let name='v' value='$cat'/>"
        "<rule context='$cat-line[$cat]'><assert id='R' test='$cat1 = $other'>"
        "<value-of select='$cat'/> $cat</assert></rule></pattern>"
        "<pattern is-a='tax' id='one'><param name='cat' value='C'/>"
        "<param name='cat1' value='(D)'/><param name='cat-line' value='L'/></pattern>"
    )
    (pattern,) = schema.patterns
    assert pattern.name == "one"
    assert pattern.lets[0].select == "C"
    assert pattern.rules[0].context == "L[C]"
    assert assertions(schema)[0].test == "(D) = $other"
    assert assertions(schema)[0].text == (ValueOf(select="C"), " $cat")


def test_abstract_rules_extend_others_and_do_not_run() -> None:
    schema = iso(
        "<pattern><rule abstract='true' id='base'><let name='v' value='1'/>"
        "<assert id='B' test='$v'>b</assert></rule>"
        "<rule context='x'><extends rule='base'/><assert id='R' test='a'>r</assert></rule>"
        "</pattern>"
    )
    (only,) = schema.patterns[0].rules
    assert (only.context, [each.rule for each in only.assertions]) == ("x", ["B", "R"])
    assert only.lets == (Let(name="v", select="1"),)


def test_included_files_stand_in_the_place_of_their_includes() -> None:
    files = {
        "lists/codes.sch": fragment("<let name='codes' value='1'/>"),
        "rules/all.sch": fragment("<pattern><include href='deep/one.sch'/></pattern>"),
        "rules/deep/one.sch": fragment(
            "<rule context='x'><include href='../../lists/codes.sch'/></rule>"
        ),
    }
    body = "<include href='../lists/codes.sch'/><include href='all.sch'/>"
    schema = iso(body, files, base="rules/main.sch")
    assert schema.lets[0].name == "codes"
    assert schema.patterns[0].rules[0].lets[0].name == "codes"


def test_includes_in_a_circle_are_refused() -> None:
    files = {
        "a.sch": fragment("<pattern><include href='b.sch'/></pattern>"),
        "b.sch": fragment("<rule context='x'><include href='a.sch'/></rule>"),
    }
    with pytest.raises(SchemaError, match="includes itself"):
        iso("<include href='a.sch'/>", files)


def test_includes_are_bounded_in_depth_and_number() -> None:
    deep = {f"{level}.sch": fragment(f"<include href='{level + 1}.sch'/>") for level in range(20)}
    with pytest.raises(SchemaError, match="limit of includes"):
        iso("<include href='0.sch'/>", deep)
    one = {"one.sch": fragment("<p/>")}
    iso("<include href='one.sch'/>" * 500, one)
    with pytest.raises(SchemaError, match="limit of includes"):
        iso("<include href='one.sch'/>" * 501, one)


@pytest.mark.parametrize("href", ["http://x/y.sch", "/etc/passwd", "C:\\x.sch", "a.sch#b"])
def test_only_relative_paths_are_included(href: str) -> None:
    with pytest.raises(SchemaError, match="not a plain relative path"):
        iso(f"<include href='{href}'/>")


@pytest.mark.parametrize(
    "body",
    [
        "<unheard-of/>",
        "<xsl:template match='x'/>",
        "<xsl:include href='x'/>",
        "<ns prefix='a' uri='1'/><ns prefix='a' uri='2'/>",
        "<ns prefix='f' uri='1'/><xsl:function name='f:x' xmlns:f='2'/>",
        "<pattern documents='x'/>",
        "<pattern><xsl:key name='k' match='a' use='b'/></pattern>",
        "<pattern>text</pattern>",
        "<pattern><rule test='x'/></pattern>",
        "<pattern><rule context='x'><assert>t</assert></rule></pattern>",
        "<pattern><rule context='x'><assert test='a' subject='b'>t</assert></rule></pattern>",
        "<pattern><rule context='x'><extends rule='none'/></rule></pattern>",
        "<pattern><rule abstract='true' id='a'><extends rule='a'/></rule>"
        "<rule context='x'><extends rule='a'/></rule></pattern>",
        "<pattern is-a='none'/>",
        "<pattern abstract='true' id='a'/><pattern abstract='true' id='a'/>",
        "<pattern abstract='true' id='a'/><pattern is-a='a'><rule context='x'/></pattern>",
        "<pattern><rule context='x'><assert test='a'><bad/></assert></rule></pattern>",
        "<let name='x'><emph>y</emph></let>",
    ],
)
def test_what_is_not_handled_is_refused(body: str) -> None:
    with pytest.raises(SchemaError):
        iso(body)


def test_other_vocabularies_are_left_out() -> None:
    schema = iso(
        f"<f:fix xmlns:f='urn:f'/><pattern><f:fix xmlns:f='urn:f'/>{rule('x', 'a')}</pattern>"
    )
    assert len(assertions(schema)) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<schema queryBinding='xslt2'/>",
        b"<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='stx'/>",
        b"<schema xmlns='http://purl.oclc.org/dsdl/schematron' defaultPhase='p'/>",
        b"<!DOCTYPE x><schema xmlns='http://purl.oclc.org/dsdl/schematron'/>",
        b"no XML",
    ],
)
def test_what_is_no_schema_is_refused(data: bytes) -> None:
    with pytest.raises(SchemaError):
        read_iso(data, lambda _: b"")


def test_the_binding_decides_between_the_rules_of_xpath() -> None:
    head = "<schema xmlns='http://purl.oclc.org/dsdl/schematron' queryBinding='{}'/>"
    assert read_iso(head.format("xslt").encode(), lambda _: b"").xpath_1
    assert not read_iso(head.format("xslt2").encode(), lambda _: b"").xpath_1


def test_prefixes_of_functions_are_known_to_the_schema() -> None:
    schema = iso(
        "<xsl:function name='f:x' xmlns:f='urn:f'><xsl:sequence select='1'/></xsl:function>"
    )
    assert schema.namespaces["f"] == "urn:f"


def test_another_declared_encoding_is_read() -> None:
    text = (
        "<?xml version='1.0' encoding='iso-8859-1'?>"
        "<schema xmlns='http://purl.oclc.org/dsdl/schematron'><title>é</title></schema>"
    )
    assert read_iso(text.encode("latin-1"), lambda _: b"").title == "é"
