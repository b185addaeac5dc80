# SPDX-License-Identifier: Apache-2.0
"""Replies: receipts and errors, signed or not, right or wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape, quoteattr

from tests.forge import keys, names
from tests.forge.cast import Cast
from tests.forge.header import messaging
from tests.forge.request import Request, same
from tests.forge.signing import MARK, Edit, Ref, Signing, sign, tree
from tests.forge.wire import Capture, Wire

Repeated = tuple[str, str, bytes]  # URI, digest algorithm, digest


def repeated(request: Request, cast: Cast) -> list[Repeated]:
    """The references of a request, as its receiver repeats them."""
    soap = tree(request.soap_part(cast))
    found = []
    for reference in soap.iter(f"{{{names.DS}}}Reference"):
        method = reference.find(f"{{{names.DS}}}DigestMethod")
        value = reference.findtext(f"{{{names.DS}}}DigestValue")
        assert method is not None
        found.append(
            (reference.get("URI", ""), method.get("Algorithm", ""), base64.b64decode(value or ""))
        )
    return found


def nri(
    references: Sequence[Repeated], *, prefix: str = "ds", transforms: bool = True, gap: str = ""
) -> str:
    """ebbp:NonRepudiationInformation; a re-serialising peer loses transforms and prefixes."""
    namespace = names.EBBP if prefix == "ebbp" else names.DS
    return (
        f'<ebbp:NonRepudiationInformation xmlns:ebbp="{names.EBBP}" xmlns:{prefix}="{namespace}">'
        + "".join(
            f"<ebbp:MessagePartNRInformation>{gap}<{prefix}:Reference URI={quoteattr(uri)}>"
            + (
                f'<{prefix}:Transforms><{prefix}:Transform Algorithm="{names.EC}"/>'
                f"</{prefix}:Transforms>"
                if transforms
                else ""
            )
            + f'{gap}<{prefix}:DigestMethod Algorithm="{digest}"/>'
            f"<{prefix}:DigestValue>{gap}{base64.b64encode(value).decode()}{gap}"
            f"</{prefix}:DigestValue></{prefix}:Reference></ebbp:MessagePartNRInformation>"
            for uri, digest, value in references
        )
        + "</ebbp:NonRepudiationInformation>"
    )


def error(
    code: str | None = "EBMS:0004",
    *,
    severity: str = "failure",
    detail: str | None = "PEPPOL:NOT_SERVICED",
    description: str | None = "no",
    lang: str = ' xml:lang="en"',
    ref: str | None = None,
    attributes: str = ' origin="ebMS" category="Content" shortDescription="Other"',
) -> str:
    """One eb:Error."""
    inside = (
        ""
        if description is None
        else f"<eb:Description{lang}>{escape(description)}</eb:Description>"
    )
    inside += "" if detail is None else f"<eb:ErrorDetail>{escape(detail)}</eb:ErrorDetail>"
    code_ = "" if code is None else f" errorCode={quoteattr(code)}"
    ref_ = "" if ref is None else f" refToMessageInError={quoteattr(ref)}"
    return f'<eb:Error severity="{severity}"{code_}{ref_}{attributes}>{inside}</eb:Error>'


RECEIPT = "receipt"
REQUEST, SIGNING, PLAIN = Request(), Signing(), Wire(plain=True, headers=())


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer to `request`."""

    request: Request = REQUEST
    content: str = RECEIPT  # what stands behind MessageInfo
    references: Callable[[list[Repeated]], list[Repeated]] = field(default=lambda refs: refs)
    nri: dict[str, object] = field(default_factory=dict)
    more: str = ""  # inside Receipt, behind the NRI
    ref: str | None = "the request's"
    timestamp: str = "2026-11-20T10:15:32.250Z"
    message_id: str | None = "signal-1@forge.example"
    signer: str = "receiver"
    signing_key: str | None = None
    signs: bool = True
    signing: Signing = SIGNING
    signed: Callable[[list[Ref]], list[Ref]] = field(default=lambda refs: refs)
    key_info: Callable[[Cast], str] | None = None
    token: Callable[[Cast], str] | None = None
    unit: Edit = same
    messaging: Edit = same
    body: Edit = same
    envelope: Edit = same
    soap: Edit = same
    security_first: bool = True
    wire: Wire = PLAIN
    status: int = 200

    def but(self, **changes: object) -> Reply:
        return replace(self, **changes)  # type: ignore[arg-type]

    def capture(self, cast: Cast) -> Capture:
        return replace(self.wire.capture(self.soap_part(cast).encode(), []), status=self.status)

    def soap_part(self, cast: Cast) -> str:
        header = self.messaging(messaging(self.unit(self._unit(cast)), identifier="msg-9"))
        security = self._security(cast) if self.signs else ""
        blocks = security + header if self.security_first else header + security
        body = self.body(f'<S12:Body xmlns:wsu="{names.WSU}" wsu:Id="body-9"/>')
        envelope = self.envelope(
            f'<S12:Envelope xmlns:S12="{names.S12}"><S12:Header>{blocks}</S12:Header>{body}'
            "</S12:Envelope>"
        )
        if not self.signs:
            return self.soap(envelope)
        info = keys.key_info(keys.direct("X-9")) if self.key_info is None else self.key_info(cast)
        refs = self.signed([Ref(uri="#msg-9"), Ref(uri="#body-9")])
        key = cast[self.signing_key or self.signer].key
        return self.soap(sign(envelope, refs, key, info, self.signing))

    def _unit(self, cast: Cast) -> str:
        ref = self.request.header.message_id if self.ref == "the request's" else self.ref
        named = "" if ref is None else f"<eb:RefToMessageId>{escape(ref)}</eb:RefToMessageId>"
        own = "" if self.message_id is None else f"<eb:MessageId>{self.message_id}</eb:MessageId>"
        content = self.content
        if content == RECEIPT:
            references = self.references(repeated(self.request, cast))
            written = nri(references, **self.nri) if references else ""  # type: ignore[arg-type]
            content = f"<eb:Receipt>{written}{self.more}</eb:Receipt>"
        return (
            f"<eb:SignalMessage><eb:MessageInfo><eb:Timestamp>{self.timestamp}</eb:Timestamp>"
            f"{own}{named}</eb:MessageInfo>{content}</eb:SignalMessage>"
        )

    def _security(self, cast: Cast) -> str:
        token = keys.token(cast[self.signer], "X-9") if self.token is None else self.token(cast)
        return (
            f'<wsse:Security xmlns:wsse="{names.WSSE}" xmlns:wsu="{names.WSU}" '
            f'S12:mustUnderstand="true">{token}{MARK}</wsse:Security>'
        )
