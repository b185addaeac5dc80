# SPDX-License-Identifier: Apache-2.0
"""One id through everything that a request or an attempt causes; it stands on every log line."""

from __future__ import annotations

from contextvars import ContextVar

current: ContextVar[str | None] = ContextVar("correlation", default=None)
