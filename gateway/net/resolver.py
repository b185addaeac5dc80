# SPDX-License-Identifier: Apache-2.0
"""Asks DNS for NAPTR records. An authoritative "no" and "no answer" stay two different things.

EDNS with 1232 bytes, TCP when the answer is truncated, aliases followed. What the records mean is
judged by the smp room. Source: Peppol SML 1.3.0, section 2.1; RFC 3403.
"""

from __future__ import annotations

from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.rdtypes.IN.NAPTR
import dns.resolver
import yarl

from gateway.service.errors import DNSUnavailableError
from gateway.service.ports import NAPTRAnswer, NAPTRRecord

EDNS_BYTES = 1232  # what passes every path without fragments
LIFETIME_SECONDS = 10.0
TIMEOUT_SECONDS = 3.0  # of one try with one server
MAX_RECORDS = 16  # the network writes one

_DNS_PORT = 53


class DNSResolver:
    """The port `Resolver`: given name servers (`host:port`), or those of the system."""

    def __init__(
        self, *, nameservers: Sequence[str] = (), lifetime_seconds: float = LIFETIME_SECONDS
    ) -> None:
        self._nameservers = tuple(nameservers)
        self._lifetime = lifetime_seconds
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def naptr(self, name: str) -> NAPTRAnswer:
        """Ask. Raises `DNSUnavailableError` for everything that is not an authoritative answer."""
        try:
            answer = await self._ready().resolve(
                name, "NAPTR", raise_on_no_answer=False, search=False, lifetime=self._lifetime
            )
        except dns.resolver.NXDOMAIN:
            return NAPTRAnswer(rcode="NXDOMAIN", records=(), ttl=0)
        except dns.exception.Timeout as error:
            raise DNSUnavailableError("no name server answered in time", cause="timeout") from error
        except dns.resolver.NoNameservers as error:
            raise DNSUnavailableError(
                "the name servers gave no usable answer", cause="servfail"
            ) from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DNSUnavailableError("the DNS answer is broken", cause="broken_answer") from error
        return _read(answer)

    def _ready(self) -> dns.asyncresolver.Resolver:
        """The resolver, made at the first question: a machine may start before its network."""
        if self._resolver is None:
            resolver = dns.asyncresolver.Resolver(configure=not self._nameservers)
            if self._nameservers:
                resolver.nameservers = [_nameserver(text) for text in self._nameservers]
            resolver.timeout = min(TIMEOUT_SECONDS, self._lifetime)
            resolver.use_edns(0, 0, EDNS_BYTES)
            self._resolver = resolver
        return self._resolver


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    address = yarl.URL(f"dns://{text}")
    return dns.nameserver.Do53Nameserver(address.host or text, address.port or _DNS_PORT)


def _read(answer: dns.resolver.Answer) -> NAPTRAnswer:
    records = tuple(
        NAPTRRecord(
            order=record.order,
            preference=record.preference,
            flags=_text(record.flags),
            service=_text(record.service),
            regexp=_text(record.regexp),
            replacement=record.replacement.to_text(),
        )
        for record in list(answer.rrset or ())[:MAX_RECORDS]
        if isinstance(record, dns.rdtypes.IN.NAPTR.NAPTR)
    )
    ttl = answer.rrset.ttl if answer.rrset is not None else 0
    return NAPTRAnswer(rcode="NOERROR", records=records, ttl=ttl)


def _text(value: bytes) -> str:
    return value.decode("ascii", "replace")
