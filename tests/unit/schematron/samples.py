# SPDX-License-Identifier: Apache-2.0
"""Small schemas in both published forms, and what they say of a document on Saxon."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from gateway.schematron.iso import read_iso
from gateway.schematron.model import Schema
from gateway.schematron.saxon import Saxon
from gateway.schematron.stylesheet import to_xslt
from gateway.schematron.verdict import Verdict

ISO_HEAD = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"'
    ' xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
)


def iso(body: str, files: Mapping[str, str] | None = None, *, base: str = "") -> Schema:
    """Read a schema that has `body` within its root element."""

    def resolve(path: str) -> bytes:
        return (files or {})[path].encode()

    return read_iso(f"{ISO_HEAD}{body}</schema>".encode(), resolve, base=base)


def fragment(text: str) -> str:
    """A file to include: its root element gets the namespace of Schematron."""
    return re.sub(r"^<(\w+)", r'<\1 xmlns="http://purl.oclc.org/dsdl/schematron"', text)


def judge(saxon: Saxon, stylesheet: bytes, document: str) -> Verdict:
    """What a stylesheet says of a document."""
    data = document.encode()
    return saxon.compile(stylesheet).judge(saxon.parse(data), etree.fromstring(data))


def judge_schema(saxon: Saxon, schema: Schema, document: str) -> Verdict:
    """What a schema says of a document, through the generator."""
    return judge(saxon, to_xslt(schema), document)


def rule(context: str, test: str, name: str = "R1", extra: str = "") -> str:
    """A rule with one assert."""
    return (
        f'<rule context="{context}"><assert id="{name}" flag="fatal" test="{test}"{extra}>'
        f"says {name}</assert></rule>"
    )


SKELETON_HEAD = """<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:n="urn:n">
<xsl:param name="archiveDirParameter"/><xsl:output method="xml" indent="yes"/>
<xsl:template match="*" mode="schematron-select-full-path"><xsl:value-of select="path()"/>
</xsl:template>"""

SKELETON_START = """<xsl:template match="text()" priority="-1"/>
<xsl:template match="/"><svrl:schematron-output title="a title">
<svrl:active-pattern><xsl:attribute name="id">first</xsl:attribute><xsl:apply-templates/>
</svrl:active-pattern><xsl:apply-templates select="/" mode="M1"/>
</svrl:schematron-output></xsl:template>"""


def skeleton(*templates: str, start: str = SKELETON_START, walk: str = "@*|*") -> bytes:
    """A stylesheet of the skeleton's shape with the templates of one pattern, mode `M1`."""
    walk_on = f'<xsl:apply-templates select="{walk}" mode="M1"/>'
    rules = "".join(templates).replace("<walk-on/>", walk_on)
    return (
        f"{SKELETON_HEAD}{start}{rules}"
        '<xsl:template match="text()" mode="M1" priority="-1"/>'
        f'<xsl:template match="@*|node()" mode="M1" priority="-2">{walk_on}</xsl:template>'
        "</xsl:stylesheet>"
    ).encode()


def skeleton_rule(match: str, test: str, name: str, priority: int) -> str:
    """A template of mode `M1` with one assert."""
    return (
        f'<xsl:template match="{match}" mode="M1" priority="{priority}">'
        f'<svrl:fired-rule context="{match}"/><xsl:choose><xsl:when test="{test}"/><xsl:otherwise>'
        f'<svrl:failed-assert test="{test}"><xsl:attribute name="id">{name}</xsl:attribute>'
        '<xsl:attribute name="flag">warning</xsl:attribute><xsl:attribute name="location">'
        '<xsl:apply-templates select="." mode="schematron-select-full-path"/></xsl:attribute>'
        f'<svrl:text>[{name}]-says <xsl:text/><xsl:value-of select="name(.)"/><xsl:text/>'
        "</svrl:text></svrl:failed-assert></xsl:otherwise></xsl:choose><walk-on/></xsl:template>"
    )
