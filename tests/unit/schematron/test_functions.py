# SPDX-License-Identifier: Apache-2.0
"""Functions and keys: each instruction that is read, and what is refused."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.functions import read_function, read_key
from gateway.schematron.model import Choose, Function, Let, Parameter, Return, TextValue, ValueOf


def xslt(text: str) -> etree._Element:
    root = f'<x xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:f="urn:f">{text}</x>'
    return etree.fromstring(root)[0]


def function(body: str) -> Function:
    return read_function(xslt(f'<xsl:function name="f:x" as="xs:boolean">{body}</xsl:function>'))


def test_a_function_becomes_parameters_and_instructions() -> None:
    found = function(
        '<xsl:param name="a" as="xs:string?"/><xsl:param name="b"/>'
        '<xsl:variable name="letters">AB</xsl:variable>'
        '<xsl:variable name="n" as="xs:integer"><xsl:sequence select="1"/></xsl:variable>'
        '<!-- why --><xsl:choose><xsl:when test="$a"><xsl:sequence select="$n"/></xsl:when>'
        '<xsl:otherwise><xsl:if test="$b"><xsl:value-of select="$b"/></xsl:if></xsl:otherwise>'
        "</xsl:choose>"
    )
    assert (found.name, found.as_type) == ("f:x", "xs:boolean")
    assert found.parameters == (Parameter(name="a", as_type="xs:string?"), Parameter(name="b"))
    assert found.body == (
        Let(name="letters", content=("AB",)),
        Let(name="n", select="1", as_type="xs:integer"),
        Choose(
            branches=(("$a", (Return(select="$n"),)),),
            otherwise=(Choose(branches=(("$b", (TextValue(content=(ValueOf(select="$b"),)),)),)),),
        ),
    )
    assert read_function(etree.fromstring(found.source)) == found


@pytest.mark.parametrize(
    "body",
    [
        '<xsl:param name="a" select="1"/>',
        '<xsl:sequence select="1"/><xsl:param name="late"/>',
        '<xsl:for-each select="a"/>',
        '<xsl:sequence select="1" unheard="of"/>',
        "<xsl:sequence/>",
        '<xsl:variable name="v" select="1">2</xsl:variable>',
        '<xsl:variable name="v"><xsl:sequence select="1"/></xsl:variable>',
        '<xsl:value-of select="1" separator=","/>',
        '<xsl:choose><xsl:if test="a"/></xsl:choose>',
        "<other/>",
    ],
)
def test_other_instructions_are_refused(body: str) -> None:
    with pytest.raises(SchemaError):
        function(body)


def test_a_key_has_a_use_attribute() -> None:
    with pytest.raises(SchemaError, match="content"):
        read_key(xslt('<xsl:key name="k" match="a"><xsl:sequence select="b"/></xsl:key>'))
