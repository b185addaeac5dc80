# SPDX-License-Identifier: Apache-2.0
"""Bundled rules and installed packs: what is found, how it is checked, what runs where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from gateway.pool import Folder, schemas_folder
from gateway.ubl import (
    BOTH,
    BUNDLED,
    FAST,
    OFFICIAL,
    SAXON,
    PackError,
    RuleLibrary,
    SchemaError,
    UnknownRuleSetError,
    read_pack,
)
from gateway.ubl.documents import read_document
from tests.unit.ubl.examples import INVOICE

SCHEMAS = Folder(schemas_folder())
SCHEMA = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
{body}</schema>"""
RULE = """<pattern><rule context="/*"><assert id="X-1" flag="fatal" test="{test}">said</assert>
</rule></pattern>"""


class Files:
    """A folder in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> bytes:
        return self.files[path].encode()

    def has(self, path: str) -> bool:
        return path in self.files

    def file(self, path: str) -> Path:
        return Path("/nowhere") / path

    def folders(self) -> Iterable[str]:
        return sorted({path.partition("/")[0] for path in self.files})


def pack(
    rules: str, *, alias: str = "nlcius-2.0.3.13", more: str = "", checksum: str = ""
) -> Files:
    total = checksum or hashlib.sha256(rules.encode()).hexdigest()
    page = f"""alias = "{alias}"
    [[layers]]
    name = "nlcius"
    file = "rules.sch"
    [checksums]
    "rules.sch" = "{total}"
    {more}"""
    return Files({f"{alias}/pack.toml": page, f"{alias}/rules.sch": rules})


def library(packs: Files | None = None) -> RuleLibrary:
    return RuleLibrary(bundled=SCHEMAS, packs=packs)


def test_bundled_rule_sets_are_there_without_packs() -> None:
    found = library()
    assert "peppol-billing-2026.5" in found.loaded(BUNDLED)
    assert found.loaded(OFFICIAL) == frozenset()
    assert found.can_run(found.catalogue.named("ubl-2.1-xsd"), OFFICIAL)
    assert not found.can_run(found.catalogue.named("peppol-order-2026.5"), BUNDLED)
    with pytest.raises(UnknownRuleSetError, match="not installed"):
        found.judges(found.catalogue.named("nlcius-2.0.3.13"), OFFICIAL, SAXON)


@pytest.mark.parametrize("engine", [FAST, SAXON])
def test_a_pack_runs_on_both_engines(engine: str) -> None:
    rules = SCHEMA.format(body=RULE.format(test="cbc:ID = '1'"))
    found = library(pack(rules))
    assert found.loaded(BOTH) == {"nlcius-2.0.3.13"}
    (judge,) = found.judges(found.catalogue.named("nlcius-2.0.3.13"), OFFICIAL, engine)
    assert (judge.engine, judge.layer) == (engine, "nlcius")
    assert judge.checksum == hashlib.sha256(rules.encode()).hexdigest()
    assert judge.judge(read_document(INVOICE)).failed == {("X-1", "fatal")}


def test_a_layer_that_the_compiler_refuses_is_saxons_and_that_is_known() -> None:
    rules = SCHEMA.format(body=RULE.format(test="unparsed-text-available('x')"))
    found = library(pack(rules))
    (judge,) = found.judges(found.catalogue.named("nlcius-2.0.3.13"), OFFICIAL, FAST)
    assert judge.engine == SAXON
    assert list(found.refused) == [("nlcius-2.0.3.13", "nlcius")]


def test_a_changed_file_of_a_pack_is_not_used() -> None:
    found = library(pack(SCHEMA.format(body=""), checksum="0" * 64))
    with pytest.raises(PackError, match="not what was installed"):
        found.judges(found.catalogue.named("nlcius-2.0.3.13"), OFFICIAL, SAXON)


def test_a_broken_schema_says_so() -> None:
    found = library(pack("<schema"))
    with pytest.raises(SchemaError):
        found.judges(found.catalogue.named("nlcius-2.0.3.13"), OFFICIAL, SAXON)


def test_a_pack_brings_a_release_that_the_product_does_not_know() -> None:
    more = """[rule_set]
    kind = "nlcius"
    release = "2.0.3-14"
    alias = "nlcius-2.0.3.14"
    ids = { Invoice = "org.simplerinvoicing:invoice:2.0.3-14" }
    valid_from = 2027-02-22
    schema = "ubl-2.1"
    official = ["nlcius"]"""
    found = library(pack(SCHEMA.format(body=""), alias="nlcius-2.0.3.14", more=more))
    releases = [one.release for one in found.catalogue.releases("nlcius")]
    assert releases == ["2.0.3-12", "2.0.3-13", "2.0.3-14"]
    assert found.loaded(OFFICIAL) == {"nlcius-2.0.3.14"}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"alias = ", "cannot be read"),
        (b'alias = "b"', "calls itself 'b'"),
        (b'alias = "a"\nodd = 1', "cannot be read"),
        (b'alias = "a"\n[[layers]]\nname = "x"\nfile = "../../etc/passwd"', "outside"),
        (b'alias = "a"\n[[layers]]\nname = "x"\nfile = "/etc/passwd"', "outside"),
    ],
)
def test_pages_of_packs_are_checked(page: bytes, words: str) -> None:
    with pytest.raises(PackError, match=words):
        read_pack(page, folder="a")


def test_the_checksum_of_a_layer_covers_what_it_includes() -> None:
    files = {
        "p/pack.toml": 'alias = "p"\n[[layers]]\nname = "x"\nfile = "main.sch"\n'
        '[rule_set]\nkind = "nlcius"\nrelease = "9"\nalias = "p"\nids = {}\nofficial = ["x"]',
        "p/main.sch": SCHEMA.format(body='<include href="part.sch"/>'),
        "p/part.sch": '<let xmlns="http://purl.oclc.org/dsdl/schematron" name="a" value="1"/>',
    }
    sums = []
    for value in ("1", "2"):
        files["p/part.sch"] = files["p/part.sch"].replace('"1"', f'"{value}"')
        found = library(Files(files))
        (judge,) = found.judges(found.catalogue.named("p"), OFFICIAL, SAXON)
        sums.append(judge.checksum)
    assert sums[0] != sums[1]


def test_a_folder_does_not_read_outside_of_itself(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret").write_text("x")
    folder = Folder(tmp_path / "inside")
    for name in ("../secret", str(tmp_path / "secret")):
        with pytest.raises(FileNotFoundError):
            folder.read(name)
    assert list(Folder(tmp_path / "absent").folders()) == []
