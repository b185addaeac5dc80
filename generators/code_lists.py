# SPDX-License-Identifier: Apache-2.0
"""Writes each code list of `schemas/code-lists` as a Schematron `let`, for schemas to include.

A list is a text file: codes parted by white space, `#` to the end of a line for a comment. The
order is kept. Its name is the name of the file, and of the variable that holds it.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from generators.tables import xml_text

FOLDER = "code-lists"
_SCHEMATRON = "http://purl.oclc.org/dsdl/schematron"
# What may stand between quotation marks in an expression and be parted by blanks.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:/+_-]*\Z")


def generate(schemas: Path) -> dict[str, str]:
    """The text of each `<name>.sch`, by path below `schemas`."""
    return {
        f"{FOLDER}/{path.stem}.sch": xml_text(_let(path.stem, codes(path)))
        for path in sorted((schemas / FOLDER).glob("*.txt"))
    }


def codes(path: Path) -> list[str]:
    """The codes of a list, in its order.

    Raises `ValueError` for a list without codes, a code that occurs twice or is oddly spelt.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [code for line in lines for code in line.partition("#")[0].split()]
    if not found:
        raise ValueError(f"{path.name}: no codes")
    if len(set(found)) < len(found):
        raise ValueError(f"{path.name}: a code occurs twice")
    for code in found:
        if not _CODE.match(code):
            raise ValueError(f"{path.name}: not a code: {code!r}")
    return found


def _let(name: str, listed: list[str]) -> etree._Element:
    let = etree.Element(f"{{{_SCHEMATRON}}}let", nsmap={None: _SCHEMATRON})
    let.set("name", name)
    let.set("value", f"tokenize('{' '.join(listed)}', ' ')")
    return let
