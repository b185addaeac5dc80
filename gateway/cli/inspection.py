# SPDX-License-Identifier: Apache-2.0
"""Judges captured messages as the gateway would, step by step, and keeps what each step found."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway import as4, pki
from gateway.cli.captures import Capture
from gateway.cli.findings import Finding, passed_steps, who
from gateway.identifiers import DocumentTypeId, ParticipantId, PartyId, ProcessId
from gateway.service.intake import Intake, Message

REQUEST_STEPS = (
    as4.Step.HTTP,
    as4.Step.MIME,
    as4.Step.XML,
    as4.Step.IDS,
    as4.Step.HEADER,
    as4.Step.PARTS,
    as4.Step.PMODE,
    as4.Step.SECURITY,
    as4.Step.ALGORITHMS,
    as4.Step.SIGNER,
    as4.Step.SIGNATURE,
    as4.Step.DUPLICATE,
    as4.Step.DECRYPT,
    as4.Step.DIGEST,
    as4.Step.DECOMPRESS,
    as4.Step.ENVELOPE,
    as4.Step.SERVICED,
)
_HEADER_STEPS = REQUEST_STEPS.index(as4.Step.DUPLICATE)  # what holds once the header verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one message, and the way to it."""

    kind: str
    outcome: str
    code: str | None = None
    step: str | None = None
    reason: str | None = None
    advice: str = ""
    message_id: str | None = None
    passed: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What messages are judged with: our keys, whom we trust, the moment, whom we do not serve."""

    keys: Sequence[pki.KeyPair]
    trust: pki.TrustPolicy
    revocation: pki.Revocation
    at: datetime
    not_serviced: frozenset[ParticipantId] = frozenset()
    _known: dict[tuple[PartyId, str], str] = field(default_factory=dict, init=False)

    def serves(
        self,
        receiver: ParticipantId,
        document_type: DocumentTypeId | None = None,  # noqa: ARG002 - the port's signature
        process: ProcessId | None = None,  # noqa: ARG002
    ) -> bool:
        """Everybody is received here but those that were named."""
        return receiver not in self.not_serviced

    def judge_request(self, capture: Capture) -> Judgement:
        """One user message; the bench remembers it, so that a repeat is told from a first one."""
        intake = Intake(
            capture.headers,
            keys=self.keys,
            trust=self.trust,
            revocation=self.revocation,
            served=self,
            at=self.at,
            sink=_Nowhere(),
        )
        try:
            _refuse_method(capture)
            if self._is_repeat(intake, capture.body):
                return _request(intake, outcome="duplicate")
            message = intake.message()
        except (as4.AS4Error, as4.SOAPFaultError, as4.HTTPRefusedError) as error:
            return _refused(intake, error)
        verified = message.received.verified
        header = verified.user_message
        self._known[header.sending_ap, header.message_id] = verified.digests
        outcome = "ping" if verified.ping else "accept"
        return _request(intake, outcome=outcome, message=message)

    def judge_reply(self, capture: Capture, sent: as4.Sent) -> Judgement:
        """One signal, as the answer to what was sent."""
        try:
            signal = as4.read_reply(
                capture.status,
                capture.headers,
                capture.body,
                sent,
                trust=self.trust,
                revocation=self.revocation,
                at=self.at,
            )
        except as4.ReplyRejectedError as error:
            missing = isinstance(error, as4.ReceiptMissingError)
            return Judgement(
                kind="signal",
                outcome="no-signal" if missing else "invalid-receipt",
                code=error.ebms_code,
                step=error.step,
                reason=error.detail,
                advice=error.advice,
                message_id=sent.message_id,
            )
        if isinstance(signal, as4.ErrorSignal):
            return _rejected(signal, sent)
        return _receipt(signal, sent)

    def _is_repeat(self, intake: Intake, body: bytes) -> bool:
        """Feed the body; a message that is known is not read on (docs/architecture.md, row 14)."""
        return any(
            intake.verified is not None and self._knows(intake.verified)
            for _ in itertools.chain(intake.feed(body), intake.close())
        )

    def _knows(self, verified: as4.Verified) -> bool:
        header = verified.user_message
        digests = self._known.get((header.sending_ap, header.message_id))
        if digests is not None and digests != verified.digests:
            raise as4.DuplicateContentError(message_id=header.message_id)
        return digests is not None


def _refuse_method(capture: Capture) -> None:
    if capture.method != "POST":
        raise as4.HTTPRefusedError("the method must be POST", status=405)


class _Nowhere:
    """A sink for bytes that nobody keeps."""

    def write(self, chunk: bytes, /) -> object:
        """Drop them."""
        return len(chunk)


def _request(intake: Intake, *, outcome: str, message: Message | None = None) -> Judgement:
    passed = passed_steps(
        REQUEST_STEPS if message else REQUEST_STEPS[:_HEADER_STEPS], intake, message
    )
    if message is None:
        passed = (*passed, Finding(step=as4.Step.DUPLICATE, found="known, with the same digests"))
    return Judgement(
        kind="usermessage", outcome=outcome, message_id=intake.message_id, passed=passed
    )


def _refused(
    intake: Intake, error: as4.AS4Error | as4.SOAPFaultError | as4.HTTPRefusedError
) -> Judgement:
    step = as4.Step(error.step)
    done = REQUEST_STEPS.index(step)
    if intake.verified is not None:
        done = max(done, _HEADER_STEPS)
    steps = tuple(other for other in REQUEST_STEPS[:done] if other is not step)
    return Judgement(
        kind="usermessage",
        outcome="fault" if isinstance(error, as4.SOAPFaultError) else "error",
        code=error.ebms_code if isinstance(error, as4.AS4Error) else None,
        step=step,
        reason=error.detail,
        advice=error.advice,
        message_id=error.message_id,
        passed=passed_steps(steps, intake, None),
    )


def _rejected(signal: as4.ErrorSignal, sent: as4.Sent) -> Judgement:
    said = [signal.short_description, signal.detail, signal.description]
    return Judgement(
        kind="signal",
        outcome="rejected" if signal.authenticated else "rejected-unauthenticated",
        code=signal.ebms_code,
        step=as4.Step.SIGNAL,
        reason="; ".join(dict.fromkeys(filter(None, said))) or "no reason given",
        message_id=signal.ref_to_message_id or sent.message_id,
    )


def _receipt(receipt: as4.Receipt, sent: as4.Sent) -> Judgement:
    count = len(sent.references)
    return Judgement(
        kind="signal",
        outcome="accept",
        message_id=sent.message_id,
        passed=(
            Finding(step=as4.Step.SIGNAL, found=f"receipt {receipt.message_id}"),
            Finding(step=as4.Step.SIGNER, found=who(receipt.signer, receipt.revocation)),
            Finding(step=as4.Step.SIGNATURE, found="value and coverage are right"),
            Finding(step=as4.Step.REFERENCES, found=f"all {count} digests are those sent"),
        ),
    )
