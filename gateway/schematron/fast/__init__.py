# SPDX-License-Identifier: Apache-2.0
"""The fast engine: a schema translated to Python functions that run over a light tree.

A process that finds its rules translated already never loads the translator.
"""

from __future__ import annotations

from gateway.schematron.fast.compiled import Compiled
from gateway.schematron.fast.nodes import Document, States, UnsupportedDocumentError
from gateway.schematron.fast.program import Program
from gateway.schematron.fast.unsupported import UnsupportedError
from gateway.schematron.model import Schema


def compile_schema(schema: Schema) -> Program:
    """The program of a schema. Raises `UnsupportedError`, which names rule and construct."""
    return translate(schema).program(lambda: careful_program(schema))


def translate(schema: Schema) -> Compiled:
    """A schema's translation, to be run or kept. Raises `UnsupportedError`."""
    from gateway.schematron.fast import compiler  # noqa: PLC0415 - see above

    return compiler.translate(schema)


def careful_program(schema: Schema) -> Program:
    """The program that knows how Saxon avoids errors; slower, for what ended in one."""
    from gateway.schematron.fast import compiler  # noqa: PLC0415 - see above

    return compiler.careful_program(schema)


__all__ = [
    "Compiled",
    "Document",
    "Program",
    "States",
    "UnsupportedDocumentError",
    "UnsupportedError",
    "careful_program",
    "compile_schema",
    "translate",
]
