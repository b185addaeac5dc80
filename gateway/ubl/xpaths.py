# SPDX-License-Identifier: Apache-2.0
"""Where something stands, for people: `/Invoice/cac:InvoiceLine[2]/cbc:ID`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from lxml import etree

from gateway.ubl.documents import Path, elements
from gateway.ubl.paths import UBL

_PREFIXES = {
    f"{UBL}CommonBasicComponents-2": "cbc",
    f"{UBL}CommonAggregateComponents-2": "cac",
    f"{UBL}CommonExtensionComponents-2": "ext",
    f"{UBL}QualifiedDataTypes-2": "qdt",
    f"{UBL}UnqualifiedDataTypes-2": "udt",
}


def prefixed(tag: str) -> str:
    """`{namespace}name` as people write it: `cbc:ID`, or the bare name."""
    namespace, _, name = tag.rpartition("}")
    prefix = _PREFIXES.get(namespace.removeprefix("{"))
    return f"{prefix}:{name}" if prefix else name


class Locator:
    """XPaths of many elements of one tree; children are counted once for each parent."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._children: dict[Path, list[tuple[etree._Element, str]]] = {}

    def xpath(self, path: Path | None, attribute: str | None = None) -> str:
        """The XPath of an element or its attribute; `/` for the document as a whole."""
        if path is None:
            return "/"
        steps = [prefixed(str(self._root.tag))]
        for length, position in enumerate(path):
            steps.append(self._under(path[:length])[position][1])
        if attribute is not None:
            steps.append(f"@{prefixed(attribute)}")
        return "/" + "/".join(steps)

    def element(self, path: Path | None) -> etree._Element | None:
        """The element itself; the root for the document as a whole."""
        return self._root if not path else self._under(path[:-1])[path[-1]][0]

    def _under(self, path: Path) -> list[tuple[etree._Element, str]]:
        if path not in self._children:
            parent = self._root if not path else self._under(path[:-1])[path[-1]][0]
            self._children[path] = _numbered(elements(parent))
        return self._children[path]


def _numbered(children: Iterable[etree._Element]) -> list[tuple[etree._Element, str]]:
    found = [(child, str(child.tag)) for child in children]
    total: Mapping[str, int] = Counter(tag for _, tag in found)
    seen: Counter[str] = Counter()
    numbered = []
    for child, tag in found:
        seen[tag] += 1
        step = prefixed(tag)
        numbered.append((child, f"{step}[{seen[tag]}]" if total[tag] > 1 else step))
    return numbered
