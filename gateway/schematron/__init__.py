# SPDX-License-Identifier: Apache-2.0
"""A Schematron engine: two front ends, two engines, one verdict (ISO/IEC 19757-3).

`read_iso` and `read_skeleton` turn published files into a `Schema`. `compile_schema` translates it
to Python (the `fast` engine); `to_xslt` writes a stylesheet of it, which `Saxon` runs, as it runs
published stylesheets. What one engine cannot do it refuses, so that the other is asked.
"""

from __future__ import annotations

from gateway.schematron.errors import SchemaError
from gateway.schematron.fast import (
    Document,
    Program,
    States,
    UnsupportedDocumentError,
    UnsupportedError,
    compile_schema,
)
from gateway.schematron.iso import read_iso
from gateway.schematron.model import Schema
from gateway.schematron.saxon import Saxon, SaxonLayer
from gateway.schematron.skeleton import read_skeleton
from gateway.schematron.stylesheet import to_xslt
from gateway.schematron.verdict import Failure, Verdict

__all__ = [
    "Document",
    "Failure",
    "Program",
    "Saxon",
    "SaxonLayer",
    "Schema",
    "SchemaError",
    "States",
    "UnsupportedDocumentError",
    "UnsupportedError",
    "Verdict",
    "compile_schema",
    "read_iso",
    "read_skeleton",
    "to_xslt",
]
