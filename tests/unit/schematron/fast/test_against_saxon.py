# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - a table of expressions
"""Every form of expression, asked of both engines: Saxon's answer is the expected one."""

from __future__ import annotations

import pytest

from gateway import safexml, schematron
from gateway.schematron.model import Assertion, Function, Key, Let, Parameter, Return

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<doc xmlns="urn:x" xmlns:p="urn:y" kind="test" empty="">
  <amount currency="EUR">10.10</amount>
  <amount currency="SEK">-0.125</amount>
  <amount currency="EUR"> 3 </amount>
  <one>1</one><zero>0</zero><neg>-2.5</neg><half>2.5</half><exp>1E5</exp><nan>NaN</nan><plus>+7</plus>
  <yes>true</yes><no>0</no><date>2026-02-28</date><late>2026-03-01Z</late><zoned>2026-02-28+02:00</zoned>
  <word> two  words\xc2\xa0here </word><blank>  </blank><nothing/>
  <code>EUR</code><code>SEK</code><gln>7300010000001</gln><text>a.b.c|d</text>
  <group id="g1"><item><name>first</name><value>1.005</value></item>
    <item><name>second</name><value>2.005</value><item><name>inner</name><value>9</value></item></item></group>
  <group id="g2"><item><name>third</name><value>x</value></item></group>
  <p:other>else</p:other>
</doc>
"""
NAMESPACES = {"d": "urn:x", "p": "urn:y", "xs": "http://www.w3.org/2001/XMLSchema", "u": "urn:u"}

TRUE_OR_FALSE = """
d:one | d:missing | not(d:missing) | exists(d:nothing) | empty(d:missing) | boolean(d:blank)
d:one = 1 | d:one = '1' | d:one != 1 | d:one < 2 | d:half >= 2.5 | d:neg < 0 | d:missing > 0 | d:plus = 7
d:amount = 3 | d:amount != 3 | d:amount = '3' | d:amount > 10 | d:exp = 100000 | d:nan = 1 | d:nan != 1
d:code = 'SEK' | d:code != 'SEK' | d:code = ('X', 'SEK') | not(d:code = ('X', 'Y')) | d:code = d:code
d:date < d:late | d:date <= '2026-02-28' | xs:date(d:date) < xs:date(d:late) | xs:date(d:zoned) < xs:date(d:date)
xs:date(d:date) = xs:date('2026-02-28Z') | d:date castable as xs:date | d:one castable as xs:date
d:one castable as xs:integer | d:half castable as xs:integer | d:half castable as xs:decimal
d:missing castable as xs:decimal | d:exp castable as xs:decimal | d:exp castable as xs:double
d:yes = true() | d:no = false() | d:yes != false() | d:amount/@currency = 'EUR' | @kind | @empty | @none
@empty = '' | @kind = 'test' | @none = 'x' | string(@none) = '' | count(d:amount/@currency) = 3
sum(d:amount) = 12.975 | sum(d:amount/xs:decimal(.)) = 12.975 | sum(d:missing) = 0
round(-2.5) = -2 | round(2.5) = 3 | round(xs:decimal(d:neg)) = -2 | round(d:half) = 3 | floor(-2.5) = -3
abs(d:neg) = 2.5 | -d:neg = 2.5 | xs:decimal(d:half) * 2 = 5 | xs:decimal(d:half) div 3 = 0.833333333333333333
1 div 3 = 0.333333333333333333 | 2 div 3 = 0.666666666666666667 | -2 div 3 = -0.666666666666666667
7 mod 3 = 1 | -7 mod 3 = -1 | 7 idiv 2 = 3 | -7 idiv 2 = -3 | 7.5 mod 2 = 1.5 | d:half mod 2 = 0.5
xs:decimal(d:half - 1) = 1.5 | xs:decimal(d:amount[1] + 1) = 11.1 | d:amount[1] + 1 = 11.1
xs:decimal(round(-0.125 * 10 * 10) div 100) = -0.12 | round(xs:decimal(d:amount[2]) * 10 * 10) div 100 = -0.12
round(sum(d:amount/xs:decimal(.)) * 10 * 10) div 100 = 12.98 | number(d:word) = 1 | number(d:one) = 1
string(number(d:word)) = 'NaN' | string(number(d:half)) = '2.5' | string(1.50) = '1.5' | string(100.0) = '100'
string(xs:double(d:exp)) = '100000' | string(xs:double('1E7')) = '1.0E7' | concat(d:one, 2, 'x') = '12x'
normalize-space(d:word) = 'two words\u00a0here' | string-length(d:word) = 17 | normalize-space(d:blank) = ''
normalize-space() != '' | string-length(normalize-space(d:nothing)) = 0 | upper-case(d:code[1]) = 'EUR'
lower-case('ÀÉ') = 'àé' | contains(d:word, 'two') | contains(' EUR SEK ', concat(' ', d:code[1], ' '))
contains(' EUR SEK ', concat(' ', d:missing, ' ')) | contains(' EUR ', concat(' ', 'EUR SEK', ' ')) | contains('', '')
starts-with(d:gln, '73') | ends-with(d:gln, '01') | substring-before(d:text, '.') = 'a'
substring-after(d:text, '.') = 'b.c|d' | substring-after(d:text, '#') = '' | substring(d:gln, 3, 2) = '00'
substring(d:gln, 0, 3) = '73' | substring(d:gln, 12) = '01' | substring('12345', 1.5, 2.6) = '234'
substring('12345', -42, 1 div 0e0) = '12345' | translate('bar', 'abc', 'AB') = 'BAr'
matches(d:gln, '^[0-9]+$') | matches(d:word, '^\\s') | matches(d:word, 'here$') | matches(codepoints-to-string((97, 10, 98)), 'a.b')
matches('AB', '^ab$', 'i') | matches(d:date, '^\\d{4}-\\d{2}-\\d{2}$') | matches(codepoints-to-string((97, 10)), '^a$')
replace('a-b-c', '-', '') = 'abc' | tokenize('1.1 1.6 ', '\\s') = '' | count(tokenize(d:text, '\\|')) = 2
tokenize(d:text, '\\|')[2] = 'd' | string-join(d:code, ',') = 'EUR,SEK' | count(string-to-codepoints('abc')) = 3
codepoints-to-string(reverse(string-to-codepoints('abc'))) = 'cba' | count(distinct-values(d:amount/@currency)) = 2
max(d:group/d:item/d:value[. castable as xs:decimal]/xs:decimal(.)) = 2.005 | min((3, 1, 2)) = 1
some $c in d:code satisfies $c = 'SEK' | every $c in d:code satisfies string-length($c) = 3
every $c in d:missing satisfies false() | some $a in d:code, $b in d:amount/@currency satisfies $a = $b
(for $i in 1 to 3 return $i * 2) = 6 | sum(for $i in (1 to 4) return $i) = 10 | if (d:one) then true() else false()
(if (d:missing) then d:one else 0) = 0 | (if (d:one) then d:one else 0) = 1 | ('a', 'b') = d:code | (1, 2) = d:one
d:group/d:item/d:name = 'third' | //d:name = 'inner' | count(//d:item) = 4 | count(d:group/d:item) = 3
count(d:group//d:item) = 4 | count(//d:item/d:item) = 1 | d:group[@id = 'g2']/d:item/d:name = 'third'
d:group[2]/d:item/d:name = 'third' | d:group[last()]/d:item/d:name = 'third' | d:group/d:item[1]/d:name = 'second'
count(d:group/d:item[1]) = 2 | (d:group/d:item)[1]/d:name = 'first' | //d:item[d:name = 'inner']/../d:name = 'second'
count(//d:item[d:name = ('first', 'inner')]) = 2 | count(//d:name/..) = 4 | count(//d:value/ancestor::d:group) = 2
count(//d:item/ancestor-or-self::d:item) = 4 | //d:name[. = 'inner']/ancestor::d:item/d:name = 'second'
count(//d:item[not(preceding-sibling::d:item)]) = 3 | count(//d:item[following-sibling::d:item]) = 1
count(//d:name[not(preceding::d:name = .)]) = 4 | count(d:amount[not(preceding::d:amount/@currency = @currency)]) = 2
count(d:code | d:amount) = 5 | count(d:code | d:code) = 2 | (d:code | d:amount)[1] = '10.10' | count(//*) > 30
count(*) = 22 | count(p:*) = 1 | *:other | @*:kind | count(@*) = 2 | p:other = 'else' | self::d:doc | self::d:other
local-name() = 'doc' | name() = 'doc' | name(p:other) = 'p:other' | namespace-uri(p:other) = 'urn:y'
local-name(/*) = 'doc' | /d:doc/d:one = '1' | /d:other | /*/d:one | current()/d:one | //@id = 'g1' | count(//@currency) = 3
d:group/d:item/xs:string(d:name) = 'first' | d:group/(d:item | d:none)/d:name = 'first' | d:code/normalize-space(.) = 'SEK'
d:group/d:item/d:name/text() = 'first' | d:one/text() = '1' | d:nothing/text() | d:word/text() | d:one eq '1'
count(d:code) eq 2 | d:missing eq '1' | d:one/string() = '1' | not(d:one = d:zero) | d:one and not(d:missing) or false()
u:double(d:half) = 5 | u:double(2) = 4 | u:text(d:missing) = '' | u:fact(5) = 120 | count(key('by-name', 'first')) = 1
count(key('by-name', d:group/d:item/d:name)) = 3 | $list = d:code | $list = 'X' | $pi > 3 | $first = '10.10'
$codes = 'SEK' | count($codes) = 2 | $none | not($none) | string($none) = '' | $flag | $flag = true()
"""
ERRORS = """
xs:decimal(d:code) = 1 | normalize-space(d:code) = 'EUR' | xs:decimal(d:word) > 1 | d:word > 1 | xs:date(d:one) < xs:date(d:date)
1 div 0 = 1 | 1 mod 0 = 1 | string(d:code) = 'x' | d:word = true() | xs:integer(d:half) = 2
substring(d:code, 1, 2) = 'EU' | d:code eq 'EUR' | d:amount + 1 = 2 | concat(d:code, 'x') = 'x' | contains(d:code, 'E')
boolean(d:amount/xs:decimal(.)) | u:double(d:missing) = 1 | u:double(d:word) = 1 | xs:decimal(d:exp) = 1 | tokenize('a', '') = 'a'
"""


def _expressions(table: str) -> list[str]:
    # Parted by " | " and line ends; a union is written without the blanks' line of its own.
    found: list[str] = []
    for line in table.strip().splitlines():
        found += [part.strip() for part in _parted(line)]
    return [expression for expression in found if expression]


def _parted(line: str) -> list[str]:
    parts, depth, quoted, start = [], 0, "", 0
    for at, char in enumerate(line):
        if quoted:
            quoted = "" if char == quoted else quoted
        elif char in "'\"":
            quoted = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "|" and depth == 0:
            parts.append(line[start:at])
            start = at + 1
    return [*parts, line[start:]]


def _schema(tests: list[str]) -> schematron.Schema:
    assertions = tuple(
        Assertion(rule=f"R{number}", flag="fatal", test=test) for number, test in enumerate(tests)
    )
    rule = schematron.Rule(
        context="d:doc",
        assertions=assertions,
        lets=(
            Let(name="codes", select="d:code"),
            Let(name="none", select="d:missing"),
            Let(name="flag", select="exists(d:one)"),
        ),
    )
    return schematron.Schema(
        title="expressions",
        namespaces=NAMESPACES,
        patterns=(schematron.Pattern(rules=(rule,)),),
        lets=(
            Let(name="list", select="tokenize('EUR USD', '\\s')"),
            Let(name="pi", select="3.14"),
            Let(name="first", select="/d:doc/d:amount[1]"),
        ),
        keys=(Key(name="by-name", match="d:item", use="d:name"),),
        functions=(
            _function("u:double", "xs:decimal", "$x * 2", as_type="xs:decimal"),
            _function("u:text", None, "string($x)"),
            _function(
                "u:fact",
                "xs:integer",
                "if ($x le 1) then 1 else $x * u:fact($x - 1)",
                as_type="xs:integer",
            ),
        ),
    )


def _function(name: str, takes: str | None, select: str, as_type: str | None = None) -> Function:
    declared = f' as="{as_type}"' if as_type else ""
    parameter = f' as="{takes}"' if takes else ""
    source = (
        f'<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:u="urn:u" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema" name="{name}"{declared}>'
        f'<xsl:param name="x"{parameter}/><xsl:sequence select="{select}"/></xsl:function>'
    )
    return Function(
        name=name,
        parameters=(Parameter(name="x", as_type=takes),),
        body=(Return(select=select),),
        as_type=as_type,
        source=source.encode(),
    )


@pytest.fixture(scope="module")
def saxon() -> schematron.Saxon:
    return schematron.Saxon()


def _verdicts(saxon: schematron.Saxon, tests: list[str]) -> tuple[schematron.Verdict, ...]:
    schema = _schema(tests)
    root = safexml.parse(DOCUMENT)
    document = schematron.Document(root, schematron.States())
    layer = saxon.compile(schematron.to_xslt(schema))
    kept = schematron.Compiled.load(schematron.translate(schema).dump())
    assert kept is not None
    return (
        kept.program(lambda: schematron.careful_program(schema)).judge(document),
        layer.judge(saxon.parse(DOCUMENT), root),
    )


def test_every_expression_has_saxons_answer(saxon: schematron.Saxon) -> None:
    tests = _expressions(TRUE_OR_FALSE)
    ours, theirs = _verdicts(saxon, tests)
    assert theirs.error is None
    assert ours.error is None
    false, expected = ({failure.test for failure in found.failures} for found in (ours, theirs))
    assert false == expected
    assert len(tests) > len(expected) > 20  # both answers occur


@pytest.mark.parametrize("expression", _expressions(ERRORS))
def test_what_is_an_error_for_saxon_is_one_here(saxon: schematron.Saxon, expression: str) -> None:
    ours, theirs = _verdicts(saxon, [expression])
    assert theirs.error is not None
    assert ours.error is not None
    assert ours.failures == ()
