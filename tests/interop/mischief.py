# SPDX-License-Identifier: Apache-2.0
"""What phase4's receiver is to answer instead of a receipt, by the receiver's identifier.

The harness of the lab takes these as `--answer ID=MODE`.
"""

from __future__ import annotations

UNSERVED = "0106:50000000"

_MODES = (
    "error:EBMS:0202:later",
    "error:EBMS:0101",
    "error:EBMS:0102",
    "error:EBMS:0103",
    "error:EBMS:0301",
    "error:EBMS:0303",
    "error:EBMS:0004:no room for this",
    "delay:20000",
    "status:200",
    "status:204",
    "status:404",
    "status:429",
    "status:500",
    "status:503",
    "html:200",
    "html:502",
    "drop",
    "break-digest",
    "truncate",
)

MISCHIEF = {mode: f"0106:5000{number:04}" for number, mode in enumerate(_MODES, start=1)}


def options() -> tuple[str, ...]:
    """The words that make the receiver behave so."""
    pairs = [("--answer", f"{receiver}={mode}") for mode, receiver in MISCHIEF.items()]
    return ("--not-serviced", UNSERVED, *(word for pair in pairs for word in pair))
