# SPDX-License-Identifier: Apache-2.0
"""The log: one JSON object a line on standard error, an event name and facts, never a payload.

The correlation id of what is being done stands on every line.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from gateway import correlation

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# These libraries write whole messages or every connection at lower levels.
_TOO_TALKATIVE = ("aiohttp", "alembic", "asyncio", "signxml", "sqlalchemy")


class JSONLines(logging.Formatter):
    """One object a line: `time`, `level`, `logger`, `event`, then the facts of `extra=`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        facts: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if (current_id := correlation.current.get()) is not None:
            facts["correlation"] = current_id
        for name, value in vars(record).items():
            if name not in _STANDARD and value is not None:
                facts[name if name not in facts else f"{name}_"] = value
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        # ASCII alone: some texts come from strangers, and there are line ends beyond it.
        return json.dumps(facts, default=str)


def start_logging(level: str) -> None:
    """Send the gateway's log to standard error; other libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
