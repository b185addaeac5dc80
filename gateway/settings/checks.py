# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with settings that are well-formed: every fault in one sentence."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.settings.sections import AS4, SMP, Settings, Validation, addresses, listens

PREFIX = "PEPPOL_GATEWAY_"
_OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO
_PORTS = 65536
_PERCENT = 100
_ADDRESS = re.compile(r"(?:\[[^\[\]]+\]|[^:\[\]]*):([0-9]{1,5})")  # as `web.Address` reads it


def check(settings: Settings, raw: Mapping[str, Any], faults: list[str]) -> None:
    """Add what is wrong to `faults`; `raw` is the file as TOML gave it."""
    if (raw.get("smp") or {}).get("password") is not None:
        faults.append("[smp] password: put it into the environment or into password_file")
    network = settings.network
    if settings.preset.fixed and (network.zone or network.crl_hosts):
        faults.append("[network] zone, crl_hosts: only the sandbox chooses its own")
    if not settings.zone:
        faults.append("[network] zone is missing")
    for name in ("roots", "ap_issuers", "smp_issuers"):
        _check_trust(settings, name, faults)
    if settings.as4 is not None:
        _check_access_point(settings, settings.as4, faults)
    if settings.smp is not None:
        _check_smp(settings, settings.smp, faults)
    _check_validation(settings.validation, faults)
    _check_listeners(settings, faults)


def _check_trust(settings: Settings, name: str, faults: list[str]) -> None:
    files: tuple[str, ...] = getattr(settings.network, name)
    if not files:
        faults.append(
            f"[network] {name} is missing: name the PEM files of the network's authorities"
        )
    for file in files:
        _must_exist(settings, f"[network] {name}", file, faults)


def _check_access_point(settings: Settings, as4: AS4, faults: list[str]) -> None:
    _check_url(settings, "[as4] public_url", as4.public_url, faults)
    if (as4.next_key is None) != (as4.next_certificate is None):
        faults.append("[as4] next_key and next_certificate go together")
    for key in ("key", "certificate", "next_key", "next_certificate"):
        file = getattr(as4, key)
        if file is not None:
            _must_exist(settings, f"[as4] {key}", file, faults, private=key.endswith("key"))


def _check_smp(settings: Settings, smp: SMP, faults: list[str]) -> None:
    if listens(smp):
        faults += [
            f"[smp] {key} is missing: the role smp needs it"
            for key in ("public_url", "key", "certificate")
            if getattr(smp, key) is None
        ]
        if smp.key is not None:
            _must_exist(settings, "[smp] key", smp.key, faults, private=True)
        if smp.certificate is not None:
            _must_exist(settings, "[smp] certificate", smp.certificate, faults)
    elif smp.management_url is None:
        faults.append("[smp] needs listen (to be an SMP) or management_url (to publish to one)")


def _check_validation(validation: Validation, faults: list[str]) -> None:
    faults += [
        f"[validation] {key} must be greater than 0"
        for key in ("time_limit_seconds", "memory_mb")
        if getattr(validation, key) <= 0
    ]
    if validation.workers is not None and validation.workers < 1:
        faults.append("[validation] workers must be at least 1")
    if validation.sync_validation_ms < 0:
        faults.append("[validation] sync_validation_ms must not be negative")
    if not 0 <= validation.shadow_percent <= _PERCENT:
        faults.append("[validation] shadow_percent must be from 0 to 100")


def _check_listeners(settings: Settings, faults: list[str]) -> None:
    for name in ("as4", "api", "smp"):
        section = getattr(settings, name)
        for address in addresses(section.listen) if section else ():
            found = _ADDRESS.fullmatch(address)
            if found is None or not 0 < int(found[1]) < _PORTS:
                faults.append(f"[{name}] listen: {address!r} is not host:port")
    tls = settings.tls
    if (tls.certificate is None) != (tls.key is None):
        faults.append("[tls] certificate and key go together")
    elif tls.certificate and tls.key:
        _must_exist(settings, "[tls] certificate", tls.certificate, faults)
        _must_exist(settings, "[tls] key", tls.key, faults, private=True)
    elif not tls.trusted_proxy and not settings.preset.allow_http:
        faults.append("[tls] name certificate and key, or say trusted_proxy = true")


def _check_url(settings: Settings, name: str, url: str, faults: list[str]) -> None:
    if not url.startswith("https://") and not settings.preset.allow_http:
        faults.append(f"{name} must begin with https:// in this network")


def _must_exist(
    settings: Settings, name: str, file: str, faults: list[str], *, private: bool = False
) -> None:
    try:
        mode = settings.path(file).stat().st_mode
    except OSError as error:
        faults.append(f"{name}: {file} cannot be read: {error.strerror}")
        return
    if private and mode & _OTHERS_MAY_READ:
        faults.append(f"{name}: {file} may be read by others; set its mode to 0600")


def smp_password(
    smp: SMP | None, folder: Path, environment: Mapping[str, str], faults: list[str]
) -> str | None:
    """The password of the SMP, from the environment or from a file of its own."""
    given = environment.get(f"{PREFIX}SMP_PASSWORD")
    if given is not None or smp is None or smp.password_file is None:
        return given
    file = folder / smp.password_file
    try:
        if file.stat().st_mode & _OTHERS_MAY_READ:
            faults.append(f"[smp] password_file: {file.name} may be read by others; set 0600")
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        faults.append(f"[smp] password_file: {smp.password_file} cannot be read: {error.strerror}")
        return None
