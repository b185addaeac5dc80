# SPDX-License-Identifier: Apache-2.0
"""What we write is its own exclusive canonical form, whatever stands in it and around it."""

from __future__ import annotations

import pytest

from gateway import safexml
from gateway.as4 import const, templates, writing
from gateway.as4.rendering import Raw, Slot, Template, el

HOSTILE = '<a b="c">&amp;\'\t\n\r ü \U0001f4c4 ]]> {{}} xmlns:wsu="x"'
SLOTTED = [
    templates.USER_MESSAGE,
    templates.RECEIPT,
    templates.ERROR,
    templates.ERROR_WITHOUT_REFERENCE,
    templates.EMPTY_BODY,
    templates.FAULT_BODY,
    templates.SIGNAL_SIGNED_INFO,
    templates.MESSAGE_SIGNED_INFO,
    templates.SIGNAL_SECURITY,
    templates.MESSAGE_SECURITY,
]


def filled(template: Template, text: str) -> str:
    raw = '<ebbp:x xmlns:ebbp="urn:x"></ebbp:x>'
    return template.fill(**{slot: raw if is_raw else text for slot, is_raw in template.slots()})


@pytest.mark.parametrize("template", SLOTTED)
@pytest.mark.parametrize("text", ["", "plain", HOSTILE])
def test_is_its_own_canonical_form(template: Template, text: str) -> None:
    written = filled(template, text).encode()
    assert safexml.canonicalise(safexml.parse(written)) == written
    declarations = " ".join(
        f'xmlns:{prefix}="{uri}"' for prefix, uri in const.PREFIXES.items() if prefix != "xml"
    )
    for around in (f"<S12:Header {declarations}>", '<x xmlns="urn:x" xmlns:S12="urn:other">'):
        end = f"</{around[1:].split()[0]}>".encode()
        root = safexml.parse(around.encode() + b"\n" + written + b"tail" + end)
        assert safexml.canonicalise(root[0]) == written


def test_attributes_stand_by_namespace_and_not_by_prefix() -> None:
    text = Template(el("eb:a", S12__z="1", wsu__a="2", b="3", a="4")).fill()
    assert text.index(' a="4"') < text.index(' b="3"') < text.index("wsu:a") < text.index("S12:z")


def test_prefix_is_declared_where_it_is_used_first() -> None:
    template = Template(el("eb:a", el("ds:b", el("ds:c")), el("ds:d"), "t&", Slot("s"), Raw("r")))
    text = template.fill(s="<", r="<r></r>")
    assert text.count("xmlns:ds") == 2
    assert text.endswith("t&amp;&lt;<r></r></eb:a>")


@pytest.mark.parametrize("text", ["\x00", "\x1f", "\ud800", "\ufffe"])
def test_what_xml_cannot_carry_is_refused(text: str) -> None:
    for template in (templates.USER_MESSAGE, templates.EMPTY_BODY):
        with pytest.raises(safexml.UnwritableTextError):
            filled(template, text)


def test_ids_are_names_and_differ_between_messages() -> None:
    one, other = writing.Names.of("1@x"), writing.Names.of("2@x")
    assert one.id("msg") != other.id("msg")
    assert one.id("msg").startswith("msg-")
