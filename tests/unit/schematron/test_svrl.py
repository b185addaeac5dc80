# SPDX-License-Identifier: Apache-2.0
"""Reports of every form are read, and what is written is read back."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.schematron.errors import EngineError
from gateway.schematron.locations import Locations, Place, parse_place
from gateway.schematron.svrl import read_svrl, write_svrl
from gateway.schematron.verdict import Failure

ROOT = etree.fromstring(
    "<n:a xmlns:n='urn:n' xmlns:m='urn:m' v='/x'><n:b/><!-- c --><m:b/><n:b n:w='1'/><c/></n:a>"
)
B = "/*:b[namespace-uri()='urn:n']"
A = "/*:a[namespace-uri()='urn:n'][1]"


@pytest.mark.parametrize(
    ("location", "path", "attribute"),
    [
        ("/", None, None),
        (A, (), None),
        (A + B + "[1]", (0,), None),
        (A + B + "[2]", (2,), None),
        (A + B + "[2]/@*[local-name()='w' and namespace-uri()='urn:n']", (2,), "{urn:n}w"),
        (A + "/c[1]", (3,), None),
        (A + "/@v", (), "v"),
        ("/*[local-name()='a']/*[local-name()='b'][2]", (1,), None),
        (
            "/*[local-name()='a' and namespace-uri()='urn:n'][1]"
            "/*[local-name()='b' and namespace-uri()='urn:m'][1]",
            (1,),
            None,
        ),
        ("/Q{urn:n}a[1]/Q{}c[1]", (3,), None),
        ("/Q{urn:n}a[1]/Q{urn:n}b[2]/@Q{urn:n}w", (2,), "{urn:n}w"),
        ("/Q{urn:n}a[1]/comment()[1]", (), None),
        # No such node, and what the skeleton writes for an attribute: its value.
        (A + B + "[3]", None, None),
        ("/*:a[namespace-uri()='urn:x'][1]", None, None),
        ("/x", None, None),
        ("12.50", None, None),
        ("", None, None),
    ],
)
def test_locations_are_found(
    location: str, path: tuple[int, ...] | None, attribute: str | None
) -> None:
    assert Locations(ROOT).find(location) == Place(path=path, attribute=attribute)


@pytest.mark.parametrize("text", ["", "x", "/0/x", "0/1", "/0/1/"])
def test_what_is_no_place_is_the_document(text: str) -> None:
    assert parse_place(text) == Place(path=None)


def report(body: str) -> bytes:
    return (
        '<svrl:schematron-output xmlns:svrl="http://purl.oclc.org/dsdl/svrl">'
        f'<svrl:fired-rule context="x"/>{body}</svrl:schematron-output>'
    ).encode()


def test_a_report_of_the_skeleton_is_read() -> None:
    body = (
        f'<svrl:failed-assert test="t" id="R-1" flag="WARNING" location="{A}{B}[2]">'
        "<svrl:text>one\n  two</svrl:text></svrl:failed-assert>"
        '<svrl:successful-report test="u" role="error" location="/">'
        "<svrl:text> [R-2]-three</svrl:text></svrl:successful-report>"
    )
    assert read_svrl(report(body), ROOT) == (
        Failure(rule="R-1", flag="warning", test="t", path=(2,), text="one two"),
        Failure(rule="R-2", flag="fatal", test="u", path=None, text="[R-2]-three"),
    )


def test_what_is_written_is_read_back() -> None:
    failures = tuple(
        Failure(
            rule="R", flag="fatal", test="a < 'b'", path=path, attribute=attribute, text="t & u"
        )
        for path, attribute in (
            (None, None),
            ((), None),
            ((), "v"),
            ((2,), None),
            ((2,), "{urn:n}w"),
            ((3,), None),
        )
    )
    written = write_svrl(failures, ROOT, title="a title")
    assert read_svrl(written, ROOT) == failures
    plain = etree.fromstring(written)
    for element in plain.iter("{*}failed-assert"):
        del element.attrib["{urn:peppol-gateway:place}at"]
    assert read_svrl(etree.tostring(plain), ROOT) == failures


def test_a_place_that_is_not_there_cannot_be_written() -> None:
    with pytest.raises(IndexError):
        write_svrl([Failure(rule="R", flag="fatal", test="", path=(9,))], ROOT)


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<svrl"])
def test_what_is_no_report_is_an_error_of_the_engine(data: bytes) -> None:
    with pytest.raises(EngineError):
        read_svrl(data, ROOT)
