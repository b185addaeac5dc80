# SPDX-License-Identifier: Apache-2.0
"""Hosts the validator in child processes, so that one broken document breaks nobody else's.

Saxon holds the interpreter lock, does not survive a fork, and can only be stopped by ending its
process. So it lives here: workers are spawned, each judges one document at a time under a time
limit, and one that grew too large is replaced. Plain values pass, never trees.
"""

from __future__ import annotations

from gateway.pool.cases import Case, CaseResult
from gateway.pool.collecting import uncollected
from gateway.pool.errors import JobCrashedError, JobTimeoutError, PoolError, WorkerStartError
from gateway.pool.folders import (
    PACKS_VARIABLE,
    Folder,
    examples_folder,
    packs_folder,
    schemas_folder,
)
from gateway.pool.host import Limits
from gateway.pool.muting import engines_muted
from gateway.pool.pool import Pool
from gateway.pool.validating import (
    Setup,
    ValidationJob,
    ValidationPool,
    build_library,
    build_validation,
)
from gateway.pool.validator import PooledValidator, open_validator

__all__ = [
    "PACKS_VARIABLE",
    "Case",
    "CaseResult",
    "Folder",
    "JobCrashedError",
    "JobTimeoutError",
    "Limits",
    "Pool",
    "PoolError",
    "PooledValidator",
    "Setup",
    "ValidationJob",
    "ValidationPool",
    "WorkerStartError",
    "build_library",
    "build_validation",
    "engines_muted",
    "examples_folder",
    "open_validator",
    "packs_folder",
    "schemas_folder",
    "uncollected",
]
