# SPDX-License-Identifier: Apache-2.0
"""The rule sets that can be run here: found, compiled once, kept for the life of the process.

Rules come from two places: those that ship with the product and the official packs that an operator
installed. Reading files is the caller's (`Files`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Protocol

from gateway.schematron import (
    Saxon,
    Schema,
    SchemaError,
    UnsupportedError,
    compile_schema,
    read_iso,
    read_skeleton,
    to_xslt,
)
from gateway.ubl.engines import FAST, FastDesk, FastJudge, Judge, SaxonDesk, SaxonJudge
from gateway.ubl.packs import PACK_FILE, Pack, read_checked, read_pack
from gateway.ubl.rulesets import Catalogue, Layer, RuleSet, UnknownRuleSetError, read_catalogue
from gateway.ubl.texts import RuleText, read_texts
from gateway.ubl.xsd import XSDSchema

CATALOGUE_FILE = "rule-sets.toml"
BUNDLED, OFFICIAL, BOTH = "bundled", "official", "both"


class Files(Protocol):
    """A folder, read by somebody who may."""

    def read(self, path: str) -> bytes:
        """The bytes of a file below the folder. Raises `OSError`."""
        ...

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def file(self, path: str) -> File:
        """The file itself, for libraries that read schemas by name."""
        ...

    def folders(self) -> Iterable[str]:
        """Names of the folders directly below."""
        ...


@dataclass(slots=True, kw_only=True)
class LayerSource:
    """The text of one layer: read once, with all that it includes."""

    name: str
    file: str
    read: Callable[[str], bytes]
    _seen: dict[str, bytes] = field(default_factory=dict)
    _schema: Schema | None = None

    def schema(self) -> Schema:
        """The rules as values. Raises `SchemaError`."""
        if self._schema is None:
            data = self._take(self.file)
            if self.file.endswith(".sch"):
                self._schema = read_iso(data, self._take, base=self.file)
            else:
                self._schema = read_skeleton(data)
        return self._schema

    def stylesheet(self) -> bytes:
        """The rules as Saxon takes them: a published stylesheet as it is."""
        return to_xslt(self.schema()) if self.file.endswith(".sch") else self._take(self.file)

    def checksum(self) -> str:
        """SHA-256 of the file; of a list of names and sums where it includes others."""
        if self.file.endswith(".sch"):
            self.schema()
        else:
            self._take(self.file)
        sums = [(path, hashlib.sha256(data).hexdigest()) for path, data in self._seen.items()]
        if len(sums) == 1:
            return sums[0][1]
        return hashlib.sha256("".join(f"{s}  {p}\n" for p, s in sorted(sums)).encode()).hexdigest()

    def _take(self, path: str) -> bytes:
        if path not in self._seen:
            self._seen[path] = self.read(path)
        return self._seen[path]


class Library:
    """Everything that can be run, by rule set, origin and engine."""

    def __init__(self, *, bundled: Files, packs: Files | None = None) -> None:
        self._bundled = bundled
        self._packs = packs
        self.packs = _read_packs(packs) if packs is not None else {}
        catalogue = read_catalogue(bundled.read(CATALOGUE_FILE))
        news = [pack.rule_set for pack in self.packs.values() if pack.rule_set is not None]
        self.catalogue: Catalogue = catalogue.extended(news)
        self._fast = FastDesk()
        self._saxon = SaxonDesk(Saxon)
        self._judges: dict[tuple[str, str, str], tuple[Judge, ...]] = {}
        self._sources: dict[tuple[str, str], tuple[LayerSource, ...]] = {}
        self._schemas: dict[File, XSDSchema] = {}
        self._texts: dict[tuple[str, ...], Mapping[str, RuleText]] = {}
        self.refused: dict[tuple[str, str], str] = {}

    def loaded(self, rules: str) -> frozenset[str]:
        """Aliases of the rule sets that can be run: bundled, installed, or in both ways."""
        bundled = frozenset(
            one.alias
            for one in self.catalogue.rule_sets.values()
            if one.layers and all(self._bundled.has(layer.file) for layer in one.layers)
        )
        official = frozenset(
            alias for alias, pack in self.packs.items() if alias in self.catalogue.rule_sets
        )
        return {BUNDLED: bundled, OFFICIAL: official, BOTH: bundled & official}[rules]

    def can_run(self, rule_set: RuleSet, rules: str) -> bool:
        """Whether a rule set can be run in a way; one that is a schema alone always can."""
        return not (rule_set.layers or rule_set.official) or rule_set.alias in self.loaded(rules)

    def schema(self, rule_set: RuleSet, root: str, rules: str) -> XSDSchema | None:
        """The XSD for a root (`{namespace}name`); official ones where rules are official."""
        file = self._schema_file(rule_set, root, rules)
        if file is None:
            return None
        if file not in self._schemas:
            self._schemas[file] = XSDSchema(file)
        return self._schemas[file]

    def expects(self, rule_set: RuleSet, root: str) -> bool:
        """Whether a rule set is for documents with this root at all."""
        roots = self.catalogue.kinds[rule_set.kind].names()
        schema = self.catalogue.schemas.get(rule_set.schema or "")
        return root in roots or (not roots and schema is not None and schema.has(root))

    def layer_names(self, rule_set: RuleSet, rules: str) -> tuple[str, ...]:
        """The names of the layers, in their order."""
        return tuple(source.name for source in self._layer_sources(rule_set, rules))

    def judges(self, rule_set: RuleSet, rules: str, engine: str) -> tuple[Judge, ...]:
        """The layers of a rule set, in their order. A layer that `fast` refuses is Saxon's.

        Raises `SchemaError` for rules that no engine takes, `OSError` where a file is missing.
        """
        key = (rule_set.alias, rules, engine)
        if key not in self._judges:
            sources = self._layer_sources(rule_set, rules)
            self._judges[key] = tuple(self._judge(rule_set, one, engine) for one in sources)
        return self._judges[key]

    def texts(self, rule_set: RuleSet) -> Mapping[str, RuleText]:
        """Messages for people, as far as there are any."""
        if rule_set.texts not in self._texts:
            there = [path for path in rule_set.texts if self._bundled.has(path)]
            self._texts[rule_set.texts] = read_texts(self._bundled.read(path) for path in there)
        return self._texts[rule_set.texts]

    def clear(self) -> None:
        """Let go of the document that was judged last; compiled rules stay."""
        self._fast.clear()
        self._saxon.clear()

    def _judge(self, rule_set: RuleSet, source: LayerSource, engine: str) -> Judge:
        checksum = source.checksum()
        if engine == FAST:
            try:
                program = compile_schema(source.schema())
            except (SchemaError, UnsupportedError) as refusal:
                self.refused[rule_set.alias, source.name] = str(refusal)
            else:
                return FastJudge(self._fast, program, layer=source.name, checksum=checksum)
        return SaxonJudge(self._saxon, source.stylesheet, layer=source.name, checksum=checksum)

    def _layer_sources(self, rule_set: RuleSet, rules: str) -> tuple[LayerSource, ...]:
        key = (rule_set.alias, rules)
        if key not in self._sources:
            layers, read = self._layers(rule_set, rules)
            self._sources[key] = tuple(
                LayerSource(name=layer.name, file=layer.file, read=read) for layer in layers
            )
        return self._sources[key]

    def _layers(
        self, rule_set: RuleSet, rules: str
    ) -> tuple[tuple[Layer, ...], Callable[[str], bytes]]:
        if rules == BUNDLED or not rule_set.official:
            return rule_set.layers, self._bundled.read
        pack, packs = self.packs.get(rule_set.alias), self._packs
        if pack is None or packs is None:
            raise UnknownRuleSetError(
                f"the official rules {rule_set.alias} are not installed here",
                advice="`peppol-gateway rules install` takes them as they are published.",
            )
        return pack.layers, lambda path: read_checked(pack, path, packs.read)

    def _schema_file(self, rule_set: RuleSet, root: str, rules: str) -> File | None:
        local_name = root.rpartition("}")[2]
        schema = self.catalogue.schemas.get(rule_set.schema or "")
        if schema and not schema.has(root):
            return None
        if rules == OFFICIAL and (found := self._in_pack(rule_set.alias, local_name)):
            return found
        path = schema.files.get(local_name) if schema else None
        return self._bundled.file(path) if path and self._bundled.has(path) else None

    def _in_pack(self, alias: str, local_name: str) -> File | None:
        pack = self.packs.get(alias)
        if pack is not None and pack.schema_pack is not None:
            pack = self.packs.get(pack.schema_pack)
        path = pack.schema_file(local_name) if pack else None
        if pack is None or path is None or self._packs is None:
            return None
        path = f"{pack.alias}/{path}"
        return self._packs.file(path) if self._packs.has(path) else None


def _read_packs(files: Files) -> dict[str, Pack]:
    found = {}
    for folder in files.folders():
        if files.has(f"{folder}/{PACK_FILE}"):
            found[folder] = read_pack(files.read(f"{folder}/{PACK_FILE}"), folder=folder)
    return found
