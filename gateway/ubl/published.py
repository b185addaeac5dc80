# SPDX-License-Identifier: Apache-2.0
"""Published artefacts: which rule sets a publisher's folder or archive holds, and in which files.

What to look for is data (`schemas/published.toml`). A release is known by the checksum of its file;
else by what its file or folder is called, by what the file says of itself, by the archive's name.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from gateway.ubl.families import Family, Published
from gateway.ubl.rulesets import Catalogue, Layer, RuleSet

STYLESHEETS, SOURCES = (".xslt", ".xsl"), (".sch",)
_INCLUDE = re.compile(rb"<(?:\w+:)?include\s[^>]*?href\s*=\s*[\"']([^\"']+)[\"']")
_NUMBER = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+[a-z]?)(?![\w.])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A folder or archive by its name; paths have `/` between their parts."""

    name: str
    paths: Sequence[str]
    read: Callable[[str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The files of one release of one family, by layer; the release may not be known."""

    family: Family
    layers: tuple[Layer, ...]
    alias: str | None
    version: str | None

    @property
    def own(self) -> str:
        """The file that no other family has."""
        return next(one.file for one in self.layers if one.name == self.family.own)


@dataclass(slots=True, kw_only=True)
class Recognised:
    """What a bundle holds; `incomplete` are files whose other layers are not beside them."""

    candidates: list[Candidate] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)


def recognise(bundle: Bundle, published: Published) -> Recognised:
    """All releases in a bundle, the better of two forms of the same one."""
    found = Recognised()
    best: dict[tuple[str, str], Candidate] = {}
    rules = _rule_files(bundle)
    for family in published.family:
        for path in rules:
            if re.fullmatch(family.files[family.own], _stem(path)) is None:
                continue
            if _is_of_another(family, path, rules):
                continue
            layers = _beside(family, path, rules)
            if layers is None:
                found.incomplete.append(path)
                continue
            candidate = _dated(family, layers, bundle, published)
            key = (family.kind, candidate.alias or "")
            if key not in best or _rank(path) < _rank(best[key].own):
                best[key] = candidate
    found.candidates = list(best.values())
    return found


def guess(bundle: Bundle, published: Published) -> dict[str, list[tuple[Layer, ...]]]:
    """By what is in the files, whatever they are called: kinds and the files they could be."""
    texts = {path: bundle.read(path) for path in _rule_files(bundle)}
    found: dict[str, list[tuple[Layer, ...]]] = {}
    for family in published.family:
        told = {
            name: [path for path, data in texts.items() if tell.encode() in data]
            for name, tell in family.tells.items()
        }
        own = min(told[family.own], key=_rank, default=None)
        if own is None or not all(told.values()):
            continue
        others = {name: [one for one in paths if one != own] for name, paths in told.items()}
        layers = tuple(
            Layer(name=name, file=own if name == family.own else min(others[name], key=_rank))
            for name in family.files
            if name == family.own or others[name]
        )
        if len(layers) == len(family.files):
            found.setdefault(family.kind, []).append(layers)
    return found


def rule_set_for(family: Family, version: str, catalogue: Catalogue) -> RuleSet:
    """A release as a rule set: the catalogue's, or the latest of its kind under a new number."""
    alias = family.alias_of(version)
    if alias in catalogue.rule_sets:
        return catalogue.rule_sets[alias]
    latest = catalogue.releases(family.kind)[-1]
    release = family.release_of(version)
    return msgspec.structs.replace(
        latest,
        release=release,
        alias=alias,
        ids={root: f"{name.rpartition(':')[0]}:{release}" for root, name in latest.ids.items()},
        valid_from=None,
        valid_to=None,
        status="regular",
        layers=(),
    )


def split_alias(alias: str, published: Published) -> tuple[Family, str] | None:
    """The family and version that an alias names, as `peppol-billing-2026.11` does."""
    for family in published.family:
        for version in _numbers(alias):
            if family.is_version(version) and family.alias_of(version) == alias:
                return family, version
    return None


def _rule_files(bundle: Bundle) -> list[str]:
    """Stylesheets, and schemas that are no part of another one."""
    names = [path for path in bundle.paths if path.lower().endswith(STYLESHEETS + SOURCES)]
    takes = {path: _includes(path, bundle) for path in names if path.lower().endswith(SOURCES)}
    parts = set().union(*takes.values())
    for path, included in takes.items():
        # A schema in a folder below another one that takes its parts by itself.
        outer = [posixpath.dirname(one) for one in takes if takes[one] & included]
        here = posixpath.dirname(path)
        if any(here != folder and f"{here}/".startswith(f"{folder}/") for folder in outer):
            parts.add(path)
    return [path for path in names if path not in parts]


def _includes(path: str, bundle: Bundle) -> set[str]:
    folder = posixpath.dirname(path)
    found = _INCLUDE.findall(bundle.read(path))
    return {posixpath.normpath(posixpath.join(folder, one.decode("latin-1"))) for one in found}


def _is_of_another(family: Family, own: str, rules: Sequence[str]) -> bool:
    """Whether a file stands beside the one that says so."""
    without, folder = family.without, posixpath.dirname(own)
    return without is not None and any(
        posixpath.dirname(one) == folder and re.fullmatch(without, _stem(one)) for one in rules
    )


def _beside(family: Family, own: str, rules: Sequence[str]) -> tuple[Layer, ...] | None:
    """All layers of a family around its own file, from the same folder and in the same form."""
    folder, form = posixpath.split(own)[0], posixpath.splitext(own)[1]
    there = [one for one in rules if posixpath.split(one)[0] == folder and one.endswith(form)]
    layers = []
    for name, pattern in family.files.items():
        fits = [own] if name == family.own else there
        file = next((one for one in fits if re.fullmatch(pattern, _stem(one))), None)
        if file is None:
            return None
        layers.append(Layer(name=name, file=file))
    return tuple(layers)


def _dated(
    family: Family, layers: tuple[Layer, ...], bundle: Bundle, published: Published
) -> Candidate:
    own = next(one.file for one in layers if one.name == family.own)
    data = bundle.read(own)
    known = published.releases.get(hashlib.sha256(data).hexdigest())
    split = split_alias(known, published) if known else None
    if split is not None and split[0] == family:
        return Candidate(family=family, layers=layers, alias=known, version=split[1])
    version = next(_versions(family, own, data, bundle.name), None)
    alias = family.alias_of(version) if version else None
    return Candidate(family=family, layers=layers, alias=alias, version=version)


def _versions(family: Family, own: str, data: bytes, bundle: str) -> Iterator[str]:
    """Where a release number may stand, the surest place first."""
    folder, name = posixpath.split(own)
    places = [_stem(name), *reversed(folder.split("/"))]
    inside = re.search(family.inside, data.decode("utf-8", "replace")) if family.inside else None
    if inside is not None:
        places.append(inside.group(1).strip("."))
    if not bundle.endswith(".jar"):  # whose number is that of its maker
        places.append(bundle.removesuffix(".zip"))
    for place in places:
        yield from (text for text in _numbers(place) if family.is_version(text))


def _numbers(text: str) -> list[str]:
    found = _NUMBER.findall(text.replace("-", " ").replace("_", " "))
    return [one.rstrip(".") for one in reversed(found)]


def _rank(path: str) -> tuple[bool, bool, int, str]:
    """Stylesheets before sources, the publisher's before others', the shortest path first."""
    return not path.endswith(STYLESHEETS), "phive" in path, len(path), path


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]
