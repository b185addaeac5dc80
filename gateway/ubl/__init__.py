# SPDX-License-Identifier: Apache-2.0
"""Business documents: what routing and lists need to know of them, and whether they are valid."""

from __future__ import annotations

from gateway.safexml import MalformedXMLError
from gateway.schematron import EngineError, SchemaError
from gateway.ubl.agreement import Carried, compare_with_envelope
from gateway.ubl.documents import Document
from gateway.ubl.engines import FAST, SAXON
from gateway.ubl.facts import DocumentFacts, FactsError
from gateway.ubl.library import BOTH, BUNDLED, OFFICIAL, Files, Library
from gateway.ubl.notices import Notice
from gateway.ubl.packs import PACK_FILE, Pack, PackError, read_pack
from gateway.ubl.page import render_page
from gateway.ubl.reading import FactsReader
from gateway.ubl.report import (
    Difference,
    Finding,
    LayerOutcome,
    LayerResult,
    Message,
    Outcome,
    Report,
    Severity,
    Value,
    as_json,
)
from gateway.ubl.rulesets import (
    Catalogue,
    Choice,
    Kind,
    Layer,
    NoRuleSet,
    RuleSet,
    UnknownRuleSetError,
    amsterdam_day,
    choose,
    read_catalogue,
)
from gateway.ubl.running import Examination, Policy
from gateway.ubl.svrl import report_as_svrl
from gateway.ubl.validation import Validation

__all__ = [
    "BOTH",
    "BUNDLED",
    "FAST",
    "OFFICIAL",
    "PACK_FILE",
    "SAXON",
    "Carried",
    "Catalogue",
    "Choice",
    "Difference",
    "Document",
    "DocumentFacts",
    "EngineError",
    "Examination",
    "FactsError",
    "FactsReader",
    "Files",
    "Finding",
    "Kind",
    "Layer",
    "LayerOutcome",
    "LayerResult",
    "Library",
    "MalformedXMLError",
    "Message",
    "NoRuleSet",
    "Notice",
    "Outcome",
    "Pack",
    "PackError",
    "Policy",
    "Report",
    "RuleSet",
    "SchemaError",
    "Severity",
    "UnknownRuleSetError",
    "Validation",
    "Value",
    "amsterdam_day",
    "as_json",
    "choose",
    "compare_with_envelope",
    "read_catalogue",
    "read_pack",
    "render_page",
    "report_as_svrl",
]
