# SPDX-License-Identifier: Apache-2.0
"""Whether the files that the settings name can be used: keys, certificates, trust, database.

`settings.load` has read the words; this opens what they point to. Nothing is started.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gateway import pki
from gateway.app.keys import key_pair, trust_policy
from gateway.app.rule_packs import rule_faults
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.store import read_database_url


class UnusableTLSError(GatewayError):
    """The files of our HTTPS listeners cannot be used."""

    code = "invalid_settings"


def faults(settings: Settings, *, at: datetime | None) -> tuple[str, ...]:
    """One sentence for each thing that would keep the gateway from working at `at`.

    Without a moment an expired certificate of our own is let pass: a start must not fail of it,
    because what was received before can still be fetched.
    """
    checks: list[tuple[str, Callable[[], object]]] = [
        ("[network]", lambda: _trust(settings)),
        ("[store] database", lambda: read_database_url(settings.url(settings.store.database))),
        ("[tls]", lambda: _tls(settings)),
    ]
    if (as4 := settings.as4) is not None:
        pairs = [("key", as4.key, as4.certificate)]
        if as4.next_key and as4.next_certificate:
            pairs.append(("next_key", as4.next_key, as4.next_certificate))
        checks += [
            (f"[as4] {name}", _own(settings, pki.Role.AP, key, certificate, at=at))
            for name, key, certificate in pairs
        ]
    if (smp := settings.smp) is not None and smp.key and smp.certificate:
        checks.append(("[smp] key", _own(settings, pki.Role.SMP, smp.key, smp.certificate, at=at)))
    found = (_fault(name, action) for name, action in checks)
    return (*dict.fromkeys(filter(None, found)), *_rules(settings, at))


def _rules(settings: Settings, at: datetime | None) -> tuple[str, ...]:
    """What is wrong with the packs, and what nobody chose yet."""
    found: list[str] = []
    broken = _fault("[rules]", lambda: found.extend(rule_faults(settings, at=at)))
    return tuple(found) if broken is None else (broken,)


def _fault(name: str, action: Callable[[], object]) -> str | None:
    try:
        action()
    except GatewayError as error:
        detail = error.detail if error.detail.startswith("[") else f"{name}: {error.detail}"
        return f"{detail}. {error.advice}" if error.advice else detail
    except (OSError, ssl.SSLError) as error:
        return f"{name}: {error.strerror or 'a file cannot be used'}"
    return None


def _trust(settings: Settings) -> None:
    for role in pki.Role:
        trust_policy(settings, role)


def _own(
    settings: Settings, role: pki.Role, key: str, certificate: str, *, at: datetime | None
) -> Callable[[], object]:
    """Judge our own certificate as a peer would. Revocation is not asked: nothing is fetched."""

    def action() -> None:
        pair = key_pair(settings, key, certificate)
        usages = (pki.Usage.SIGN, pki.Usage.ENCRYPT) if role is pki.Role.AP else (pki.Usage.SIGN,)
        policy = trust_policy(settings, role)
        for usage in usages:
            try:
                pki.judge(
                    pair.certificate,
                    policy=policy,
                    revocation=pki.Revocation.none(),
                    at=at or pair.certificate.not_before,
                    usage=usage,
                )
            except pki.RevocationUnknownError:
                continue

    return action


def _tls(settings: Settings) -> None:
    tls = settings.tls
    if tls.certificate is None or tls.key is None:
        return
    files: tuple[Path, Path] = (settings.path(tls.certificate), settings.path(tls.key))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*files)
    except ssl.SSLError as error:
        raise UnusableTLSError("certificate and key are no pair of PEM files") from error
