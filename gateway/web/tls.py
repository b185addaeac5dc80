# SPDX-License-Identifier: Apache-2.0
"""The server side of TLS, with a certificate that is exchanged without a restart.

Loading a new chain into the same context serves it to every later handshake; open connections keep
what they have. Peppol transport security: TLS 1.2 or newer.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from pathlib import Path

WATCH_SECONDS = 30.0

_LOG = logging.getLogger("gateway.tls")

Stamp = tuple[tuple[int, int], ...]


class ServerCertificate:
    """One certificate with its key in two PEM files, and the context that presents it."""

    def __init__(self, *, certificate: Path, key: Path) -> None:
        """Load both. Raises `OSError` and `ssl.SSLError` when they do not fit."""
        self._files = (certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self._loaded = self._stamp()
        self.context.load_cert_chain(certificate, key)

    def reload_if_changed(self) -> bool:
        """Load the files again if they changed; True when the new ones are in force.

        A file that is half written or does not fit leaves the old certificate in force; the next
        call tries again.
        """
        try:
            stamp = self._stamp()
            if stamp == self._loaded:
                return False
            # A throw-away context first: a failed load must not leave half of a pair behind.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._files)
            self.context.load_cert_chain(*self._files)
        except (OSError, ssl.SSLError) as error:
            _LOG.warning("tls_certificate_not_loaded", extra={"why": type(error).__name__})
            return False
        self._loaded = stamp
        _LOG.info("tls_certificate_loaded", extra={"file": self._files[0].name})
        return True

    async def watch(self, *, every: float = WATCH_SECONDS) -> None:
        """Look after the files until cancelled."""
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.reload_if_changed)

    def _stamp(self) -> Stamp:
        states = [file.stat() for file in self._files]
        return tuple((state.st_mtime_ns, state.st_ino) for state in states)
