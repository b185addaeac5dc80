# SPDX-License-Identifier: Apache-2.0
"""XPath 2.0 as far as rules use it: text to syntax tree."""

from __future__ import annotations

from gateway.schematron.xpath.parser import parse_xpath
from gateway.schematron.xpath.tokens import XPathSyntaxError

__all__ = ["XPathSyntaxError", "parse_xpath"]
