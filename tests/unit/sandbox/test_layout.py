# SPDX-License-Identifier: Apache-2.0
"""The folder of a sandbox: laid out once, found again, never confused with something else."""

from __future__ import annotations

import json
import socket
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import settings
from gateway.identifiers import ParticipantId
from gateway.sandbox.layout import UNFINISHED, open_folder
from gateway.sandbox.network import NETWORK_FILE, Network, SandboxFolderError
from gateway.sandbox.ports import HOST, PortTakenError
from tests.pki_fixtures import AT


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return open_folder(tmp_path_factory.mktemp("sandbox") / "net", at=AT)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_a_second_start_finds_everything_as_it_was(laid_out: Network) -> None:
    before = _files(laid_out.folder)
    assert open_folder(laid_out.folder, at=AT + timedelta(days=1)) == laid_out
    assert _files(laid_out.folder) == before


@pytest.mark.parametrize(
    ("name", "roles"), [("smp", {"smp"}), ("ap1", {"as4", "api", "worker"}), ("ap2", None)]
)
def test_the_settings_can_be_used(laid_out: Network, name: str, roles: set[str] | None) -> None:
    loaded = settings.load(laid_out.settings_file(name), {})
    assert loaded.network.network == "sandbox"
    if roles is not None:
        assert loaded.roles == roles


def test_secrets_are_for_the_owner_alone(laid_out: Network) -> None:
    secret = [laid_out.key_file(name) for name in ("smp", "ap1", "ap2")]
    secret += [laid_out.folder / "smp" / "password", *(laid_out.folder / "pki").glob("*.key.pem")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    assert stat.S_IMODE(laid_out.folder.stat().st_mode) == 0o700


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(SandboxFolderError, match="is not empty"):
        open_folder(tmp_path, at=AT)
    assert [file.name for file in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_half_laid_out_folder_is_laid_out_anew(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).touch()
    (tmp_path / "smp").mkdir()
    network = open_folder(tmp_path, at=AT)
    assert not (tmp_path / UNFINISHED).exists()
    assert network.smp_password()


def test_a_folder_of_another_version_is_refused(laid_out: Network, tmp_path: Path) -> None:
    stored = json.loads((laid_out.folder / NETWORK_FILE).read_bytes())
    (tmp_path / NETWORK_FILE).write_text(json.dumps({**stored, "layout": 0}))
    with pytest.raises(SandboxFolderError, match="another version"):
        open_folder(tmp_path, at=AT)


def test_expired_certificates_are_said(laid_out: Network) -> None:
    with pytest.raises(SandboxFolderError, match="expired"):
        open_folder(laid_out.folder, at=AT + timedelta(days=800))


def test_a_port_taken_since_is_a_clear_error(laid_out: Network) -> None:
    with socket.socket() as held:
        held.bind((HOST, laid_out.ports["ap2-as4"]))
        with pytest.raises(PortTakenError, match="ap2-as4"):
            open_folder(laid_out.folder, at=AT)


def test_who_serves_whom(laid_out: Network) -> None:
    assert laid_out.access_point_of(ParticipantId("0208:0990000014")).name == "ap2"
    with pytest.raises(SandboxFolderError):
        laid_out.access_point_of(ParticipantId("0106:12345678"))


def test_belgian_numbers_have_the_right_check_digits(laid_out: Network) -> None:
    numbers = [
        served.id.value.removeprefix("0208:")
        for one in laid_out.access_points
        for served in one.participants
        if served.id.icd == "0208"
    ]
    assert numbers
    assert all(97 - int(number[:8]) % 97 == int(number[8:]) for number in numbers)
