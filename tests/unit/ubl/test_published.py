# SPDX-License-Identifier: Apache-2.0
"""Recognising what publishers hand out, and what is taken of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from gateway.pool import schemas_folder
from gateway.ubl import Bundle, PackError, Plan, plan, read_catalogue, read_published
from gateway.ubl.published import split_alias
from tests.rule_artefacts import peppol, schematron

PUBLISHED = read_published((schemas_folder() / "published.toml").read_bytes())
CATALOGUE = read_catalogue((schemas_folder() / "rule-sets.toml").read_bytes())
DAY = date(2027, 2, 15)


def planned(
    files: Mapping[str, bytes],
    *names: str,
    bundle: str = "x.zip",
    valid_from: date | None = None,
) -> Plan:
    opened = Bundle(name=bundle, paths=sorted(files), read=files.__getitem__)
    return plan(opened, PUBLISHED, CATALOGUE, names=names, valid_from=valid_from)


def aliases(found: Plan) -> list[str]:
    return [one.rule_set.alias for one in found.planned]


def test_every_family_is_a_kind_of_the_catalogue_with_its_layers() -> None:
    for family in PUBLISHED.family:
        latest = CATALOGUE.releases(family.kind)[-1]
        assert tuple(family.files) == latest.official, family.kind
        assert family.own in family.files


def test_every_known_checksum_names_a_release_of_a_family() -> None:
    for checksum, alias in PUBLISHED.releases.items():
        found = split_alias(alias, PUBLISHED)
        assert found is not None, alias
        assert found[0].alias_of(found[1]) == alias
        assert len(checksum) == 64


def test_a_jar_of_many_releases() -> None:
    """Folders name the releases, the jar's own number is its maker's, older ones are left."""
    files: dict[str, bytes] = {}
    for release in ("2025.5", "2026.5", "2026.11"):
        for name, data in peppol().items():
            files[f"external/schematron/openpeppol/{release}/{name}"] = data
    files["external/schematron/openpeppol/2025.3/PEPPOL-EN16931-UBL-SB.sch"] = b"<schema/>"
    found = planned(files, bundle="phive-rules-peppol-4.3.7.jar", valid_from=DAY)
    assert aliases(found) == ["peppol-billing-2026.11", "peppol-billing-2026.5"]
    new, known = (one.rule_set for one in found.planned)
    assert (new.valid_from, new.release) == (DAY, "2026.11")
    assert new.ids["Invoice"] == "eu.peppol.bis3:invoice:2026.11"
    assert known == CATALOGUE.rule_sets["peppol-billing-2026.5"]
    left = dict(found.left)
    assert "older" in left["peppol-billing-2025.5"]
    assert "layers" in left["external/schematron/openpeppol/2025.3/PEPPOL-EN16931-UBL-SB.sch"]


def test_the_archives_name_tells_the_release() -> None:
    found = planned(peppol(), bundle="peppol-2026.11.zip", valid_from=DAY)
    assert aliases(found) == ["peppol-billing-2026.11"]
    assert [one.name for one in found.planned[0].layers] == ["cen", "peppol"]


def test_a_new_release_needs_its_first_day() -> None:
    with pytest.raises(PackError, match="from when it applies"):
        planned(peppol(), bundle="peppol-2026.11.zip")


def test_a_day_for_several_known_releases_is_refused() -> None:
    files = {
        "a/si-ubl-2.0.3.12.xslt": b"<a/>",
        "b/si-ubl-2.0.3.13.xslt": b"<b/>",
    }
    assert aliases(planned(files)) == ["nlcius-2.0.3.12", "nlcius-2.0.3.13"]
    with pytest.raises(PackError, match="several known releases"):
        planned(files, valid_from=DAY)
    [moved] = planned(files, "nlcius-2.0.3.13", valid_from=DAY).planned
    assert (moved.rule_set.valid_from, moved.is_told) == (DAY, True)


def test_the_release_is_read_in_the_file() -> None:
    """NPA's files carry no number in their names; parts of them are no rule sets of their own."""
    title = "SI-UBL 2.0 validation, version 2.0.3.14"
    include = b'<include href="si-ubl-2.0/CenPC434/UBL/EN16931-UBL-model.sch"/></schema>'
    inner = schematron("UBL-CR-001").replace(
        b"</schema>", b'<include href="UBL/EN16931-UBL-model.sch"/></schema>'
    )
    files = {
        "schematron/si-ubl-2.0.sch": schematron("BR-NL-1", title=title).replace(
            b"</schema>", include
        ),
        "schematron/si-ubl-2.0/CenPC434/EN16931-UBL-validation.sch": inner,
        "schematron/si-ubl-2.0/CenPC434/UBL/EN16931-UBL-model.sch": b"<pattern/>",
    }
    found = planned(files, valid_from=DAY)
    assert [(one.rule_set.alias, one.rule_set.release) for one in found.planned] == [
        ("nlcius-2.0.3.14", "2.0.3-14")
    ]


def test_stylesheets_before_sources_and_the_publishers_before_others() -> None:
    files = {
        f"peppol-mls-1.0.1/{name}": b"<a/>"
        for name in (
            "schematron/peppol-mls-1.0.1.sch",
            "schematron/peppol-mls-1.0.1.xslt",
            "xslt-phive/peppol-mls-1.0.1.xslt",
        )
    }
    assert planned(files).planned[0].own == "peppol-mls-1.0.1/schematron/peppol-mls-1.0.1.xslt"


def test_names_that_say_nothing() -> None:
    """What a file could be is told by the rules in it, which release by its owner alone."""
    files = {"core.sch": schematron("UBL-CR-001"), "top.sch": schematron("PEPPOL-EN16931-R001")}
    with pytest.raises(PackError, match="which release") as told:
        planned(files)
    assert "peppol-billing-RELEASE" in (told.value.advice or "")
    [one] = planned(files, "peppol-billing-2026.5").planned
    assert [(layer.name, layer.file) for layer in one.layers] == [
        ("cen", "core.sch"),
        ("peppol", "top.sch"),
    ]


@pytest.mark.parametrize(
    ("files", "names", "told"),
    [
        ({"x.xslt": b"<x/>"}, (), "no rule set that is known"),
        (peppol(), ("peppol-billing",), "no alias"),
        (peppol(), ("nlcius-2.0.3.13",), "holds no nlcius-2.0.3.13"),
        (
            {f"1.3.9/{one}": b"<x/>" for one in ("EN16931-UBL-validation.xslt",)},
            (),
            "older releases only",
        ),
    ],
)
def test_what_cannot_be_told_is_an_error(
    files: dict[str, bytes], names: tuple[str, ...], told: str
) -> None:
    with pytest.raises(PackError, match=told) as caught:
        planned(files, *names)
    assert caught.value.advice
