# SPDX-License-Identifier: Apache-2.0
"""Serves the revocation lists of the sandbox's certificate authorities over plain http.

Lists are signed anew when a quarter of their life is over, so that a sandbox may stay up for
weeks. As on the real network the addresses stand in the certificates, http on purpose: a CRL
carries its own signature.

Called as `python -m gateway.sandbox.crl_server FOLDER`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509

from gateway.sandbox import ports
from gateway.sandbox.network import Network
from gateway.sandbox.pki import LocalPKI

RENEW_AFTER = 0.25  # of the time from thisUpdate to nextUpdate
MEDIA_TYPE = "application/pkix-crl"  # RFC 5280, section 4.2.1.13


@dataclass(frozen=True, slots=True)
class SignedLists:
    """The lists by file name, and when to sign them again."""

    by_name: Mapping[str, bytes]
    renew_at: datetime


class CRLs:
    """The lists as they stand, renewed in time."""

    def __init__(
        self,
        sign: Callable[[datetime], Mapping[str, bytes]],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._sign = sign
        self._clock = clock
        self._lists = self._signed()

    def get(self, name: str) -> bytes | None:
        """The list of this file name, DER; None where there is none."""
        if self._clock() >= self._lists.renew_at:
            self._lists = self._signed()
        return self._lists.by_name.get(name)

    def names(self) -> list[str]:
        """The file names that are served."""
        return sorted(self._lists.by_name)

    def _signed(self) -> SignedLists:
        at = self._clock()
        lists = self._sign(at)
        ends = (x509.load_der_x509_crl(der).next_update_utc for der in lists.values())
        life = min((end - at for end in ends if end is not None), default=timedelta(days=1))
        return SignedLists(by_name=lists, renew_at=at + life * RENEW_AFTER)


def application(crls: CRLs) -> web.Application:
    """The routes: one file per list, and a plain text list of them."""

    async def one(request: web.Request) -> web.Response:
        der = crls.get(request.match_info["name"])
        if der is None:
            raise web.HTTPNotFound(text="There is no such list.\n")
        return web.Response(body=der, content_type=MEDIA_TYPE)

    async def index(_request: web.Request) -> web.Response:
        return web.Response(text="".join(f"/{name}\n" for name in crls.names()))

    app = web.Application()
    app.router.add_get("/", index)
    app.router.add_get("/{name}", one)
    return app


def main() -> None:
    """Serve the lists of one sandbox until told to stop."""
    network = Network.load(Path(sys.argv[1]))
    pki = LocalPKI.load(network.folder / "pki")
    crls = CRLs(pki.crls, clock=lambda: datetime.now(UTC))
    web.run_app(application(crls), host=ports.HOST, port=network.ports["crl"], print=None)


if __name__ == "__main__":
    main()
