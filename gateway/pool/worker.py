# SPDX-License-Identifier: Apache-2.0
"""The child process: builds its handler once, then answers one job after the other.

What comes back is ("done", result), ("failed", error of ours) or ("broken", text of a bug).
"""

from __future__ import annotations

import gc
import importlib
import signal
import traceback
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from gateway.errors import GatewayError
from gateway.pool.collecting import uncollected
from gateway.pool.muting import engines_muted

READY, DONE, FAILED, BROKEN = "ready", "done", "failed", "broken"
_TEXT = 2000  # characters of a bug's description


def serve(connection: Connection, factory: str, arguments: tuple[Any, ...]) -> None:
    """Run until the other end closes. `factory` is `module:function`, called once."""
    # The terminal's interrupt is for the parent, which closes the connection in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with engines_muted():
        word, handler = _answer(lambda: _load(factory)(*arguments))
        if word != DONE:
            connection.send((word, handler))
            return
        gc.freeze()  # compiled rules stay: no collection should look at them again
        connection.send((READY, None))
        while True:
            try:
                job = connection.recv()
            except EOFError:
                return
            connection.send(_answer(partial(handler, job)))


def _load(factory: str) -> Callable[..., Any]:
    module, _, name = factory.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def _answer(call: Callable[[], Any]) -> tuple[str, Any]:
    try:
        with uncollected():
            return DONE, call()
    except GatewayError as error:
        return FAILED, error
    except Exception:  # noqa: BLE001 - a bug over one document is told, the worker goes on
        return BROKEN, traceback.format_exc(limit=-8)[-_TEXT:]
