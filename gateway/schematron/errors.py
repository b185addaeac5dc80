# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a rule set itself, whatever document it judges."""

from __future__ import annotations

from gateway.errors import Fault, GatewayError


class SchemaError(GatewayError):
    """A schema or stylesheet is broken, or uses what this engine does not handle.

    The fault is of whoever gave the rule set. Trying again does not help: another release of the
    rule set, or another engine, does.
    """

    code = "rule_set_unusable"
    fault = Fault.CALLER


class EngineError(GatewayError):
    """An engine cannot be started, or ended in a way that is no verdict on the document."""

    code = "validation_engine_failed"
    fault = Fault.US
    retry = True
