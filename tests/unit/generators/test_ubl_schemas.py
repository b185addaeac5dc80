# SPDX-License-Identifier: Apache-2.0
"""The generated UBL schemas: what they judge by themselves, and that it is the official verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.forge.ubl_extensions import SIGNATURE
from tests.forge.ubl_mutants import mutants
from tests.shared import shared

ROOT = Path(__file__).resolve().parents[3]
OURS = ROOT / "schemas" / "ubl-2.1" / "xsd"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
EXTENSION = (
    f"<e:UBLExtensions xmlns:e='{UBL}CommonExtensionComponents-2'><e:UBLExtension>"
    "<e:ExtensionContent>{}</e:ExtensionContent></e:UBLExtension></e:UBLExtensions>"
)


def load(folder: Path) -> dict[str, etree.XMLSchema]:
    """Keyed by the local name of the root."""
    names = ("Invoice", "CreditNote")
    return {name: etree.XMLSchema(etree.parse(folder / f"UBL-{name}-2.1.xsd")) for name in names}


@pytest.fixture(scope="module")
def ours() -> dict[str, etree.XMLSchema]:
    return load(OURS)


@pytest.fixture(scope="module")
def official() -> dict[str, etree.XMLSchema]:
    return load(shared("rules/official/ubl-2.1-os/xsdrt/maindoc"))


def invoice(extension: str = "") -> etree._Element:
    root = etree.parse(ROOT / "examples" / "si-ubl-invoice.xml").getroot()
    if extension:
        root.insert(0, etree.fromstring(EXTENSION.format(extension)))
    return root


@pytest.mark.parametrize("name", ["si-ubl-invoice", "bis3-invoice", "bis3-credit-note"])
def test_an_example_is_valid(name: str, ours: dict[str, etree.XMLSchema]) -> None:
    root = etree.parse(ROOT / "examples" / f"{name}.xml").getroot()
    ours[etree.QName(root).localname].assertValid(root)


def test_a_signature_in_an_extension_is_checked(ours: dict[str, etree.XMLSchema]) -> None:
    ours["Invoice"].assertValid(invoice(SIGNATURE))
    broken = SIGNATURE.replace("<ds:HMACOutputLength>128", "<ds:HMACOutputLength>many")
    assert not ours["Invoice"].validate(invoice(broken))
    late = SIGNATURE.replace("late:TimeStampValidationData", "late:TimeStampValidationDatum")
    assert not ours["Invoice"].validate(invoice(late))


@pytest.mark.parametrize(
    ("content", "valid"),
    [
        ('<x xmlns="urn:example:foreign"/>', True),
        (f'<IssueDate xmlns="{UBL}CommonBasicComponents-2">soon</IssueDate>', False),
        (f'<Invoice xmlns="{UBL}Invoice-2"/>', False),
        (f'<CreditNote xmlns="{UBL}CreditNote-2"/>', True),  # its schema is not loaded here
        (f'<ExtensionReason xmlns="{UBL}CommonExtensionComponents-2"/>', False),
    ],
)
def test_an_extension_is_checked_if_it_is_known(
    ours: dict[str, etree.XMLSchema], content: str, valid: bool
) -> None:
    assert ours["Invoice"].validate(invoice(content)) == valid


@pytest.mark.parametrize(
    ("kind", "valid"),
    [("cbc:IDType", True), ("cbc:UUIDType", False), ("udt:IdentifierType", False)],
)
def test_xsi_type_names_the_type_of_the_element(
    ours: dict[str, etree.XMLSchema], kind: str, valid: bool
) -> None:
    text = etree.tostring(invoice(), encoding="unicode").replace(
        "<cbc:ID>",
        "<cbc:ID xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
        f" xmlns:udt='{UBL}UnqualifiedDataTypes-2' xsi:type='{kind}'>",
        1,
    )
    assert "xsi:type" in text
    assert ours["Invoice"].validate(etree.fromstring(text)) == valid


def cases(every: int) -> list[dict[str, str]]:
    manifest = shared("rules/corpus/manifest.jsonl")
    found = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
    found = [case for case in found if case["root"] in {"Invoice", "CreditNote"}]
    return sorted(found, key=lambda case: case["case"])[::every]


def test_the_corpus_has_the_official_verdict(
    ours: dict[str, etree.XMLSchema], official: dict[str, etree.XMLSchema]
) -> None:
    folder = shared("rules/corpus")
    judged = 0
    for case in cases(every=5):
        document = etree.parse(folder / case["file"])
        verdict = ours[case["root"]].validate(document)
        assert verdict == official[case["root"]].validate(document), case["case"]
        judged += 1
    assert judged > 400


def test_mutants_have_the_official_verdict(
    ours: dict[str, etree.XMLSchema], official: dict[str, etree.XMLSchema]
) -> None:
    seen = {True: 0, False: 0}
    for case in cases(every=40):
        data = (shared("rules/corpus") / case["file"]).read_bytes()
        for said, mutant in mutants(data, seed=f"1/{case['case']}", count=10):
            document = etree.fromstring(mutant)
            verdict = ours[case["root"]].validate(document)
            assert verdict == official[case["root"]].validate(document), said
            seen[verdict] += 1
    assert min(seen.values()) > 50, seen
