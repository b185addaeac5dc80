# SPDX-License-Identifier: Apache-2.0
"""Whatever text stands in a template, what is written is its own exclusive canonical form."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import safexml
from gateway.as4 import const, templates
from gateway.as4.rendering import Template

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"]).filter(
        lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
    )
)
TEMPLATES = [
    templates.USER_MESSAGE,
    templates.ERROR,
    templates.MESSAGE_SIGNED_INFO,
    templates.FAULT_BODY,
]
DECLARATIONS = " ".join(
    f'xmlns:{prefix}="{uri}"' for prefix, uri in const.PREFIXES.items() if prefix != "xml"
)


@settings(max_examples=200, deadline=None)
@given(template=st.sampled_from(TEMPLATES), data=st.data())
def test_rendering_is_canonical(template: Template, data: st.DataObject) -> None:
    values = {
        slot: "AB+/==" if is_raw else data.draw(TEXT, label=slot)
        for slot, is_raw in template.slots()
    }
    written = template.fill(**values).encode()
    assert safexml.canonicalise(safexml.parse(written)) == written
    around = f'<x xmlns="urn:x" {DECLARATIONS}>'.encode() + written + b"</x>"
    assert safexml.canonicalise(safexml.parse(around)[0]) == written


@settings(max_examples=100, deadline=None)
@given(values=st.lists(TEXT, min_size=3, max_size=3))
def test_what_is_written_reads_back(values: list[str]) -> None:
    text, attribute, other = values
    filled = templates.ERROR.fill(
        **{slot: "x" for slot, _ in templates.ERROR.slots()}
        | {"description": text, "category": attribute, "ref": other}
    )
    root = safexml.parse(filled.encode())
    error = root.find(f".//{{{const.EB}}}Error")
    assert error is not None
    assert (error[0].text or "", error.get("category")) == (text, attribute)
    assert error.get("refToMessageInError") == other
