# SPDX-License-Identifier: Apache-2.0
"""Which sample documents travel through the sandbox, from whom to whom, with fresh numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.sandbox.network import Network, Served
from gateway.sandbox.samples import SampleKind, sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One document on its way; `document` can be read once."""

    title: str
    sender: Served
    receiver: Served
    sender_ap: str
    receiver_ap: str
    receiver_seat: str
    document: Iterator[bytes]
    large: bool = False


def shipments(network: Network, *, large_bytes: int) -> Iterator[Shipment]:
    """The documents of the tour: within the country, abroad, a large one, and one back."""
    one, other = network.access_points
    here, there = one.participants[0], other.participants[0]
    abroad = next(served for served in other.participants if served.country == "BE")
    si_ubl, bis3 = SampleKind.SI_UBL_INVOICE, SampleKind.BIS3_INVOICE
    yield _shipment(network, "SI-UBL 2.0 invoice", si_ubl, sender=here, receiver=there)
    yield _shipment(network, "BIS Billing 3 invoice", bis3, sender=here, receiver=abroad)
    yield _shipment(
        network,
        "SI-UBL 2.0 invoice with a PDF",
        si_ubl,
        sender=here,
        receiver=there,
        attachment_bytes=large_bytes * 3 // 4,  # base64 makes four bytes of three
    )
    yield _shipment(network, "SI-UBL 2.0 invoice back", si_ubl, sender=there, receiver=here)


def fresh_invoice(network: Network) -> bytes:
    """A small SI-UBL invoice between the two access points, with a number of its own."""
    return b"".join(next(shipments(network, large_bytes=0)).document)


def fresh_number(at: datetime) -> str:
    """A number that no other invoice of this sandbox has."""
    return f"{at:%Y}-{at:%m%d%H%M%S%f}"


def _shipment(
    network: Network,
    title: str,
    kind: SampleKind,
    *,
    sender: Served,
    receiver: Served,
    attachment_bytes: int = 0,
) -> Shipment:
    at = datetime.now(UTC)
    receiver_ap = network.access_point_of(receiver.id)
    return Shipment(
        title=title,
        sender=sender,
        receiver=receiver,
        sender_ap=network.access_point_of(sender.id).name,
        receiver_ap=receiver_ap.name,
        receiver_seat=str(receiver_ap.party_id),
        large=attachment_bytes > 0,
        document=sample(
            kind,
            number=fresh_number(at),
            issue_date=at.date(),
            sender=sender.id,
            receiver=receiver.id,
            seller_name=sender.name,
            buyer_name=receiver.name,
            attachment_bytes=attachment_bytes,
        ),
    )
