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

    [rule_set]                              # only for a release that the catalogue does not know:
    …                                       # the members of a [[rule-set]] table there
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from gateway.errors import Fault, GatewayError
from gateway.ubl.rulesets import Layer, RuleSet

PACK_FILE = "pack.toml"


class PackError(GatewayError):
    """An installed pack cannot be used: its page is broken, or a file is not what it was."""

    code = "rule_pack_unusable"
    fault = Fault.CALLER


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in `pack.toml`."""

    alias: str
    source: str = ""
    schema_pack: str | None = None
    schema_files: str | None = None
    layers: tuple[Layer, ...] = ()
    checksums: dict[str, str] = {}
    rule_set: RuleSet | None = None

    def schema_file(self, local_name: str) -> str | None:
        """The XSD for a root, inside the pack."""
        return self.schema_files.format(root=local_name) if self.schema_files else None


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
