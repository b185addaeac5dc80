# SPDX-License-Identifier: Apache-2.0
"""Organisations and their API keys; of a key only the digest of its secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.service.records import APIKey, Organisation
from gateway.store.database import Database
from gateway.store.dialects import insert_or_replace
from gateway.store.tables import api_key, organisation

_ORGANISATIONS = sa.select(organisation).order_by(organisation.c.name, organisation.c.id)
_ORGANISATION = sa.select(organisation).where(organisation.c.id == sa.bindparam("wanted"))
_PUT_ORGANISATION = insert_or_replace(organisation, key=("id",))
_KEYS = sa.select(api_key).order_by(api_key.c.created_at, api_key.c.id)
_KEY = sa.select(api_key).where(api_key.c.id == sa.bindparam("wanted"))
_ADD_KEY = sa.insert(api_key)
# The first revocation stays: it says since when the key is void.
_REVOKE = (
    sa.update(api_key)
    .where(api_key.c.id == sa.bindparam("wanted"))
    .values(
        revoked_at=sa.func.coalesce(
            api_key.c.revoked_at, sa.bindparam("void_since", type_=api_key.c.revoked_at.type)
        )
    )
)


class Accounts:
    """Implements `AccountStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def organisation(self, organisation_id: str) -> Organisation | None:
        """Read one organisation."""
        rows = await self._rows(_ORGANISATION, organisation_id)
        return Organisation(**rows[0]._asdict()) if rows else None

    async def add_organisation(self, organisation: Organisation) -> None:
        """Add or replace."""
        values = {
            "id": organisation.id,
            "name": organisation.name,
            "country": organisation.country,
        }
        await self._database.write(
            lambda transaction: transaction.insert(_PUT_ORGANISATION, values)
        )

    async def organisations(self) -> list[Organisation]:
        """Read all of them, by name."""
        return [Organisation(**row._asdict()) for row in await self._rows(_ORGANISATIONS)]

    async def key(self, key_id: str) -> APIKey | None:
        """Read one key, also when revoked or expired."""
        rows = await self._rows(_KEY, key_id)
        return _read_key(rows[0]) if rows else None

    async def add_key(self, key: APIKey) -> None:
        """Add a key."""
        values = {
            "id": key.id,
            "organisation": key.organisation,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "secret_sha256": key.secret_sha256,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        }
        await self._database.write(lambda transaction: transaction.insert(_ADD_KEY, values))

    async def keys(self) -> list[APIKey]:
        """Read all of them, oldest first."""
        return [_read_key(row) for row in await self._rows(_KEYS)]

    async def revoke_key(self, key_id: str, *, at: datetime) -> bool:
        """Revoke; False when there is no such key."""
        values = {"wanted": key_id, "void_since": at}
        return await self._database.write(
            lambda transaction: transaction.update(_REVOKE, values) > 0
        )

    async def _rows(
        self, statement: sa.Select[Any], wanted: str | None = None
    ) -> list[sa.Row[Any]]:
        values = {} if wanted is None else {"wanted": wanted}
        return await self._database.read(
            lambda connection: list(connection.execute(statement, values))
        )


def _read_key(row: sa.Row[Any]) -> APIKey:
    values = row._asdict()
    return APIKey(**(values | {"scopes": frozenset(values["scopes"])}))
