# SPDX-License-Identifier: Apache-2.0
"""A stylesheet made by the ISO Schematron skeleton as a `Schema`.

Rule sets are published in this form: what their Schematron says, with includes and abstract
patterns resolved, in templates of one regular shape. A mode is a pattern, a template of it a rule,
a higher priority an earlier rule. Whatever is not of the known shape raises `SchemaError`: such a
stylesheet runs on Saxon as it is.
"""

from __future__ import annotations

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.functions import read_function, read_key, read_variable
from gateway.schematron.model import Function, Key, Let, Pattern, Schema
from gateway.schematron.skeleton_rules import ModeTemplates
from gateway.schematron.sources import (
    SVRL,
    XSLT,
    check_attributes,
    children,
    describe,
    parse_source,
    required,
    unexpected,
)

# The skeleton's own: parameters about files, and templates that write locations.
_OWN_NAMES = frozenset(
    (
        "archiveDirParameter",
        "archiveNameParameter",
        "document-uri",
        "fileDirParameter",
        "fileNameParameter",
    )
)
_OWN_MODES = frozenset(
    (
        "generate-id-2",
        "generate-id-from-path",
        "schematron-get-full-path",
        "schematron-get-full-path-2",
        "schematron-get-full-path-3",
        "schematron-select-full-path",
    )
)
_X = f"{{{XSLT}}}"
_S = f"{{{SVRL}}}"


def read_skeleton(data: bytes) -> Schema:
    """Read a stylesheet. Raises `SchemaError` for any part that is not of the skeleton's shape."""
    root = parse_source(data, "the stylesheet")
    if root.tag not in (_X + "stylesheet", _X + "transform"):
        raise SchemaError("the file is not an XSLT stylesheet")
    check_attributes(root, ("version", "id"))
    version = required(root, "version")
    if version not in ("1.0", "2.0", "3.0"):
        raise SchemaError(f"the stylesheet is of XSLT {version}, which is not supported")
    return _Reader(_namespaces(root)).read(root, xpath_1=version == "1.0")


def _namespaces(root: etree._Element) -> dict[str, str]:
    """The prefixes of the stylesheet; no element within may give one another meaning."""
    found = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    for element in root.iter(etree.Element):
        for prefix, uri in element.nsmap.items():
            if prefix and uri not in (XSLT, SVRL) and found.get(prefix) != uri:
                raise SchemaError(f"{describe(element)} gives the prefix {prefix} a new meaning")
    return {prefix: uri for prefix, uri in found.items() if uri not in (XSLT, SVRL)}


class _Reader:
    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces
        self._title = ""
        self._order: dict[str, str] = {}  # modes in order, with the names of their patterns
        self._modes: dict[str, ModeTemplates] = {}
        self._lets: list[Let] = []
        self._pending: list[Let] = []  # lets of the pattern whose templates come next
        self._pattern_lets: dict[str, list[Let]] = {}
        self._keys: list[Key] = []
        self._functions: list[Function] = []

    def read(self, root: etree._Element, *, xpath_1: bool) -> Schema:
        for element in children(root):
            self._take(element)
        unknown = self._modes.keys() - self._order.keys()
        if unknown or not self._order:
            raise SchemaError(f"no pattern is started in the modes {sorted(unknown)}")
        walks = {self._modes[mode].walk for mode in self._order if mode in self._modes}
        if len(walks) != 1 or self._order.keys() - self._modes.keys():
            raise SchemaError("the patterns of the stylesheet do not walk in one way")
        visits_attributes, visits_comments = walks.pop()
        return Schema(
            title=self._title,
            namespaces=self._namespaces,
            patterns=tuple(self._pattern(mode, name) for mode, name in self._order.items()),
            lets=(*self._lets, *self._pending),
            keys=tuple(self._keys),
            functions=tuple(self._functions),
            visits_attributes=visits_attributes,
            visits_comments=visits_comments,
            xpath_1=xpath_1,
        )

    def _pattern(self, mode: str, name: str) -> Pattern:
        lets = tuple(self._pattern_lets.get(mode, ()))
        return Pattern(rules=self._modes[mode].rules(), lets=lets, name=name)

    def _take(self, element: etree._Element) -> None:
        match element.tag:
            case "{http://www.w3.org/1999/XSL/Transform}template":
                self._template(element)
            case "{http://www.w3.org/1999/XSL/Transform}function":
                self._functions.append(read_function(element))
            case "{http://www.w3.org/1999/XSL/Transform}key":
                self._keys.append(read_key(element))
            case (
                "{http://www.w3.org/1999/XSL/Transform}param"
                | "{http://www.w3.org/1999/XSL/Transform}variable"
            ):
                if element.get("name") not in _OWN_NAMES:
                    # The skeleton writes a schema's lets as parameters.
                    is_global = element.tag == _X + "param"
                    (self._lets if is_global else self._pending).append(read_variable(element))
            case "{http://www.w3.org/1999/XSL/Transform}output":
                pass
            case "{http://purl.oclc.org/dsdl/svrl}text":
                pass  # the schema's title, once more
            case _:
                raise unexpected(element)

    def _template(self, element: etree._Element) -> None:
        check_attributes(element, ("match", "mode", "priority"))
        mode, match = element.get("mode"), required(element, "match")
        if mode in _OWN_MODES:
            return
        if mode is not None:
            self._pattern_lets.setdefault(mode, []).extend(self._pending)
            self._pending.clear()
            self._modes.setdefault(mode, ModeTemplates(mode)).add(element)
        elif match == "/":
            self._start(element)
        elif match != "text()" or len(element):
            raise unexpected(element)

    def _start(self, template: etree._Element) -> None:
        if self._order or len(template) != 1 or template[0].tag != _S + "schematron-output":
            raise SchemaError(f"{describe(template)} is not the skeleton's start")
        self._title = template[0].get("title", "").replace("{{", "{").replace("}}", "}")
        name = ""
        for element in children(template[0]):
            if element.tag == _S + "active-pattern":
                name = _pattern_name(element)
            elif element.tag == _X + "apply-templates":
                check_attributes(element, ("select", "mode"))
                mode = required(element, "mode")
                if element.get("select") != "/" or len(element) or mode in self._order:
                    raise unexpected(element)
                self._order[mode], name = name, ""
            elif element.tag not in (
                _X + "comment",
                _S + "ns-prefix-in-attribute-values",
                _S + "text",
            ):
                raise unexpected(element)


def _pattern_name(element: etree._Element) -> str:
    """The id of a pattern, else its name; what is within only walks for nothing."""
    names: dict[str, str] = {}
    for child in children(element):
        if child.tag == _X + "attribute":
            names[required(child, "name")] = (child.text or "").strip()
        elif child.tag != _S + "text" and (child.tag != _X + "apply-templates" or child.attrib):
            raise unexpected(child)
    return names.get("id") or names.get("name") or ""
