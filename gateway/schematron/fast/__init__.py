# SPDX-License-Identifier: Apache-2.0
"""The fast engine: a schema translated to Python functions that run over a light tree."""

from __future__ import annotations

from gateway.schematron.fast.compiler import compile_schema
from gateway.schematron.fast.nodes import Document, States, UnsupportedDocumentError
from gateway.schematron.fast.program import Program
from gateway.schematron.fast.unsupported import UnsupportedError

__all__ = [
    "Document",
    "Program",
    "States",
    "UnsupportedDocumentError",
    "UnsupportedError",
    "compile_schema",
]
