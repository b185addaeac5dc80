# SPDX-License-Identifier: Apache-2.0
"""API keys: makes them, and tells who calls by one.

A key reads `sk_test_<id>_<secret>`. The secret has 256 random bits, so a plain SHA-256 is enough to
store it; the text is given once and never kept. Every reason to refuse a key sounds the same.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import Fault, GatewayError
from gateway.service.errors import NotFoundError
from gateway.service.ports import AccountStore, Clock, IdMaker
from gateway.service.records import APIKey, Caller, Organisation

SCOPES = frozenset(
    {
        "documents:send",
        "documents:read",
        "documents:validate",
        "inbox:read",
        "inbox:ack",
        "lookup:read",
    }
)
CACHE_SECONDS = 5  # a revoked key stops working after this long in other processes
MAX_CACHED = 1000
DEFAULT_LIFE = timedelta(days=365)
MAX_KEY_TEXT = 200

_MARK = {"test": "sk_test", "live": "sk_live"}
_NO_DIGEST = hashlib.sha256(b"").hexdigest()  # compared against when there is no such key


class UnauthenticatedError(GatewayError):
    """No key, a wrong one, an expired one: one text for all."""

    code = "unauthenticated"
    fault = Fault.CALLER

    def __init__(self) -> None:
        super().__init__(
            "the API key is missing or not valid",
            advice="Send the header Authorization: Bearer sk_… with a key that is in force.",
        )


class UnknownScopeError(GatewayError):
    """A key was asked for with a scope that does not exist."""

    code = "malformed_request"
    fault = Fault.CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made; `text` is shown this once."""

    key: APIKey
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    key: APIKey
    organisation: Organisation
    until: datetime


class Access:
    """Makes keys for organisations and checks the one that a request brings."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        clock: Clock,
        ids: IdMaker,
        environment: str,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._ids = ids
        self._environment = environment
        self._mark = _MARK[environment]
        self._cache_life = timedelta(seconds=cache_seconds)
        self._cache: OrderedDict[str, _Known] = OrderedDict()

    async def make(
        self,
        *,
        organisation: str,
        name: str,
        scopes: Iterable[str] = SCOPES,
        life: timedelta | None = DEFAULT_LIFE,
    ) -> NewKey:
        """Make a key of an organisation. Raises `NotFoundError` and `UnknownScopeError`."""
        wanted = frozenset(scopes)
        if unknown := wanted - SCOPES:
            raise UnknownScopeError(f"there is no scope {', '.join(sorted(unknown))}")
        if await self._accounts.organisation(organisation) is None:
            raise NotFoundError("there is no such organisation")
        at = self._clock()
        number = self._ids.prefixed("key").removeprefix("key_")
        secret = secrets.token_hex(32)
        key = APIKey(
            id=f"key_{number}",
            organisation=organisation,
            name=name,
            scopes=wanted,
            secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=at,
            expires_at=at + life if life is not None else None,
        )
        await self._accounts.add_key(key)
        return NewKey(key=key, text=f"{self._mark}_{number}_{secret}")

    async def check(self, authorization: str | None) -> Caller:
        """Who calls, by the value of the Authorization header. Raises `UnauthenticatedError`."""
        # 1. Take the text apart. 2. Find the key. 3. Compare the secret, always, so that unknown
        # and wrong take the same time. 4. Only then look at revocation and expiry.
        number, secret = self._parts(authorization)
        at = self._clock()
        known = await self._find(f"key_{number}", at) if number else None
        stored = known.key.secret_sha256 if known else _NO_DIGEST
        right = hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), stored)
        if known is None or not right or not _in_force(known.key, at):
            raise UnauthenticatedError
        return Caller(
            key_id=known.key.id,
            organisation=known.organisation,
            scopes=known.key.scopes,
            environment=self._environment,
        )

    def forget(self, key_id: str) -> None:
        """Drop a key from the cache, so that its revocation holds here at once."""
        self._cache.pop(key_id, None)

    def _parts(self, authorization: str | None) -> tuple[str, str]:
        scheme, _, text = (authorization or "").strip().partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or len(text) > MAX_KEY_TEXT:
            return "", ""
        if not text.isascii() or not text.startswith(f"{self._mark}_"):
            return "", ""
        number, _, secret = text.removeprefix(f"{self._mark}_").partition("_")
        return number, secret

    async def _find(self, key_id: str, at: datetime) -> _Known | None:
        cached = self._cache.get(key_id)
        if cached is not None and at < cached.until:
            self._cache.move_to_end(key_id)
            return cached
        key = await self._accounts.key(key_id)
        organisation = await self._accounts.organisation(key.organisation) if key else None
        if key is None or organisation is None:
            self._cache.pop(key_id, None)
            return None  # not cached: guesses must not push real keys out
        known = _Known(key=key, organisation=organisation, until=at + self._cache_life)
        self._cache[key_id] = known
        self._cache.move_to_end(key_id)
        if len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
        return known


def _in_force(key: APIKey, at: datetime) -> bool:
    if key.revoked_at is not None and key.revoked_at <= at:
        return False
    return key.expires_at is None or at < key.expires_at
