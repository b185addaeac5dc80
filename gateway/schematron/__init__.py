# SPDX-License-Identifier: Apache-2.0
"""A Schematron engine: two front ends, two engines, one verdict (ISO/IEC 19757-3).

`read_iso` and `read_skeleton` turn published files into a `Schema`. `compile_schema` translates it
to Python (the `fast` engine); `to_xslt` writes a stylesheet of it, which `Saxon` runs, as it runs
published stylesheets. What one engine cannot do it refuses, so that the other is asked.
"""

from __future__ import annotations

from gateway.schematron.errors import EngineError, SchemaError
from gateway.schematron.fast import (
    Compiled,
    Document,
    Program,
    States,
    UnsupportedDocumentError,
    UnsupportedError,
    careful_program,
    compile_schema,
    translate,
)
from gateway.schematron.iso import read_iso
from gateway.schematron.lean import lean
from gateway.schematron.locations import Place, xpath_of
from gateway.schematron.model import Pattern, Rule, Schema
from gateway.schematron.saxon import Saxon, SaxonDocument, SaxonLayer
from gateway.schematron.skeleton import read_skeleton
from gateway.schematron.stylesheet import to_xslt
from gateway.schematron.svrl import read_svrl, write_svrl
from gateway.schematron.verdict import Failure, Verdict

__all__ = [
    "Compiled",
    "Document",
    "EngineError",
    "Failure",
    "Pattern",
    "Place",
    "Program",
    "Rule",
    "Saxon",
    "SaxonDocument",
    "SaxonLayer",
    "Schema",
    "SchemaError",
    "States",
    "UnsupportedDocumentError",
    "UnsupportedError",
    "Verdict",
    "careful_program",
    "compile_schema",
    "lean",
    "read_iso",
    "read_skeleton",
    "read_svrl",
    "to_xslt",
    "translate",
    "write_svrl",
    "xpath_of",
]
