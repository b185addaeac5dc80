# SPDX-License-Identifier: Apache-2.0
"""Documents as their organisation reads them: one, a page, and what it says of them.

See docs/api.md, lists. A page is sorted by creation and id, so that a row that comes later never
moves one that was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from gateway.service.records import (
    Acknowledgement,
    AcknowledgementResult,
    Document,
    DocumentFilter,
    Page,
)
from gateway.store import inbox, rows
from gateway.store.columns import Moment
from gateway.store.cursors import build_cursor, parse_cursor
from gateway.store.database import Database
from gateway.store.tables import document, payload

MAX_PAGE = 200  # docs/api.md, lists
POLL_SECONDS = 0.5  # a change by another process gives no notice here

_GET = (
    sa.select(*rows.DOCUMENT_COLUMNS, payload.c.data)
    .join_from(document, payload, payload.c.owner == document.c.id, isouter=True)
    .where(document.c.id == sa.bindparam("wanted"))
)
_SEQUENCE = sa.select(document.c.sequence).where(document.c.id == sa.bindparam("wanted"))

_DETAIL = sa.select(document.c.validation_detail).where(document.c.id == sa.bindparam("wanted"))

_moment = Moment()
_CONDITIONS: dict[str, Callable[[], sa.ColumnElement[bool]]] = {
    "organisation": lambda: document.c.organisation == sa.bindparam("organisation"),
    "direction": lambda: document.c.direction == sa.bindparam("direction"),
    "state": lambda: document.c.state == sa.bindparam("state"),
    "states": lambda: document.c.state.in_(sa.bindparam("states", expanding=True)),
    "sender": lambda: document.c.sender_folded == sa.bindparam("sender"),
    "receiver": lambda: document.c.receiver_folded == sa.bindparam("receiver"),
    "reference": lambda: document.c.reference == sa.bindparam("reference"),
    "number": lambda: document.c.number == sa.bindparam("number"),
    "kind": lambda: document.c.kind == sa.bindparam("kind"),
    "document_type_scheme": lambda: (
        document.c.document_type_scheme == sa.bindparam("document_type_scheme")
    ),
    "document_type": lambda: document.c.document_type == sa.bindparam("document_type"),
    "created_from": lambda: document.c.created_at >= sa.bindparam("created_from"),
    "created_to": lambda: document.c.created_at < sa.bindparam("created_to"),
}


class Documents:
    """Implements `DocumentIndex`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, document_id: str, *, organisation: str | None) -> Document | None:
        """Read one document with its content, if it is this organisation's."""

        def query(connection: sa.Connection) -> Document | None:
            row = connection.execute(_GET, {"wanted": document_id}).first()
            if row is None or organisation not in (None, row.organisation):
                return None
            return rows.read_document(row, row.data)

        return await self._database.read(query)

    async def validation_detail(self, document_id: str) -> Mapping[str, Any]:
        """Read what the rules said of one document."""

        def query(connection: sa.Connection) -> Mapping[str, Any]:
            return connection.execute(_DETAIL, {"wanted": document_id}).scalar() or {}

        return await self._database.read(query)

    async def page(
        self, wanted: DocumentFilter, *, limit: int, after: str | None, newest_first: bool
    ) -> Page:
        """Read one page. Inline content is left out: `get` brings it.

        `created_from` belongs to the range, `created_to` does not. Raises `BadCursorError`.
        """
        values = _filter_values(wanted)
        size = min(max(limit, 1), MAX_PAGE)
        statement = page_statement(frozenset(values), newest_first, after is not None)
        if after is not None:
            values["after_at"], values["after_id"] = parse_cursor(after)
        values["size"] = size + 1

        def query(connection: sa.Connection) -> Page:
            found = connection.execute(statement, values).all()
            shown = tuple(rows.read_document(row) for row in found[:size])
            more = len(found) > size
            cursor = build_cursor(shown[-1].created_at, shown[-1].id) if more else None
            return Page(documents=shown, next_cursor=cursor)

        return await self._database.read(query)

    async def acknowledge(
        self, organisation: str, items: Sequence[Acknowledgement], *, at: datetime
    ) -> list[AcknowledgementResult]:
        """Acknowledge received documents one by one."""
        return await self._database.write(
            lambda transaction: [
                inbox.acknowledge(transaction, organisation, item, at=at) for item in items
            ]
        )

    async def wait_for_change(self, document_id: str, *, after: int, seconds: float) -> None:
        """Return when the document's sequence is beyond `after`, or when the time is over."""
        left = seconds
        with self._database.notices.waiter(document_id) as waiter:
            while await self._sequence(document_id) <= after and left > 0:
                # Each turn counts as a whole one, so that this ends without asking for the time.
                turn = min(POLL_SECONDS, left)
                if await waiter.wait(turn):
                    return
                left -= turn

    async def _sequence(self, document_id: str) -> int:
        def query(connection: sa.Connection) -> int:
            found = connection.execute(_SEQUENCE, {"wanted": document_id}).scalar()
            return -1 if found is None else int(found)

        return await self._database.read(query)


@lru_cache(maxsize=256)
def page_statement(names: frozenset[str], newest_first: bool, goes_on: bool) -> sa.Select[Any]:  # noqa: FBT001
    """Build the query of one kind of list, once."""
    place = sa.tuple_(document.c.created_at, document.c.id)
    order = (document.c.created_at, document.c.id)
    statement = sa.select(*rows.DOCUMENT_COLUMNS).where(
        *(condition() for name, condition in _CONDITIONS.items() if name in names)
    )
    if goes_on:
        last = sa.tuple_(
            sa.bindparam("after_at", type_=_moment), sa.bindparam("after_id", type_=sa.Text())
        )
        statement = statement.where(place < last if newest_first else place > last)
    if newest_first:
        statement = statement.order_by(*(column.desc() for column in order))
    else:
        statement = statement.order_by(*order)
    return statement.limit(sa.bindparam("size", type_=sa.Integer()))


def _filter_values(wanted: DocumentFilter) -> dict[str, Any]:
    kind = wanted.document_type
    one_state = len(wanted.states) == 1
    values = {
        "organisation": wanted.organisation,
        "direction": wanted.direction,
        "state": wanted.states[0] if one_state else None,  # one state can use its index
        "states": None if one_state else list(wanted.states) or None,
        "sender": wanted.sender.folded if wanted.sender else None,
        "receiver": wanted.receiver.folded if wanted.receiver else None,
        "reference": wanted.reference,
        "number": wanted.number,
        "kind": wanted.kind,
        "document_type_scheme": kind.scheme if kind else None,
        "document_type": kind.value if kind else None,
        "created_from": wanted.created_from,
        "created_to": wanted.created_to,
    }
    return {name: value for name, value in values.items() if value is not None}
