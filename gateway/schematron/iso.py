# SPDX-License-Identifier: Apache-2.0
"""ISO Schematron source as a `Schema`: includes, abstract patterns and abstract rules resolved.

Source: ISO/IEC 19757-3:2016 with the query language bindings of XSLT. Phases are not applied:
every pattern is active. Diagnostics are not read. What is not handled raises `SchemaError`.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.schematron.functions import read_function, read_key
from gateway.schematron.iso_patterns import Patterns
from gateway.schematron.iso_sources import ISO, Includes, Place
from gateway.schematron.iso_texts import no_content, read_let, read_text
from gateway.schematron.model import Function, Key, Let, Schema
from gateway.schematron.sources import XML_SCHEMA, XSLT, parse_source, required

_BINDINGS = ("xslt", "xslt2", "xslt3", "xpath2", "xpath3")
_NOT_READ = ("phase", "p", "diagnostics", "properties")
_IMPLIED = {"xs": XML_SCHEMA, "xsd": XML_SCHEMA}  # published schemas count on the skeleton's
_SCHEMA_ATTRIBUTES = ("id", "schemaVersion", "queryBinding", "defaultPhase", "icon", "see", "fpi")


def read_iso(data: bytes, resolve: Callable[[str], bytes], *, base: str = "") -> Schema:
    """Read a schema. `resolve` gives the bytes of an included file, `base` is the schema's path.

    `resolve` gets the include's path joined to the path of the file that includes it, with `/`
    between the parts and `..` only at its head; it decides which paths it serves. Raises
    `SchemaError`, and whatever `resolve` raises.
    """
    root = Place(element=parse_source(data, base or "the schema"), files=(base,))
    if root.element.tag != f"{{{ISO}}}schema":
        raise root.error("is not a schema of ISO Schematron")
    root.attributes(*_SCHEMA_ATTRIBUTES)
    binding = root.element.get("queryBinding", "xslt").lower()
    if binding not in _BINDINGS:
        raise root.error("uses a query language other than XSLT 2.0")
    if root.element.get("defaultPhase", "#ALL") != "#ALL":
        raise root.error("has a default phase, which is not supported")
    includes = Includes(resolve)
    return _Reader(includes).read(list(includes.children(root)), xpath_1=binding == "xslt")


class _Reader:
    def __init__(self, includes: Includes) -> None:
        self._title = ""
        self._namespaces: dict[str, str] = {}
        self._lets: list[Let] = []
        self._keys: list[Key] = []
        self._functions: list[Function] = []
        self._patterns = Patterns(includes)

    def read(self, places: list[Place], *, xpath_1: bool) -> Schema:
        for place in places:
            self._take(place)
        return Schema(
            title=self._title,
            namespaces=_IMPLIED | self._namespaces,
            patterns=self._patterns.read(),
            lets=tuple(self._lets),
            keys=tuple(self._keys),
            functions=tuple(self._functions),
            xpath_1=xpath_1,
        )

    def _take(self, place: Place) -> None:
        match place.tag:
            case "title":
                self._title = " ".join(map(str, read_text(place.element, str)))
            case "ns":
                self._namespace(place)
            case "let":
                self._lets.append(read_let(place, str))
            case "pattern":
                self._patterns.add(place)
            case "xsl:function":
                self._function(place)
            case "xsl:key":
                self._keys.append(read_key(place.element))
            case name:
                if name not in _NOT_READ:
                    raise place.error("is not supported")

    def _function(self, place: Place) -> None:
        """Read a function, whose file must mean the same by each prefix as the schema does."""
        for prefix, uri in place.element.nsmap.items():
            if prefix and uri not in (ISO, XSLT):
                self._give(place, prefix, uri)
        self._functions.append(read_function(place.element))

    def _namespace(self, place: Place) -> None:
        place.attributes("prefix", "uri")
        no_content(place.element)
        prefix, uri = (required(place.element, name) for name in ("prefix", "uri"))
        self._give(place, prefix, uri)

    def _give(self, place: Place, prefix: str, uri: str) -> None:
        if self._namespaces.setdefault(prefix, uri) != uri:
            raise place.error(f"gives the prefix {prefix} a second meaning")
