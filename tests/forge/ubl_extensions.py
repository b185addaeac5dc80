# SPDX-License-Identifier: Apache-2.0
"""Contents for UBL extensions: foreign, UBL, and a signature that uses much of its vocabulary."""

from __future__ import annotations

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

SIGNATURE = f"""
<sig:UBLDocumentSignatures xmlns:sig="{_UBL}CommonSignatureComponents-2"
 xmlns:sac="{_UBL}SignatureAggregateComponents-2" xmlns:sbc="{_UBL}SignatureBasicComponents-2"
 xmlns:cbc="{_UBL}CommonBasicComponents-2" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:late="http://uri.etsi.org/01903/v1.4.1#">
<sac:SignatureInformation><cbc:ID>1</cbc:ID><sbc:ReferencedSignatureID>2</sbc:ReferencedSignatureID>
<ds:Signature Id="s1"><ds:SignedInfo Id="i1">
<ds:CanonicalizationMethod Algorithm="urn:c14n"/>
<ds:SignatureMethod Algorithm="urn:hmac"><ds:HMACOutputLength>128</ds:HMACOutputLength>
</ds:SignatureMethod>
<ds:Reference Id="r1" URI="" Type="urn:t"><ds:Transforms><ds:Transform Algorithm="urn:x">
<ds:XPath>not(a)</ds:XPath></ds:Transform></ds:Transforms>
<ds:DigestMethod Algorithm="urn:sha"/><ds:DigestValue>QUJD</ds:DigestValue></ds:Reference>
</ds:SignedInfo><ds:SignatureValue Id="v1">QUJD</ds:SignatureValue>
<ds:KeyInfo Id="k1"><ds:KeyName>key</ds:KeyName>
<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>QUJD</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>
</ds:RSAKeyValue></ds:KeyValue>
<ds:KeyValue><ds:DSAKeyValue><ds:P>QQ==</ds:P><ds:Q>QQ==</ds:Q><ds:G>QQ==</ds:G><ds:Y>QQ==</ds:Y>
<ds:Seed>QQ==</ds:Seed><ds:PgenCounter>QQ==</ds:PgenCounter></ds:DSAKeyValue></ds:KeyValue>
<ds:RetrievalMethod URI="urn:m"/>
<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=a</ds:X509IssuerName>
<ds:X509SerialNumber>12</ds:X509SerialNumber></ds:X509IssuerSerial><ds:X509SKI>QUJD</ds:X509SKI>
<ds:X509Certificate>QUJD</ds:X509Certificate></ds:X509Data>
<ds:PGPData><ds:PGPKeyID>QUJD</ds:PGPKeyID></ds:PGPData>
<ds:SPKIData><ds:SPKISexp>QUJD</ds:SPKISexp></ds:SPKIData><ds:MgmtData>m</ds:MgmtData></ds:KeyInfo>
<ds:Object Id="o1" MimeType="text/xml"><xades:QualifyingProperties Target="#s1" Id="q1">
<xades:SignedProperties Id="p1"><xades:SignedSignatureProperties Id="p2">
<xades:SigningTime>2026-01-31T12:00:00Z</xades:SigningTime>
<xades:SigningCertificate><xades:Cert URI="urn:c"><xades:CertDigest>
<ds:DigestMethod Algorithm="urn:sha"/><ds:DigestValue>QUJD</ds:DigestValue></xades:CertDigest>
<xades:IssuerSerial><ds:X509IssuerName>CN=a</ds:X509IssuerName>
<ds:X509SerialNumber>12</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert>
</xades:SigningCertificate>
<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId>
<xades:Identifier Qualifier="OIDAsURN">urn:oid:1.2</xades:Identifier>
<xades:DocumentationReferences><xades:DocumentationReference>urn:d</xades:DocumentationReference>
</xades:DocumentationReferences></xades:SigPolicyId><xades:SigPolicyHash>
<ds:DigestMethod Algorithm="urn:sha"/><ds:DigestValue>QUJD</ds:DigestValue></xades:SigPolicyHash>
<xades:SigPolicyQualifiers><xades:SigPolicyQualifier><xades:SPURI>urn:p</xades:SPURI>
</xades:SigPolicyQualifier></xades:SigPolicyQualifiers></xades:SignaturePolicyId>
</xades:SignaturePolicyIdentifier>
<xades:SignatureProductionPlace><xades:City>Delft</xades:City></xades:SignatureProductionPlace>
<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole>clerk</xades:ClaimedRole>
</xades:ClaimedRoles></xades:SignerRole></xades:SignedSignatureProperties>
<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#r1">
<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat>
<xades:CommitmentTypeIndication><xades:CommitmentTypeId><xades:Identifier>urn:i</xades:Identifier>
</xades:CommitmentTypeId><xades:AllSignedDataObjects/></xades:CommitmentTypeIndication>
</xades:SignedDataObjectProperties></xades:SignedProperties>
<xades:UnsignedProperties><xades:UnsignedSignatureProperties>
<xades:SignatureTimeStamp Id="t1"><xades:Include URI="#v1" referencedData="true"/>
<ds:CanonicalizationMethod Algorithm="urn:c14n"/>
<xades:EncapsulatedTimeStamp Id="t2" Encoding="urn:der">QUJD</xades:EncapsulatedTimeStamp>
</xades:SignatureTimeStamp>
<xades:CompleteRevocationRefs><xades:CRLRefs><xades:CRLRef><xades:DigestAlgAndValue>
<ds:DigestMethod Algorithm="urn:sha"/><ds:DigestValue>QUJD</ds:DigestValue>
</xades:DigestAlgAndValue><xades:CRLIdentifier><xades:Issuer>CN=a</xades:Issuer>
<xades:IssueTime>2026-01-31T12:00:00</xades:IssueTime><xades:Number>5</xades:Number>
</xades:CRLIdentifier></xades:CRLRef></xades:CRLRefs></xades:CompleteRevocationRefs>
<xades:CertificateValues><xades:EncapsulatedX509Certificate>QUJD</xades:EncapsulatedX509Certificate>
<xades:OtherCertificate>x<cbc:ID>y</cbc:ID></xades:OtherCertificate>
</xades:CertificateValues>
<late:ArchiveTimeStampV2><xades:XMLTimeStamp/></late:ArchiveTimeStampV2>
<late:TimeStampValidationData UR="urn:r"/>
</xades:UnsignedSignatureProperties></xades:UnsignedProperties></xades:QualifyingProperties>
</ds:Object></ds:Signature></sac:SignatureInformation></sig:UBLDocumentSignatures>
"""

CONTENTS = (
    SIGNATURE,
    '<x xmlns="urn:example:foreign" a="1"><y>text</y>tail</x>',
    "<x>no namespace</x>",
    f'<ID xmlns="{_UBL}CommonBasicComponents-2" schemeID="s">1</ID>',
    f'<TaxAmount xmlns="{_UBL}CommonBasicComponents-2">1</TaxAmount>',
    f'<NoSuch xmlns="{_UBL}CommonBasicComponents-2">1</NoSuch>',
    f'<Address xmlns="{_UBL}CommonAggregateComponents-2"><Wrong/></Address>',
    f'<x xmlns="urn:example:foreign"><Country xmlns="{_UBL}CommonAggregateComponents-2"/></x>',
    f'<x xmlns="urn:example:foreign"><IssueDate xmlns="{_UBL}CommonBasicComponents-2"/></x>',
    f'<CreditNote xmlns="{_UBL}CreditNote-2"><wrong/></CreditNote>',
    f'<Invoice xmlns="{_UBL}Invoice-2"><wrong/></Invoice>',
    f'<Order xmlns="{_UBL}Order-2"><wrong/></Order>',
    f'<ExtensionReason xmlns="{_UBL}CommonExtensionComponents-2">own namespace</ExtensionReason>',
    '<KeyName xmlns="http://www.w3.org/2000/09/xmldsig#">key</KeyName>',
    '<X509Data xmlns="http://www.w3.org/2000/09/xmldsig#"/>',
    '<Any xmlns="http://uri.etsi.org/01903/v1.3.2#"><z xmlns=""/></Any>',
    '<TimeStampValidationData xmlns="http://uri.etsi.org/01903/v1.4.1#" Id="i1"/>',
    "",
)
"""What to put into one `ext:ExtensionContent`."""

TYPES = (
    *(
        "cbc:IDType",
        "cbc:UUIDType",
        "cbc:TaxAmountType",
        "cbc:NoteType",
        "cac:PartyType",
        "cac:ItemType",
    ),
    *("udt:IdentifierType", "udt:AmountType", "udt:TextType", "udt:DateType", "udt:CodeType"),
    *(
        "cct:AmountType",
        "cct:TextType",
        "cct:DateTimeType",
        "cct:IdentifierType",
        "cct:NumericType",
    ),
    *("xs:string", "xs:token", "xs:decimal", "xs:integer", "xs:date", "xs:anyType", "xs:anyURI"),
    *("ds:CryptoBinary", "ds:DigestValueType", "ds:SignatureType", "ds:X509IssuerSerialType"),
    *("xades:AnyType", "xades:XAdESTimeStampType", "xades:GenericTimeStampType"),
    *("xades:OtherTimeStampType", "xades:IdentifierType", "xades:ResponderIDType"),
    *(
        "ext:ExtensionContentType",
        "inv:InvoiceType",
        "cn:CreditNoteType",
        "cac:NoSuchType",
        "qdt:x",
    ),
    *("late:ValidationDataType", "IDType", "nowhere:IDType", ""),
)
"""Values for `xsi:type`."""

PREFIXES = {
    "xs": "http://www.w3.org/2001/XMLSchema",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "udt": f"{_UBL}UnqualifiedDataTypes-2",
    "qdt": f"{_UBL}QualifiedDataTypes-2",
    "cct": "urn:un:unece:uncefact:data:specification:CoreComponentTypeSchemaModule:2",
    "inv": f"{_UBL}Invoice-2",
    "cn": f"{_UBL}CreditNote-2",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
    "late": "http://uri.etsi.org/01903/v1.4.1#",
}
"""The prefixes in `TYPES`."""
