# SPDX-License-Identifier: Apache-2.0
"""Sees what other processes changed: a small thread that looks once a second.

On PostgreSQL it also listens, so that a job that another process enqueued is taken at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol, cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.store.database import Database
from gateway.store.dialects import LISTEN, NOTIFY, Dialect

_LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class _Notification(Protocol):
    payload: str


class _Listening(Protocol):
    autocommit: bool

    def execute(self, statement: str, /) -> object: ...
    def notifies(self, *, timeout: float, stop_after: int) -> Iterable[_Notification]: ...


def _notify_nobody(connection: sa.Connection) -> None:
    connection.execute(NOTIFY, {"topic": ""})
    connection.commit()


class Watch:
    """The thread; `look` is called once a second."""

    def __init__(self, database: Database, look: Callable[[], None]) -> None:
        self._database = database
        self._look = look
        self._stopped = threading.Event()
        listens = database.dialect is Dialect.POSTGRESQL
        self._thread = threading.Thread(
            target=self._listen if listens else self._poll, name="store-watch", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop; takes a second at most."""
        self._stopped.set()
        if self._database.dialect is Dialect.POSTGRESQL:
            with suppress(GatewayError):  # only to wake the thread
                self._database.read_now(_notify_nobody)
        self._thread.join()

    def _poll(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            self._look_once()

    def _look_once(self) -> None:
        try:
            self._look()
        except GatewayError as error:
            _LOG.warning("store_watch_failed", extra={"detail": error.detail})

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._database.read_engine.connect() as connection:
                    self._hear(connection)
            except SQLAlchemyError:
                _LOG.warning("store_watch_failed", extra={"detail": "listening was cut off"})
                self._stopped.wait(LOOK_SECONDS)

    def _hear(self, connection: sa.Connection) -> None:
        driver = cast(_Listening, connection.connection.driver_connection)
        connection.detach()  # it listens from now on and must not go back to the pool
        try:
            driver.autocommit = True
            driver.execute(LISTEN)
            while not self._stopped.is_set():
                heard = driver.notifies(timeout=LOOK_SECONDS, stop_after=1)
                self._database.notices.announce({notification.payload for notification in heard})
                self._look_once()
        except self._database.driver_error:  # past SQLAlchemy, so not one of its errors
            connection.invalidate()
            _LOG.warning("store_watch_failed", extra={"detail": "listening was cut off"})
            self._stopped.wait(LOOK_SECONDS)
