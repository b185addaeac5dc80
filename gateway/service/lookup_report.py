# SPDX-License-Identifier: Apache-2.0
"""The report of a lookup as docs/api.md shows it, filled as far as the lookup came."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway import pki, smp
from gateway.identifiers import DocumentTypeId, ParticipantId, ProcessId
from gateway.service.ports import NAPTRAnswer


class Report:
    """Gathers what each step saw. `as_dict` may be called at any time."""

    def __init__(self, participant: ParticipantId, *, zone: str, at: datetime) -> None:
        self._at = at
        self._fields: dict[str, Any] = {
            "outcome": "reachable",
            "cause": None,
            "participant": {"scheme": participant.scheme, "value": participant.value},
            "checked_at": moment_text(at),
            "from_cache": False,
            "expires_at": None,
            "dns": {
                "name": smp.dns_name(participant, zone),
                "zone": zone,
                "rcode": None,
                "records": [],
                "smp_url": None,
                "ms": None,
            },
            "smp": None,
            "document_types": [],
            "endpoint": None,
            "match": None,
            "advice": [],
        }

    def as_dict(self) -> dict[str, Any]:
        """The report so far."""
        return dict(self._fields)

    def dns_answered(self, answer: NAPTRAnswer, *, milliseconds: float) -> None:
        """What DNS said."""
        records = [
            f'{r.order} {r.preference} "{r.flags}" "{r.service}" "{r.regexp}" {r.replacement}'
            for r in answer.records
        ]
        found = {"rcode": answer.rcode, "records": records, "ms": round(milliseconds, 1)}
        self._fields["dns"] = self._fields["dns"] | found

    def smp_found(self, url: str) -> None:
        """Where the metadata lies."""
        self._fields["dns"] = self._fields["dns"] | {"smp_url": url}

    def smp_answered(self, status: int, *, milliseconds: float, redirected: bool = False) -> None:
        """The last answer of an SMP; the times of all of them add up."""
        before = self._fields["smp"] or {"ms": 0.0, "redirected": False}
        self._fields["smp"] = {
            "status": status,
            "signature": None,
            "certificate": None,
            "redirected": before["redirected"] or redirected,
            "ms": round(before["ms"] + milliseconds, 1),
        }

    def smp_verified(self, signed: smp.SignedServiceMetadata) -> None:
        """Its signature is good."""
        certificate = certificate_facts(signed.signer, revocation=signed.revocation)
        self._set_smp(signature="valid", certificate=certificate)

    def smp_refused(self) -> None:
        """Its signature, or its signer, is not acceptable."""
        self._set_smp(signature="invalid")

    def smp_like(self, facts: dict[str, Any] | None) -> None:
        """The SMP's part as another report has it; the status of ours stays."""
        self._fields["smp"] = facts or self._fields["smp"]

    def listed(self, document_types: list[dict[str, Any]]) -> None:
        """What the participant takes, as far as it is known."""
        self._fields["document_types"] = document_types

    def matched(
        self, asked: DocumentTypeId, registered: DocumentTypeId, process: ProcessId
    ) -> None:
        """Which registration serves the document."""
        self._fields["match"] = {
            "kind": "exact" if asked == registered else "wildcard",
            "document_type": identifier_facts(registered),
            "process": identifier_facts(process),
        }

    def endpoint_chosen(self, facts: dict[str, Any]) -> None:
        """Where the document goes, as far as it is known."""
        self._fields["endpoint"] = facts

    def ended(self, *, outcome: str, cause: str | None, expires_at: datetime) -> None:
        """How it ended and how long that holds."""
        self._fields |= {
            "outcome": outcome,
            "cause": cause,
            "expires_at": moment_text(expires_at),
        }

    def _set_smp(self, **found: Any) -> None:
        self._fields["smp"] = (self._fields["smp"] or {}) | found


def certificate_facts(certificate: pki.Certificate, *, revocation: str | None) -> dict[str, Any]:
    """A certificate as the API shows it."""
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "serial": f"{certificate.serial:x}",
        "not_after": moment_text(certificate.not_after),
        "sha256": certificate.sha256,
        "revocation": revocation,
    }


def endpoint_facts(endpoint: smp.Endpoint) -> dict[str, Any]:
    """An endpoint as the API shows it, before its certificate is judged."""
    return {
        "url": endpoint.address,
        "transport_profile": endpoint.transport_profile,
        "activation": moment_text(endpoint.activation),
        "expiration": moment_text(endpoint.expiration),
        "technical_contact": endpoint.technical_contact or None,
        "certificate": None,
    }


def document_type_facts(
    document_type: DocumentTypeId, processes: list[dict[str, Any]]
) -> dict[str, Any]:
    """A document type as the API lists it."""
    return identifier_facts(document_type) | {
        "name": smp.display_name(document_type),
        "processes": processes,
    }


def identifier_facts(identifier: DocumentTypeId | ProcessId) -> dict[str, Any]:
    """Scheme and value."""
    return {"scheme": identifier.scheme, "value": identifier.value}


def moment_text(moment: datetime | None) -> str | None:
    """A moment as the API writes it: UTC, milliseconds, Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
