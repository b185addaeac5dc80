# SPDX-License-Identifier: Apache-2.0
"""The report as a page for people: one file, no script, nothing fetched, Dutch or English."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gateway.ubl.page_template import STYLE, TEMPLATE, WORDS
from gateway.ubl.report import Report

if TYPE_CHECKING:
    from jinja2 import Template

# For whoever serves the page: the style is in it, and nothing else runs or loads.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render_page(report: Report, *, language: str = "nl", name: str = "") -> str:
    """The page as HTML; `name` is the document's name for its reader, a file name for one."""
    language = "nl" if language == "nl" else "en"
    return _template().render(
        report=report, language=language, name=name, words=WORDS[language], style=STYLE
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only pages need it

    pages = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return pages.from_string(TEMPLATE)
