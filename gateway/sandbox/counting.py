# SPDX-License-Identifier: Apache-2.0
"""Counts the documents of both access points through their REST interface, for the start page.

What only grows is paged once: the next count goes on where the last full page ended. What comes and
goes is counted anew, as far as it is worth it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway.sandbox.network import Network

PAGE_ITEMS = 200
MOST_ANEW = 1000  # beyond that the page shows "1000+"
FRESH_SECONDS = 1.0  # many open pages share one count
TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(slots=True)
class Tally:
    """How far one list was counted: items on full pages, and where the next page begins."""

    full: int = 0
    after: str | None = None


class Counter:
    """Asks the access points and remembers the answer for a moment."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._counts: dict[str, dict[str, str]] = {}
        self._counted_at = float("-inf")
        self._lock = asyncio.Lock()

    async def count(self) -> Mapping[str, Mapping[str, str]]:
        """Counts by access point; one that does not answer is left out."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if now - self._counted_at > FRESH_SECONDS:
                async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
                    names = [one.name for one in self._network.access_points]
                    counted = await asyncio.gather(*(self._of(session, name) for name in names))
                self._counts = {
                    name: one for name, one in zip(names, counted, strict=True) if one is not None
                }
                self._counted_at = now
            return self._counts

    async def _of(self, session: aiohttp.ClientSession, name: str) -> dict[str, str] | None:
        documents = "/v1/documents?direction="
        try:
            return {
                "sent": await self._items(session, name, f"{documents}outbound"),
                "transmitted": await self._items(
                    session, name, f"{documents}outbound&state=transmitted", afresh=True
                ),
                "received": await self._items(session, name, f"{documents}inbound"),
                "waiting": await self._items(session, name, "/v1/inbox?", afresh=True),
            }
        except (aiohttp.ClientError, TimeoutError, KeyError):
            return None

    async def _items(
        self, session: aiohttp.ClientSession, name: str, path: str, *, afresh: bool = False
    ) -> str:
        tally = Tally() if afresh else self._tallies.setdefault((name, path), Tally())
        while True:
            page = await self._page(session, name, path, tally.after)
            items, following = len(page["data"]), page.get("next_cursor")
            if items < PAGE_ITEMS or not following:
                return str(tally.full + items)
            tally.full += items
            tally.after = following
            if afresh and tally.full >= MOST_ANEW:
                return f"{tally.full}+"

    async def _page(
        self, session: aiohttp.ClientSession, name: str, path: str, after: str | None
    ) -> dict[str, Any]:
        joint = "" if path.endswith("?") else "&"
        query = f"{joint}limit={PAGE_ITEMS}" + (f"&after={after}" if after else "")
        if "direction" in path:
            query += "&sort=created_at"
        headers = {"Authorization": f"Bearer {self._network.api_key(name)}"}
        url = self._network.url(f"{name}-api") + path + query
        async with session.get(url, headers=headers) as answer:
            answer.raise_for_status()
            page = await answer.json()
        return dict(page)
