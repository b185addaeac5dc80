# SPDX-License-Identifier: Apache-2.0
"""What `inspect` tells of each step that a captured message passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway import as4, pki, sbdh
from gateway.service.intake import Intake, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step that a message passed, and what was found there."""

    step: str
    found: str


def passed_steps(
    steps: Sequence[as4.Step], intake: Intake, message: Message | None
) -> tuple[Finding, ...]:
    """These steps, each with what is known of it."""
    found: dict[as4.Step, str] = {}
    if intake.verified is not None:
        found |= _header_findings(intake.verified)
    if message is not None:
        found |= _part_findings(message.received)
        if message.envelope is not None:
            found |= _envelope_findings(message.envelope)
    return tuple(Finding(step=step, found=found.get(step, "")) for step in steps)


def _header_findings(verified: as4.Verified) -> dict[as4.Step, str]:
    header = verified.user_message
    covered = ", ".join(reference.uri for reference in verified.references)
    return {
        as4.Step.XML: f"SOAP part of {len(verified.soap)} bytes",
        as4.Step.HEADER: f"message {header.message_id}, sent {header.sent_at:%F %T} UTC",
        as4.Step.PARTS: ", ".join(part.href for part in header.parts) or "no payload",
        as4.Step.PMODE: f"from {header.sending_ap} to {header.receiving_ap}, {header.action}",
        as4.Step.SIGNER: who(verified.signer, verified.revocation),
        as4.Step.SIGNATURE: f"covers {covered}",
    }


def _part_findings(received: as4.Received) -> dict[as4.Step, str]:
    parts = received.parts
    return {
        as4.Step.DECRYPT: ", ".join(f"{part.signed_size} bytes" for part in parts),
        as4.Step.DIGEST: ", ".join(f"SHA-256 {part.signed_sha256}" for part in parts),
        as4.Step.DECOMPRESS: ", ".join(f"{part.payload_size} bytes" for part in parts),
    }


def _envelope_findings(envelope: sbdh.Envelope) -> dict[as4.Step, str]:
    return {
        as4.Step.ENVELOPE: f"{envelope.sender} to {envelope.receiver}, {envelope.instance_id}",
        as4.Step.SERVICED: f"{envelope.receiver}",
    }


def who(certificate: pki.Certificate, revocation: str) -> str:
    """A signer in one line."""
    return f"{certificate.subject}, revocation {revocation}"
