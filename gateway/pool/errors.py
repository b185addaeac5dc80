# SPDX-License-Identifier: Apache-2.0
"""How a job can end without a result. None of them says anything of the document."""

from __future__ import annotations

from gateway.errors import Fault, GatewayError


class PoolError(GatewayError):
    """A job had no result; the root of the errors here."""

    code = "not_judged"
    fault = Fault.US


class JobTimeoutError(PoolError):
    """The job took longer than it may; its worker was ended."""

    code = "validation_timeout"


class JobCrashedError(PoolError):
    """The worker died twice over this job, or grew beyond all measure."""

    code = "validation_crashed"


class WorkerStartError(PoolError):
    """A worker did not come up; trying again may help, the log of the worker says more."""

    code = "validation_unavailable"
    retry = True
