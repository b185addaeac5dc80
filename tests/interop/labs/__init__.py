# SPDX-License-Identifier: Apache-2.0
"""Programs of others in Java, as the lab in `../shared/interop` makes them runnable on one machine.

Each is built by Maven from released artefacts, into a cache outside the checkout, and started as a
process of its own. What a machine lacks for that is named by `LabMissingError`.
"""

from tests.interop.labs.building import (
    ENVIRONMENT_VARIABLE,
    Lab,
    LabMissingError,
    built,
    lab_folder,
)
from tests.interop.labs.jdk import JDK, find_jdk, newest_jdk
from tests.interop.labs.processes import (
    SHORT_LIVED,
    LabProcess,
    command_line,
    run_lines,
    starting,
)
from tests.interop.labs.stores import PASSWORD, keystore, truststore, write_stores

__all__ = [
    "ENVIRONMENT_VARIABLE",
    "JDK",
    "PASSWORD",
    "SHORT_LIVED",
    "Lab",
    "LabMissingError",
    "LabProcess",
    "built",
    "command_line",
    "find_jdk",
    "keystore",
    "lab_folder",
    "newest_jdk",
    "run_lines",
    "starting",
    "truststore",
    "write_stores",
]
