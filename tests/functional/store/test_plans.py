# SPDX-License-Identifier: Apache-2.0
"""How the database reads: each statement of the message path by the index that was made for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.store import Store, documents, evidence, inbound, messages, submissions
from gateway.store.documents import page_statement
from tests.functional.store.builders import AT, OWNER

PAGE = {"organisation": OWNER, "size": 51}
PLACE = {"after_at": AT, "after_id": "doc_1"}


async def _plan(store: Store, statement: sa.Executable, values: Mapping[str, Any]) -> str:
    """The plan, with the statement's own values in place."""

    def query(connection: sa.Connection) -> str:
        server = connection.dialect.name == "postgresql"
        if server:
            # The tables are empty, so this asks which index it could use at all.
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN " if server else "EXPLAIN QUERY PLAN "

        def prefix(
            _: sa.Connection, cursor: object, text: str, parameters: object, *rest: object
        ) -> tuple[str, object]:
            return explain + text, parameters

        sa.event.listen(connection, "before_cursor_execute", prefix, retval=True)
        rows = connection.execute(statement, values).cursor.fetchall()
        connection.rollback()
        connection.detach()
        return "\n".join(" ".join(str(cell) for cell in row) for row in rows)

    return await store._database.read(query)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    ("filters", "index"),
    [({"state": "ready"}, "ix_document_state"), ({}, "ix_document_list")],
)
@pytest.mark.parametrize("place", [{}, PLACE])
async def test_a_page_is_read_in_the_order_of_its_index(
    store: Store,
    newest_first: bool,
    filters: dict[str, str],
    index: str,
    place: dict[str, object],
) -> None:
    names = frozenset({"organisation", *filters})
    statement = page_statement(names, newest_first, bool(place))
    plan = await _plan(store, statement, PAGE | filters | place)
    assert index in plan
    assert "B-TREE" not in plan  # SQLite sorting
    assert "Sort" not in plan  # PostgreSQL sorting


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (inbound._RECEIPT, {"sender_ap": "P", "message": "m"}, "uq_exchange_message"),
        (inbound._SAME_INSTANCE, {"instance": "i"}, "ix_document_instance"),
        (submissions._SAME_BUSINESS, {"owner": "o", "business": "b"}, "uq_document_business_key"),
        (documents._GET, {"wanted": "d"}, "pk_document"),
        (messages._CURRENT, {"wanted": "d"}, "ix_attempt_document_id"),
        (evidence._EXCHANGES, {"owner": "d"}, "ix_exchange_document_id"),
        (evidence._FEED, {"owner": "o", "after": 1, "size": 9}, "ix_document_event_feed"),
        (evidence._EVENTS, {"owner": "d"}, "ix_document_event_document"),
    ],
)  # fmt: skip
async def test_what_each_message_asks_for_is_found_by_an_index(
    store: Store, statement: sa.Executable, values: dict[str, Any], index: str
) -> None:
    plan = await _plan(store, statement, values)
    if store._database.dialect == "sqlite":
        assert "SCAN" not in plan
        assert index in plan or "sqlite_autoindex" in plan
    else:
        assert index in plan
