# SPDX-License-Identifier: Apache-2.0
"""What is checked in is what the tables say."""

from __future__ import annotations

import shutil
from pathlib import Path

from generators.registry import out_of_date, write

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"


def test_the_generated_files_are_up_to_date() -> None:
    assert out_of_date(SCHEMAS) == [], "run `python -m generators`"


def test_an_edited_file_is_named_and_put_right(tmp_path: Path) -> None:
    copied = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, copied)
    edited = copied / "ubl-2.1" / "xsd" / "basics.xsd"
    before = edited.read_bytes()
    edited.write_bytes(before.replace(b"IDType", b"IdType"))
    (copied / "en16931-1.3.16" / "subset.sch").unlink()
    old = out_of_date(copied)
    assert set(old) >= {"ubl-2.1/xsd/basics.xsd", "en16931-1.3.16/subset.sch"}
    write(copied, old)
    assert out_of_date(copied) == []
    assert edited.read_bytes() == before
