# SPDX-License-Identifier: Apache-2.0
"""The root of every error of the gateway: whose fault it is and whether trying again helps.

Three tables translate these errors for the outside, and only they: `web/problems.py` to HTTP,
`as4/answering.py` to ebMS signals, `service/deliver.py` to the next state of a submission.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Fault(StrEnum):
    """Whose doing an error is."""

    PEER = "peer"
    CALLER = "caller"
    US = "us"
    NETWORK = "network"


class GatewayError(Exception):
    """An error that the gateway foresees.

    `code` is a word of the problem codes in docs/api.md and never changes once released; `detail`
    is one sentence for people and must not hold secrets, payload or paths of this machine;
    `advice` says what to do next, if there is something.
    """

    code: ClassVar[str] = "internal_error"
    fault: ClassVar[Fault] = Fault.US
    retry: ClassVar[bool] = False

    def __init__(self, detail: str, *, advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.advice = advice
