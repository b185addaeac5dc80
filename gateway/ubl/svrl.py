# SPDX-License-Identifier: Apache-2.0
"""The result of one document as Schematron Validation Report Language, all layers in one report."""

from __future__ import annotations

from gateway.schematron import Failure, write_svrl
from gateway.ubl.findings import XSD_LAYER
from gateway.ubl.running import Examination


def report_as_svrl(examination: Examination) -> bytes | None:
    """The failures of all layers; the schema's as well. `None` for what is no XML."""
    document, report = examination.document, examination.report
    if document is None:
        return None
    schema = [
        Failure(rule=one.rule_id, flag=one.severity.value, test="", path=(), text=one.message.en)
        for one in report.findings
        if one.layer == XSD_LAYER
    ]
    rules = [failure for verdict in examination.verdicts.values() for failure in verdict.failures]
    return write_svrl([*schema, *rules], document.root, title=report.rule_set or "")
