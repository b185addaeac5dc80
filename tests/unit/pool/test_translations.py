# SPDX-License-Identifier: Apache-2.0
"""Translated rules are kept where only their owner writes, and trusted from nowhere else."""

from __future__ import annotations

from pathlib import Path

from gateway import schematron
from gateway.pool.translations import Translations

KEY = "0123456789abcdef" * 4


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    kept = Translations(tmp_path / "rules")
    assert kept.get(KEY) is None
    kept.put(KEY, b"translation")
    assert Translations(tmp_path / "rules").get(KEY) == b"translation"


def test_a_folder_that_others_can_write_to_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    Translations(folder).put(KEY, b"translation")
    folder.chmod(0o777)
    assert Translations(folder).get(KEY) is None
    Translations(folder).put(KEY, b"another")
    folder.chmod(0o700)
    assert Translations(folder).get(KEY) == b"translation"


def test_a_link_in_place_of_the_folder_is_not_believed(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    Translations(real).put(KEY, b"translation")
    (tmp_path / "rules").symlink_to(real)
    assert Translations(tmp_path / "rules").get(KEY) is None


def test_translations_of_an_older_program_go(tmp_path: Path) -> None:
    kept = Translations(tmp_path)
    old = tmp_path / f"{KEY[:32]}-0000000000000000"
    old.write_bytes(b"old")
    kept.put(KEY, b"new")
    assert not old.exists()
    assert kept.get(KEY) == b"new"


def test_what_was_damaged_on_disk_is_not_returned(tmp_path: Path) -> None:
    kept = Translations(tmp_path)
    kept.put(KEY, b"translation")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert kept.get(KEY) is None


def test_where_nothing_can_be_written_nothing_breaks(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Translations(tmp_path / "file" / "rules")
    kept.put(KEY, b"translation")
    assert kept.get(KEY) is None


def test_a_broken_translation_is_none() -> None:
    schema = schematron.Schema(title="", namespaces={}, patterns=())
    data = schematron.translate(schema).dump()
    assert schematron.Compiled.load(data) is not None
    assert schematron.Compiled.load(data[: len(data) // 2]) is None
    assert schematron.Compiled.load(b"") is None
