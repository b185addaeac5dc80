# SPDX-License-Identifier: Apache-2.0
"""The page of a pack, and schemas that are gathered for one."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from gateway.pool import schemas_folder
from gateway.ubl import (
    Bundle,
    Layer,
    LayerCheck,
    Pack,
    PackError,
    gather_rules,
    gather_schema,
    pack_page,
    read_catalogue,
    read_pack,
    read_published,
)
from tests.rule_artefacts import schematron

CATALOGUE = read_catalogue((schemas_folder() / "rule-sets.toml").read_bytes())
PUBLISHED = read_published((schemas_folder() / "published.toml").read_bytes())
XSD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'


def bundle(files: dict[str, bytes]) -> Bundle:
    return Bundle(name="x.zip", paths=sorted(files), read=files.__getitem__)


def test_a_page_says_what_was_written() -> None:
    known = CATALOGUE.rule_sets["peppol-billing-2026.5"]
    new = msgspec.structs.replace(known, alias="peppol-billing-2026.11", layers=())
    pack = Pack(
        alias="peppol-billing-2026.11",
        source='a "zip" \\ of \u00e9 and \x7f',
        schema_pack="ubl-2.1-xsd",
        layers=(Layer(name="cen", file="rules/a.sch"),),
        checksums={"rules/a b.sch": "00"},
        rule_set=msgspec.structs.replace(new, valid_from=date(2027, 2, 15)),
        installed=date(2026, 11, 24),
        checks=(LayerCheck(layer="cen", engine="saxon", reason="one\ntwo", documents=3),),
    )
    read = read_pack(pack_page(pack), folder=pack.alias)
    assert read == pack
    assert read.refusal("cen") == "one\ntwo"
    assert read.refusal("other") is None


def test_rules_are_gathered_with_what_they_include() -> None:
    part = b'<pattern xmlns="http://purl.oclc.org/dsdl/schematron"/>'
    main = schematron("X-1").replace(b"</schema>", b'<include href="../parts/p.sch"/></schema>')
    files = {"a/sch/main.sch": main, "a/parts/p.sch": part, "a/other.sch": b""}
    layers, taken = gather_rules([Layer(name="one", file="a/sch/main.sch")], bundle(files))
    assert layers[0].file == "rules/sch/main.sch"
    assert sorted(taken) == ["rules/parts/p.sch", "rules/sch/main.sch"]
    del files["a/parts/p.sch"]
    with pytest.raises(PackError, match=r"a/parts/p\.sch"):
        gather_rules([Layer(name="one", file="a/sch/main.sch")], bundle(files))


def test_a_shared_schema_comes_whole_or_not_at_all() -> None:
    main = XSD.format('<xs:include schemaLocation="../common/c.xsd"/>').encode()
    files = {"u/maindoc/UBL-Order-2.1.xsd": main, "u/common/c.xsd": XSD.format("").encode()}
    found = gather_schema(bundle(files), PUBLISHED.schema[0], PUBLISHED)
    assert found is not None
    assert (found.schema_files, found.roots) == ("xsd/maindoc/UBL-{root}-2.1.xsd", ("Order",))
    assert sorted(found.files) == ["xsd/common/c.xsd", "xsd/maindoc/UBL-Order-2.1.xsd"]
    assert gather_schema(bundle(files), PUBLISHED.schema[1], PUBLISHED) is None
    del files["u/common/c.xsd"]
    with pytest.raises(PackError, match=r"u/common/c\.xsd"):
        gather_schema(bundle(files), PUBLISHED.schema[0], PUBLISHED)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<!DOCTYPE x []>" + XSD.format(""), "document type"),
        (XSD.format('<xs:import schemaLocation="https://example.org/x.xsd"/>'), "not a file"),
        (XSD.format('<xs:include schemaLocation="/etc/x.xsd"/>'), "not a file"),
        (XSD.format('<xs:include schemaLocation="../../../x.xsd"/>'), "has no file"),
    ],
)
def test_schemas_that_reach_out_are_refused(text: str, told: str) -> None:
    files = {"maindoc/UBL-Order-2.1.xsd": text.encode()}
    with pytest.raises(PackError, match=told):
        gather_schema(bundle(files), PUBLISHED.schema[0], PUBLISHED)
