# SPDX-License-Identifier: Apache-2.0
"""Installed packs: official artefacts as published, each with a page that says what it is.

A pack is a folder named after its alias, with the published files and `pack.toml`:

    alias = "peppol-billing-2026.5"
    source = "what was installed, and from where"
    schema_pack = "ubl-2.1-xsd"             # the pack whose XSD it uses; or its own:
    schema_files = "xsd/UBL-{root}-2.1.xsd" # {root}: local name of the root element

    [[layers]]                              # in their order, with the names of the catalogue
    name = "cen"
    file = "xslt/CEN-EN16931-UBL.xslt"

    [checksums]                             # SHA-256 of every file that is used
    "xslt/CEN-EN16931-UBL.xslt" = "…"

    [[checks]]                              # what was found of each layer when it was installed
    layer = "cen"
    engine = "fast"                         # or "saxon", and `reason` says why
    documents = 88                          # on which the engines were compared

    [rule_set]                              # only for a release that the catalogue does not know:
    …                                       # the members of a [[rule-set]] table there
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from gateway.errors import Fault, GatewayError
from gateway.ubl.rulesets import Layer, RuleSet

PACK_FILE = "pack.toml"


class PackError(GatewayError):
    """An installed pack cannot be used: its page is broken, or a file is not what it was."""

    code = "rule_pack_unusable"
    fault = Fault.CALLER


class LayerCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of a layer: the engine that judges by it, and why it is not the fast one."""

    layer: str
    engine: str
    reason: str = ""
    rules: int = 0
    documents: int = 0
    differences: int = 0


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in `pack.toml`."""

    alias: str
    source: str = ""
    schema_pack: str | None = None
    schema_files: str | None = None
    layers: tuple[Layer, ...] = ()
    checksums: dict[str, str] = {}
    rule_set: RuleSet | None = None
    installed: date | None = None
    compiler: str = ""
    reference: str = ""
    checks: tuple[LayerCheck, ...] = ()

    def schema_file(self, local_name: str) -> str | None:
        """The XSD for a root, inside the pack."""
        return self.schema_files.format(root=local_name) if self.schema_files else None

    def refusal(self, layer: str) -> str | None:
        """Why a layer is not for the fast engine, if it is not."""
        found = next((one for one in self.checks if one.layer == layer), None)
        return found.reason or "not checked" if found and found.engine != "fast" else None


def read_pack(data: bytes, *, folder: str) -> Pack:
    """A pack out of its page. Raises `PackError`."""
    try:
        pack = msgspec.toml.decode(data, type=Pack)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PackError(
            f"the page of pack {folder!r} cannot be read: {error}",
            advice="Remove the pack and install it again.",
        ) from error
    if pack.alias != folder:
        raise PackError(f"the pack in folder {folder!r} calls itself {pack.alias!r}")
    outside = [one.file for one in pack.layers if one.file.startswith("/") or ".." in one.file]
    if outside:
        raise PackError(f"pack {folder!r} names a file outside of it: {outside[0]!r}")
    return pack


def read_checked(pack: Pack, path: str, read: Callable[[str], bytes]) -> bytes:
    """A file of a pack, compared with its checksum. Raises `PackError`."""
    data = read(f"{pack.alias}/{path}")
    expected = pack.checksums.get(path)
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        raise PackError(
            f"the file {path} of pack {pack.alias} is not what was installed",
            advice="Install the pack again, and find out who changed it.",
        )
    return data


def pack_page(pack: Pack) -> bytes:
    """The page of a pack, which `read_pack` reads again."""
    values = {name: value for name, value in msgspec.structs.asdict(pack).items() if value}
    return "\n".join(_toml(_plain(values), ())).strip().encode() + b"\n"


def _plain(value: Any) -> Any:
    """Structs as tables without what is empty; dates stay dates."""
    if isinstance(value, msgspec.Struct):
        return _plain({k: v for k, v in msgspec.structs.asdict(value).items() if v not in ("", ())})
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items() if one is not None}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _toml(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """A table line by line: its own values first, then the tables in it."""
    later = {}
    for key, value in table.items():
        if isinstance(value, dict) or (isinstance(value, list) and value and _is_table(value[0])):
            later[key] = value
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in later.items():
        name = ".".join(map(_key, (*path, key)))
        for one in value if isinstance(value, list) else [value]:
            yield f"\n[[{name}]]" if isinstance(value, list) else f"\n[{name}]"
            yield from _toml(one, (*path, key))


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() else _value(key)


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
