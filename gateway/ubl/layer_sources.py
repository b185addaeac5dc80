# SPDX-License-Identifier: Apache-2.0
"""The text of a layer of rules, in the forms that the engines take."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.schematron import Schema, read_iso, read_skeleton, to_xslt


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
