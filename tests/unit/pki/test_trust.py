# SPDX-License-Identifier: Apache-2.0
"""Judging certificates: every flaw, every moment, both roles, both networks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import pki
from gateway.pki import Role, Usage
from gateway.pki.chains import CHAINS, ChainCache
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.issuing import Subject, authority_form, make_certificate
from gateway.sandbox.pki import IssuedLeaf, LocalPKI
from tests.pki_fixtures import AT, CRL_BASE_URL, fresh_pki, shared_key

NO_GRACE = timedelta(0)


def judge(
    certificate: pki.Certificate,
    trust: pki.TrustPolicy,
    revocation: pki.Revocation | None = None,
    *,
    at: datetime = AT,
    usage: Usage = Usage.SIGN,
) -> pki.Trusted:
    if revocation is None:
        trust = replace(trust, unknown_revocation=pki.Unknown.ACCEPT)
        revocation = pki.Revocation.none()
    return pki.judge(certificate, policy=trust, revocation=revocation, at=at, usage=usage)


def test_a_good_leaf_of_each_role(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf, smp_leaf: IssuedLeaf
) -> None:
    revocation = local_pki.revocation(AT)
    for leaf, role in ((sender_leaf, Role.AP), (smp_leaf, Role.SMP)):
        for usage in Usage:
            trusted = judge(leaf.certificate, local_pki.trust(role), revocation, usage=usage)
            assert trusted.revocation == "good"
            assert trusted.chain == (
                leaf.certificate,
                local_pki.issuer(role).certificate,
                local_pki.root.certificate,
            )


REFUSED = [
    (Flaw.EXPIRED, Usage.SIGN, pki.CertificateExpiredError, "expired at 2026-11-12 12:00Z"),
    (Flaw.NOT_YET, Usage.SIGN, pki.NotYetValidError, "valid at 2026-12-22 12:00Z"),
    (Flaw.NO_DIGSIG, Usage.SIGN, pki.UntrustedError, "lacks digital_signature"),
    (Flaw.NO_KEYENC, Usage.ENCRYPT, pki.UntrustedError, "lacks key_encipherment"),
    (Flaw.RSA1024, Usage.SIGN, pki.UntrustedError, "1024 bits"),
    (Flaw.WEAK_HASH, Usage.SIGN, pki.UntrustedError, "weaker than SHA-256"),
    (Flaw.AUTHORITY, Usage.SIGN, pki.UntrustedError, "an authority"),
    (Flaw.WRONG_CN, Usage.SIGN, pki.UntrustedError, "not a seat id"),
    (Flaw.WRONG_UNIT, Usage.SIGN, pki.WrongRoleError, "role smp, the role ap is due"),
    (Flaw.WRONG_NETWORK, Usage.SIGN, pki.WrongNetworkError, "production network"),
    (Flaw.NO_UNIT, Usage.SIGN, pki.WrongRoleError, "neither"),
    (Flaw.FOREIGN, Usage.SIGN, pki.UntrustedError, "does not verify under"),
    (Flaw.BY_ROOT, Usage.SIGN, pki.UntrustedError, "not an authority that is trusted"),
    (Flaw.SELF_SIGNED, Usage.SIGN, pki.UntrustedError, "not an authority that is trusted"),
]


@pytest.mark.parametrize(("flaw", "usage", "error", "words"), REFUSED)
def test_flaws_are_refused(
    flaw: Flaw,
    usage: Usage,
    error: type[pki.CertificateError],
    words: str,
    local_pki: LocalPKI,
) -> None:
    key = None if flaw is Flaw.RSA1024 else shared_key()
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=flaw, key=key)
    with pytest.raises(error, match=words) as caught:
        judge(leaf.certificate, local_pki.trust(Role.AP), local_pki.revocation(AT), usage=usage)
    assert isinstance(caught.value, pki.UntrustedError)


@pytest.mark.parametrize("flaw", [Flaw.REVERSED, Flaw.G2])
def test_oddities_pass(flaw: Flaw, local_pki: LocalPKI) -> None:
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key())
    for usage in Usage:
        judge(leaf.certificate, local_pki.trust(Role.AP), usage=usage)


@pytest.mark.parametrize(
    ("flaw", "usage"), [(Flaw.NO_DIGSIG, Usage.ENCRYPT), (Flaw.NO_KEYENC, Usage.SIGN)]
)
def test_a_key_usage_matters_for_its_own_purpose(
    flaw: Flaw, usage: Usage, local_pki: LocalPKI
) -> None:
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key())
    judge(leaf.certificate, local_pki.trust(Role.AP), usage=usage)


def test_revoked_leaf_and_revoked_authority() -> None:
    own = fresh_pki("revoking")
    good = own.issue(Role.AP, "POP000111", at=AT, key=shared_key())
    bad = own.issue(Role.AP, "POP000112", at=AT, flaw=Flaw.REVOKED, key=shared_key())
    trust = own.trust(Role.AP)
    assert judge(good.certificate, trust, own.revocation(AT)).revocation == "good"
    with pytest.raises(pki.CertificateRevokedError, match="CN=POP000112") as caught:
        judge(bad.certificate, trust, own.revocation(AT))
    assert caught.value.code == "receiver_certificate_revoked"
    own.revoke(own.ap_ca.certificate)
    with pytest.raises(pki.CertificateRevokedError, match="ACCESS POINT"):
        judge(good.certificate, trust, own.revocation(AT))


def test_unknown_revocation_is_a_decision_of_the_policy(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    trust = local_pki.trust(Role.AP)
    with pytest.raises(pki.RevocationUnknownError) as caught:
        judge(sender_leaf.certificate, trust, pki.Revocation.none())
    assert caught.value.retry
    accepted = judge(sender_leaf.certificate, trust)
    assert accepted.revocation.startswith("unknown: there is no revocation list of LOCAL ACCESS")


def test_the_root_s_list_is_wanted_too(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    data = local_pki.crls(AT)["ap-ca.crl"]
    crl = pki.load_crl(data, issuers=[local_pki.ap_ca.certificate])
    with pytest.raises(pki.RevocationUnknownError, match="LOCAL Root TEST CA"):
        judge(sender_leaf.certificate, local_pki.trust(Role.AP), pki.Revocation.of([crl]))


def test_a_lapsed_list_is_good_enough_for_the_grace(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    revocation = local_pki.revocation(AT, days=7)
    trust = replace(local_pki.trust(Role.AP), grace=timedelta(hours=6))
    lapse = AT + timedelta(days=7)
    certificate = sender_leaf.certificate
    assert judge(certificate, trust, revocation, at=lapse).revocation == "good"
    in_grace = judge(certificate, trust, revocation, at=lapse + timedelta(hours=6))
    assert "lapsed at 2026-11-29 12:00Z" in in_grace.revocation
    late = lapse + timedelta(hours=6, seconds=1)
    with pytest.raises(pki.RevocationUnknownError, match="lapsed"):
        judge(certificate, trust, revocation, at=late)
    soft = replace(trust, unknown_revocation=pki.Unknown.ACCEPT)
    assert "lapsed" in judge(certificate, soft, revocation, at=late).revocation


def test_dates_are_judged_at_each_call(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    certificate, trust = sender_leaf.certificate, local_pki.trust(Role.AP)
    second = timedelta(seconds=1)
    for moment in (certificate.not_before, certificate.not_after):
        judge(certificate, trust, at=moment)
    with pytest.raises(pki.CertificateExpiredError):
        judge(certificate, trust, at=certificate.not_after + second)
    with pytest.raises(pki.NotYetValidError):
        judge(certificate, trust, at=certificate.not_before - second)


def test_an_expired_authority_ends_its_leafs(local_pki: LocalPKI) -> None:
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, days=5000, key=shared_key())
    late = AT + timedelta(days=3651)
    with pytest.raises(pki.CertificateExpiredError, match="ACCESS POINT"):
        judge(leaf.certificate, local_pki.trust(Role.AP), at=late)
    early = local_pki.issue(
        Role.AP, "POP000111", at=AT - timedelta(days=1300), days=2000, key=shared_key()
    )
    with pytest.raises(pki.NotYetValidError, match="ACCESS POINT"):
        judge(early.certificate, local_pki.trust(Role.AP), at=AT - timedelta(days=1250))
    judge(early.certificate, local_pki.trust(Role.AP))


def test_roles_do_not_mix(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf, smp_leaf: IssuedLeaf
) -> None:
    with pytest.raises(pki.WrongRoleError, match="role smp"):
        judge(smp_leaf.certificate, local_pki.trust(Role.AP))
    with pytest.raises(pki.WrongRoleError, match="role ap"):
        judge(sender_leaf.certificate, local_pki.trust(Role.SMP))
    disguised = local_pki.issue(
        Role.SMP, "POP000111", at=AT, flaw=Flaw.WRONG_UNIT, key=shared_key()
    )
    with pytest.raises(pki.UntrustedError, match="not an authority that is trusted"):
        judge(disguised.certificate, local_pki.trust(Role.AP))


def test_networks_do_not_mix(
    local_pki: LocalPKI, production_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    theirs = production_pki.issue(Role.AP, "POP000111", at=AT, key=shared_key())
    judge(theirs.certificate, production_pki.trust(Role.AP))
    with pytest.raises(pki.WrongNetworkError, match="we run in the test network"):
        judge(theirs.certificate, local_pki.trust(Role.AP))
    with pytest.raises(pki.WrongNetworkError, match="we run in the production network"):
        judge(sender_leaf.certificate, production_pki.trust(Role.AP))


def test_the_sandbox_takes_any_unit_that_does_not_contradict(local_pki: LocalPKI) -> None:
    trust = replace(local_pki.trust(Role.AP), network="sandbox")
    for flaw in (Flaw.NO_UNIT, Flaw.WRONG_NETWORK, None):
        leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key())
        judge(leaf.certificate, trust)
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=Flaw.WRONG_UNIT, key=shared_key())
    with pytest.raises(pki.WrongRoleError):
        judge(leaf.certificate, trust)


def test_a_root_may_issue_where_no_issuer_is_pinned(
    local_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    trust = replace(local_pki.trust(Role.AP), issuers=())
    leaf = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=Flaw.BY_ROOT, key=shared_key())
    assert judge(leaf.certificate, trust).chain == (
        leaf.certificate,
        local_pki.root.certificate,
    )
    with pytest.raises(pki.UntrustedError, match="not an authority"):
        judge(sender_leaf.certificate, trust)


def test_an_issuer_may_be_the_anchor(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    trust = replace(local_pki.trust(Role.AP), roots=())
    assert judge(sender_leaf.certificate, trust).chain == (
        sender_leaf.certificate,
        local_pki.ap_ca.certificate,
    )


def test_an_issuer_must_stand_under_a_root(
    local_pki: LocalPKI, production_pki: LocalPKI, sender_leaf: IssuedLeaf
) -> None:
    trust = replace(local_pki.trust(Role.AP), roots=(production_pki.root.certificate,))
    with pytest.raises(pki.UntrustedError, match="not an authority"):
        judge(sender_leaf.certificate, trust)
    same_name = local_pki.foreign(AT).root.certificate
    trust = replace(local_pki.trust(Role.AP), roots=(same_name,))
    with pytest.raises(pki.UntrustedError, match="does not verify under"):
        judge(sender_leaf.certificate, trust)


def test_a_leaf_cannot_issue(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    trust = replace(local_pki.trust(Role.AP), issuers=(sender_leaf.certificate,))
    issued = local_pki.issue(Role.AP, "POP000112", at=AT, flaw=Flaw.BY_ROOT, key=shared_key())
    forged = replace(issued.certificate, issuer_name=sender_leaf.certificate.subject_name)
    with pytest.raises(pki.UntrustedError):
        judge(forged, trust)


def test_an_unknown_critical_extension_is_refused(local_pki: LocalPKI) -> None:
    authority = local_pki.ap_ca
    subject = Subject(
        country="NL", organisation="Own", unit="PEPPOL TEST AP", common_name="POP000111"
    )
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    built = (
        x509.CertificateBuilder()
        .subject_name(subject.name)
        .issuer_name(authority.certificate.x509.subject)
        .public_key(shared_key().public_key())
        .serial_number(7)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .add_extension(extension, critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    certificate = pki.load_certificate(built.public_bytes(Encoding.DER))
    with pytest.raises(pki.UntrustedError, match="does not verify under"):
        judge(certificate, local_pki.trust(Role.AP))


def test_an_authority_in_two_editions() -> None:
    own = fresh_pki("editions")
    later = AT + timedelta(days=3000)
    subject = Subject(
        country="NL",
        organisation="Local Test PKI",
        unit="FOR TEST ONLY",
        common_name=own.ap_ca.certificate.common_name,
    )
    renewed = make_certificate(
        replace(authority_form(subject, later, path_length=1), not_after=later),
        key=own.ap_ca.key,
        issuer=own.root,
        crl_base_url=CRL_BASE_URL,
    )
    leaf = own.issue(Role.AP, "POP000111", at=AT, days=3000, key=shared_key())
    issuers = (renewed, own.ap_ca.certificate)
    trust = replace(own.trust(Role.AP), issuers=issuers)
    assert judge(leaf.certificate, trust).chain[1] == own.ap_ca.certificate
    assert judge(leaf.certificate, trust, at=AT + timedelta(days=2000)).chain[1] == renewed


def test_rollover_two_certificates_of_one_seat(local_pki: LocalPKI) -> None:
    old = local_pki.issue(Role.AP, "POP000111", at=AT - timedelta(days=700), key=shared_key())
    new = local_pki.issue(Role.AP, "POP000111", at=AT, key=shared_key("renewed"))
    trust = local_pki.trust(Role.AP)
    for leaf in (old, new):
        assert judge(leaf.certificate, trust).certificate.common_name == "POP000111"
    later = AT + timedelta(days=30)
    judge(new.certificate, trust, at=later)
    with pytest.raises(pki.CertificateExpiredError):
        judge(old.certificate, trust, at=later)


def test_chains_are_remembered_and_failures_are_not(local_pki: LocalPKI) -> None:
    trust = local_pki.trust(Role.AP)
    good = local_pki.issue(Role.AP, "POP000111", at=AT, key=shared_key())
    bad = local_pki.issue(Role.AP, "POP000111", at=AT, flaw=Flaw.FOREIGN, key=shared_key())
    first = judge(good.certificate, trust)
    assert judge(pki.load_certificate(good.certificate_pem), trust) == first
    accepting = replace(trust, unknown_revocation=pki.Unknown.ACCEPT)
    assert CHAINS.get((good.certificate, accepting)) == (first.chain,)
    with pytest.raises(pki.UntrustedError):
        judge(bad.certificate, trust)
    assert CHAINS.get((bad.certificate, accepting)) is None


def test_the_memory_of_chains_is_bounded() -> None:
    cache = ChainCache(2)
    cache.put("a", ())
    cache.put("b", ())
    assert cache.get("a") == ()
    cache.put("c", ())
    assert cache.get("b") is None
    assert cache.get("a") == ()
    assert len(cache) == 2


def test_a_policy_needs_an_anchor() -> None:
    with pytest.raises(pki.CertificateError, match="needs a root"):
        pki.TrustPolicy(
            role=Role.AP,
            network="test",
            roots=(),
            issuers=(),
            unknown_revocation=pki.Unknown.REFUSE,
            grace=NO_GRACE,
        )


def sorted_policy(role: Role, certificates: list[pki.Certificate]) -> pki.TrustPolicy:
    return pki.TrustPolicy.of(
        role=role,
        network="test",
        certificates=certificates,
        unknown_revocation=pki.Unknown.ACCEPT,
        grace=NO_GRACE,
    )


@pytest.mark.parametrize("name", ["Toy SMP CA", "TOY Service Metadata Publisher CA"])
def test_a_bundle_is_sorted_by_short_names_too(local_pki: LocalPKI, name: str) -> None:
    root, ap_ca = local_pki.root.certificate, local_pki.ap_ca.certificate
    other = replace(local_pki.smp_ca.certificate, common_name=name)
    assert sorted_policy(Role.AP, [root, ap_ca, other]).issuers == (ap_ca,)


def test_a_bundle_is_sorted(local_pki: LocalPKI) -> None:
    root, ap_ca, smp_ca = (a.certificate for a in local_pki.authorities)
    bundle = [ap_ca, root, smp_ca, root]
    assert sorted_policy(Role.AP, bundle).roots == (root,)
    assert sorted_policy(Role.AP, bundle).issuers == (ap_ca,)
    assert sorted_policy(Role.SMP, bundle).issuers == (smp_ca,)
    assert sorted_policy(Role.SMP, [root]).issuers == ()
    with pytest.raises(pki.CertificateError, match="no certificate of the bundle"):
        sorted_policy(Role.AP, [root, smp_ca])


def test_a_false_root_is_not_sorted_as_one(local_pki: LocalPKI, sender_leaf: IssuedLeaf) -> None:
    root = local_pki.root.certificate
    false = replace(root, der=b"false", x509=local_pki.foreign(AT).ap_ca.certificate.x509)
    assert sorted_policy(Role.AP, [false]).roots == ()
