# SPDX-License-Identifier: Apache-2.0
"""Column types that read the same from SQLite and PostgreSQL.

A moment is `timestamptz` on PostgreSQL and text of fixed width in UTC on SQLite, so that it sorts
as it should and can be read by eye. Only aware datetimes go in, only UTC comes out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


class Moment(sa.TypeDecorator[datetime]):
    """An aware datetime in UTC, to the microsecond."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Choose text on SQLite, which has no type for moments."""
        chosen: sa.types.TypeEngine[Any] = sa.DateTime(timezone=True)
        if dialect.name == "sqlite":
            chosen = sa.Text()
        return dialect.type_descriptor(chosen)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> object:
        """Refuse a naive datetime: it would be read as some zone or other."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: object, dialect: sa.Dialect) -> datetime | None:
        """Give back what went in, in UTC."""
        del dialect
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value) if isinstance(value, str) else None


def json_column() -> sa.types.TypeEngine[object]:
    """JSON; None is the SQL null."""
    plain: sa.types.TypeEngine[object] = sa.JSON(none_as_null=True)
    return plain.with_variant(JSONB(none_as_null=True), "postgresql")


def serial_column() -> sa.types.TypeEngine[int]:
    """A number that the database gives; only INTEGER counts up by itself on SQLite."""
    plain: sa.types.TypeEngine[int] = sa.BigInteger()
    return plain.with_variant(sa.Integer(), "sqlite")
