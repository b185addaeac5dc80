# SPDX-License-Identifier: Apache-2.0
"""Folders, files and archives of published rules, honest and hostile."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from gateway.pool import bundles
from gateway.pool.bundles import open_bundle
from gateway.ubl import PackError
from tests.rule_artefacts import zipped


def written(path: Path, data: bytes = b"<x/>") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_an_archive_shows_what_is_of_use(tmp_path: Path) -> None:
    files = {"a/x.xslt": b"<x/>", "a/X.SCH": b"<y/>", "a/code.class": b"0", "readme.txt": b""}
    path = written(tmp_path / "x.jar", zipped(files))
    with open_bundle(path) as bundle:
        assert (bundle.name, list(bundle.paths)) == ("x.jar", ["a/X.SCH", "a/x.xslt"])
        assert bundle.read("a/x.xslt") == b"<x/>"


@pytest.mark.parametrize("name", ["../x.xslt", "/etc/x.xslt", "a/../../x.xslt", "c:x.xslt", "a\\x"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "x.zip", zipped({name: b"<x/>"}))
    with pytest.raises(PackError, match="no honest archive"), open_bundle(path):
        pass
    assert not (tmp_path.parent / "x.xslt").exists()


def test_links_in_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    entry = zipfile.ZipInfo("x.xslt")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(PackError, match="no honest archive"), open_bundle(path):
        pass


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.xslt", "<x/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.xslt", "<y/>")
    with pytest.raises(PackError, match="one file twice"), open_bundle(path):
        pass


def test_a_bomb_is_stopped_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is what comes out, not what it says."""
    monkeypatch.setattr(bundles, "MAX_FILE", 100_000)
    monkeypatch.setattr(bundles, "MAX_READ", 250_000)
    files = {f"{one}.xslt": b"0" * 90_000 for one in "abc"} | {"big.xslt": b"0" * 10_000_000}
    path = written(tmp_path / "x.zip", zipped(files))
    with open_bundle(path) as bundle:
        with pytest.raises(PackError, match="too large"):
            bundle.read("big.xslt")
        assert len(bundle.read("a.xslt")) == 90_000
        with pytest.raises(PackError, match="too large"):
            bundle.read("b.xslt")


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("x.zip", b"PK\x03\x04 and no more", "broken"),
        ("x.pdf", b"%PDF-", "no file of rules"),
    ],
)
def test_files_that_hold_no_rules(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    with pytest.raises(PackError, match=told), open_bundle(written(tmp_path / name, data)):
        pass


def test_a_folder_without_what_links_lead_to(tmp_path: Path) -> None:
    written(tmp_path / "out" / "secret.xml")
    inside = tmp_path / "in"
    written(inside / "a" / "x.sch")
    written(inside / ".git" / "y.sch")
    (inside / "link.xml").symlink_to(tmp_path / "out" / "secret.xml")
    (inside / "folder").symlink_to(tmp_path / "out")
    with open_bundle(inside) as bundle:
        assert list(bundle.paths) == ["a/x.sch"]


def test_a_file_comes_with_its_neighbours_and_its_parts(tmp_path: Path) -> None:
    main = written(tmp_path / "main.sch", b'<s><include href="p/part.sch"/></s>')
    written(tmp_path / "p" / "part.sch", b'<s><sch:include href = "q.sch"/></s>')
    written(tmp_path / "p" / "q.sch", b'<s><include href="../../up.sch"/></s>')
    written(tmp_path / "p" / "other.sch")
    written(tmp_path / "beside.xslt")
    written(tmp_path / "invoice.xml")
    with open_bundle(main) as bundle:
        assert list(bundle.paths) == ["beside.xslt", "main.sch", "p/part.sch", "p/q.sch"]
