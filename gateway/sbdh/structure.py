# SPDX-License-Identifier: Apache-2.0
"""The content model of the envelope's header: which element may stand where, and how often.

Restates what the UN/CEFACT schema of 2004 says of elements, order, cardinality, attributes and the
simple types, so that a header is judged while it streams by. Substitution for `ScopeInformation`
is limited to the two elements that the schema itself defines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.sbdh.envelope import NAMESPACE, EnvelopeError

_MANY = 1 << 30
_BLANKS = " \t\r\n"
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "  # type and location hints: ignored
_DATE_TIME = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)

_Model = tuple[tuple[frozenset[str], int, int], ...]


def _one(name: str) -> tuple[frozenset[str], int, int]:
    return frozenset({name}), 1, 1


def _maybe(name: str) -> tuple[frozenset[str], int, int]:
    return frozenset({name}), 0, 1


def _some(*names: str, least: int = 0) -> tuple[frozenset[str], int, int]:
    return frozenset(names), least, _MANY


_PARTNER: _Model = (_one("Identifier"), _some("ContactInformation"))
# Elements with children. All others of the namespace are leaves, where a parent names them.
_MODELS: dict[str, _Model] = {
    "StandardBusinessDocument": (),  # its two children are told apart by the reader
    "StandardBusinessDocumentHeader": (
        _one("HeaderVersion"),
        _some("Sender", least=1),
        _some("Receiver", least=1),
        _one("DocumentIdentification"),
        _maybe("Manifest"),
        _maybe("BusinessScope"),
    ),
    "Sender": _PARTNER,
    "Receiver": _PARTNER,
    "ContactInformation": (
        _one("Contact"),
        _maybe("EmailAddress"),
        _maybe("FaxNumber"),
        _maybe("TelephoneNumber"),
        _maybe("ContactTypeIdentifier"),
    ),
    "DocumentIdentification": (
        _one("Standard"),
        _one("TypeVersion"),
        _one("InstanceIdentifier"),
        _one("Type"),
        _maybe("MultipleType"),
        _one("CreationDateAndTime"),
    ),
    "Manifest": (_one("NumberOfItems"), _some("ManifestItem", least=1)),
    "ManifestItem": (
        _one("MimeTypeQualifierCode"),
        _one("UniformResourceIdentifier"),
        _maybe("Description"),
        _maybe("LanguageCode"),
    ),
    "BusinessScope": (_some("Scope"),),
    "Scope": (
        _one("Type"),
        _one("InstanceIdentifier"),
        _maybe("Identifier"),
        _some("CorrelationInformation", "BusinessService"),
    ),
    "CorrelationInformation": (
        _maybe("RequestingDocumentCreationDateTime"),
        _maybe("RequestingDocumentInstanceIdentifier"),
        _maybe("ExpectedResponseDateTime"),
    ),
    "BusinessService": (_maybe("BusinessServiceName"), _maybe("ServiceTransaction")),
    "ServiceTransaction": (),
}
_TRANSACTION_ATTRIBUTES = (
    "TypeOfServiceTransaction",
    "IsNonRepudiationRequired",
    "IsAuthenticationRequired",
    "IsNonRepudiationOfReceiptRequired",
    "IsIntelligibleCheckRequired",
    "IsApplicationErrorResponseRequested",
    "TimeToAcknowledgeReceipt",
    "TimeToAcknowledgeAcceptance",
    "TimeToPerform",
    "Recurrence",
)
_TRANSACTION_KINDS = ("RequestingServiceTransaction", "RespondingServiceTransaction")
_LOCAL_NAMES = {
    f"{NAMESPACE} {name}": name
    for name in set(_MODELS).union(*(names for model in _MODELS.values() for names, _, _ in model))
}
# `Identifier` has its attribute only below a partner; CreationDateAndTime is judged as a value.
_SIMPLE_TYPES = {
    "MultipleType": re.compile(r"true|false|1|0"),
    "NumberOfItems": re.compile(r"[+-]?[0-9]+"),
    "RequestingDocumentCreationDateTime": _DATE_TIME,
    "ExpectedResponseDateTime": _DATE_TIME,
}


@dataclass(slots=True)
class Open:
    """An element whose end has not come; a leaf has text, the others only elements."""

    name: str
    parent: str
    leaf: bool
    model: _Model
    place: int = 0
    count: int = 0

    def admit(self, child: str | None) -> None:
        """A child begins: refuse it out of order or once too often."""
        while self.place < len(self.model):
            names, least, most = self.model[self.place]
            if child in names:
                self.count += 1
                if self.count > most:
                    raise EnvelopeError(f"{self.name} has {child} more than once")
                return
            self._leave(names, least)
        raise EnvelopeError(f"{self.name} has an element that is unknown or out of order")

    def finish(self, text: str) -> None:
        """The element ends, with the text behind its last child: refuse it incomplete."""
        while self.place < len(self.model):
            names, least, _ = self.model[self.place]
            self._leave(names, least)
        if not self.leaf:
            self.refuse_text(text)
        pattern = _SIMPLE_TYPES.get(self.name)
        if pattern is not None and not pattern.fullmatch(text.strip(_BLANKS)):
            raise EnvelopeError(f"{self.name} has a value of the wrong type")

    def refuse_text(self, text: str) -> None:
        """Only blanks may stand between elements."""
        if text.strip(_BLANKS):
            raise EnvelopeError(f"{self.name} has text between its elements")

    def _leave(self, names: frozenset[str], least: int) -> None:
        if self.count < least:
            raise EnvelopeError(f"{self.name} lacks {min(names)}")
        self.place += 1
        self.count = 0


def begin(name: str, attributes: list[str], *, parent: Open | None) -> Open:
    """A header element begins, `name` as the stream parser gives it. Raises `EnvelopeError`."""
    local = _LOCAL_NAMES.get(name)
    within = ""
    if parent is not None:
        parent.admit(local)
        within = parent.name
    assert local is not None, "no model has a name that is not in the table"
    if attributes:
        _check_attributes(local, within, attributes)
    model = _MODELS.get(local)
    return Open(local, within, model is None, model or ())


def _check_attributes(name: str, parent: str, attributes: list[str]) -> None:
    allowed: tuple[str, ...] = ()
    if name == "Identifier" and parent in ("Sender", "Receiver"):
        allowed = ("Authority",)
    elif name == "ServiceTransaction":
        allowed = _TRANSACTION_ATTRIBUTES
    for key, value in zip(attributes[::2], attributes[1::2], strict=True):
        if key not in allowed and not key.startswith(_SCHEMA_INSTANCE):
            raise EnvelopeError(f"{name} has an attribute that is not allowed")
        if key == "TypeOfServiceTransaction" and value not in _TRANSACTION_KINDS:
            raise EnvelopeError("TypeOfServiceTransaction has a value of the wrong type")


@dataclass(slots=True)
class Scope:
    """One key of the header and its value; `scheme` is None where it was left out."""

    key: str = ""
    value: str = ""
    scheme: str | None = None


@dataclass(slots=True)
class Header:
    """A header as it was read, nothing of it judged but its structure."""

    version: str = ""
    senders: list[tuple[str | None, str]] = field(default_factory=list)
    receivers: list[tuple[str | None, str]] = field(default_factory=list)
    identification: dict[str, str] = field(default_factory=dict)
    scopes: list[Scope] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def clean(self, value: str) -> str:
        """The value without the blanks around it, which are noted."""
        stripped = value.strip(_BLANKS)
        if stripped != value:
            self.warn("blanks around values of the header were ignored")
        return stripped

    def warn(self, sentence: str) -> None:
        """Note what was tolerated, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)
