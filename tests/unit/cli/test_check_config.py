# SPDX-License-Identifier: Apache-2.0
"""`check-config`: fine or every fault, and nothing is started."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.sandbox.layout import open_folder
from gateway.sandbox.network import Network


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return open_folder(tmp_path_factory.mktemp("check") / "net", at=datetime.now(UTC))


def test_good_settings(network: Network) -> None:
    file = str(network.settings_file("ap1"))
    done = CliRunner().invoke(main, ["check-config", "--config", file])
    assert done.exit_code == 0
    assert "network sandbox, roles api, as4, worker: fine" in done.output


def test_faults_are_all_told(network: Network, tmp_path: Path) -> None:
    good = network.settings_file("ap1").read_text()
    file = network.folder / "ap1" / "bad.toml"
    file.write_text(good.replace('"key.pem"', '"gone.pem"').replace('"cert.pem"', '"lost.pem"'))
    done = CliRunner().invoke(main, ["check-config", "--config", str(file)])
    assert done.exit_code == 1
    assert "gone.pem" in done.output
    assert "lost.pem" in done.output
    told = CliRunner().invoke(main, ["check-config", "--config", str(file), "--json"])
    assert told.exit_code == 1
    assert len(json.loads(told.output)["faults"]) == 2


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ('key = "key.pem"', 'key = "../ap2/key.pem"', "[as4] key"),
        ('"cert.pem"', '"../smp/cert.pem"', "[as4] key"),
        (
            'ap_issuers = ["../trust/ap-ca.pem"]',
            'ap_issuers = ["../trust/smp-ca.pem"]',
            "[as4] key",
        ),
        ('roots = ["../trust/root.pem"]', 'roots = ["key.pem"]', "key.pem"),
        ("sqlite:///gateway.db", "mysql://host/name", "[store] database"),
        ("[log]", '[tls]\ncertificate = "cert.pem"\nkey = "../ap2/key.pem"\n[log]', "[tls]"),
    ],
)
def test_files_are_opened_and_judged(network: Network, good: str, bad: str, told: str) -> None:
    text = network.settings_file("ap1").read_text()
    assert good in text
    file = network.folder / "ap1" / "judged.toml"
    file.write_text(text.replace(good, bad))
    done = CliRunner().invoke(main, ["check-config", "--config", str(file)])
    assert done.exit_code == 1
    assert told in done.output
    assert "Traceback" not in done.output


def test_sandbox_authorities_are_no_others(network: Network) -> None:
    text = network.settings_file("ap1").read_text()
    text = text.replace('network = "sandbox"', 'network = "test"').replace("http:", "https:")
    gone = ("zone =", "crl_hosts =")
    kept = [line for line in text.splitlines() if not line.startswith(gone)]
    file = network.folder / "ap1" / "test.toml"
    file.write_text("\n".join([*kept, "[tls]", "trusted_proxy = true", ""]))
    done = CliRunner().invoke(main, ["check-config", "--config", str(file)])
    assert done.exit_code == 1
    assert "not of the network test" in done.output


def test_a_missing_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["check-config", "--config", str(tmp_path / "no.toml")])
    assert done.exit_code == 1
    assert "cannot be read" in done.output
