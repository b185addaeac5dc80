# SPDX-License-Identifier: Apache-2.0
"""Business documents: what routing and lists need to know of them."""

from __future__ import annotations

from gateway.safexml import MalformedXMLError
from gateway.ubl.facts import DocumentFacts, FactsError
from gateway.ubl.reading import FactsReader

__all__ = ["DocumentFacts", "FactsError", "FactsReader", "MalformedXMLError"]
