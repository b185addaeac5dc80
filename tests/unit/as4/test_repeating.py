# SPDX-License-Identifier: Apache-2.0
"""References cut out of canonical text are what canonicalising each of them gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from gateway import safexml
from gateway.as4 import const, repeating

DS, EC = const.DS, const.EC
REFERENCE = (
    '<{p}Reference {id}URI="#a&quot;>b"><{p}Transforms><{p}Transform Algorithm="x">'
    "{inside}</{p}Transform></{p}Transforms><{p}DigestMethod Algorithm='y'/>"
    "<{p}DigestValue>AA\n==</{p}DigestValue></{p}Reference>"
)
INSIDE = {
    "nothing": "",
    "its own declaration": f'<ec:InclusiveNamespaces xmlns:ec="{EC}" PrefixList="S12"/>',
    "a declaration further up": '<e:InclusiveNamespaces PrefixList="S12"/>',
    "a default of its own": f'<InclusiveNamespaces xmlns="{EC}" PrefixList="S12"/>',
    "another name for the same": f'<d2:X xmlns:d2="{DS}"/>',
    "another name from further up": "<d3:X/>",
    "a value that looks like a declaration": '<d3:X Algorithm="a xmlns:d3=1"/>',
}


@dataclass
class Found:
    element: Any


@dataclass
class Signed:
    """The part of a signature that is looked at."""

    signed_info: Any
    references: tuple[Found, ...]


def parse(prefix: str, inside: str) -> tuple[Signed, bytes]:
    p = f"{prefix}:" if prefix else ""
    own = f'xmlns:{prefix}="{DS}"' if prefix else f'xmlns="{DS}"'
    body = (
        REFERENCE.format(p=p, inside=inside, id="")
        + "\n "
        + REFERENCE.format(p=p, inside=inside, id='Id="r" ')
    )
    info = f"<{p}SignedInfo {own}>{body}</{p}SignedInfo>"
    root = safexml.parse(f'<root xmlns:d3="{DS}" xmlns:e="{EC}">{info}</root>'.encode())
    signed_info = root[0]
    references = tuple(Found(one) for one in signed_info.iter(f"{{{DS}}}Reference"))
    prefixes = ("d3", "e", "S12")  # as a PrefixList that renders more at the top
    canonical = safexml.canonicalise(signed_info, inclusive_prefixes=prefixes)
    return Signed(signed_info, references), canonical


@pytest.mark.parametrize("prefix", ["ds", "d", ""])
@pytest.mark.parametrize("inside", INSIDE.values(), ids=INSIDE.keys())
def test_both_ways_give_the_same_bytes(prefix: str, inside: str) -> None:
    signed, canonical = parse(prefix, inside)
    repeated = repeating.repeat_references(cast(Any, signed), canonical)
    assert repeated == tuple(safexml.canonicalise(one.element) for one in signed.references)
    for text in repeated:
        safexml.parse(text)


@pytest.mark.parametrize("inside", ["nothing", "its own declaration", "a default of its own"])
def test_the_usual_forms_are_cut_out(inside: str) -> None:
    _, canonical = parse("ds", INSIDE[inside])
    assert len(repeating._cut(canonical, "ds")) == 2


@pytest.mark.parametrize("inside", ["a declaration further up", "another name from further up"])
def test_what_leans_on_more_is_not_cut_out(inside: str) -> None:
    _, canonical = parse("ds", INSIDE[inside])
    assert repeating._cut(canonical, "ds") == ()
