# SPDX-License-Identifier: Apache-2.0
"""A skeleton stylesheet without what costs time and says nothing about failures.

What goes: the record of every rule that fired and every pattern that ran, with the walk over the
whole document that each of the latter does for nothing, the visits to attributes that no rule of a
pattern can match, and indenting. Locations are written as child positions too, which are right for
attributes; the skeleton writes an attribute's value instead. Tests, lets, functions, flags and
texts stay as published. The result is no published artefact any more: compare its verdicts.
"""

from __future__ import annotations

from lxml import etree

from gateway.schematron.skeleton import read_skeleton
from gateway.schematron.sources import SVRL, XSLT, parse_source
from gateway.schematron.stylesheet import PLACE_PATH, place_function
from gateway.schematron.stylesheet_lets import PLACE
from gateway.schematron.stylesheet_walk import matches_attributes

_X = f"{{{XSLT}}}"
_S = f"{{{SVRL}}}"


def lean(stylesheet: bytes) -> bytes:
    """Rewrite a stylesheet of the ISO skeleton. Raises `SchemaError` for one of another shape."""
    read_skeleton(stylesheet)
    root = parse_source(stylesheet, "the stylesheet")
    for element in list(root.iter(_S + "fired-rule", _S + "active-pattern", etree.Comment)):
        _remove(element)
    for output in root.iter(_X + "output"):
        output.set("indent", "no")
    root.append(place_function())
    for attribute in list(root.iter(_X + "attribute")):
        failure = attribute.getparent()
        if failure is not None and attribute.get("name") == "location":
            failure.set("location", "{path()}")
            failure.set(PLACE_PATH, f"{{Q{{{PLACE}}}of(.)}}")
            _remove(attribute)
    _walk_elements_only(root)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _remove(element: etree._Element) -> None:
    """Take an element out; text behind it stays where it is text of a message."""
    parent = element.getparent()
    if parent is None:
        return
    tail, previous = element.tail or "", element.getprevious()
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def _walk_elements_only(root: etree._Element) -> None:
    """Leave attributes out of the walk of each mode in which no rule can match one."""
    templates: dict[str, list[etree._Element]] = {}
    for template in root.iterchildren(_X + "template"):
        mode, priority = template.get("mode"), template.get("priority", "")
        if mode is not None and priority not in ("", "-1"):
            templates.setdefault(mode, []).append(template)
    for found in templates.values():
        rules = (each.get("match", "") for each in found if each.get("priority") != "-2")
        if any(matches_attributes(match) for match in rules):
            continue
        for template in found:
            for walk in template.iterchildren(_X + "apply-templates"):
                if walk.get("select") == "@*|*":
                    walk.set("select", "*")
