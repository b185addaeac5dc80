# SPDX-License-Identifier: Apache-2.0
"""What is easily translated to something else: the fast engine says what Saxon says, or refuses."""

from __future__ import annotations

import pytest

from gateway import safexml, schematron
from gateway.schematron.model import Assertion, Function, Let, Parameter, Return

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<doc xmlns="urn:x"><n currency="EUR">1</n><n currency="SEK">2</n><n>NaN</n><half>2.5</half>
  <code>EUR</code><code>SEK</code>
  <item><item><v>1</v></item><v>2</v></item>
  <item><v>3</v><v>4</v></item>
</doc>
"""
NAMESPACES = {
    "d": "urn:x",
    "xs": "http://www.w3.org/2001/XMLSchema",
    "fn": "http://www.w3.org/2005/xpath-functions",
    "u": "urn:u",
}
AT_DOC = (
    # A number as predicate counts within each parent, also one that comes from a variable.
    "count(d:item/d:v[$one]) = 2",
    "count(d:item/d:v[0 + 1]) = 2",
    "d:code[number('x')]",
    "d:code[1 div 0e0]",
    # Steps yield each node once, in document order, whatever they start from.
    "count((d:item, d:item)/d:v) = 3",
    "count((d:n, d:n)/@currency) = 2",
    "count($twice/d:v) = 3",
    "count((for $i in 1 to 2 return d:item)/d:v) = 3",
    "string-join((d:item[2], d:item[1])/d:v, ',') = '2,3,4'",
    "(//d:item/d:v)[1] = '1'",
    "string-join(//d:item/*, ',') = '1,1,2,3,4'",
    # Without an operand a value comparison has no answer.
    "exists(d:missing eq 'x')",
    "(d:missing eq '1') = false()",
    "not(d:missing eq '1')",
    "+d:half = 2.5",
    # Values at the edge.
    "substring('abc', 1 div 0e0) = ''",
    "substring('abc', 1, -1 div 0e0) = ''",
    "substring('abc', -1 div 0e0) = 'abc'",
    "substring('abc', -3, 5) = 'a'",
    "lower-case('\u0391\u03a3') = '\u03b1\u03c3'",
    "string(round(-0.2e0)) = '-0'",
    "round(0.49999999999999994e0) = 0",
    "round(4503599627370497e0) = 4503599627370497e0",
    "round(-2.5e0) = -2",
    "(d:n[3], 1) > 5",
    "u:hides('own') = 'own'",
)
ERRORS = (
    "1e308 idiv 1e-10 = 1",
    "(1 to d:half) = 2",
    "codepoints-to-string(string-length(d:missing)) = ''",
    "xs:decimal(for $c in d:code return $c = 'EUR') = 1",
)
CONTEXTS = (
    "*[1]",
    "d:n[@currency = 'SEK'][1]",
    "d:n[1][@currency]",
    "d:code[1]",
    "d:code[string-length(.) - 1]",
    "d:code[1 + 1]",
    "d:code[number(../d:n[1])]",
    "d:code[1 and true()]",
    "(d:code | d:n)[1]",
    "d:item/d:v[2]",
)
REFUSED = (
    "matches(d:code[1], 'U++')",
    "matches(d:code[1], 'U]')",
    "matches(d:code[1], 'U{,2}')",
    "matches(d:code[1], '[]U]')",
    "(1 to 2.5) = 2",
    "u:looks() = 1",
    " + ".join(["1"] * 3000) + " = 1",
    "9" * 5000 + " = 1",
    "-" * 5000 + "1 = 1",
)


def _function(name: str, select: str, *parameters: str) -> Function:
    declared = "".join(f'<xsl:param name="{one}"/>' for one in parameters)
    source = (
        '<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:u="urn:u" '
        f'xmlns:d="urn:x" name="{name}">{declared}<xsl:sequence select="{select}"/></xsl:function>'
    )
    return Function(
        name=name,
        parameters=tuple(Parameter(name=one, as_type=None) for one in parameters),
        body=(Return(select=select),),
        as_type=None,
        source=source.encode(),
    )


HIDES = _function("u:hides", "string($x)", "x")
LOOKS = _function("u:looks", "count(/d:doc)")


def _schema(context: str, *tests: str, functions: tuple[Function, ...] = ()) -> schematron.Schema:
    asserts = [
        Assertion(rule=f"R{number}", flag="fatal", test=one) for number, one in enumerate(tests)
    ]
    rule = schematron.Rule(
        context=context,
        assertions=tuple(asserts),
        lets=(Let(name="twice", select="(d:item, d:item)"),) if context == "d:doc" else (),
    )
    return schematron.Schema(
        title="traps",
        namespaces=NAMESPACES,
        patterns=(schematron.Pattern(rules=(rule,)),),
        lets=(Let(name="one", select="1"), Let(name="x", select="'global'")),
        functions=functions,
    )


@pytest.fixture(scope="module")
def saxon() -> schematron.Saxon:
    return schematron.Saxon()


def _fast(schema: schematron.Schema, data: bytes = DOCUMENT) -> schematron.Verdict:
    document = schematron.Document(safexml.parse(data), schematron.States())
    return schematron.compile_schema(schema).judge(document)


def _reference(saxon: schematron.Saxon, schema: schematron.Schema) -> schematron.Verdict:
    layer = saxon.compile(schematron.to_xslt(schema))
    return layer.judge(saxon.parse(DOCUMENT), safexml.parse(DOCUMENT))


def _places(verdict: schematron.Verdict) -> set[tuple[str, tuple[int, ...] | None]]:
    return {(failure.test, failure.path) for failure in verdict.failures}


def test_no_trap_changes_the_verdict(saxon: schematron.Saxon) -> None:
    schema = _schema("d:doc", *AT_DOC, functions=(HIDES,))
    ours, theirs = _fast(schema), _reference(saxon, schema)
    assert (ours.error, theirs.error) == (None, None)
    assert _places(ours) == _places(theirs)
    assert len(AT_DOC) > len(theirs.failures) > 1  # both answers occur


@pytest.mark.parametrize("test", ERRORS)
def test_an_error_of_saxon_is_an_error(saxon: schematron.Saxon, test: str) -> None:
    schema = _schema("d:doc", test)
    assert _reference(saxon, schema).error is not None
    assert _fast(schema).error is not None


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_context_matches_what_it_matches_for_saxon(saxon: schematron.Saxon, context: str) -> None:
    schema = _schema(context, "false()")
    expected = _places(_reference(saxon, schema))
    try:
        found = _fast(schema)
    except schematron.UnsupportedError:
        return  # left to Saxon
    assert _places(found) == expected


@pytest.mark.parametrize("test", REFUSED)
def test_what_is_not_translated_is_refused(test: str) -> None:
    with pytest.raises(schematron.UnsupportedError):
        schematron.compile_schema(_schema("d:doc", test, functions=(LOOKS,)))


def test_a_function_with_its_prefix_looks_at_the_context() -> None:
    test = "fn:concat(fn:string(), 'a', 'b') = 'EURab'"
    failures = _fast(_schema("d:code", test, test)).failures
    assert [failure.path for failure in failures] == [(5,), (5,)]


def test_a_prefix_of_one_document_is_not_taken_for_that_of_the_next() -> None:
    program = schematron.compile_schema(_schema("*[starts-with(name(), 'p:')]", "false()"))
    states = schematron.States()
    verdicts = [
        program.judge(schematron.Document(safexml.parse(data), states))
        for data in (b"<p:a xmlns:p='urn:x'/>", b"<q:a xmlns:q='urn:x'/>")
    ]
    assert [len(verdict.failures) for verdict in verdicts] == [1, 0]


@pytest.mark.parametrize(
    ("test", "text"),
    [("round(xs:decimal(.)) = 1", "1" * 10_001), ("concat(string-length(.), u:down(9999))", "")],
)
def test_what_python_cannot_compute_is_left_to_saxon(test: str, text: str) -> None:
    down = Function(
        name="u:down",
        parameters=(Parameter(name="n", as_type="xs:integer"),),
        body=(Return(select="if ($n = 0) then 0 else 1 + u:down($n - 1)"),),
        as_type="xs:integer",
        source=b"",
    )
    schema = _schema("d:a", test, functions=(down,))
    with pytest.raises(schematron.UnsupportedDocumentError):
        _fast(schema, f"<a xmlns='urn:x'>{text}</a>".encode())


def test_a_broken_translation_is_none() -> None:
    kept = schematron.translate(_schema("d:doc", "d:n = 1")).dump()
    broken = [kept[:at] + bytes((kept[at] ^ 255,)) + kept[at + 1 :] for at in range(400)]
    found = [schematron.Compiled.load(data) for data in broken]
    assert None in found
