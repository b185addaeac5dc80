# SPDX-License-Identifier: Apache-2.0
"""The Peppol networks: what belongs together in each and is therefore chosen by one word.

Sources: SML 1.3.0 with the zones of 2026; Peppol PKI G3 (SHA-256 of its certificates).
"""

from __future__ import annotations

from dataclasses import dataclass

_G3_CRL_HOST = "crl.one.nl.digicert.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPreset:
    """Zone, SML, trust, address rules and key prefix of one network.

    `authorities` maps what the settings name (`roots`, `ap_issuers`, `smp_issuers`) to the SHA-256
    of the one certificate that may stand there; empty where the network makes its own.
    """

    name: str
    zone: str
    sml: str
    environment: str
    allow_http: bool
    crl_hosts: tuple[str, ...]
    authorities: dict[str, str]

    @property
    def fixed(self) -> bool:
        """Whether the network's own rules leave the settings no choice."""
        return bool(self.authorities)


NETWORKS = {
    preset.name: preset
    for preset in (
        NetworkPreset(
            name="sandbox",
            zone="",
            sml="",
            environment="test",
            allow_http=True,
            crl_hosts=(),
            authorities={},
        ),
        NetworkPreset(
            name="test",
            zone="participant.sml.test.tech.peppol.org.",
            sml="https://api.sml.test.tech.peppol.org/edelivery-sml",
            environment="test",
            allow_http=False,
            crl_hosts=(_G3_CRL_HOST,),
            authorities={
                "roots": "8b4e0e5dc7c8208cba88edebfad31e064740d896ab6e18de0b03386fd24be734",
                "ap_issuers": "d2445a0f115ee64cc141a849fe142927fe5701b7d9b58d3e6f53993162115cc0",
                "smp_issuers": "eb78dabb622bbc701592f085bc27ab817fe1c0d4753ae829682e8127b3b00ce7",
            },
        ),
        NetworkPreset(
            name="production",
            zone="participant.sml.prod.tech.peppol.org.",
            sml="https://api.sml.prod.tech.peppol.org/edelivery-sml",
            environment="live",
            allow_http=False,
            crl_hosts=(_G3_CRL_HOST,),
            authorities={
                "roots": "b6075b9f8655e756777f182d1407c0049442d3a2f57dff9781523828f331f211",
                "ap_issuers": "b65e375a5826ada16517b2aa8a881b6fcaff5e48e7559b9e96bba5c64921f900",
                "smp_issuers": "d9e17467c69e51fc4f5c5263542fc68d2abba5dfaae62e87fbd6829f1de621c4",
            },
        ),
    )
}
