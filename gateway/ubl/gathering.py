# SPDX-License-Identifier: Apache-2.0
"""All files that rules or schemas need out of a bundle, as they will lie in a pack.

What is not in the bundle is an error: a pack stands alone and asks nobody for a file.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway import safexml
from gateway.ubl.families import Published, SharedSchema
from gateway.ubl.layer_sources import LayerSource
from gateway.ubl.packs import PackError
from gateway.ubl.published import Bundle
from gateway.ubl.rulesets import Layer

MAX_FILES = 500
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_REFERENCES = (_XSD + "import", _XSD + "include", _XSD + "redefine", _XSD + "override")
_ABSOLUTE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|/|\\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredSchema:
    """A shared schema with its files; `roots` are the documents that it has."""

    shared: SharedSchema
    files: Mapping[str, bytes]
    schema_files: str
    roots: tuple[str, ...]


def gather_rules(
    layers: Iterable[Layer], bundle: Bundle
) -> tuple[tuple[Layer, ...], dict[str, bytes]]:
    """The layers under their names in a pack, and the files. Raises `SchemaError`, `PackError`."""
    wanted = tuple(layers)
    taken: dict[str, bytes] = {}

    def read(path: str) -> bytes:
        taken[path] = _read(bundle, path)
        return taken[path]

    for layer in wanted:
        LayerSource(name=layer.name, file=layer.file, read=read).stylesheet()
    prefix = _common(taken)
    named = tuple(Layer(name=one.name, file=_inside(one.file, prefix, "rules")) for one in wanted)
    return named, {_inside(path, prefix, "rules"): data for path, data in taken.items()}


def gather_schema(bundle: Bundle, shared: SharedSchema, known: Published) -> GatheredSchema | None:
    """A shared schema out of a bundle, if it is there. Raises `PackError` for a part of one."""
    trees: dict[str, list[str]] = {}
    for path in bundle.paths:
        stem, ending = posixpath.splitext(posixpath.basename(path))
        if ending == ".xsd" and re.fullmatch(shared.file, stem):
            trees.setdefault(posixpath.dirname(path), []).append(path)
    # Whole documents lie in a folder of their own; the one for running has no annotations.
    folders = [one for one in trees if posixpath.basename(one) != "common"]
    if not folders:
        return None
    folder = min(folders, key=lambda one: ("xsdrt" not in one, -len(trees[one]), one))
    files = closure(bundle, trees[folder], known)
    prefix = _common(files)
    found = [re.fullmatch(shared.file, _stem(path)) for path in trees[folder]]
    return GatheredSchema(
        shared=shared,
        files={_inside(path, prefix, "xsd"): data for path, data in files.items()},
        schema_files=_inside(posixpath.join(folder, shared.name), prefix, "xsd"),
        roots=tuple(sorted(one["root"] for one in found if one is not None)),
    )


def gather_own_schema(
    bundle: Bundle, pattern: str, own: str, known: Published
) -> tuple[str, dict[str, bytes]] | None:
    """The XSD that rules have to themselves: where it will lie, and the files.

    Of several the one nearest to the rules is taken, in the bundle's tree. Raises `PackError`.
    """
    fits = [
        path
        for path in bundle.paths
        if path.endswith(".xsd") and re.fullmatch(pattern, _stem(path))
    ]
    if not fits:
        return None
    path = max(fits, key=lambda one: (len(posixpath.commonprefix([one, own])), one))
    files = closure(bundle, [path], known)
    prefix = _common(files)
    laid = {_inside(each, prefix, "xsd"): data for each, data in files.items()}
    return _inside(path, prefix, "xsd"), laid


def closure(bundle: Bundle, paths: Sequence[str], known: Published) -> dict[str, bytes]:
    """Schemas and all that they take in, by path. Raises `PackError` for one that is not there."""
    found: dict[str, bytes] = {}
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        if len(found) >= MAX_FILES:
            raise PackError(f"the schema around {paths[0]} has more than {MAX_FILES} files")
        found[path] = _read(bundle, path)
        waiting += _references(path, found[path], known)
    return found


def _references(path: str, data: bytes, known: Published) -> list[str]:
    if hashlib.sha256(data).hexdigest() in known.doctypes:
        return []  # it takes nothing in, and its declaration is known to be harmless
    try:
        root = safexml.parse_document(data)
    except safexml.MalformedXMLError as error:
        raise PackError(f"the schema {path} cannot be used: {error.detail}") from error
    found = []
    for element in root.iter(*_REFERENCES):
        location = element.get("schemaLocation")
        if location is None:
            continue
        if _ABSOLUTE.match(location):
            raise PackError(
                f"the schema {path} takes in {location[:100]}, which is not a file beside it",
                advice="Install the release that has all of its files.",
            )
        found.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), location)))
    return found


def _read(bundle: Bundle, path: str) -> bytes:
    if path not in bundle.paths:
        raise PackError(
            f"{bundle.name} has no file {path[:200]}, which another of its files needs",
            advice="Install the whole release: its folder, or its archive as published.",
        )
    return bundle.read(path)


def _common(paths: Iterable[str]) -> str:
    folders = [posixpath.dirname(path) for path in paths]
    return posixpath.commonpath(folders) if all(folders) else ""


def _inside(path: str, prefix: str, folder: str) -> str:
    return f"{folder}/{posixpath.relpath(path, prefix or '.')}"


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]
