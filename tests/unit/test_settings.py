# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from gateway import settings
from gateway.settings import SettingsError
from gateway.web import Address

GOOD = """
[network]
network = "sandbox"
zone = "sml.example."
roots = ["root.pem"]
ap_issuers = ["ap.pem"]
smp_issuers = ["smp.pem"]
[as4]
listen = ["127.0.0.1:8001", "[::1]:8001"]
public_url = "http://127.0.0.1:8001/as4"
host = "ap.example"
key = "ap.key"
certificate = "ap.pem"
[smp]
management_url = "http://127.0.0.1:8002"
password_file = "password"
[api]
listen = "127.0.0.1:8003"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("root.pem", "ap.pem", "smp.pem", "ap.key", "password"):
        file = tmp_path / name
        file.write_text("secret\n")
        file.chmod(0o600)
    (tmp_path / "gateway.toml").write_text(GOOD)
    return tmp_path


def load(folder: Path, text: str = GOOD, **environment: str) -> settings.Settings:
    (folder / "gateway.toml").write_text(text)
    return settings.load(folder / "gateway.toml", environment)


def faults(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(folder, text, **environment)
    return caught.value.detail


def test_a_good_file(folder: Path) -> None:
    found = load(folder)
    assert found.roles == {"as4", "api", "worker"}
    assert found.zone == "sml.example."
    assert found.smp_password == "secret"
    assert found.url("sqlite:///gateway.db") == f"sqlite:///{folder / 'gateway.db'}"
    assert found.url("sqlite:////var/lib/x.db") == "sqlite:////var/lib/x.db"
    assert found.url("postgresql://h/d") == "postgresql://h/d"
    assert settings.addresses(found.as4.listen) == ("127.0.0.1:8001", "[::1]:8001")


def test_the_environment_overrides_and_carries_the_secret(folder: Path) -> None:
    found = load(
        folder,
        PEPPOL_GATEWAY_WORKER_CONCURRENCY="3",
        PEPPOL_GATEWAY_VALIDATION_WORKERS="2",
        PEPPOL_GATEWAY_SMP_PASSWORD="from outside",
        PEPPOL_GATEWAY_API_PUBLIC_URL="http://api.example",
        OTHER="x",
    )
    assert found.worker.concurrency == 3
    assert found.validation.workers == 2
    assert found.smp_password == "from outside"
    assert found.api.public_url == "http://api.example"


def test_the_environment_may_hold_several_values(folder: Path) -> None:
    found = load(folder, PEPPOL_GATEWAY_AS4_LISTEN="127.0.0.1:1,[::1]:2")
    assert settings.addresses(found.as4.listen) == ("127.0.0.1:1", "[::1]:2")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('host = "ap.example"', 'host = "ap.example"\nhots = 1', "hots"),
        ('host = "ap.example"', "", "host"),
        ("[api]", "[apis]", "apis"),
        ('zone = "sml.example."', "", "zone is missing"),
        ('roots = ["root.pem"]', "", "roots is missing"),
        ('roots = ["root.pem"]', 'roots = ["other.pem"]', "other.pem cannot be read"),
        ('"127.0.0.1:8003"', '"8003"', "is not host:port"),
        ('"127.0.0.1:8003"', '"127.0.0.1:99999"', "is not host:port"),
        ('"127.0.0.1:8003"', '"::1:8003"', "is not host:port"),
        ('"127.0.0.1:8003"', '"127.0.0.1:²"', "is not host:port"),
        ('network = "sandbox"', 'network = "moon"', "network"),
        ('password_file = "password"', 'password = "x"', "environment"),
        ('password_file = "password"', 'password_file = "gone"', "gone cannot be read"),
        ('management_url = "http://127.0.0.1:8002"', "", "management_url"),
        ('key = "ap.key"', 'key = "ap.key"\nnext_key = "ap.key"', "go together"),
        (
            'key = "ap.key"',
            'key = "ap.key"\nnext_key = "ap.key"\nnext_certificate = "gone.pem"',
            "gone.pem cannot be read",
        ),
        ("[api]", "[api]\n[", "is not TOML"),
        ("[api]", '[tls]\ncertificate = "ap.pem"\n[api]', "go together"),
        ("[smp]", '[smp]\nlisten = "127.0.0.1:1"', "the role smp needs it"),
        ("[api]", "[validation]\nworkers = 0\n[api]", "workers must be at least 1"),
        ("[api]", "[validation]\nmemory_mb = 0\n[api]", "memory_mb must be greater than 0"),
        ("[api]", "[validation]\nshadow_percent = 101\n[api]", "from 0 to 100"),
        ("[api]", "[validation]\nsync_validation_ms = -1\n[api]", "must not be negative"),
        ("[api]", '[validation]\nengine = "java"\n[api]', "java"),
    ],
)
def test_each_fault_is_named(folder: Path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    assert fault in faults(folder, GOOD.replace(old, new))


def test_all_faults_at_once(folder: Path) -> None:
    told = faults(folder, GOOD.replace('zone = "sml.example."', "").replace("8003", "x"))
    assert "zone is missing" in told
    assert "is not host:port" in told


def test_what_the_settings_take_can_be_listened_on(folder: Path) -> None:
    for text in ("127.0.0.1:8003", "[::1]:8003", ":8003", "localhost:1"):
        loaded = load(folder, GOOD.replace("127.0.0.1:8003", text))
        assert loaded.api is not None
        assert Address.parse(*settings.addresses(loaded.api.listen)).port > 0


def test_a_section_that_is_no_table_is_a_fault_under_the_environment_too(folder: Path) -> None:
    text = 'api = "x"\n' + GOOD.partition("[api]")[0]
    assert "api" in faults(folder, text, PEPPOL_GATEWAY_API_LISTEN="127.0.0.1:1")


def test_a_key_that_others_may_read_is_refused(folder: Path) -> None:
    (folder / "ap.key").chmod(0o640)
    assert "set its mode to 0600" in faults(folder, GOOD)


def test_the_real_networks_leave_no_choice(folder: Path) -> None:
    told = faults(folder, GOOD.replace('"sandbox"', '"production"'))
    assert "only the sandbox chooses its own" in told
    assert "must begin with https://" in told
    assert "[tls]" in told


def test_a_network_may_be_named_on_top(folder: Path) -> None:
    told = faults(folder, 'network = "test"\n')
    assert "roots is missing" in told


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path / "none.toml", {})
