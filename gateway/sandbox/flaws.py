# SPDX-License-Identifier: Apache-2.0
"""What can be odd about a Peppol certificate, and how to make one so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.pki import Role
from gateway.sandbox.issuing import Form, Subject

_DAY = timedelta(days=1)
_LEAF_USAGES = frozenset({"digital_signature", "key_encipherment", "data_encipherment"})
_G2_USAGES = frozenset({"digital_signature", "key_encipherment", "key_agreement"})


class Flaw(StrEnum):
    """What is odd about a certificate; all are refused but `REVERSED` and `G2`."""

    EXPIRED = "expired"
    NOT_YET = "not_yet"
    REVOKED = "revoked"
    NO_DIGSIG = "no_digsig"
    NO_KEYENC = "no_keyenc"
    RSA1024 = "rsa1024"
    WEAK_HASH = "weak_hash"
    AUTHORITY = "authority"
    WRONG_CN = "wrong_cn"
    WRONG_UNIT = "wrong_unit"
    WRONG_NETWORK = "wrong_network"
    NO_UNIT = "no_unit"
    FOREIGN = "foreign"
    BY_ROOT = "by_root"
    SELF_SIGNED = "self_signed"
    REVERSED = "reversed"
    G2 = "g2"


def leaf_form(subject: Subject, at: datetime, *, days: int, flaw: Flaw | None) -> Form:
    """A certificate that began the day before `at`, with its flaw unless that is the issuer's."""
    start = at - _DAY
    form = Form(
        subject=_flawed_subject(subject, flaw),
        not_before=start,
        not_after=start + days * _DAY,
        usages=_LEAF_USAGES,
    )
    end = at - 10 * _DAY
    begin = at + 30 * _DAY
    changed = {
        Flaw.EXPIRED: replace(form, not_before=end - days * _DAY, not_after=end),
        Flaw.NOT_YET: replace(form, not_before=begin, not_after=begin + days * _DAY),
        Flaw.NO_DIGSIG: replace(form, usages=_LEAF_USAGES - {"digital_signature"}),
        Flaw.NO_KEYENC: replace(form, usages=_LEAF_USAGES - {"key_encipherment"}),
        Flaw.WEAK_HASH: replace(form, weak_hash=True),
        Flaw.G2: replace(form, usages=_G2_USAGES),
        Flaw.AUTHORITY: replace(form, authority=True),
    }
    return changed.get(flaw, form) if flaw else form


def _flawed_subject(subject: Subject, flaw: Flaw | None) -> Subject:
    unit = subject.unit
    match flaw:
        case Flaw.WRONG_CN:
            return replace(subject, common_name="GATEWAY-1")
        case Flaw.WRONG_UNIT:
            other = Role.SMP if unit.endswith(" AP") else Role.AP
            return replace(subject, unit=f"{unit.rpartition(' ')[0]} {other.upper()}")
        case Flaw.WRONG_NETWORK:
            words = {"TEST": "PRODUCTION", "PRODUCTION": "TEST"}
            return replace(subject, unit=" ".join(words.get(w, w) for w in unit.split()))
        case Flaw.NO_UNIT:
            return replace(subject, unit="")
        case Flaw.REVERSED:
            return replace(subject, reverse=True)
        case _:
            return subject
