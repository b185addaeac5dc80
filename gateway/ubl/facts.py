# SPDX-License-Identifier: Apache-2.0
"""What routing and lists need to know of a business document, as a value.

Does not say whether the document is valid. Every fact may be missing: what is received is shown
as it is, and what is sent may name its routing outside of the document. Sources: Policy for use of
Identifiers 4.4.0, Policies 9, 10, 18 to 20; Dutch Guideline for identifiers of recipients 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.errors import Fault, GatewayError
from gateway.identifiers import (
    DOCUMENT_TYPE_EXACT,
    DOCUMENT_TYPE_WILDCARD,
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
    ProcessId,
)
from gateway.ubl.paths import (
    CII,
    CII_PARTIES,
    UBL,
    UBL_PARTIES,
    Parties,
    cii_version,
    ubl_version,
)

_PINT = "urn:peppol:pint:"  # the only documents under the wildcard scheme in list 9.7
# Self-billed invoice, debit note and credit note of UNCL 1001: the buyer writes and sends them.
_SELF_BILLED_CODES = ("389", "527", "261")
_CREDIT_NOTE_CODES = ("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532")
_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_AMOUNT = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,10})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_ICD = re.compile(r"[0-9]{4}")

Value = tuple[str, str | None]  # the text and the scheme that stands beside it
Values = Mapping[str, Sequence[Value]]


class FactsError(GatewayError):
    """The document does not say what kind it is."""

    code = "document_type_unknown"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What a document says of itself; `problems` tells which of it could not be used.

    `kind` is "invoice", "credit_note", or the root element's name. Sender and receiver are the
    ends of the transport: of a self-billed invoice the buyer is the sender.
    """

    namespace: str
    local_name: str
    kind: str
    document_type: DocumentTypeId | None = None
    process: ProcessId | None = None
    sender: ParticipantId | None = None
    receiver: ParticipantId | None = None
    customization_id: str | None = None
    profile_id: str | None = None
    number: str | None = None
    issue_date: date | None = None
    due_date: date | None = None
    type_code: str | None = None
    seller_name: str | None = None
    buyer_name: str | None = None
    seller_country: str | None = None
    buyer_country: str | None = None
    payable_amount: str | None = None
    currency: str | None = None
    order_reference: str | None = None
    buyer_reference: str | None = None
    response_code: str | None = None
    answered_document: str | None = None
    problems: tuple[str, ...] = ()

    def require_document_type(self) -> DocumentTypeId:
        """The document type, or `FactsError` with what is in the way."""
        if self.document_type is None:
            raise FactsError(
                self.problems[0] if self.problems else "the kind of document is not known",
                advice="Give the document type with the document.",
            )
        return self.document_type


def build_facts(root: str, values: Values) -> DocumentFacts:
    """Facts from the texts that were found, by the root element's name."""
    namespace, _, local_name = root.rpartition(" ")
    is_cii = (namespace, local_name) == (CII, "CrossIndustryInvoice")
    if not is_cii and namespace != f"{UBL}{local_name}-2":
        return DocumentFacts(namespace=namespace, local_name=local_name, kind=local_name)
    parties = CII_PARTIES if is_cii else UBL_PARTIES.get(local_name)
    found = _Found(values)
    customization_id = found.text("customization_id")
    profile_id = found.text("profile_id")
    type_code = found.text("type_code")
    self_billed = "selfbilling" in (customization_id or "") or type_code in _SELF_BILLED_CODES
    sender, receiver = found.ends(parties, turned=self_billed)
    return DocumentFacts(
        namespace=namespace,
        local_name=local_name,
        kind=_kind(local_name, type_code),
        document_type=found.document_type(root, customization_id, is_cii=is_cii),
        process=found.process(profile_id),
        sender=sender,
        receiver=receiver,
        customization_id=customization_id,
        profile_id=profile_id,
        number=found.text("number"),
        issue_date=found.date("issue_date"),
        due_date=found.date("due_date") or found.date("payment_due_date"),
        type_code=type_code,
        seller_name=found.name(parties.seller if parties else None),
        buyer_name=found.name(parties.buyer if parties else None),
        seller_country=found.text(f"{parties.seller} country") if parties else None,
        buyer_country=found.text(f"{parties.buyer} country") if parties else None,
        payable_amount=found.matching("payable_amount", _AMOUNT),
        currency=found.matching("currency", _CURRENCY) or found.currency_of_amount(),
        order_reference=found.text("order_reference"),
        buyer_reference=found.text("buyer_reference"),
        response_code=found.text("response_code"),
        answered_document=found.text("answered_document"),
        problems=tuple(found.problems),
    )


def _kind(local_name: str, type_code: str | None) -> str:
    if local_name == "CreditNote":
        return "credit_note"
    if local_name == "CrossIndustryInvoice":
        return "credit_note" if type_code in _CREDIT_NOTE_CODES else "invoice"
    return "invoice" if local_name == "Invoice" else local_name


class _Found:
    """The texts that were found, turned into values; notes what could not be."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.problems: list[str] = []

    def text(self, fact: str) -> str | None:
        for text, _ in self._values.get(fact, ()):
            return text or None
        return None

    def name(self, party: str | None) -> str | None:
        return self.text(f"{party} legal_name") or self.text(f"{party} name")

    def matching(self, fact: str, pattern: re.Pattern[str]) -> str | None:
        text = self.text(fact)
        return text if text is not None and pattern.fullmatch(text) else None

    def currency_of_amount(self) -> str | None:
        for _, currency in self._values.get("payable_amount", ()):
            return currency if currency and _CURRENCY.fullmatch(currency) else None
        return None

    def date(self, fact: str) -> date | None:
        found = _DATE.fullmatch(self.text(fact) or "")
        try:
            return date(*map(int, found.groups())) if found else None
        except ValueError:
            return None

    def document_type(
        self, root: str, customization_id: str | None, *, is_cii: bool
    ) -> DocumentTypeId | None:
        if customization_id is None:
            self.problems.append("the document has no CustomizationID")
            return None
        scheme = DOCUMENT_TYPE_EXACT
        if customization_id.startswith(_PINT):
            scheme = DOCUMENT_TYPE_WILDCARD
        version = (cii_version if is_cii else ubl_version)(customization_id)
        syntax = root.replace(" ", "::")
        try:
            found = DocumentTypeId(scheme, f"{syntax}##{customization_id}::{version}")
        except InvalidIdentifierError:
            found = None
        if found is None or "*" in customization_id:
            self.problems.append("the CustomizationID cannot be part of a document type")
            return None
        return found

    def process(self, profile_id: str | None) -> ProcessId | None:
        if profile_id is None:
            self.problems.append("the document has no ProfileID")
            return None
        try:
            return ProcessId(profile_id)
        except InvalidIdentifierError:
            self.problems.append("the ProfileID is not a process identifier")
            return None

    def ends(
        self, parties: Parties | None, *, turned: bool
    ) -> tuple[ParticipantId | None, ParticipantId | None]:
        if parties is None:
            return None, None
        sender, receiver = parties.sender, parties.receiver
        if turned:
            sender, receiver = receiver, sender
        found = self._endpoint(sender, "sender")
        return found, self._endpoint(receiver, "receiver") or self._registered(receiver)

    def _endpoint(self, party: str, role: str) -> ParticipantId | None:
        for text, scheme in self._values.get(f"{party} endpoint", ()):
            found = _participant(text, scheme)
            if found is None:
                self.problems.append(f"the EndpointID of the {role} is not a participant")
            return found
        self.problems.append(f"the document has no EndpointID of the {role}")
        return None

    def _registered(self, party: str) -> ParticipantId | None:
        """Dutch guideline 1.2: a receiver without EndpointID, by its registrations."""
        if f"{party} endpoint" in self._values:
            return None
        for fact in ("company", "identification"):
            for text, scheme in self._values.get(f"{party} {fact}", ()):
                if (found := _participant(text, scheme)) is not None:
                    return found
        for text, _ in self._values.get(f"{party} tax", ()):
            number = text.replace(".", "").replace(" ", "").lower()
            if number.startswith("nl"):
                return _participant(number, "9944")
        return None


def _participant(text: str, scheme: str | None) -> ParticipantId | None:
    if scheme is None or not _ICD.fullmatch(scheme):
        return None
    try:
        return ParticipantId(f"{scheme}:{text}")
    except InvalidIdentifierError:
        return None
