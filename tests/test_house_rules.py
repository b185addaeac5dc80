# SPDX-License-Identifier: Apache-2.0
"""What no linter knows: sizes, licence lines, and that the documentation tells the truth."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(
    file
    for top in ("gateway", "onboarding")
    for file in (ROOT / top).rglob("*.py")
    if "__pycache__" not in file.parts
)
EVERYTHING = SOURCES + sorted(
    file
    for top in ("tests", "benchmarks")
    for file in (ROOT / top).rglob("*.py")
    if "__pycache__" not in file.parts
)

MAX_LINES, USUAL_LINES = 400, 250
MAX_FUNCTION = 40
# Tables of values, and pages that would not read better in two.
TABLES = {"gateway/store/alembic/versions/v0001_first.py", "gateway/store/tables.py"}
MAPPINGS = {"read_document": "one line for each column"}  # and what stands in TABLES
LONG_MODULES = {
    "gateway/service/ports.py": "all ports on one page",
    "gateway/service/records.py": "a table of value types",
}


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", EVERYTHING, ids=name)
def test_the_first_line_is_the_licence(file: Path) -> None:
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# SPDX-License-Identifier: Apache-2.0"


@pytest.mark.parametrize("file", SOURCES, ids=name)
def test_modules_and_functions_stay_short(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines = text.count("\n")
    allowed = MAX_LINES if name(file) in LONG_MODULES else USUAL_LINES
    assert lines <= allowed or name(file) in TABLES, f"{name(file)} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            table = name(file) in TABLES or node.name in MAPPINGS
            if table or _only_docstring(node):
                continue
            assert length <= MAX_FUNCTION + _signature(node), f"{node.name} has {length} lines"


def _only_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return len(node.body) == 1 and isinstance(node.body[0], ast.Expr)


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the signature and docstring, which are not what makes a function long."""
    body = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return body.lineno - node.lineno


def functions() -> set[str]:
    found: set[str] = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.ClassDef):
                found.add(node.name)
                found |= {
                    f"{node.name}.{member.name}"
                    for member in node.body
                    if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
                }
    return found


def test_every_function_in_the_flow_exists() -> None:
    told = set(re.findall(r"`([A-Za-z_.]+)\(\)`", (ROOT / "docs/flow.md").read_text("utf-8")))
    assert len(told) > 40
    assert told <= functions(), f"not there: {sorted(told - functions())}"


def test_every_file_has_its_line_in_the_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    missing = [
        name(file)
        for file in SOURCES
        if f"`{name(file)}`" not in text and file.name != "__init__.py"
    ]
    assert not missing, f"no line in docs/architecture.md: {missing}"
    named = set(re.findall(r"`((?:gateway|onboarding)/[a-z0-9_/]+\.py)`", text))
    gone = sorted(path for path in named if not (ROOT / path).exists())
    assert not gone, f"named in docs/architecture.md and not there: {gone}"


def test_the_project_speaks_of_itself_alone() -> None:
    words = re.compile(
        r"/work/|/tmp/venv|/\.library|pypi\.org|repo1\.maven|registry\.npmjs", re.IGNORECASE
    )
    texts = [*EVERYTHING, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("*.toml")]
    found = [
        name(file)
        for file in texts
        if file.name != Path(__file__).name and words.search(file.read_text(encoding="utf-8"))
    ]
    assert not found
