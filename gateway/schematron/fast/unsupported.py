# SPDX-License-Identifier: Apache-2.0
"""What the compiler says of a construct that it does not translate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class UnsupportedError(Exception):
    """The schema has a construct that is not translated; its layer belongs to the other engine.

    `where` names the rule, `construct` what was met there.
    """

    def __init__(self, construct: str, where: str = "") -> None:
        super().__init__(f"{where}: {construct}" if where else construct)
        self.construct = construct
        self.where = where


@contextmanager
def where(name: str) -> Iterator[None]:
    """Name the rule in which something is met that is not translated."""
    try:
        yield
    except UnsupportedError as error:
        raise UnsupportedError(error.construct, error.where or name) from error
