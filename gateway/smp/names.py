# SPDX-License-Identifier: Apache-2.0
"""The DNS name of a participant, and the SMP address that a NAPTR answer gives. No asking here.

Sources: Peppol SML 1.3.0 section 2.1, Policy for use of Identifiers 4.4.0 Policy 7, RFC 4848.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import SplitResult, quote, urlsplit

from gateway.identifiers import DocumentTypeId, ParticipantId
from gateway.smp.errors import NotRegisteredError

MAX_ADDRESS = 2000  # of an SMP or an endpoint; real ones have at most 700 characters

_SERVICE = "meta:smp"
_WHOLE_NAME = frozenset({".*", "^.*$", "^.*", ".*$"})  # the patterns that mean "take the URL"
_SUBSTITUTION_PARTS = 4  # nothing, pattern, URL, flags


class NAPTR(Protocol):
    """The fields of a NAPTR record that matter here."""

    @property
    def order(self) -> int:
        """Records of the lowest order count."""
        ...

    @property
    def preference(self) -> int:
        """Lowest first among those of one order."""
        ...

    @property
    def flags(self) -> str:
        """`U` for a record whose result is an address."""
        ...

    @property
    def service(self) -> str:
        """`Meta:SMP`; others may stand beside it."""
        ...

    @property
    def regexp(self) -> str:
        """The substitution that gives the address."""
        ...


def dns_name(participant: ParticipantId, zone: str) -> str:
    """The name that is asked for NAPTR records, absolute."""
    digest = hashlib.sha256(participant.folded.encode("ascii")).digest()
    label = base64.b32encode(digest).decode("ascii").rstrip("=")
    return f"{label}.{participant.scheme}.{zone.strip('.')}."


def smp_address(records: Iterable[NAPTR], *, allow_http: bool = False) -> str:
    """The base address of the SMP, without a final slash. Raises `NotRegisteredError`."""
    everything = list(records)
    if not everything:
        raise NotRegisteredError("the participant is not registered", cause="nodata")
    usable = [
        record
        for record in everything
        if record.service.lower() == _SERVICE and record.flags.lower() == "u"
    ]
    if not usable:
        raise NotRegisteredError(
            "the participant is registered, but names no SMP", cause="no_smp_record"
        )
    first = min(usable, key=lambda record: (record.order, record.preference))
    address = _substituted(first.regexp)
    parts = split_address(address, allow_http=allow_http)
    if parts is None or "?" in address or "#" in address:
        raise NotRegisteredError(
            "the participant's registration names an address that must not be used",
            cause="faulty_smp_address",
            advice="The receiver's provider has to correct the registration.",
        )
    return address.removesuffix("/")


def split_address(address: str, *, allow_http: bool = False) -> SplitResult | None:
    """The parts of an address of somebody else; None when it must not be used.

    It is https (http only where allowed), has a host, no user name and no odd characters.
    """
    if len(address) > MAX_ADDRESS or not address.isascii() or not address.isprintable():
        return None
    if any(character in address for character in ' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or "@" in parts.netloc:
        return None
    scheme = parts.scheme.lower()
    return parts if scheme == "https" or (scheme == "http" and allow_http) else None


def group_path(participant: ParticipantId) -> str:
    """The path of a participant's service group at an SMP."""
    return f"/{quote(participant.uri, safe='')}"


def metadata_path(participant: ParticipantId, document_type: DocumentTypeId) -> str:
    """The path of one record; each identifier is encoded by itself (SMP 1.4.0, section 5.3)."""
    return f"{group_path(participant)}/services/{quote(document_type.uri, safe='')}"


def _substituted(regexp: str) -> str:
    """Apply a substitution to the whole name, once. Foreign patterns are compared, never run.

    Back-references and escaped delimiters fail here or in the address: nobody writes them.
    """
    parts = regexp.split(regexp[:1]) if regexp else []
    if len(parts) != _SUBSTITUTION_PARTS:
        return ""
    _, pattern, address, flags = parts
    return address if pattern in _WHOLE_NAME and flags in ("", "i") else ""
