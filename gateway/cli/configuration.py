# SPDX-License-Identifier: Apache-2.0
"""The option of commands that work on one installation: its settings file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")

CONFIG_VARIABLE = "PEPPOL_GATEWAY_CONFIG"


def config_option(function: Callable[P, R]) -> Callable[P, R]:
    """Add `--config FILE`, also from the environment."""
    return click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        required=True,
        envvar=CONFIG_VARIABLE,
        show_envvar=True,
        help="Settings file (TOML).",
    )(function)
