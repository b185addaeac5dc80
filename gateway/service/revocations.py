# SPDX-License-Identifier: Apache-2.0
"""Keeps revocation lists fresh: knows their addresses, fetches, checks, and hands out a snapshot.

Addresses are learnt from certificates whose chain was checked already: our own, those of the
authorities, and those of publishers met in look-ups. A list that was fetched once is kept on disk,
so that a restart does not depend on somebody else's server. Source: RFC 5280, section 6.3.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from gateway import pki
from gateway.errors import GatewayError
from gateway.service.ports import Clock

_LOG = logging.getLogger("gateway.revocation")

FLOOR = timedelta(minutes=15)  # no list is fetched more often
CEILING = timedelta(hours=24)  # nor less often, however far its own next update is


class ListFetcher(Protocol):
    """Fetches a list from a host that is known to carry them."""

    async def fetch(self, url: str) -> bytes:
        """The bytes. Raises `UnreachableError` or `AddressRefusedError`."""
        ...


class ListFiles(Protocol):
    """Lists of earlier runs."""

    def load(self) -> Mapping[str, bytes]:
        """All of them, by address."""
        ...

    def save(self, url: str, data: bytes) -> None:
        """Keep the newest one of an address."""
        ...


Learn = Callable[[Iterable[str]], Awaitable[bool]]
_T = TypeVar("_T")


async def nothing_learnt(_: Iterable[str]) -> bool:
    """A `Learn` that knows of no more lists."""
    return False


async def informed(judge: Callable[[], _T], *, learn: Learn) -> _T:
    """Judge; where a revocation list is missing, fetch it and judge once more."""
    try:
        return judge()
    except pki.RevocationUnknownError as error:
        if not await learn(error.crl_urls):
            raise
    return judge()


def lists_missing(error: BaseException | None) -> bool:
    """Whether an error comes of lists that we lack: our trouble, not that of who was judged."""
    while error is not None and not isinstance(error, pki.RevocationUnknownError):
        error = error.__cause__
    return error is not None


class Revocations:
    """The lists of one network. `authorities` are those whose lists count."""

    def __init__(
        self,
        *,
        fetcher: ListFetcher,
        files: ListFiles,
        authorities: Iterable[pki.Certificate],
        clock: Clock,
    ) -> None:
        self._fetcher = fetcher
        self._files = files
        self._authorities = tuple(authorities)
        self._clock = clock
        self._lists: dict[str, pki.CRL] = {}
        self._fetched: dict[str, datetime] = {}
        self._learning: dict[str, asyncio.Task[bool]] = {}
        self._snapshot = pki.Revocation.none()
        self._urls = {url for authority in self._authorities for url in authority.crl_urls}

    def snapshot(self) -> pki.Revocation:
        """What is known now."""
        return self._snapshot

    def restore(self) -> None:
        """Take the lists of the last run, until they are fetched again."""
        for url, data in self._files.load().items():
            crl = self._checked(url, data)
            if crl is not None:
                self._put(url, crl)
                self._urls.add(url)  # learnt then, and kept fresh as if learnt now

    async def learn(self, urls: Iterable[str]) -> bool:
        """Fetch the lists at these addresses, if they are new to us; True: something came.

        Call it only with the addresses of a certificate whose chain was checked: they are the
        holder's word. From then on the lists are kept fresh. Who asks for a list that is just
        being fetched waits for it.
        """
        wanted = tuple(urls)
        for url in wanted:
            if url not in self._urls:
                self._urls.add(url)
                self._learning[url] = asyncio.create_task(self._refresh(url))
                self._learning[url].add_done_callback(partial(self._learnt, url))
        learning = [self._learning[url] for url in wanted if url in self._learning]
        return any(await asyncio.gather(*map(asyncio.shield, learning)))

    async def refresh(self) -> None:
        """Fetch every list that is due; failures are logged and tried at the next call."""
        for url in sorted(self._urls):
            if self._due(url):
                await self._refresh(url)

    def _learnt(self, url: str, _: asyncio.Task[bool]) -> None:
        del self._learning[url]

    def _due(self, url: str) -> bool:
        fetched, crl, at = self._fetched.get(url), self._lists.get(url), self._clock()
        if fetched is None or crl is None:
            return True
        half_life = (crl.next_update - crl.this_update) / 2
        return at >= fetched + min(max(half_life, FLOOR), CEILING) or (
            at >= crl.next_update and at >= fetched + FLOOR
        )

    async def _refresh(self, url: str) -> bool:
        try:
            data = await self._fetcher.fetch(url)
        except GatewayError as error:
            _LOG.warning("revocation_list_missed", extra={"url": url, "why": error.detail})
            return False
        crl = self._checked(url, data)
        if crl is None:
            return False
        self._fetched[url] = self._clock()
        if self._put(url, crl):
            self._files.save(url, data)
        return True

    def _checked(self, url: str, data: bytes) -> pki.CRL | None:
        try:
            return pki.load_crl(data, issuers=self._authorities)
        except pki.CertificateError as error:
            _LOG.error("revocation_list_bad", extra={"url": url, "why": error.detail})
            return None

    def _put(self, url: str, crl: pki.CRL) -> bool:
        """Put a list in the place of an older one; a list that goes back in time is left aside."""
        known = self._lists.get(url)
        if known is not None and crl.this_update < known.this_update:
            _LOG.warning("revocation_list_older", extra={"url": url, "of": crl.this_update})
            return False
        self._lists[url] = crl
        self._snapshot = pki.Revocation.of(self._lists.values())
        return True
