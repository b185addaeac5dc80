# SPDX-License-Identifier: Apache-2.0
"""Turns what proved something into records: certificates, revocation lists, HTTP headers."""

from __future__ import annotations

from gateway import as4, pki
from gateway.service.records import Evidence


def certificate_evidence(certificate: pki.Certificate) -> Evidence:
    """A certificate as a piece of evidence."""
    return Evidence(kind="certificate", sha256=certificate.sha256, data=certificate.der)


def revocation_evidence(
    certificate: pki.Certificate, revocation: pki.Revocation
) -> tuple[Evidence, ...]:
    """The lists by which this certificate was judged."""
    return tuple(
        Evidence(kind="crl", sha256=crl.sha256, data=crl.der)
        for crl in revocation.evidence(certificate)
    )


def header_lines(headers: as4.Headers) -> bytes:
    """HTTP headers as lines, as they are kept for evidence."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "replace")
