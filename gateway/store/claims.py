# SPDX-License-Identifier: Apache-2.0
"""The statements of the job table whose time or locking differs between the databases.

Time is the process's on SQLite and the server's on PostgreSQL, where processes on several machines
share the table. A claim steps from lane to lane by the index `ix_job_ready`: it looks at no more
rows than it could take, however many wait. `state = 0` stands in the text because an index on part
of a table is used only where the query says that part.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.dialects import Either

_LANES = """
    lanes(queue, lane) AS (
        SELECT value, '' FROM {queues}
        UNION ALL
        SELECT lanes.queue, (
            SELECT min(other.lane) FROM job AS other
            WHERE other.state = 0 AND other.queue = lanes.queue AND other.lane > lanes.lane
        )
        FROM lanes WHERE lanes.lane IS NOT NULL
    )"""

_HELD = """
    held(lane, leased) AS (
        SELECT lane, count(*) FROM job WHERE state = 1 AND lane <> '' GROUP BY lane
    )"""

# The most that each lane can give: the free lane a whole batch, a bound one what it has room for.
_WAITING = """
    SELECT {columns} FROM job AS waiting
    WHERE waiting.state = 0 AND waiting.queue = lanes.queue AND waiting.lane = {lane}
        AND waiting.due <= {now}
    ORDER BY waiting.due LIMIT {limit}"""

_LITE_CANDIDATES = """
    candidates(id, due, lane) AS (
        SELECT job.id, job.due, job.lane FROM lanes JOIN job ON job.id IN ({free})
        WHERE lanes.lane = ''
        UNION ALL
        SELECT job.id, job.due, job.lane FROM lanes JOIN job ON job.id IN ({bound})
        WHERE lanes.lane > ''
    )"""

_SERVER_CANDIDATES = """
    candidates(id, due, lane) AS (
        SELECT taken.* FROM lanes CROSS JOIN LATERAL ({free}) AS taken WHERE lanes.lane = ''
        UNION ALL
        SELECT taken.* FROM lanes CROSS JOIN LATERAL ({bound}) AS taken WHERE lanes.lane > ''
    )"""

_PICKED = """
    placed(id, due, lane, place) AS (
        SELECT id, due, lane, row_number() OVER (PARTITION BY lane ORDER BY due, id)
        FROM candidates
    ),
    picked(id) AS {materialized} (
        SELECT placed.id FROM placed LEFT JOIN held ON held.lane = placed.lane
        WHERE placed.lane = '' OR placed.place + coalesce(held.leased, 0) <= :per_lane
        ORDER BY placed.due, placed.id LIMIT :size
    )"""

_TAKE = """
    UPDATE job SET state = 1, attempts = attempts + 1, token = :token, lease_until = {until}
    WHERE state = 0 AND id {among}
    RETURNING id, queue, ref, lane, attempts, token, due"""

# Locked in a step of its own: FOR UPDATE does not go together with window functions. MATERIALIZED
# keeps the planner from running the choice twice and taking more than asked for. An array, because
# for a subquery the planner may choose to read the whole table.
_LOCKED = """
    locked(id) AS MATERIALIZED (
        SELECT job.id FROM job
        WHERE job.state = 0 AND job.id = ANY (ARRAY(SELECT id FROM picked))
        FOR UPDATE SKIP LOCKED
    )"""

_SERVER_NOW = "clock_timestamp()"
_SERVER_UNTIL = "clock_timestamp() + make_interval(secs => :lease)"

_COLUMNS = (
    sa.column("id", sa.Integer),
    sa.column("queue", sa.Text),
    sa.column("ref", sa.Text),
    sa.column("lane", sa.Text),
    sa.column("attempts", sa.Integer),
    sa.column("token", sa.Text),
    sa.column("due", Moment),
)


def _lite(text: str, *moments: str) -> sa.TextClause:
    return sa.text(text).bindparams(*(sa.bindparam(name, type_=Moment()) for name in moments))


def _candidates(text: str, *, columns: str, now: str) -> str:
    return text.format(
        free=_WAITING.format(columns=columns, now=now, lane="''", limit=":size"),
        bound=_WAITING.format(columns=columns, now=now, lane="lanes.lane", limit=":per_lane"),
    )


def _claim(*parts: str, take: str) -> str:
    return "WITH RECURSIVE" + ",".join(parts) + take


CLAIM = Either(
    _lite(
        _claim(
            _LANES.format(queues="json_each(:queues)"),
            _HELD,
            _candidates(_LITE_CANDIDATES, columns="waiting.id", now=":now"),
            _PICKED.format(materialized=""),
            take=_TAKE.format(until=":until", among="IN (SELECT id FROM picked)"),
        ),
        "now",
        "until",
    ).columns(*_COLUMNS),
    sa.text(
        _claim(
            _LANES.format(queues="json_array_elements_text(CAST(:queues AS json)) AS q(value)"),
            _HELD,
            _candidates(
                _SERVER_CANDIDATES,
                columns="waiting.id, waiting.due, waiting.lane",
                now=_SERVER_NOW,
            ),
            _PICKED.format(materialized="MATERIALIZED"),
            _LOCKED,
            take=_TAKE.format(until=_SERVER_UNTIL, among="= ANY (ARRAY(SELECT id FROM locked))"),
        )
    ).columns(*_COLUMNS),
)

_EXTEND = "UPDATE job SET lease_until = {until} WHERE id = :id AND token = :token AND state = 1"
EXTEND = Either(
    _lite(_EXTEND.format(until=":until"), "until"),
    sa.text(_EXTEND.format(until=_SERVER_UNTIL)),
)

# A lease that ends further away than any lease may last was given before the clock was set back.
_SWEEP = """
    UPDATE job SET
        state = CASE WHEN attempts >= :most THEN 3 ELSE 0 END,
        ended = CASE WHEN attempts >= :most THEN {now} END,
        last_error = 'lease_expired', token = NULL, lease_until = NULL
    WHERE state = 1 AND (lease_until < {now} OR lease_until > {far})"""
SWEEP = Either(
    _lite(_SWEEP.format(now=":now", far=":far"), "now", "far"),
    sa.text(
        _SWEEP.format(now=_SERVER_NOW, far="clock_timestamp() + make_interval(secs => :longest)")
    ),
)

NEXT_DUE = (
    sa.text(
        "WITH RECURSIVE queues(queue) AS ("
        " SELECT min(queue) FROM job WHERE state = 0"
        " UNION ALL SELECT (SELECT min(other.queue) FROM job AS other"
        " WHERE other.state = 0 AND other.queue > queues.queue)"
        " FROM queues WHERE queues.queue IS NOT NULL),"
        " lanes(queue, lane) AS ("
        " SELECT queue, '' FROM queues WHERE queue IS NOT NULL"
        " UNION ALL SELECT lanes.queue, (SELECT min(other.lane) FROM job AS other"
        " WHERE other.state = 0 AND other.queue = lanes.queue AND other.lane > lanes.lane)"
        " FROM lanes WHERE lanes.lane IS NOT NULL)"
        " SELECT min((SELECT min(job.due) FROM job WHERE job.state = 0"
        " AND job.queue = lanes.queue AND job.lane = lanes.lane AND job.due > :after)) AS due"
        " FROM lanes WHERE lanes.lane IS NOT NULL"
    )
    .bindparams(sa.bindparam("after", type_=Moment()))
    .columns(sa.column("due", Moment))
)
