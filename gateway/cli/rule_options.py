# SPDX-License-Identifier: Apache-2.0
"""The options of commands that judge documents: whose rules, on which engine, on which day."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from gateway import ubl
from gateway.cli.configuration import CONFIG_VARIABLE
from gateway.pool import PACKS_VARIABLE, packs_folder

P = ParamSpec("P")
R = TypeVar("R")


def rule_options(function: Callable[P, R]) -> Callable[P, R]:
    """Add `--rules`, `--packs` and `--date`."""
    options = (
        click.option(
            "--rules",
            type=click.Choice([ubl.CHOSEN, ubl.BUNDLED, ubl.OFFICIAL, ubl.BOTH]),
            default=ubl.CHOSEN,
            help="As `rules use` chose; those of the product, installed packs, or both compared.",
        ),
        click.option(
            "--packs",
            type=click.Path(file_okay=False, path_type=Path),
            envvar=PACKS_VARIABLE,
            help="Folder of installed packs.",
        ),
        click.option(
            "--date",
            "moment",
            metavar="YYYY-MM-DD",
            callback=_moment,
            help="Judge as on this day: a dry run of coming rules.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def engine_option(default: str | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Add `--engine`."""
    return click.option(
        "--engine",
        type=click.Choice([ubl.FAST, ubl.SAXON]),
        default=default,
        help="The compiled engine, or the reference.",
    )


def packs_options(function: Callable[..., R]) -> Callable[..., R]:
    """Add `--packs` and `--config`, and hand over the folder of packs that they mean as `packs`.

    With a settings file it is the gateway's own; `--packs` and the environment come before it. A
    command that has a parameter `config` gets the settings file, too.
    """
    wants_config = "config" in inspect.signature(function).parameters

    @click.option(
        "--packs",
        type=click.Path(file_okay=False, path_type=Path),
        envvar=PACKS_VARIABLE,
        help="Folder of installed packs.",
    )
    @click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar=CONFIG_VARIABLE,
        help="Settings file of the gateway that is meant.",
    )
    @wraps(function)
    def command(*args: object, packs: Path | None, config: Path | None, **more: object) -> R:
        if packs is None and config is not None:
            from gateway import settings  # noqa: PLC0415 - `validate` needs none

            loaded = settings.load(config)
            packs = loaded.path(loaded.rules.packs)
        if wants_config:
            more["config"] = config
        return function(*args, packs=packs_in_use(packs), **more)

    return command


def packs_in_use(given: Path | None) -> Path:
    """The folder of packs: the one named, or the usual one."""
    return given if given is not None else packs_folder()


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - the zone is given below
    except ValueError as error:
        raise click.BadParameter("write it as in 2026-11-30") from error
    return day.replace(hour=12, tzinfo=UTC)  # noon here is the same day in Amsterdam
