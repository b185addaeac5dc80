# SPDX-License-Identifier: Apache-2.0
"""The folder of packs: whole or not at all, one writer at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.pool import Folder
from gateway.pool.pack_files import choose_rules, packs_locked, remove_pack, write_pack
from gateway.ubl import BOTH, OFFICIAL, Pack, PackError, read_choices, read_pack

PACK = Pack(alias="nlcius-2.0.3.14", checksums={"rules/x.sch": "00"})
FILES = {"rules/x.sch": b"<x/>"}


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_pack_is_written_read_and_removed(tmp_path: Path) -> None:
    write_pack(tmp_path, PACK, FILES)
    folder = Folder(tmp_path)
    assert list(folder.folders()) == [PACK.alias]
    assert read_pack(folder.read(f"{PACK.alias}/pack.toml"), folder=PACK.alias) == PACK
    assert folder.read(f"{PACK.alias}/rules/x.sch") == b"<x/>"
    with pytest.raises(PackError, match="already"):
        write_pack(tmp_path, PACK, FILES)
    remove_pack(tmp_path, PACK.alias)
    assert names(tmp_path) == []


def test_nothing_is_left_of_a_pack_that_is_refused(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def check(folder: Path) -> None:
        seen.append(names(folder))
        assert list(Folder(tmp_path).folders()) == []  # nobody else sees it yet
        raise PackError("no")

    with pytest.raises(PackError, match="no"):
        write_pack(tmp_path, PACK, FILES, check=check)
    assert seen == [["pack.toml", "rules"]]
    assert names(tmp_path) == []


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with (
        packs_locked(tmp_path / "new"),
        pytest.raises(PackError, match="another command"),
        packs_locked(tmp_path / "new"),
    ):
        pass
    with packs_locked(tmp_path / "new"):
        assert names(tmp_path / "new") == [".lock"]


def test_choices_are_kept_beside_each_other(tmp_path: Path) -> None:
    choose_rules(tmp_path, "nlcius", BOTH)
    choose_rules(tmp_path, "peppol-billing", BOTH)
    choose_rules(tmp_path, "nlcius", OFFICIAL)
    assert read_choices((tmp_path / "choices.toml").read_bytes()) == {
        "nlcius": OFFICIAL,
        "peppol-billing": BOTH,
    }
    assert names(tmp_path) == ["choices.toml"]
