# SPDX-License-Identifier: Apache-2.0
"""The rule sets that can be run here: found, compiled once, kept for the life of the process.

Rules come from two places: those that ship with the product and the official packs that an operator
installed. Reading files is the caller's (`Files`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path as File

from gateway.schematron import (
    Compiled,
    Program,
    Saxon,
    SchemaError,
    UnsupportedError,
    careful_program,
    translate,
)
from gateway.ubl.choices import (
    BOTH,
    BUNDLED,
    CHOICES_FILE,
    CHOSEN,
    OFFICIAL,
    read_choices,
    resolve,
)
from gateway.ubl.engines import FAST, FastDesk, FastJudge, Judge, SaxonDesk, SaxonJudge
from gateway.ubl.file_ports import Files, Kept
from gateway.ubl.layer_sources import LayerSource
from gateway.ubl.packs import PACK_FILE, Pack, read_checked, read_pack
from gateway.ubl.rulesets import Catalogue, Layer, RuleSet, UnknownRuleSetError, read_catalogue
from gateway.ubl.texts import RuleText, read_texts
from gateway.ubl.xsd import XSDSchema

CATALOGUE_FILE = "rule-sets.toml"


class RuleLibrary:
    """Everything that can be run, by rule set, origin and engine."""

    def __init__(
        self, *, bundled: Files, packs: Files | None = None, kept: Kept | None = None
    ) -> None:
        self._kept = kept
        self._programs: dict[str, Program] = {}
        self._bundled = bundled
        self._packs = packs
        self.packs = _read_packs(packs) if packs is not None else {}
        self.choices = _read_choices(packs) if packs is not None else {}
        catalogue = read_catalogue(bundled.read(CATALOGUE_FILE))
        news = [pack.rule_set for pack in self.packs.values() if pack.rule_set is not None]
        self.catalogue: Catalogue = catalogue.extended(news)
        self._fast = FastDesk()
        self._saxon = SaxonDesk(Saxon)
        self._judges: dict[tuple[str, str, str], tuple[Judge, ...]] = {}
        self._sources: dict[tuple[str, str], tuple[LayerSource, ...]] = {}
        self._schemas: dict[File, XSDSchema] = {}
        self._schemas_for: dict[tuple[str, str, str], XSDSchema] = {}
        self._texts: dict[tuple[str, ...], Mapping[str, RuleText]] = {}
        self._loaded: dict[str, frozenset[str]] = {}
        self._verified: set[str] = set()  # packs whose XSD is what was installed
        self.refused: dict[tuple[str, str], str] = {}

    def loaded(self, rules: str) -> frozenset[str]:
        """Aliases of the rule sets that can be run: bundled, installed, in both ways, as chosen."""
        if rules not in self._loaded:
            self._loaded[rules] = self._find_loaded(rules)
        return self._loaded[rules]

    def _find_loaded(self, rules: str) -> frozenset[str]:
        if rules == CHOSEN:
            return frozenset(
                one.alias for one in self.catalogue.rule_sets.values() if self.rules_of(one)
            )
        bundled = frozenset(
            one.alias
            for one in self.catalogue.rule_sets.values()
            if one.layers and all(self._bundled.has(layer.file) for layer in one.layers)
        )
        official = frozenset(
            alias for alias, pack in self.packs.items() if alias in self.catalogue.rule_sets
        )
        return {BUNDLED: bundled, OFFICIAL: official, BOTH: bundled & official}[rules]

    def rules_of(self, rule_set: RuleSet) -> str | None:
        """Whose rules judge by the operator's choice; `None` if those chosen are not here."""
        bundled = rule_set.alias in self.loaded(BUNDLED)
        official = rule_set.alias in self.packs
        return resolve(self.choices.get(rule_set.kind), bundled=bundled, official=official)

    def decide(self, rule_set: RuleSet, rules: str) -> str:
        """`chosen` as what it means for a rule set; other words as they are.

        Raises `UnknownRuleSetError` where official rules were chosen that are not installed.
        """
        if rules != CHOSEN:
            return rules
        if not (rule_set.layers or rule_set.official):
            return OFFICIAL if rule_set.alias in self.packs else BUNDLED
        found = self.rules_of(rule_set)
        if found is None:
            raise self._not_installed(rule_set)
        return found

    def can_run(self, rule_set: RuleSet, rules: str) -> bool:
        """Whether a rule set can be run in a way; one that is a schema alone always can."""
        return not (rule_set.layers or rule_set.official) or rule_set.alias in self.loaded(rules)

    def schema(self, rule_set: RuleSet, root: str, rules: str) -> XSDSchema | None:
        """The XSD for a root (`{namespace}name`); official ones where rules are official."""
        key = (rule_set.alias, root, rules)
        if key not in self._schemas_for:
            file = self._schema_file(rule_set, root, rules)
            if file is None:
                return None  # not kept: roots are invented by whoever writes documents
            # One schema for all rule sets that name its file.
            self._schemas_for[key] = self._schemas.setdefault(file, XSDSchema(file))
        return self._schemas_for[key]

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
            self._judges[key] = tuple(self._judge(rule_set, one, rules, engine) for one in sources)
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

    def _judge(self, rule_set: RuleSet, source: LayerSource, rules: str, engine: str) -> Judge:
        checksum = source.checksum()
        pack = self.packs.get(rule_set.alias) if rules == OFFICIAL else None
        found = pack.refusal(source.name) if pack else None
        if engine == FAST and found is None:
            try:
                program = self._program(source, checksum)
            except (SchemaError, UnsupportedError) as refusal:
                found = str(refusal)
            else:
                return FastJudge(self._fast, program, layer=source.name, checksum=checksum)
        if found is not None:
            self.refused[rule_set.alias, source.name] = found
        return SaxonJudge(self._saxon, source.stylesheet, layer=source.name, checksum=checksum)

    def _program(self, source: LayerSource, checksum: str) -> Program:
        """The rules translated, once for all rule sets that have the same layer."""
        if checksum not in self._programs:
            self._programs[checksum] = self._translated(source, checksum)
        return self._programs[checksum]

    def _translated(self, source: LayerSource, checksum: str) -> Program:
        """The rules translated: as kept by an earlier process, else now."""
        kept = self._kept.get(checksum) if self._kept is not None else None
        compiled = Compiled.load(kept) if kept is not None else None
        if compiled is None:
            compiled = translate(source.schema())
            if self._kept is not None:
                self._kept.put(checksum, compiled.dump())
        return compiled.program(lambda: careful_program(source.schema()))

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
            raise self._not_installed(rule_set)
        return pack.layers, lambda path: read_checked(pack, path, packs.read)

    @staticmethod
    def _not_installed(rule_set: RuleSet) -> UnknownRuleSetError:
        return UnknownRuleSetError(
            f"the official rules {rule_set.alias} are not installed here",
            advice="`peppol-gateway rules install` takes them as they are published.",
        )

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
        if not self._packs.has(f"{pack.alias}/{path}"):
            return None
        for each in pack.checksums if pack.alias not in self._verified else ():
            if each.endswith(".xsd"):
                read_checked(pack, each, self._packs.read)
        self._verified.add(pack.alias)
        return self._packs.file(f"{pack.alias}/{path}")


def _read_packs(files: Files) -> dict[str, Pack]:
    found = {}
    for folder in files.folders():
        if files.has(f"{folder}/{PACK_FILE}"):
            found[folder] = read_pack(files.read(f"{folder}/{PACK_FILE}"), folder=folder)
    return found


def _read_choices(files: Files) -> dict[str, str]:
    return read_choices(files.read(CHOICES_FILE)) if files.has(CHOICES_FILE) else {}
