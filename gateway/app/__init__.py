# SPDX-License-Identifier: Apache-2.0
"""The composition root: settings in, running parts out. Owns the only clock and the only ids.

Nothing below reads settings or builds what it uses; everything gets its parts here, by keyword.
"""

from gateway.app.checking import faults
from gateway.app.extensions import Extension
from gateway.app.parts import Parts
from gateway.app.running import build, migrate, run

__all__ = ["Extension", "Parts", "build", "faults", "migrate", "run"]
