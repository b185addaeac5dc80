# SPDX-License-Identifier: Apache-2.0
"""Signature and signer: each refusal meets a message that is right in all else."""

from __future__ import annotations

import re

import pytest

from gateway import as4, pki
from gateway.as4 import const
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.pki import LocalPKI
from tests.as4_exchange import Edit, Forgery, swap, without
from tests.pki_fixtures import AT, shared_key

SIGNATURES: list[tuple[str, dict[str, Edit], str, str]] = [
    ("tampered header", {"soap": swap("0106:87654321", "0106:11111111")}, "EBMS:0101", "signature"),
    ("tampered SignedInfo", {"soap": swap("<ds:SignedInfo xm", "<ds:SignedInfo  xm")}, "", ""),
    (
        "SHA-1 signature",
        {"signed_info": swap(const.RSA_SHA256, f"{const.DS}rsa-sha1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "SHA-1 digest",
        {"signed_info": swap(const.SHA256, f"{const.DS}sha1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "inclusive canonical form",
        {
            "signed_info": swap(
                f'Method Algorithm="{const.EXCLUSIVE_C14N}"',
                'Method Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"',
            )
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "Body not signed",
        {"signed_info": without(r'<ds:Reference URI="#body.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "Messaging not signed",
        {"signed_info": without(r'<ds:Reference URI="#msg.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "part not signed",
        {"signed_info": without(r'<ds:Reference URI="cid.*?</ds:Reference>')},
        "EBMS:0103",
        "signature",
    ),
    (
        "other part signed",
        {"signed_info": swap('URI="cid:part', 'URI="cid:trap')},
        "EBMS:0103",
        "signature",
    ),
    (
        "empty URI",
        {"signed_info": lambda text: re.sub(r'URI="#body[^"]*"', 'URI=""', text)},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "foreign attribute in a reference",
        {"signed_info": swap("<ds:Reference ", '<ds:Reference xml:lang="en" ')},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "instruction in a reference",
        {"signed_info": swap("<ds:Transforms>", "<?x y?><ds:Transforms>")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "dangling reference",
        {"signed_info": lambda text: re.sub(r'URI="#body[^"]*"', 'URI="#nowhere"', text)},
        "EBMS:0101",
        "signature",
    ),
    (
        "reference to a key",
        {"signed_info": lambda text: text.replace('URI="#body', 'URI="#EK')},
        "EBMS:0103",
        "signature",
    ),
    (
        "part signed twice",
        {
            "signed_info": lambda text: re.sub(
                r'(<ds:Reference URI="cid:[^@]*)@(.*?</ds:Reference>)', r"\1@\2\1%40\2", text
            )
        },
        "EBMS:0103",
        "signature",
    ),
    (
        "list of prefixes with a default namespace",
        {
            "signed_info": lambda text: text.replace(
                f'<ds:Transform Algorithm="{const.EXCLUSIVE_C14N}"></ds:Transform>',
                f'<ds:Transform Algorithm="{const.EXCLUSIVE_C14N}"><ec:InclusiveNamespaces '
                f'xmlns:ec="{const.EC}" PrefixList="#default"></ec:InclusiveNamespaces>'
                "</ds:Transform>",
            ),
            "soap": swap("<S12:Envelope ", '<S12:Envelope xmlns="urn:x" '),
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "key by X509Data",
        {
            "encryption": lambda text: re.sub(
                r"<ds:KeyInfo>(<[^>]*>)<wsse:Reference URI=.#X509.*?</ds:KeyInfo>",
                "<ds:KeyInfo><ds:X509Data></ds:X509Data></ds:KeyInfo>",
                text,
            )
        },
        "EBMS:0103",
        "algorithms",
    ),
    (
        "PKI path",
        {"encryption": swap("#X509v3", "#X509PKIPathv1")},
        "EBMS:0103",
        "algorithms",
    ),
    (
        "token elsewhere",
        {"encryption": swap('URI="#X509-', 'URI="#G-')},
        "EBMS:0101",
        "signer",
    ),
]


@pytest.mark.parametrize(
    ("edits", "code", "step"),
    [case[1:] for case in SIGNATURES],
    ids=[case[0] for case in SIGNATURES],
)
def test_signature(forgery: Forgery, edits: dict[str, Edit], code: str, step: str) -> None:
    forged = forgery.but(**edits)
    if not code:  # white space that the canonical form does not show
        forged.exchange.receive(forged.message())
        return
    error = forged.refusal()
    assert (error.ebms_code, error.step) == (code, step), error.detail


@pytest.mark.parametrize(
    "flaw",
    [Flaw.EXPIRED, Flaw.NOT_YET, Flaw.REVOKED, Flaw.NO_DIGSIG, Flaw.FOREIGN, Flaw.SELF_SIGNED],
)
def test_signer_with_a_flaw(forgery: Forgery, local_pki: LocalPKI, flaw: Flaw) -> None:
    leaf = local_pki.issue(pki.Role.AP, "POP000111", at=AT, flaw=flaw, key=shared_key("flawed"))
    exchange = forgery.exchange
    forged = forgery.but(signer=leaf.pair)
    headers, body = forged.message()
    with pytest.raises(as4.FailedAuthenticationError) as caught:
        as4.receive(
            headers,
            body,
            keys=[exchange.receiver],
            trust=exchange.trust,
            revocation=local_pki.revocation(AT),
            at=AT,
        )
    assert caught.value.step == "signer"


def test_smp_certificate_does_not_sign(forgery: Forgery, local_pki: LocalPKI) -> None:
    leaf = local_pki.issue(pki.Role.SMP, "POP000111", at=AT, key=shared_key("flawed"))
    error = forgery.but(signer=leaf.pair).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")


def test_token_that_is_no_certificate(forgery: Forgery) -> None:
    def edit(text: str) -> str:
        return re.sub(r'(wsu:Id="X509-[^>]*>)[^<]*', r"\1QUJD", text)

    error = forgery.but(encryption=edit).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")

    def huge(text: str) -> str:
        return re.sub(r'(wsu:Id="X509-[^>]*>)[^<]*', r"\1" + "QUJD" * 10_000, text)

    error = forgery.but(encryption=huge).refusal()
    assert (error.ebms_code, error.step) == ("EBMS:0101", "signer")
