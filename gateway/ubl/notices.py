# SPDX-License-Identifier: Apache-2.0
"""What people should know beside the verdict: sentences in both languages, with a code."""

from __future__ import annotations

from datetime import date

import msgspec

_SHOWN = 200  # characters of a document's own text in a sentence


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence; `code` never changes."""

    code: str
    en: str
    nl: str


CUSTOMIZATION_MISSING = Notice(
    code="customization_missing",
    en="The document has no CustomizationID (BT-24), so no rules are known for it.",
    nl="Het document heeft geen CustomizationID (BT-24); er zijn dus geen regels voor bekend.",
)
NO_SCHEMA = Notice(
    code="no_schema",
    en="There is no schema here for documents of this kind.",
    nl="Voor dit soort document is hier geen schema.",
)
DOMESTIC = Notice(
    code="domestic_form",
    en="Seller and buyer are both Dutch: SI-UBL 2.0 (NLCIUS) is the usual form between them.",
    nl="Verkoper en koper zijn beide Nederlands: SI-UBL 2.0 (NLCIUS) is dan de gebruikelijke vorm.",
)


def customization_unknown(name: str, customization: str) -> Notice:
    """No kind takes this CustomizationID on this root."""
    said = customization[:_SHOWN]
    return Notice(
        code="customization_unknown",
        en=f"No rules are known for {name} with the CustomizationID {said!r}.",
        nl=f"Voor {name} met het CustomizationID {said!r} zijn geen regels bekend.",
    )


def not_loaded(title: str) -> Notice:
    """The kind is known, its rules are not here."""
    return Notice(
        code="not_loaded",
        en=f"The rules of {title} are not installed here.",
        nl=f"De regels van {title} zijn hier niet geïnstalleerd.",
    )


def coming(alias: str, valid_from: date | None) -> Notice:
    """Judged by rules that are not in force yet."""
    return Notice(
        code="rule_set_coming",
        en=f"Judged by {alias}, which applies from {valid_from}.",
        nl=f"Beoordeeld volgens {alias}, van kracht vanaf {valid_from}.",
    )


def expired(alias: str, valid_to: date | None) -> Notice:
    """Judged by rules whose successor is not loaded."""
    return Notice(
        code="rule_set_expired",
        en=f"{alias} was valid until {valid_to}; no later release is loaded here.",
        nl=f"{alias} gold tot en met {valid_to}; een latere versie is hier niet geladen.",
    )


def profile_unusual(title: str, profile: str, usual: str) -> Notice:
    """A ProfileID that is not among those of the kind."""
    en = f"is {profile[:_SHOWN]!r}" if profile else "is missing"
    nl = f"is {profile[:_SHOWN]!r}" if profile else "ontbreekt"
    return Notice(
        code="profile_unusual",
        en=f"The ProfileID (BT-23) {en}; {title} is sent as {usual!r}.",
        nl=f"Het ProfileID (BT-23) {nl}; bij {title} hoort {usual!r}.",
    )


def other_encoding(encoding: str) -> Notice:
    """Judged, but no access point takes it."""
    return Notice(
        code="encoding",
        en=f"The document is written in {encoding.upper()}; the network takes UTF-8 only.",
        nl=f"Het document staat in {encoding.upper()}; het netwerk neemt alleen UTF-8 aan.",
    )
