# SPDX-License-Identifier: Apache-2.0
"""What the workers of these tests run: a job is a word and a value."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from gateway.errors import GatewayError


class RefusedError(GatewayError):
    """An error of ours that has to come across as it is."""

    code = "refused"


class Handler:
    """Does what its job says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._grown: list[bytearray] = []

    def __call__(self, job: tuple[str, Any]) -> Any:
        word, value = job
        return getattr(self, word)(value)

    def echo(self, value: Any) -> Any:
        return value

    def pid(self, _value: None) -> int:
        return os.getpid()

    def refuse(self, _value: None) -> NoReturn:
        raise RefusedError("no", advice="do that")

    def bug(self, _value: None) -> NoReturn:
        raise ZeroDivisionError("a bug")

    def spin(self, _value: None) -> NoReturn:
        while True:
            pass

    def grow(self, size: int) -> int:
        self._grown.append(bytearray(size))
        return len(self._grown)

    def die(self, _value: None) -> None:
        with (self._folder / "died").open("a") as deaths:
            deaths.write("x")
        os.kill(os.getpid(), signal.SIGKILL)

    def die_once(self, _value: None) -> str:
        if not (self._folder / "once").exists():
            (self._folder / "once").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return "second try"

    def shout(self, value: str) -> str:
        os.write(2, b"native noise\n")
        return value


def make(folder: Path) -> Callable[[tuple[str, Any]], Any]:
    """The factory of most tests."""
    return Handler(folder)


def refuse_to_start(text: str) -> Callable[[Any], Any]:
    """A factory that fails with an error of ours."""
    raise RefusedError(text)


def die_at_start() -> Callable[[Any], Any]:
    """A factory that ends its process."""
    os._exit(3)
