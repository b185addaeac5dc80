# SPDX-License-Identifier: Apache-2.0
"""Errors that Saxon never meets, and those that it does: Saxon's answer is the expected one."""

from __future__ import annotations

import pytest

from gateway import safexml, schematron
from gateway.schematron.fast.atoms import XPathError
from gateway.schematron.fast.lazy import Cut, gather
from gateway.schematron.model import Assertion

GOOD, TWO = "<s><i>VAT</i></s>", "<s><i>VAT</i><i>VAT</i></s>"
TESTS = """
normalize-space(z)='S' or w | w or normalize-space(z)='S' | normalize-space(z)='S' or q
normalize-space(z)='S' and q | q and normalize-space(z)='S' | normalize-space(z)='S' and w
not(normalize-space(z)='S' or w) | not(normalize-space(z)='S' and q) | (xs:decimal(v)=1 or q) or w
w[normalize-space(../z)='S' or .='1'] | xs:decimal(v)=1 and normalize-space(z)='S' and q
exists(c[s/upper-case(i)='VAT']/i) | not(c[s/upper-case(i)='VAT'])
count(c[s/upper-case(i)='VAT'])=1 | c/s/upper-case(i)='VAT' | c/s/upper-case(i)='X'
//c[upper-case(s/i)='VAT']/i='S'
c[s/upper-case(i)='VAT'][1] | c[s/upper-case(i)='X'] | some $s in c/s satisfies $s/string(i)='VAT'
v > 0 | n > 0 | n < 0 | n >= 1 | n = 1 | p > 1 | exists(c[xs:decimal(i) = 1])
""".replace("\n", "|").split("|")
EXPRESSIONS = [text.strip() for text in TESTS if text.strip()]


def document(first: str, second: str) -> bytes:
    rest = "<z>S</z><z>S</z><v>x</v><w>1</w><n>NaN</n><p>+INF</p>"
    return f"<r><c><i>S</i>{first}</c><c><i>S</i>{second}</c>{rest}</r>".encode()


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("data", [document(GOOD, TWO), document(TWO, GOOD)], ids=["good", "bad"])
def test_as_saxon(saxon: schematron.Saxon, expression: str, data: bytes) -> None:
    rule = schematron.Rule(
        context="/r", assertions=(Assertion(rule="R", flag="fatal", test=expression),)
    )
    schema = schematron.Schema(
        title="careful",
        namespaces={"xs": "http://www.w3.org/2001/XMLSchema"},
        patterns=(schematron.Pattern(rules=(rule,)),),
    )
    root = safexml.parse_document(data)
    reference = saxon.compile(schematron.to_xslt(schema)).judge(saxon.parse(data), root)
    program = schematron.compile_schema(schema)
    fast = program.judge(schematron.Document(root, schematron.States()))
    assert (fast.error is None, fast.failed) == (reference.error is None, reference.failed)


def test_a_list_tells_what_it_has_before_its_error() -> None:
    def items(*, more: bool) -> list[int]:
        return gather(10 // number if number else fail() for number in (1, 2, *[0] * more))

    whole, cut = items(more=False), items(more=True)
    assert (type(whole), whole) == (list, [10, 5])
    assert isinstance(cut, Cut)
    assert cut
    assert (cut[0], cut[:2], 5 in cut) == (10, [10, 5], True)
    for ask in (len, list, lambda c: c[2], lambda c: c[-1:], lambda c: 7 in c):
        with pytest.raises(XPathError):
            ask(cut)


def fail() -> int:
    raise XPathError("XPTY0004")
