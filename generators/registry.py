# SPDX-License-Identifier: Apache-2.0
"""The list of generators, and the comparison of what they make with what is checked in.

A generator is a function that takes the folder `schemas` and returns the text of each file it
makes, by path below that folder. To add one, add it to `GENERATORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from generators import code_lists, subset_rules, ubl_schemas

Generator = Callable[[Path], dict[str, str]]

GENERATORS: tuple[Generator, ...] = (
    ubl_schemas.generate,
    subset_rules.generate,
    code_lists.generate,
)


def generate(schemas: Path) -> dict[str, str]:
    """The text of every generated file, by path below `schemas`."""
    made: dict[str, str] = {}
    for generator in GENERATORS:
        made |= generator(schemas)
    return made


def out_of_date(schemas: Path) -> list[str]:
    """The generated files that are absent or differ from what the tables say."""
    return [path for path, text in generate(schemas).items() if _read(schemas / path) != text]


def write(schemas: Path, paths: Iterable[str]) -> list[str]:
    """Write the named generated files and return their paths."""
    made = generate(schemas)
    written = list(paths)
    for path in written:
        target = schemas / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made[path].encode())
    return written


def _read(path: Path) -> str | None:
    return path.read_bytes().decode() if path.is_file() else None
