# SPDX-License-Identifier: Apache-2.0
"""How a peer's program is driven: an order per line of standard input, an answer per line out.

Both are JSON objects; `do` names the order. The program ends with its standard input. It runs in
the peer's environment, so it knows nothing of the gateway.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

Order = Mapping[str, Any]
Answer = Mapping[str, Any]


def talk(orders: Mapping[str, Callable[[Order], Answer]], **ready: object) -> None:
    """Say that we are ready, then carry out order after order."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what a library prints is no answer
    _say(out, ready)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = orders[order["do"]](order)
        except Exception:  # noqa: BLE001 - the test that asked shows it
            answer = {"broken": traceback.format_exc()}
        _say(out, answer)


def _say(out: Any, answer: object) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()
