# SPDX-License-Identifier: Apache-2.0
"""The published artefacts of the reference data as a folder of installed packs.

Which stylesheets make up a rule set is read from the tool that made the corpus, so that both mean
the same by a name.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

_SCHEMAS = {"ubl21": "2.1", "ubl23": "2.3"}


def corpus_tool(rules: Path) -> ModuleType:
    """The tool beside the corpus, as a module."""
    spec = importlib.util.spec_from_file_location("corpus_tool", rules / "corpus_tool.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def manifest(rules: Path) -> list[dict[str, Any]]:
    """The lines of the corpus."""
    with (rules / "corpus" / "manifest.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def build_packs(rules: Path, folder: Path) -> Path:
    """Fill a folder with one pack for each rule set; files are links. Returns the folder."""
    official = rules / "official"
    for version in _SCHEMAS.values():
        alias = f"ubl-{version}-xsd"
        _link(folder / alias / "xsdrt", official / f"ubl-{version}-os" / "xsdrt")
        files = f"xsdrt/maindoc/UBL-{{root}}-{version}.xsd"
        _write(folder / alias, f'alias = "{alias}"\nschema_files = "{files}"\n')
    for alias, (schema, layers) in corpus_tool(rules).RULESETS.items():
        if layers:
            page = [f'alias = "{alias}"', _schema(folder / alias, official, schema)]
            page += [_layer(folder / alias, official, name, path) for name, path in layers]
            page += ["[checksums]", *(_checksum(official / path) for _, path in layers)]
            _write(folder / alias, "\n".join(page) + "\n")
    return folder


def _schema(pack: Path, official: Path, schema: str) -> str:
    if schema in _SCHEMAS:
        return f'schema_pack = "ubl-{_SCHEMAS[schema]}-xsd"'
    file = official / schema
    _link(pack / "xsd", file.parent)
    return f'schema_files = "xsd/{file.name}"'


def _layer(pack: Path, official: Path, name: str, path: str) -> str:
    file = official / path
    _link(pack / file.name, file)
    return f'[[layers]]\nname = "{name}"\nfile = "{file.name}"'


def _checksum(file: Path) -> str:
    return f'"{file.name}" = "{hashlib.sha256(file.read_bytes()).hexdigest()}"'


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(target)


def _write(pack: Path, text: str) -> None:
    (pack / "pack.toml").write_text(text, encoding="utf-8")
