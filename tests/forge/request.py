# SPDX-License-Identifier: Apache-2.0
"""A whole request: header, parts, security and MIME, each piece open to change.

`Request()` is a right message. `but(...)` changes fields; fields that are edits get the text of the
piece at that point, so a change may come before or after signing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.forge import keys, names
from tests.forge.cast import Cast
from tests.forge.header import Header, Info, messaging
from tests.forge.keys import Wrapping
from tests.forge.payload import Part
from tests.forge.signing import MARK, Edit, Ref, Signing, sign
from tests.forge.wire import Capture, Wire

KeyForm = Callable[[Cast], str]
HEADER, WIRE, SIGNING, WRAPPING = Header(), Wire(), Signing(), Wrapping()


def same(text: str) -> str:
    return text


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request. Names of holders are those of the cast."""

    header: Header = HEADER
    parts: tuple[Part, ...] = (Part(),)
    infos: tuple[Info, ...] | None = None  # None: one for each part that is named
    wire: Wire = WIRE
    # who
    signer: str = "sender"
    signing_key: str | None = None  # None: the signer's own
    recipient: str = "receiver"
    # the signature
    signing: Signing = SIGNING
    references: Callable[[list[Ref]], list[Ref]] = field(default=lambda refs: refs)
    messaging_ref: dict[str, object] = field(default_factory=dict)
    body_ref: dict[str, object] = field(default_factory=dict)
    part_ref: dict[str, object] = field(default_factory=dict)
    signature_key: KeyForm | None = None  # the whole ds:KeyInfo
    signer_token: dict[str, object] = field(default_factory=dict)
    # the encryption
    wrapping: Wrapping = WRAPPING
    key: bytes = b"sixteen byte key"
    wrapped_key: bytes | None = None  # what is wrapped instead
    cipher: str = names.AES128_GCM
    key_form: KeyForm | None = None  # the child of the EncryptedKey's SecurityTokenReference
    data_info: str | None = None  # the KeyInfo of EncryptedData
    listed: bool = True  # a ReferenceList
    # edits, in the order in which they happen
    unit: Edit = same  # eb:UserMessage
    messaging: Edit = same  # eb:Messaging
    body: Edit = same
    encryption: Edit = same  # tokens, key and data
    security: Edit = same  # the Security header with the mark, before signing
    envelope: Edit = same  # before signing
    soap: Edit = same  # after signing
    messaging_id: str = "msg-1"
    body_id: str = "body-1"
    security_first: bool = True
    encrypts: bool = True
    signs: bool = True
    blocks: str = ""  # further header blocks
    encoded: Callable[[bytes], bytes] = field(default=lambda data: data)

    def but(self, **changes: object) -> Request:
        return replace(self, **changes)  # type: ignore[arg-type]

    def capture(self, cast: Cast) -> Capture:
        """The HTTP message."""
        soap = self.encoded(self.soap_part(cast).encode())
        return self.wire.capture(soap, [p.on_wire(self.key) for p in self.parts if p.present])

    def soap_part(self, cast: Cast) -> str:
        """The envelope, signed."""
        envelope = self.envelope(self._envelope(self._security(cast)))
        if not self.signs:
            return self.soap(envelope.replace(MARK, ""))
        info = (
            keys.key_info(keys.direct("X509-1"))
            if self.signature_key is None
            else self.signature_key(cast)
        )
        key = cast[self.signing_key or self.signer].key
        return self.soap(
            sign(envelope, self.references(self._references()), key, info, self.signing)
        )

    def _envelope(self, security: str) -> str:
        infos = self.infos
        if infos is None:
            infos = tuple(p.info or Info(href=p.href) for p in self.parts if p.named)
        unit = self.unit(self.header.user_message(infos))
        header = self.messaging(messaging(unit, identifier=self.messaging_id))
        blocks = security + header if self.security_first else header + security
        body = f'<S12:Body xmlns:wsu="{names.WSU}" wsu:Id="{self.body_id}"/>'
        return (
            f'<S12:Envelope xmlns:S12="{names.S12}"><S12:Header>{blocks}{self.blocks}</S12:Header>'
            f"{self.body(body)}</S12:Envelope>"
        )

    def _security(self, cast: Cast) -> str:
        encryption = self.encryption(self._encryption(cast)) if self.encrypts else ""
        token = keys.token(cast[self.signer], "X509-1", **self.signer_token)  # type: ignore[arg-type]
        return self.security(
            f'<wsse:Security xmlns:wsse="{names.WSSE}" xmlns:wsu="{names.WSU}" '
            f'S12:mustUnderstand="true">{encryption}{token}{MARK}</wsse:Security>'
        )

    def _encryption(self, cast: Cast) -> str:
        data = [part for part in self.parts if part.data]
        if not data:
            return ""
        recipient = cast[self.recipient]
        form = keys.direct("G-1") if self.key_form is None else self.key_form(cast)
        token = keys.token(recipient, "G-1") if self.key_form is None else ""
        wrapped = self.wrapping.wrap(self.wrapped_key or self.key, recipient)
        ids = tuple(f"ED-{number}" for number in range(len(data)))
        key = keys.encrypted_key(
            keys.b64(wrapped),
            self.wrapping.element(),
            keys.key_info(form),
            ids if self.listed else (),
        )
        return (
            token
            + key
            + "".join(
                keys.encrypted_data(part, identifier, cipher=self.cipher, info=self.data_info)
                for part, identifier in zip(data, ids, strict=True)
            )
        )

    def _references(self) -> list[Ref]:
        refs = [
            Ref(uri=f"#{self.messaging_id}", **self.messaging_ref),  # type: ignore[arg-type]
            Ref(uri=f"#{self.body_id}", **self.body_ref),  # type: ignore[arg-type]
        ]
        for part in self.parts:
            if part.signed:
                data = part.content if part.digested is None else part.digested
                uri = part.href if part.signed_uri is None else part.signed_uri
                refs.append(Ref(uri=uri, data=data, **self.part_ref))  # type: ignore[arg-type]
        return refs
