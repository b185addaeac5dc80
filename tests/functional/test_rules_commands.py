# SPDX-License-Identifier: Apache-2.0
"""Official packs from the command line: install, list, choose, try, switch, remove."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from gateway import settings
from gateway.cli import main
from gateway.sandbox.layout import open_folder
from gateway.service.records import NewSubmission
from gateway.store import Store
from gateway.ubl import Outcome, Report
from tests.functional.store.builders import content, submission
from tests.pki_fixtures import AT
from tests.rule_artefacts import peppol, schematron, zipped

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BIS = str(EXAMPLES / "bis3-invoice.xml")


@dataclass(frozen=True, slots=True)
class Rules:
    """The commands on a folder of packs of their own."""

    folder: Path

    @property
    def packs(self) -> Path:
        return self.folder / "packs"

    def call(self, *arguments: str, **environment: str) -> Result:
        command = [*arguments, "--packs", str(self.packs)]
        return CliRunner().invoke(main, command, env={"COLUMNS": "200", **environment})

    def archive(self, name: str, files: dict[str, bytes]) -> str:
        path = self.folder / name
        path.write_bytes(zipped(files))
        return str(path)

    def listed(self) -> dict[str, dict[str, Any]]:
        told = self.call("rules", "list", "--json")
        assert told.exit_code == 0, told.output
        return {row["alias"]: row for row in map(json.loads, told.output.splitlines())}


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    return Rules(tmp_path)


def test_a_new_release_is_one_command_and_a_date(rules: Rules) -> None:
    """It stands beside the one in force, and can be tried before its day."""
    test = "cbc:BuyerReference = 'nobody writes this'"
    archive = rules.archive("peppol-2099.11.zip", peppol(test))
    unknown = rules.call("rules", "install", archive)
    assert unknown.exit_code == 1
    assert "--valid-from" in unknown.output
    done = rules.call("rules", "install", archive, "--valid-from", "2100-02-15")
    assert done.exit_code == 0, done.output
    assert "cen: fast, peppol: fast" in done.output
    row = rules.listed()["peppol-billing-2099.11"]
    assert (row["state"], row["judges"], row["valid_from"]) == ("coming", "official", "2100-02-15")
    assert rules.listed()["peppol-billing-2026.5"]["state"] == "in force"

    assert rules.call("validate", BIS).exit_code == 0
    for dry in (["--date", "2100-02-15"], ["--rule-set", "eu.peppol.bis3:invoice:2099.11"]):
        told = rules.call("validate", BIS, "--json", *dry)
        assert told.exit_code == 1, told.output
        assert json.loads(told.output)["alias"] == "peppol-billing-2099.11"
    report = rules.call("rules", "dry-run", str(EXAMPLES), "--json")
    assert report.exit_code == 1, report.output
    found = json.loads(report.output)
    assert BIS in found["newly_failing"]
    assert str(EXAMPLES / "wrong-total.xml") not in found["newly_failing"]  # it fails today
    [group] = found["by_rule"]
    assert (group["rule_id"], group["rule_set"]) == (
        "PEPPOL-EN16931-R001",
        "peppol-billing-2099.11",
    )
    assert "would newly fail" in rules.call("rules", "dry-run", BIS).output
    other = rules.call(
        "rules", "dry-run", str(EXAMPLES / "si-ubl-invoice.xml"), "--date", "2100-02-15"
    )
    assert other.exit_code == 0, other.output


def test_installing_again_changes_nothing_and_a_hotfix_has_its_own_name(rules: Rules) -> None:
    first = rules.archive("peppol-2099.11.zip", peppol())
    day = ("--valid-from", "2100-02-15")
    assert rules.call("rules", "install", first, *day).exit_code == 0
    page = (rules.packs / "peppol-billing-2099.11" / "pack.toml").read_bytes()
    again = rules.call("rules", "install", first)
    assert (again.exit_code, "was there" in again.output) == (0, True), again.output
    other = rules.archive("peppol-2099.11.zip", peppol("false()"))
    refused = rules.call("rules", "install", other)
    assert refused.exit_code == 1
    assert "installed with other files" in refused.output
    assert (rules.packs / "peppol-billing-2099.11" / "pack.toml").read_bytes() == page
    fixed = rules.call("rules", "install", other, "--as", "peppol-billing-2099.11.1", *day)
    assert fixed.exit_code == 0, fixed.output
    now = rules.call("validate", BIS, "--json", "--date", "2100-02-15")
    assert json.loads(now.output)["alias"] == "peppol-billing-2099.11.1"


@pytest.mark.parametrize(
    "broken",
    [
        b"<schema",
        b"<!DOCTYPE x><schema xmlns='http://purl.oclc.org/dsdl/schematron'/>",
        schematron("PEPPOL-EN16931-R001", "no XPath ("),
        schematron("X").replace(b"<pattern>", b"<include href='lost.sch'/><pattern>"),
    ],
)
def test_what_cannot_be_used_leaves_nothing(rules: Rules, broken: bytes) -> None:
    files = peppol() | {"rules/sch/PEPPOL-EN16931-UBL.sch": broken}
    archive = rules.archive("peppol-2099.11.zip", files)
    done = rules.call("rules", "install", archive, "--valid-from", "2100-02-15")
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert [one.name for one in rules.packs.iterdir()] == [".lock"]


def test_whose_rules_judge_is_chosen(rules: Rules) -> None:
    files = peppol("cbc:BuyerReference = 'nobody writes this'")
    archive = rules.archive("x.zip", files)
    none = rules.call("rules", "use", "peppol-billing", "official")
    assert none.exit_code == 1
    assert "install" in none.output
    assert rules.call("rules", "install", archive, "--as", "peppol-billing-2026.5").exit_code == 0
    assert rules.call("validate", BIS).exit_code == 0  # nobody chose: bundled
    assert rules.call("rules", "use", "peppol-billing-2026.5", "official").exit_code == 0
    assert rules.call("validate", BIS).exit_code == 1
    assert rules.call("validate", BIS, "--rules", "bundled").exit_code == 0
    assert rules.call("rules", "use", "eu.peppol.bis3:invoice:2026.5", "both").exit_code == 0
    told = json.loads(rules.call("validate", BIS, "--json").output)
    assert (told["outcome"], told["rules"]) == ("invalid", "official")
    assert told["differences"][0]["only_first"] == [["PEPPOL-EN16931-R001", "fatal"]]
    row = rules.listed()["peppol-billing-2026.5"]
    assert (row["choice"], row["judges"], row["bundled"], row["official"]) == (
        *("both", "both"),
        True,
        True,
    )
    refused = rules.call("rules", "remove", "peppol-billing-2026.5")
    assert "rules use peppol-billing bundled" in refused.output
    assert rules.call("rules", "use", "peppol-billing", "bundled").exit_code == 0
    assert rules.call("rules", "remove", "peppol-billing-2026.5").exit_code == 0
    assert rules.listed()["peppol-billing-2026.5"]["official"] is False


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = open_folder(tmp_path / "net", at=AT).settings_file("ap1")
    assert CliRunner().invoke(main, ["migrate", "--config", str(file)]).exit_code == 0
    return file


def _keep(config: Path, *submissions: NewSubmission) -> None:
    loaded = settings.load(config)

    async def submit() -> None:
        store = Store.open(
            loaded.url(loaded.store.database), payload_folder=loaded.path(loaded.store.payloads)
        )
        for one in submissions:
            await store.submissions.submit(one)
        await store.close()

    asyncio.run(submit())


def test_what_was_sent_is_tried_under_coming_rules(rules: Rules, config: Path) -> None:
    archive = rules.archive("peppol-2099.11.zip", peppol("cbc:BuyerReference = 'never'"))
    at = ["--config", str(config)]
    install = ["rules", "install", archive, "--valid-from", "2100-02-15", *at]
    assert CliRunner().invoke(main, install).exit_code == 0
    bis, si = (
        content((EXAMPLES / f"{name}-invoice.xml").read_bytes()) for name in ("bis3", "si-ubl")
    )
    early = AT - timedelta(days=60)
    _keep(
        config,
        submission(1, content=bis, accepted_at=early),
        submission(2, content=bis, accepted_at=AT),
        submission(3, content=si, accepted_at=AT),
        submission(4, content=content(b"<Other/>"), accepted_at=AT),
    )
    since = (AT - timedelta(days=30)).date().isoformat()
    dry = ["rules", "dry-run", "--sent-since", since, *at]
    done = CliRunner().invoke(main, [*dry, "--json"])
    assert done.exit_code == 1, done.output
    told = json.loads(done.output)
    assert told["newly_failing"] == [submission(2).document_id]
    assert (told["judged"], told["without_rules"]) == (2, 1)
    one = CliRunner().invoke(main, [*dry, "--json", "--rule-set", "peppol-billing-2099.11"])
    assert json.loads(one.output)["judged"] == 1  # those of its kind


def test_a_pack_stays_while_a_kept_verdict_refers_to_it(rules: Rules, config: Path) -> None:
    """The settings name packs and database; without them there is nothing to refer to."""
    archive = rules.archive("peppol-2099.11.zip", peppol())
    at = ["--config", str(config)]
    install = ["rules", "install", archive, "--valid-from", "2100-02-15", *at]
    done = CliRunner().invoke(main, install)
    assert done.exit_code == 0, done.output
    assert (config.parent / "rules" / "peppol-billing-2099.11" / "pack.toml").is_file()
    report = Report(outcome=Outcome.VALID, alias="peppol-billing-2099.11", rules="official")
    detail = {"report": msgspec.to_builtins(report)}
    _keep(config, submission(1, validation_detail=detail))
    refused = CliRunner().invoke(main, ["rules", "remove", "peppol-billing-2099.11", *at])
    assert refused.exit_code == 1
    assert "1 kept verdicts were made with peppol-billing-2099.11" in refused.output
    other = ["--packs", str(config.parent / "rules")]
    gone = CliRunner().invoke(main, ["rules", "remove", "peppol-billing-2099.11", *other])
    assert gone.exit_code == 0, gone.output


def test_the_networks_want_a_choice(config: Path) -> None:
    """A sandbox runs with the bundled rules; test and production say what to choose, and how."""
    assert CliRunner().invoke(main, ["check-config", "--config", str(config)]).exit_code == 0
    text = config.read_text().replace('network = "sandbox"', 'network = "test"')
    gone = ("zone =", "crl_hosts =")
    kept = [line for line in text.splitlines() if not line.startswith(gone)]
    file = config.parent / "test.toml"
    file.write_text("\n".join([*kept, "[tls]", "trusted_proxy = true"]).replace("http:", "https:"))
    for command in (["check-config"], ["serve"]):
        done = CliRunner().invoke(main, [*command, "--config", str(file)])
        assert done.exit_code == 1
        for kind in ("peppol-billing", "peppol-selfbilling", "nlcius", "nlcius-gaccount"):
            assert f"rules use {kind} official" in done.output
    packs = config.parent / "rules"
    packs.mkdir()
    chosen = 'peppol-billing = "official"\nnlcius = "bundled"\n'
    (packs / "choices.toml").write_text(f"[rules]\n{chosen}")
    told = CliRunner().invoke(main, ["check-config", "--config", str(file)]).output
    assert "official rules judge peppol-billing, and none are installed" in told
    assert "rules use nlcius official" not in told
    assert "rules use nlcius-gaccount official" in told
