# SPDX-License-Identifier: Apache-2.0
"""The rules that only forbid: each fires on its path, and on the corpus as the official ones do."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from lxml import etree

from generators.tables import rows
from tests.shared import shared

FOLDER = Path(__file__).resolve().parents[3] / "schemas" / "en16931-1.3.16"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
SPACES = {
    "ubl": f"{UBL}Invoice-2",
    "cn": f"{UBL}CreditNote-2",
    "cac": f"{UBL}CommonAggregateComponents-2",
    "cbc": f"{UBL}CommonBasicComponents-2",
    "ext": f"{UBL}CommonExtensionComponents-2",
}
ROOTS = (f"{{{SPACES['ubl']}}}Invoice", f"{{{SPACES['cn']}}}CreditNote")
ALIASES = (
    "cen-ubl-1.3.16",
    "peppol-billing-2026.5",
    "peppol-selfbilling-2026.5",
    "nlcius-2.0.3.13",
)


class Pattern:
    """The tests of a pattern; they are plain enough for XPath 1."""

    def __init__(self, name: str) -> None:
        found = etree.parse(FOLDER / name).iter("{http://purl.oclc.org/dsdl/schematron}assert")
        self._tests = {
            (made.get("id", ""), made.get("flag", "")): etree.XPath(
                f"boolean({made.get('test')})", namespaces=SPACES
            )
            for made in found
        }

    def rules(self) -> set[tuple[str, str]]:
        return set(self._tests)

    def failed(self, root: etree._Element) -> set[tuple[str, str]]:
        return {rule for rule, holds in self._tests.items() if not holds(root)}


@pytest.fixture(scope="module")
def pattern() -> Pattern:
    return Pattern("subset.sch")


def grown(root: str, path: str) -> etree._Element:
    """A root element with just what the path names below it."""
    made = etree.Element(root)
    line = "cac:InvoiceLine/" if root.endswith("}Invoice") else "cac:CreditNoteLine/"
    plain = re.sub(r"^line/", line, re.sub(r"\[[^]]*\]", "", path.lstrip("/")))
    node = made
    for step in plain.split("/"):
        if step.startswith("@"):
            node.set(step[1:], "x")
        else:
            space, _, local = step.partition(":")
            node = etree.SubElement(node, f"{{{SPACES[space]}}}{local}")
    if "[cbc:DocumentTypeCode = '130']" in path:
        code = etree.SubElement(made[0], f"{{{SPACES['cbc']}}}DocumentTypeCode")
        code.text = "130"
    return made


@pytest.mark.parametrize("root", ROOTS)
def test_each_rule_fires_on_its_path(root: str, pattern: Pattern) -> None:
    for row in rows(FOLDER / "subset.tsv"):
        fired = (row["id"], row["flag"]) in pattern.failed(grown(root, row["path"]))
        allowed = row["id"] == "UBL-CR-412" and root.endswith("CreditNote")
        assert fired != allowed, row["id"]
    assert pattern.failed(etree.Element(root)) == set()


def test_exceptions_hold(pattern: Pattern) -> None:
    root = etree.fromstring(
        f'<Invoice xmlns="{SPACES["ubl"]}" xmlns:b="{SPACES["cbc"]}" xmlns:a="{SPACES["cac"]}">'
        "<b:UBLVersionID>2.1</b:UBLVersionID><a:AdditionalDocumentReference>"
        '<b:ID schemeID="x">1</b:ID><b:DocumentTypeCode>130</b:DocumentTypeCode>'
        '</a:AdditionalDocumentReference><a:PaymentMeans><b:PaymentMeansCode name="x">30'
        "</b:PaymentMeansCode></a:PaymentMeans></Invoice>"
    )
    assert pattern.failed(root) == set()
    etree.SubElement(root, f"{{{SPACES['cbc']}}}Note", name="x")
    assert pattern.failed(root) == {("UBL-DT-18", "warning")}


def test_the_gaccount_set_leaves_three_out(pattern: Pattern) -> None:
    without = Pattern("subset-gaccount.sch").rules()
    left_out = {rule for rule, _ in pattern.rules() - without}
    assert left_out == {"UBL-CR-411", "UBL-CR-453", "UBL-CR-459"}
    assert without < pattern.rules()


def test_every_rule_has_its_texts_in_both_languages(pattern: Pattern) -> None:
    texts = tomllib.loads((FOLDER / "subset-texts.toml").read_text(encoding="utf-8"))
    assert set(texts) == {rule for rule, _ in pattern.rules()}
    for rule, said in texts.items():
        assert set(said) == {"en", "nl", "fix_en", "fix_nl"}, rule
        assert all(text.endswith(".") for text in said.values()), rule
        assert said["en"] != said["nl"], rule


def test_the_corpus_has_the_official_failures(pattern: Pattern) -> None:
    folder = shared("rules/corpus")
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    ids = {rule for rule, _ in pattern.rules()}
    fired = 0
    for case in [json.loads(line) for line in lines][::4]:
        layers = case["official"]["layers"].values()
        if case["ruleset"] not in ALIASES or any("error" in layer for layer in layers):
            continue
        root = etree.parse(folder / case["file"]).getroot()
        official = {(rule, flag) for rule, flag, _ in case["official"]["failed"] if rule in ids}
        assert pattern.failed(root) == official, case["case"]
        fired += len(official)
    assert fired > 100
