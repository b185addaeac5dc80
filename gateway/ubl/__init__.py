# SPDX-License-Identifier: Apache-2.0
"""Business documents: what routing and lists need to know of them, and whether they are valid."""

from __future__ import annotations

from gateway.safexml import MalformedXMLError
from gateway.schematron import EngineError, SchemaError
from gateway.ubl.agreement import Carried, compare_with_envelope
from gateway.ubl.attachments import AttachmentCutter, Cuts
from gateway.ubl.choices import (
    BOTH,
    BUNDLED,
    CHOICES_FILE,
    CHOSEN,
    OFFICIAL,
    choices_page,
    read_choices,
)
from gateway.ubl.documents import Document
from gateway.ubl.engines import FAST, SAXON
from gateway.ubl.facts import DocumentFacts, FactsError
from gateway.ubl.families import Family, Published, read_published
from gateway.ubl.file_ports import Files
from gateway.ubl.gathering import (
    GatheredSchema,
    gather_own_schema,
    gather_rules,
    gather_schema,
)
from gateway.ubl.layer_sources import LayerSource
from gateway.ubl.listing import RuleSetEntry, in_force, list_rule_sets
from gateway.ubl.notices import Notice
from gateway.ubl.packs import PACK_FILE, LayerCheck, Pack, PackError, pack_page, read_pack
from gateway.ubl.page import render_page
from gateway.ubl.planning import Plan, Planned, plan
from gateway.ubl.published import Bundle, Candidate, Recognised, recognise
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
from gateway.ubl.rule_library import RuleLibrary
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
from gateway.ubl.vetting import is_one_of, vet
from gateway.ubl.xsd import schema_fault

__all__ = [
    "BOTH",
    "BUNDLED",
    "CHOICES_FILE",
    "CHOSEN",
    "FAST",
    "OFFICIAL",
    "PACK_FILE",
    "SAXON",
    "AttachmentCutter",
    "Bundle",
    "Candidate",
    "Carried",
    "Catalogue",
    "Choice",
    "Cuts",
    "Difference",
    "Document",
    "DocumentFacts",
    "EngineError",
    "Examination",
    "FactsError",
    "FactsReader",
    "Family",
    "Files",
    "Finding",
    "GatheredSchema",
    "Kind",
    "Layer",
    "LayerCheck",
    "LayerOutcome",
    "LayerResult",
    "LayerSource",
    "MalformedXMLError",
    "Message",
    "NoRuleSet",
    "Notice",
    "Outcome",
    "Pack",
    "PackError",
    "Plan",
    "Planned",
    "Policy",
    "Published",
    "Recognised",
    "Report",
    "RuleLibrary",
    "RuleSet",
    "RuleSetEntry",
    "SchemaError",
    "Severity",
    "UnknownRuleSetError",
    "Validation",
    "Value",
    "amsterdam_day",
    "as_json",
    "choices_page",
    "choose",
    "compare_with_envelope",
    "gather_own_schema",
    "gather_rules",
    "gather_schema",
    "in_force",
    "is_one_of",
    "list_rule_sets",
    "pack_page",
    "plan",
    "read_catalogue",
    "read_choices",
    "read_pack",
    "read_published",
    "recognise",
    "render_page",
    "report_as_svrl",
    "schema_fault",
    "vet",
]
