# SPDX-License-Identifier: Apache-2.0
"""XML signatures: structure, algorithms, values; the vectors of others where they are at hand."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace

import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from gateway import pki, safexml
from gateway.pki import xmldsig
from gateway.sandbox.pki import IssuedLeaf
from tests.shared import shared

DS = "{http://www.w3.org/2000/09/xmldsig#}"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
PREFIXES = '<ec:InclusiveNamespaces xmlns:ec="{ns}" PrefixList="{list}"/>'


def prefix_list(prefixes: str) -> str:
    return PREFIXES.format(ns=xmldsig.EXCLUSIVE_C14N, list=prefixes) if prefixes else ""


def element(tag: str, inside: str = "", algorithm: str = "") -> str:
    attribute = f' Algorithm="{algorithm}"' if algorithm else ""
    return f"<ds:{tag}{attribute}>{inside}</ds:{tag}>"


def reference(
    uri: str = 'URI="#m"',
    *,
    transforms: str | None = None,
    digest: str = xmldsig.SHA256,
    digest_inside: str = "",
    value: str = "",
) -> str:
    if transforms is None:
        transforms = element("Transform", algorithm=xmldsig.EXCLUSIVE_C14N)
    value = value or base64.b64encode(bytes(32)).decode()
    parts = element("Transforms", transforms) if transforms else ""
    parts += element("DigestMethod", digest_inside, digest) + element("DigestValue", value)
    return f"<ds:Reference {uri}>{parts}</ds:Reference>"


def document(
    references: str,
    *,
    value: str = "AAAA",
    canonicalisation: str = xmldsig.EXCLUSIVE_C14N,
    canonicalisation_inside: str = "",
    algorithm: str = xmldsig.RSA_SHA256,
    algorithm_inside: str = "",
    rest: str = "<ds:KeyInfo/>",
    root: str = "",
) -> bytes:
    signed_info = (
        element("CanonicalizationMethod", canonicalisation_inside, canonicalisation)
        + element("SignatureMethod", algorithm_inside, algorithm)
        + references
    )
    signature = element("SignedInfo", signed_info) + element("SignatureValue", value) + rest
    return (
        f'<e:root xmlns:e="urn:e" xmlns:ds="{xmldsig.NAMESPACE}" xmlns:u="urn:u"{root}>'
        f"<e:m id='m' e:b='2' a='1'>text<e:n/></e:m>head"
        f"<ds:Signature>{signature}</ds:Signature>tail</e:root>"
    ).encode()


def read(data: bytes) -> xmldsig.Signature:
    found = safexml.parse(data).find(f"{DS}Signature")
    assert found is not None
    return xmldsig.read_signature(found)


def signed(leaf: IssuedLeaf, **parts: str) -> xmldsig.Signature:
    """A document whose reference and value are right."""
    prefixes = parts.pop("prefixes", "")
    transform = element("Transform", prefix_list(prefixes), xmldsig.EXCLUSIVE_C14N)
    target = safexml.parse(document(reference(), **parts))[0]
    canonical = xmldsig.exclusive(target, prefixes.split())
    digest = base64.b64encode(hashlib.sha256(canonical).digest()).decode()
    right = reference(transforms=transform, value=digest)
    signed_info = xmldsig.canonical_signed_info(read(document(right, **parts)))
    value = base64.encodebytes(leaf.pair.sign(signed_info)).decode()
    return read(document(right, value=value.replace("\n", "&#13;\n"), **parts))


def target_of(signature: xmldsig.Signature) -> etree._Element:
    return signature.element.getroottree().getroot()[0]


@pytest.mark.parametrize("prefixes", ["", "u", "u e", "#default u", "unknown"])
def test_a_good_signature(prefixes: str, sender_leaf: IssuedLeaf) -> None:
    signature = signed(
        sender_leaf, prefixes=prefixes, canonicalisation_inside=prefix_list(prefixes)
    )
    xmldsig.check_algorithms(signature, xmldsig.AS4_PROFILE)
    xmldsig.verify_value(signature, sender_leaf.certificate)
    xmldsig.verify_element(signature.references[0], target_of(signature))
    assert signature.references[0].inclusive_prefixes == tuple(prefixes.split())
    assert signature.inclusive_prefixes == tuple(prefixes.split())
    assert signature.key_info is not None


def test_prefixes_change_what_is_signed(sender_leaf: IssuedLeaf) -> None:
    signature = signed(sender_leaf, prefixes="u")
    element_ = target_of(signature)
    assert b"urn:u" in xmldsig.exclusive(element_, ["u"])
    without = replace(signature.references[0], inclusive_prefixes=())
    with pytest.raises(pki.SignatureValueError):
        xmldsig.verify_element(without, element_)


@pytest.mark.parametrize("where", ["above", "inside"])
def test_default_in_a_prefix_list_is_refused_where_it_means_something(where: str) -> None:
    default = ' xmlns="urn:default"'
    above, inside = (default, "") if where == "above" else ("", default)
    root = safexml.parse(f"<e:a xmlns:e='urn:e'{above}><e:b><e:c{inside}/></e:b></e:a>".encode())
    with pytest.raises(pki.SignaturePolicyError, match="#default"):
        xmldsig.exclusive(root[0], ["#default"])
    assert xmldsig.exclusive(root[0], [])


def test_a_wrong_value_and_a_wrong_key(sender_leaf: IssuedLeaf, receiver_leaf: IssuedLeaf) -> None:
    signature = signed(sender_leaf)
    with pytest.raises(pki.SignatureValueError, match="value"):
        xmldsig.verify_value(signature, receiver_leaf.certificate)
    flipped = bytes([signature.value[0] ^ 1]) + signature.value[1:]
    for value in (flipped, signature.value[:-1], b""):
        with pytest.raises(pki.SignatureValueError):
            xmldsig.verify_value(replace(signature, value=value), sender_leaf.certificate)


def test_a_changed_element(sender_leaf: IssuedLeaf) -> None:
    signature = signed(sender_leaf)
    target = target_of(signature)
    target.text = "other"
    with pytest.raises(pki.SignatureValueError, match="'#m'"):
        xmldsig.verify_element(signature.references[0], target)


def test_a_changed_signed_info(sender_leaf: IssuedLeaf) -> None:
    signature = signed(sender_leaf)
    signature.signed_info.set("Id", "added")
    with pytest.raises(pki.SignatureValueError):
        xmldsig.verify_value(signature, sender_leaf.certificate)


GOOD = reference()
OBJECT = "<ds:Object/>"
TWO_VALUES = "<ds:SignatureValue>AAAA</ds:SignatureValue>"
BROKEN = {
    "no reference": document(""),
    "no key info but an object": document(GOOD, rest=OBJECT),
    "object after key info": document(GOOD, rest="<ds:KeyInfo/>" + OBJECT),
    "two key infos": document(GOOD, rest="<ds:KeyInfo/><ds:KeyInfo/>"),
    "two values": document(GOOD, rest=TWO_VALUES),
    "hmac length": document(GOOD, algorithm_inside="<ds:HMACOutputLength>1</ds:HMACOutputLength>"),
    "comment in the method": document(GOOD, algorithm_inside="<!-- -->"),
    "no algorithm": document(GOOD, algorithm=""),
    "parameters of the canonicalisation": document(GOOD, canonicalisation_inside="<e:x/>"),
    "prefixes for inclusive": document(
        GOOD, canonicalisation=xmldsig.INCLUSIVE_C14N, canonicalisation_inside=prefix_list("e")
    ),
    "two prefix lists": document(GOOD, canonicalisation_inside=prefix_list("e") * 2),
    "long prefix list": document(GOOD, canonicalisation_inside=prefix_list("e " * 65)),
    "value not base64": document(GOOD, value="AAA"),
    "value with other letters": document(GOOD, value="AA-_"),
    "value not latin": document(GOOD, value="ÄÄÄÄ"),
    "value empty": document(GOOD, value=" "),
    "value too long": document(GOOD, value="A" * 16388),
    "value with a comment": document(GOOD, value="AA<!-- -->AA"),
    "too many references": document(GOOD * 65),
    "no uri": document(reference("")),
    "xpath": document(
        reference(transforms=element("Transform", "<ds:XPath>x</ds:XPath>", "urn:xpath"))
    ),
    "many transforms": document(
        reference(transforms=element("Transform", algorithm=xmldsig.EXCLUSIVE_C14N) * 5)
    ),
    "nameless transform": document(reference(transforms="<ds:Transform/>")),
    "foreign transform": document(reference(transforms="<e:Transform/>")),
    "empty transforms": document(reference(transforms=" ")),
    "digest parameters": document(reference(digest_inside="<e:x/>")),
    "digest with a comment": document(reference(value="AA<!-- -->AA")),
    "digest missing": document('<ds:Reference URI="#m"><e:x/></ds:Reference>'),
    "nothing in the reference": document('<ds:Reference URI="#m"/>'),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_odd_structures_are_refused(name: str) -> None:
    with pytest.raises(pki.SignaturePolicyError):
        read(BROKEN[name])


def test_the_element_must_be_a_signature() -> None:
    with pytest.raises(pki.SignaturePolicyError, match=r"not a ds:Signature"):
        xmldsig.read_signature(safexml.parse(b"<Signature/>"))


def test_no_key_info_and_no_transforms_can_be_read() -> None:
    signature = read(document(reference(transforms=""), rest=""))
    assert signature.key_info is None
    assert signature.references[0].transforms == ()


INCLUSIVE = element("Transform", algorithm=xmldsig.INCLUSIVE_C14N)
SWA = element("Transform", algorithm=xmldsig.SWA_CONTENT)
ENVELOPED = element("Transform", algorithm=xmldsig.ENVELOPED)
DOWNGRADES = {
    "sha1 signature": document(GOOD, algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
    "hmac": document(GOOD, algorithm="http://www.w3.org/2000/09/xmldsig#hmac-sha256"),
    "inclusive": document(GOOD, canonicalisation=xmldsig.INCLUSIVE_C14N),
    "with comments": document(GOOD, canonicalisation=xmldsig.EXCLUSIVE_C14N + "WithComments"),
    "sha1 digest": document(reference(digest=SHA1)),
    "whole document": document(reference('URI=""')),
    "web": document(reference('URI="http://example.com/"')),
    "same target twice": document(GOOD + GOOD),
    "no transform": document(reference(transforms="")),
    "inclusive transform": document(reference(transforms=INCLUSIVE)),
    "swa for an element": document(reference(transforms=SWA)),
    "exclusive for a part": document(reference('URI="cid:1"')),
    "two transforms": document(reference('URI="cid:1"', transforms=SWA + SWA)),
    "second reference": document(GOOD + reference('URI="#n"', digest=SHA1)),
}


@pytest.mark.parametrize("name", list(DOWNGRADES))
def test_algorithms_that_are_not_on_the_list(name: str) -> None:
    with pytest.raises(pki.SignaturePolicyError, match="refused"):
        xmldsig.check_algorithms(read(DOWNGRADES[name]), xmldsig.AS4_PROFILE)


def test_parts_and_elements_pass_the_as4_profile() -> None:
    data = document(GOOD + reference('URI="cid:1"', transforms=SWA))
    xmldsig.check_algorithms(read(data), xmldsig.AS4_PROFILE)


@pytest.mark.parametrize(
    "references",
    [
        reference('URI="#m"', transforms=ENVELOPED),
        reference('URI=""', transforms=ENVELOPED + INCLUSIVE),
        reference('URI=""', transforms=ENVELOPED) * 2,
        reference('URI=""'),
    ],
)
def test_the_smp_profile_allows_one_form(references: str) -> None:
    data = document(references, canonicalisation=xmldsig.INCLUSIVE_C14N)
    with pytest.raises(pki.SignaturePolicyError):
        xmldsig.check_algorithms(read(data), xmldsig.SMP_PROFILE)


def enveloped(leaf: IssuedLeaf, inside: str) -> bytes:
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    root = signer.sign(
        safexml.parse(inside.encode()),
        key=leaf.pair._key,
        cert=leaf.certificate_pem.decode(),
        exclude_c14n_transform_element=True,
    )
    return safexml.serialise(root)


ENVELOPED_DOCUMENTS = [
    "<a xmlns='urn:a'><b xmlns=''>text</b></a>",
    "<a>text before<b/> text behind </a>",
    "<a>only text</a>",
    '<p:a xmlns:p="urn:p" xmlns:q="urn:q"><q:b p:c="1"/><!-- comment --></p:a>',
]


@pytest.mark.parametrize("inside", ENVELOPED_DOCUMENTS)
def test_enveloped_signatures_of_another_library(inside: str, smp_leaf: IssuedLeaf) -> None:
    signature = read(enveloped(smp_leaf, inside))
    xmldsig.check_algorithms(signature, xmldsig.SMP_PROFILE)
    xmldsig.verify_value(signature, smp_leaf.certificate)
    xmldsig.verify_enveloped(signature)


def test_text_behind_an_enveloped_signature_counts(smp_leaf: IssuedLeaf) -> None:
    data = enveloped(smp_leaf, ENVELOPED_DOCUMENTS[0])
    xmldsig.verify_enveloped(read(data))
    moved = data.replace(b"</ds:Signature>", b"</ds:Signature>more")
    with pytest.raises(pki.SignatureValueError):
        xmldsig.verify_enveloped(read(moved))


def test_a_first_child_signature_keeps_the_text_around_it() -> None:
    root = safexml.parse(document(GOOD))
    first = safexml.parse(f"<a>x<s xmlns='{xmldsig.NAMESPACE}'/>y<b/></a>".encode())
    assert xmldsig.canonical_around(first[0]) == b"<a>xy<b></b></a>"
    assert b"</e:m>headtail</e:root>" in xmldsig.canonical_around(root[1])


def test_a_signature_that_is_the_document_is_refused() -> None:
    with pytest.raises(pki.SignaturePolicyError, match="inside"):
        xmldsig.canonical_around(safexml.parse(b"<a/>"))


SMP_VECTORS = {
    "info-javastyle": None,
    "periods-javastyle": None,
    "wildcard-javastyle": None,
    "redirect-javastyle": None,
    "info-signxml": None,
    "info-signed-by-ap-cert": None,  # the signature is good, the signer is not
    "info-tampered": pki.SignatureValueError,
    "info-signxml-two-transforms": pki.SignaturePolicyError,
}


@pytest.mark.interop
@pytest.mark.parametrize("name", list(SMP_VECTORS))
def test_answers_made_by_java(name: str) -> None:
    data = (shared("data/smp-samples/local-made") / f"{name}.xml").read_bytes()
    expected = SMP_VECTORS[name]
    if expected is None:
        verify_answer(data)
    else:
        with pytest.raises(expected):
            verify_answer(data)


def verify_answer(data: bytes) -> None:
    signature = read(data)
    xmldsig.check_algorithms(signature, xmldsig.SMP_PROFILE)
    assert signature.key_info is not None
    text = signature.key_info.findtext(f".//{DS}X509Certificate")
    assert text is not None
    xmldsig.verify_value(signature, pki.load_certificate(text))
    xmldsig.verify_enveloped(signature)


ENVELOPE = re.compile(rb"<(\w+:)?Envelope\b.*?</\1Envelope>", re.DOTALL)
WSU_ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
AS4_VECTORS = {
    "own/ok-gzip-sec-first.http": None,
    "own/ok-gzip-msg-first-no-prefixlist.http": None,
    "own/peer-as4lib-message.http": None,
    "own/peer-peppolpy-message.http": None,
    "own/peer-as4lib-receipt.http": None,
    "own/receipt-ok.http": None,
    "peers/oxalis-lab/request.http": None,
    "peers/oxalis-lab/receipt.http": None,
    "peers/oxalis-lab/error-not-serviced.http": None,
    "own/bad-header-tampered.http": pki.SignatureValueError,
    "own/bad-digest-sha1.http": pki.SignaturePolicyError,
    "own/bad-sigalg-sha1.http": pki.SignaturePolicyError,
    "own/bad-transform-xslt.http": pki.SignaturePolicyError,
}


@pytest.mark.interop
@pytest.mark.parametrize("name", list(AS4_VECTORS))
def test_soap_signatures_of_others(name: str) -> None:
    data = (shared("data/as4") / name).read_bytes()
    expected = AS4_VECTORS[name]
    if expected is None:
        verify_soap(data)
    else:
        with pytest.raises(expected):
            verify_soap(data)


def verify_soap(data: bytes) -> None:
    soap = ENVELOPE.search(data)
    assert soap is not None
    root = safexml.parse(soap[0])
    (element_,) = root.iter(f"{DS}Signature")
    signature = xmldsig.read_signature(element_)
    xmldsig.check_algorithms(signature, xmldsig.AS4_PROFILE)
    tokens = list(root.iter("{*}BinarySecurityToken"))
    assert signature.key_info is not None
    (named,) = signature.key_info.iter("{*}Reference")
    (token,) = [t for t in tokens if "#" + str(t.get(WSU_ID)) == named.get("URI")]
    xmldsig.verify_value(signature, pki.load_certificate(token.text or ""))
    ids = {e.get(WSU_ID): e for e in root.iter(etree.Element) if e.get(WSU_ID)}
    targets = [r for r in signature.references if r.uri.startswith("#")]
    assert len(targets) == 2
    for one in targets:
        xmldsig.verify_element(one, ids[one.uri[1:]])
