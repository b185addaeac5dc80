# SPDX-License-Identifier: Apache-2.0
"""Revocation lists of earlier runs, one file each, named by the digest of its address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path


class RevocationFiles:
    """A folder of lists. What cannot be read is passed over: the list is fetched anyway."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> Mapping[str, bytes]:
        """All lists, by the address they came from."""
        lists: dict[str, bytes] = {}
        for index in sorted(self._folder.glob("*.json")):
            try:
                url = json.loads(index.read_text(encoding="utf-8"))["url"]
                lists[url] = index.with_suffix(".crl").read_bytes()
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return lists

    def save(self, url: str, data: bytes) -> None:
        """Keep the newest list of an address; a disk that is full costs nothing but this copy."""
        name = hashlib.sha256(url.encode()).hexdigest()[:32]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write(f"{name}.crl", data)
            self._write(f"{name}.json", json.dumps({"url": url}).encode())
        except OSError:
            return

    def _write(self, name: str, data: bytes) -> None:
        fresh = self._folder / f"{name}.new"
        fresh.write_bytes(data)
        fresh.replace(self._folder / name)
