# SPDX-License-Identifier: Apache-2.0
"""Keeps Saxon's own error lines out of the terminal: it writes them to file descriptor 2.

The same text is in the verdict. What Python writes to `sys.stderr` still arrives.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR = 2


@contextmanager
def engines_muted() -> Iterator[None]:
    """Within it, native code that writes to the standard error stream is not heard."""
    before, saved = sys.stderr, os.dup(_STDERR)
    before.flush()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, _STDERR)
    os.close(silence)
    with os.fdopen(saved, "w", buffering=1, closefd=False) as heard:
        if _is_native(before):
            sys.stderr = heard
        try:
            yield
        finally:
            heard.flush()
            sys.stderr = before
            os.dup2(saved, _STDERR)
            os.close(saved)


def _is_native(stream: object) -> bool:
    """Whether a stream writes to the descriptor itself; that of a test may not."""
    try:
        return stream.fileno() == _STDERR  # type: ignore[attr-defined,no-any-return]
    except (AttributeError, OSError):
        return False
