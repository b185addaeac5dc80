# SPDX-License-Identifier: Apache-2.0
"""The options of commands that speak to a gateway's REST interface: its address and a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")

URL_VARIABLE = "PEPPOL_GATEWAY_URL"
KEY_VARIABLE = "PEPPOL_GATEWAY_KEY"


def connection_options(function: Callable[P, R]) -> Callable[P, R]:
    """Add `--url` and `--key`, both also from the environment."""
    url = click.option(
        "--url",
        required=True,
        envvar=URL_VARIABLE,
        show_envvar=True,
        help="Address of the REST interface, such as https://gateway.example.",
    )
    key = click.option(
        "--key",
        required=True,
        envvar=KEY_VARIABLE,
        show_envvar=True,
        help="API key; better in the environment, where no process list shows it.",
    )
    return url(key(function))
