# SPDX-License-Identifier: Apache-2.0
"""Makes a document as small as it may be while something about it stays true."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

_MOST_TRIES = 800


def minimised(root: etree._Element, holds: Callable[[bytes], bool]) -> bytes:
    """Drop elements, attributes and contents; `holds` is asked after each of them.

    Large parts go first. Whatever the ceiling of tries leaves is smaller than before.
    """
    tries = _MOST_TRIES
    again = True
    while again:
        again = False
        for undo in _changes(root):
            if tries == 0:
                return _bytes(root)
            tries -= 1
            if holds(_bytes(root)):
                again = True
            else:
                undo()
    etree.cleanup_namespaces(root)
    return _bytes(root)


def _changes(root: etree._Element) -> Iterator[Callable[[], None]]:
    """Each change is made, then handed out as what takes it back."""
    by_size = sorted(root.iterdescendants(), key=_size, reverse=True)
    for node in by_size:
        if node.getroottree().getroot() is root and node.getparent() is not None:
            yield _dropped(node)
    for node in list(root.iter("*")):
        for name in list(node.attrib):
            yield _without(node, name)
        if node.text and not node.text.strip() and len(node):
            yield _without_text(node)


def _size(node: etree._Element) -> int:
    return sum(1 for _ in node.iter())


def _dropped(node: etree._Element) -> Callable[[], None]:
    parent, place, tail = node.getparent(), 0, node.tail
    assert parent is not None
    place = parent.index(node)
    before = node.getprevious()
    kept = before.tail if before is not None else parent.text
    # A tail that is text of the parent stays, one that is only layout goes.
    stays = tail if tail and tail.strip() else ""
    node.tail = None
    parent.remove(node)
    if before is not None:
        before.tail = (kept or "") + (stays or "")
    else:
        parent.text = (kept or "") + (stays or "")

    def undo() -> None:
        parent.insert(place, node)
        node.tail = tail
        if before is not None:
            before.tail = kept
        else:
            parent.text = kept

    return undo


def _without(node: etree._Element, name: str) -> Callable[[], None]:
    value = node.attrib.pop(name)
    return lambda: node.set(name, value)


def _without_text(node: etree._Element) -> Callable[[], None]:
    text, node.text = node.text, None

    def undo() -> None:
        node.text = text

    return undo


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
