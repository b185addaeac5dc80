# SPDX-License-Identifier: Apache-2.0
"""Code lists: what is read from the text files, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from generators.code_lists import codes, generate


def test_a_list_becomes_a_let_that_bears_its_name(tmp_path: Path) -> None:
    (tmp_path / "code-lists").mkdir()
    (tmp_path / "code-lists" / "sizes.txt").write_text("# Sizes.\nS M # the common ones\n\n  XL\n")
    ((path, text),) = generate(tmp_path).items()
    let = etree.fromstring(text.encode())
    assert path == "code-lists/sizes.sch"
    assert etree.QName(let).localname == "let"
    assert dict(let.attrib) == {"name": "sizes", "value": "tokenize('S M XL', ' ')"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("# nothing\n", "no codes"),
        ("A B A", "occurs twice"),
        ("A B'", "not a code"),
        ("A \N{NO-BREAK SPACE}B C", None),
        ("Ä", "not a code"),
    ],
)
def test_what_is_not_a_list_is_refused(tmp_path: Path, content: str, complaint: str | None) -> None:
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    if complaint is None:
        assert codes(path) == ["A", "B", "C"]
    else:
        with pytest.raises(ValueError, match=complaint):
            codes(path)
