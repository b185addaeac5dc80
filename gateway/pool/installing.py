# SPDX-License-Identifier: Apache-2.0
"""Installs rule sets: out of a bundle, looked at by both engines, into the folder of packs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from random import Random

import msgspec
from lxml import etree

from gateway import __version__, schematron, ubl
from gateway.pool.folders import Folder, examples_folder, schemas_folder
from gateway.pool.pack_files import write_pack
from gateway.pool.translations import Translations, program_digest

PUBLISHED_FILE = "published.toml"
SEED = 20160419  # any number: the same trials each time
MAX_EXAMPLES = 25  # documents of a bundle or folder tried for one rule set
MAX_EXAMPLE = 2 << 20  # bytes; larger ones are left out of the trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What became of one pack; `is_new` is false where the same one was there."""

    pack: ubl.Pack
    is_new: bool
    notices: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Installer:
    """Installs from one bundle. `today` is noted in the packs."""

    bundle: ubl.Bundle
    packs: Path
    today: date
    source: str
    documents: Sequence[Path] = ()
    _saxon: schematron.Saxon | None = None
    _library: ubl.RuleLibrary = field(init=False)
    _published: ubl.Published = field(init=False)

    def __post_init__(self) -> None:
        bundled = Folder(schemas_folder())
        self._library = ubl.RuleLibrary(bundled=bundled, packs=Folder(self.packs))
        self._published = ubl.read_published(bundled.read(PUBLISHED_FILE))

    def plan(self, names: Sequence[str], valid_from: date | None) -> ubl.Plan:
        """What there is to install. Raises `PackError`."""
        if not names and self._is_schemas_alone():
            return ubl.Plan()
        return ubl.plan(
            self.bundle,
            self._published,
            self._library.catalogue,
            names=names,
            valid_from=valid_from,
        )

    def schemas(self) -> Iterator[Installed]:
        """Install the shared schemas of the bundle. Raises `PackError`."""
        for shared in self._published.schema:
            found = ubl.gather_schema(self.bundle, shared, self._published)
            if found is None:
                continue
            pack = ubl.Pack(
                alias=shared.pack,
                source=self.source,
                schema_files=found.schema_files,
                checksums=_checksums(found.files),
                installed=self.today,
            )
            if (there := self._library.packs.get(shared.pack)) is not None:
                same = there.checksums == pack.checksums
                said = () if same else ("another set of files of it is installed, and stays",)
                yield Installed(pack=there, is_new=False, notices=said)
                continue
            checked = _SchemaCheck([found.schema_files.format(root=one) for one in found.roots])
            write_pack(self.packs, pack, found.files, check=checked)
            yield Installed(pack=pack, is_new=True)

    def rules(self, planned: ubl.Planned) -> Installed:
        """Install one rule set. Raises `SchemaError`, `PackError`, `OSError`."""
        rule_set = planned.rule_set
        layers, files = ubl.gather_rules(planned.layers, self.bundle)
        schema_files = None
        if planned.family.own_schema is not None:
            own = ubl.gather_own_schema(
                self.bundle, planned.family.own_schema, planned.own, self._published
            )
            schema_files = own[0] if own else None
            files |= own[1] if own else {}
        there = self._library.packs.get(rule_set.alias)
        if there is not None:
            return _already(there, _checksums(files))
        pack = ubl.Pack(
            alias=rule_set.alias,
            source=f"{self.source}: {planned.own}",
            schema_pack=self._schema_pack(rule_set),
            schema_files=schema_files,
            layers=layers,
            checksums=_checksums(files),
            rule_set=rule_set if planned.is_told else None,
            installed=self.today,
            compiler=f"peppol-gateway {__version__}, rules {program_digest()[:16]}",
            reference=f"saxonche {version('saxonche')}",
            checks=tuple(self._vet(rule_set, layers, files)),
        )
        check = _SchemaCheck([schema_files] if schema_files else [])
        write_pack(self.packs, pack, files, check=check)
        return Installed(pack=pack, is_new=True, notices=tuple(self._notices(pack, rule_set)))

    def _vet(
        self, rule_set: ubl.RuleSet, layers: Iterable[ubl.Layer], files: Mapping[str, bytes]
    ) -> Iterator[ubl.LayerCheck]:
        kind = self._library.catalogue.kinds[rule_set.kind]
        documents = list(self._documents(kind))
        if self._saxon is None:
            self._saxon = schematron.Saxon()
        for layer in layers:
            source = ubl.LayerSource(name=layer.name, file=layer.file, read=files.__getitem__)
            yield ubl.vet(
                source,
                kind,
                documents,
                self._saxon,
                kept=Translations(),
                chance=Random(SEED),  # noqa: S311 - repeatable trials, no secrets
                accepts=self._accepts(rule_set),
            )

    def _accepts(self, rule_set: ubl.RuleSet) -> Callable[[etree._Element], bool]:
        """Asks the shared schema, as far as it is here."""
        alias = self._schema_pack(rule_set) or rule_set.alias
        asked = msgspec.structs.replace(rule_set, alias=alias)
        library = self._now()

        def accepts(root: etree._Element) -> bool:
            schema = library.schema(asked, str(root.tag), ubl.OFFICIAL)
            return schema is None or schema.accepts(root)

        return accepts

    def _now(self) -> ubl.RuleLibrary:
        """The rule sets with what was installed meanwhile."""
        return ubl.RuleLibrary(bundled=Folder(schemas_folder()), packs=Folder(self.packs))

    def _documents(self, kind: ubl.Kind) -> Iterator[bytes]:
        """Documents of a kind: the operator's, those of the product, those of the bundle."""
        own = (path for folder in self.documents for path in sorted(folder.rglob("*.xml")))
        ours = sorted(examples_folder().glob("*.xml"))
        yield from _of_kind((path.read_bytes() for path in (*own, *ours) if _is_small(path)), kind)
        theirs = (path for path in self.bundle.paths if path.endswith(".xml"))
        yield from _of_kind((self.bundle.read(path) for path in theirs), kind)

    def _notices(self, pack: ubl.Pack, rule_set: ubl.RuleSet) -> Iterator[str]:
        for check in pack.checks:
            if check.engine != ubl.FAST:
                yield f"layer {check.layer} is judged by Saxon alone: {check.reason}"
        roots = self._library.catalogue.kinds[rule_set.kind].names()
        library = self._now()
        missing = [one for one in roots if library.schema(rule_set, one, ubl.OFFICIAL) is None]
        if missing:
            names = ", ".join(one.rpartition("}")[2] for one in missing)
            wanted = pack.schema_pack or "of its own"
            yield f"the schema of {names} is not here: install the XSD ({wanted}), too"

    def _schema_pack(self, rule_set: ubl.RuleSet) -> str | None:
        fits = (one.pack for one in self._published.schema if one.key == rule_set.schema)
        return next(fits, None)

    def _is_schemas_alone(self) -> bool:
        found = any(
            ubl.gather_schema(self.bundle, one, self._published) for one in self._published.schema
        )
        return found and not any(
            path.lower().endswith((".sch", ".xslt", ".xsl")) for path in self.bundle.paths
        )


@dataclass(frozen=True, slots=True)
class _SchemaCheck:
    """Whether schemas of a pack can be used."""

    paths: Sequence[str]

    def __call__(self, folder: Path) -> None:
        """Raise `PackError` for the first that cannot."""
        for path in self.paths:
            fault = ubl.schema_fault(folder / path)
            if fault is not None:
                raise ubl.PackError(f"the schema {path} cannot be used: {fault}")


def _already(there: ubl.Pack, checksums: Mapping[str, str]) -> Installed:
    if dict(there.checksums) == dict(checksums):
        return Installed(pack=there, is_new=False)
    raise ubl.PackError(
        f"{there.alias} is installed with other files",
        advice="A corrected release gets a number of its own, as in "
        f"`--as {there.alias}.1 --valid-from DATE`; or remove the old pack first.",
    )


def _of_kind(documents: Iterable[bytes], kind: ubl.Kind) -> Iterator[bytes]:
    found = 0
    for data in documents:
        if found < MAX_EXAMPLES and len(data) <= MAX_EXAMPLE and ubl.is_one_of(data, kind):
            found += 1
            yield data


def _is_small(path: Path) -> bool:
    return path.is_file() and path.stat().st_size <= MAX_EXAMPLE


def _checksums(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
