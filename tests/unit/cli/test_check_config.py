# SPDX-License-Identifier: Apache-2.0
"""`check-config`: fine or every fault, and nothing is started."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.sandbox.layout import open_folder
from gateway.sandbox.network import Network
from tests.pki_fixtures import AT


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return open_folder(tmp_path_factory.mktemp("check") / "net", at=AT)


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


def test_a_missing_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["check-config", "--config", str(tmp_path / "no.toml")])
    assert done.exit_code == 1
    assert "cannot be read" in done.output
