# SPDX-License-Identifier: Apache-2.0
"""The reference engine: dynamic errors, encodings, the time zone, and what it must not reach."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from gateway.safexml import MalformedXMLError
from gateway.schematron.errors import SchemaError
from gateway.schematron.saxon import Saxon
from gateway.schematron.stylesheet import to_xslt
from tests.unit.schematron.samples import iso, judge_schema, rule


def test_a_dynamic_error_is_a_verdict_without_failures(saxon: Saxon) -> None:
    schema = iso(f"<pattern>{rule('a', 'false()')}{rule('b', 'xs:date(.) = xs:date(.)')}</pattern>")
    assert judge_schema(saxon, schema, "<a/>").error is None
    verdict = judge_schema(saxon, schema, "<a><b>never</b></a>")
    assert verdict.failures == ()
    assert verdict.error is not None
    assert "never" in verdict.error


def test_an_error_does_not_depend_on_the_documents_before(saxon: Saxon) -> None:
    schema = iso(
        "<pattern><rule context='a'><let name='sum' value='b + c'/>"
        "<assert id='R' test='not(d) or $sum = d'>sum</assert>"
        "<assert id='S' test='not(d) or $sum &gt; 0'>positive</assert></rule></pattern>"
    )
    layer = saxon.compile(to_xslt(schema))

    def error(text: str) -> str | None:
        return layer.judge(saxon.parse(text.encode()), etree.fromstring(text)).error

    # Saxon learns from these that the sum is always needed.
    assert not any(error("<a><b>1</b><c>2</c><d>3</d></a>") for _ in range(50))
    assert error("<a><b>1</b><b>1</b><c>2</c></a>") is None
    assert error("<a><b>1</b><b>1</b><c>2</c><d>3</d></a>") is not None


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_documents_are_read_in_the_encoding_they_declare(saxon: Saxon, encoding: str) -> None:
    document = f"<?xml version='1.0' encoding='{encoding}'?>\n<a>é€</a>".replace("€", "&#8364;")
    schema = iso(
        "<pattern><rule context='a'><report id='R' test='.'><value-of select='.'/>"
        "</report></rule></pattern>"
    )
    layer = saxon.compile(to_xslt(schema))
    verdict = layer.judge(saxon.parse(document.encode(encoding)), etree.fromstring("<a/>"))
    assert [each.text for each in verdict.failures] == ["é€"]


@pytest.mark.parametrize(
    "data",
    [b"", b"<a>", b"<!DOCTYPE a><a/>", b"\xef\xbb\xbf<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"],
)
def test_what_is_not_to_be_judged_is_refused(saxon: Saxon, data: bytes) -> None:
    with pytest.raises(MalformedXMLError):
        saxon.parse(data)


def test_a_broken_stylesheet_is_refused(saxon: Saxon) -> None:
    with pytest.raises(SchemaError, match="does not compile"):
        saxon.compile(b"<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform'/>")


@pytest.mark.parametrize("test", ["doc('{}') = 1", "unparsed-text('{}') = ''"])
def test_a_rule_set_reads_no_files(saxon: Saxon, tmp_path: Path, test: str) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret/>")
    schema = iso(f"<pattern>{rule('a', test.format(secret.as_uri()))}</pattern>")
    verdict = judge_schema(saxon, schema, "<a/>")
    assert verdict.error is not None


def test_the_time_zone_is_utc_wherever_the_process_runs() -> None:
    pytest.importorskip("saxonche")
    program = (
        "import os; from gateway.schematron.saxon import Saxon; Saxon(); print(os.environ['TZ'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": "Pacific/Auckland"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "Pacific/Auckland\n"


def test_the_room_does_not_load_saxon() -> None:
    program = "import sys, gateway.schematron.saxon; print('saxonche' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "False\n"
