# SPDX-License-Identifier: Apache-2.0
"""How publishers hand out rule sets, as data: the tables of `schemas/published.toml`."""

from __future__ import annotations

import re

import msgspec


class Family(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of rule set is handed out; the page of `published.toml` says what is what."""

    kind: str
    files: dict[str, str]
    own: str
    tells: dict[str, str]
    version: str
    alias: str | None = None
    release: str = r"\g<0>"
    inside: str | None = None
    without: str | None = None
    own_schema: str | None = None

    def alias_of(self, version: str) -> str:
        """The alias of a release, as in `nlcius-2.0.3.14`."""
        return self._written(self.alias or rf"{self.kind}-\g<0>", version)

    def release_of(self, version: str) -> str:
        """The release as the catalogue writes it, as in `2.0.3-14`."""
        return self._written(self.release, version)

    def is_version(self, text: str) -> bool:
        """Whether a text has the shape of this family's release numbers."""
        return re.fullmatch(self.version, text) is not None

    def _written(self, template: str, version: str) -> str:
        found = re.fullmatch(self.version, version)
        assert found is not None, "versions are checked where they are found"
        return found.expand(template)


class SharedSchema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An XSD that rule sets share: its pack, and how the files of whole documents are called."""

    key: str
    pack: str
    file: str
    name: str


class Published(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is recognised."""

    family: tuple[Family, ...]
    schema: tuple[SharedSchema, ...]
    doctypes: dict[str, str]
    releases: dict[str, str]

    def of_kind(self, kind: str) -> Family | None:
        """The family of a kind."""
        return next((one for one in self.family if one.kind == kind), None)


def read_published(data: bytes) -> Published:
    """The table out of `published.toml`. Raises `msgspec.ValidationError`: a fault of ours."""
    return msgspec.toml.decode(data, type=Published)
