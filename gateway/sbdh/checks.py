# SPDX-License-Identifier: Apache-2.0
"""The values of a header, judged row by row before they become an `Envelope`.

Peppol Business Message Envelope 2.0.1, sections 2.1 to 2.5; the structure is judged elsewhere.
Message level statuses: Peppol MLS 1.0.1, section 4.2 (an unknown MLS_TYPE is read as the default).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from gateway.identifiers import (
    DOCUMENT_TYPE_EXACT,
    PARTICIPANT_SCHEME,
    PROCESS_SCHEME,
    DocumentTypeId,
    InvalidIdentifierError,
    ParticipantId,
    ProcessId,
)
from gateway.sbdh.envelope import (
    BINARY,
    MLS_TYPES,
    TEXT,
    XML_MEDIA_TYPE,
    Envelope,
    EnvelopeError,
    is_country,
    is_mls_receiver,
)
from gateway.sbdh.structure import Header, Scope

_LEAST_SCOPES = 3
_MOST_OFFSET = timedelta(hours=14)
_IGNORED_KEYS = ("COUNTRY_C4", "TECHNICAL_VALIDATION_URL", "TECHNICAL_VALIDATION_REQUIRED")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T)([0-9]{2})(:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-5][0-9]))?"
)
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}(?: *;[ -~]{1,80})?"
)


def judge(header: Header, *, root: str, attributes: list[str]) -> Envelope:
    """Rows 3 to 12 of the checks on receipt, in their order. Raises `EnvelopeError`.

    `root` is the name of the element after the header. The caller has done rows 1 and 2 up to
    there and still owes the rest of row 2, the comparison with AS4 and whether we serve this.
    """
    # 3. version of the header
    if header.clean(header.version) != "1.0":
        raise EnvelopeError("HeaderVersion is not 1.0")
    # 4, 5, 6. one sender, one receiver, their scheme and their values
    sender = _participant(header, "Sender", header.senders)
    receiver = _participant(header, "Receiver", header.receivers)
    # 7. at least three scopes, no key twice
    scopes = _scopes_by_key(header)
    # 8. document type
    document_type = _document_type(header, scopes.get("DOCUMENTID"))
    # 9. process
    process = _process(header, scopes.get("PROCESSID"))
    # 10. country of the sender
    country_c1 = _country(header, scopes.get("COUNTRY_C1"))
    # 11. message level status, and keys that are reserved for what we do not do
    mls_to, mls_type = _message_level_status(header, scopes)
    # 12. identification of this envelope and of the kind of document
    instance_id = header.clean(header.identification["InstanceIdentifier"])
    if not instance_id:
        raise EnvelopeError("InstanceIdentifier is empty")
    created_at = _date_time(header, header.identification["CreationDateAndTime"])
    media_type = _media_type(header, root, attributes)
    standard, type_name, type_version = _kind(header, root, document_type)
    return Envelope(
        sender=sender,
        receiver=receiver,
        document_type=document_type,
        process=process,
        country_c1=country_c1,
        instance_id=instance_id,
        created_at=created_at,
        standard=standard,
        type_name=type_name,
        type_version=type_version,
        mls_to=mls_to,
        mls_type=mls_type,
        warnings=tuple(header.warnings),
        media_type=media_type,
    )


def _participant(
    header: Header, name: str, partners: list[tuple[str | None, str]]
) -> ParticipantId:
    if len(partners) != 1:
        raise EnvelopeError(f"there is not exactly one {name}")
    authority, value = partners[0]
    if authority is None or header.clean(authority) != PARTICIPANT_SCHEME:
        raise EnvelopeError(f"Authority of {name} is not {PARTICIPANT_SCHEME}")
    try:
        return ParticipantId(header.clean(value))
    except InvalidIdentifierError as error:
        raise EnvelopeError(f"Identifier of {name} is not a participant identifier") from error


def _scopes_by_key(header: Header) -> dict[str, Scope]:
    if len(header.scopes) < _LEAST_SCOPES:
        raise EnvelopeError("BusinessScope has fewer than three scopes")
    scopes = {header.clean(scope.key): scope for scope in header.scopes}
    if len(scopes) != len(header.scopes):
        raise EnvelopeError("BusinessScope has two scopes of the same type")
    return scopes


def _scheme(header: Header, scope: Scope, default: str) -> str:
    scheme = header.clean(scope.scheme or "")
    if not scheme:
        header.warn("a scope without a scheme was read with the default scheme")
    return scheme or default


def _document_type(header: Header, scope: Scope | None) -> DocumentTypeId:
    if scope is None:
        raise EnvelopeError("the scope DOCUMENTID is missing")
    try:
        document_type = DocumentTypeId(
            _scheme(header, scope, DOCUMENT_TYPE_EXACT), header.clean(scope.value)
        )
    except InvalidIdentifierError as error:
        raise EnvelopeError("DOCUMENTID is not a document type identifier") from error
    if "*" in document_type.value:
        raise EnvelopeError("DOCUMENTID has a wildcard, which is for registrations only")
    return document_type


def _process(header: Header, scope: Scope | None) -> ProcessId:
    if scope is None:
        raise EnvelopeError("the scope PROCESSID is missing")
    if _scheme(header, scope, PROCESS_SCHEME) != PROCESS_SCHEME:
        raise EnvelopeError(f"the scheme of PROCESSID is not {PROCESS_SCHEME}")
    try:
        return ProcessId(header.clean(scope.value))
    except InvalidIdentifierError as error:
        raise EnvelopeError("PROCESSID is not a process identifier") from error


def _country(header: Header, scope: Scope | None) -> str:
    if scope is None:
        raise EnvelopeError("the scope COUNTRY_C1 is missing")
    value = header.clean(scope.value)
    if not is_country(value):
        raise EnvelopeError("COUNTRY_C1 is not two capital letters")
    return value


def _message_level_status(
    header: Header, scopes: dict[str, Scope]
) -> tuple[str | None, str | None]:
    mls_to: str | None = None
    mls_type: str | None = None
    if (scope := scopes.get("MLS_TO")) is not None:
        mls_to = header.clean(scope.value)
        if header.clean(scope.scheme or "") != PARTICIPANT_SCHEME or not is_mls_receiver(mls_to):
            mls_to = None
            header.warn("MLS_TO is not valid and was ignored")
    if (scope := scopes.get("MLS_TYPE")) is not None:
        mls_type = header.clean(scope.value)
        if mls_type not in MLS_TYPES:
            mls_type = None
            header.warn("MLS_TYPE is not valid and was ignored")
    if any(key in scopes for key in _IGNORED_KEYS):
        header.warn("a scope that is reserved but not used was ignored")
    return mls_to, mls_type


def _date_time(header: Header, value: str) -> datetime:
    found = _DATE_TIME.fullmatch(header.clean(value))
    if found is None:
        raise EnvelopeError("CreationDateAndTime is not a date with a time")
    day, hour, rest, fraction, utc, sign, hours, minutes = found.groups()
    zone = UTC
    if sign is not None:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        if offset > _MOST_OFFSET:
            raise EnvelopeError("CreationDateAndTime is not a date with a time")
        zone = timezone(offset if sign == "+" else -offset)
    elif utc is None:
        header.warn("CreationDateAndTime has no time zone and was read as UTC")
    midnight = hour == "24" and rest == ":00:00" and not (fraction or "").strip("0")
    try:
        moment = datetime.fromisoformat(f"{day}{'00' if midnight else hour}{rest}").replace(
            microsecond=int((fraction or "0")[:6].ljust(6, "0")), tzinfo=zone
        )
        return (moment + timedelta(days=int(midnight))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EnvelopeError("CreationDateAndTime is not a date with a time") from error


def _media_type(header: Header, root: str, attributes: list[str]) -> str:
    if root not in (BINARY, TEXT):
        return XML_MEDIA_TYPE
    named = dict(zip(attributes[::2], attributes[1::2], strict=True))
    media_type = header.clean(named.get("mimeType", ""))
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise EnvelopeError("mimeType of the wrapped content is missing or not a media type")
    return media_type


def _kind(header: Header, root: str, document_type: DocumentTypeId) -> tuple[str, str, str]:
    standard, type_name, type_version = (
        header.clean(header.identification[name]) for name in ("Standard", "Type", "TypeVersion")
    )
    if root not in (BINARY, TEXT):  # what is in a wrapper has no root to compare with
        namespace, _, local_name = root.rpartition(" ")
        if not standard == namespace == document_type.namespace:
            raise EnvelopeError("Standard, DOCUMENTID and the document have different namespaces")
        if not type_name == local_name == document_type.local_name:
            raise EnvelopeError("Type, DOCUMENTID and the document have different element names")
        if type_version != document_type.version or ":" in type_version:
            raise EnvelopeError("TypeVersion is not the version that DOCUMENTID ends with")
    return standard, type_name, type_version
