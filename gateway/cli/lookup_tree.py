# SPDX-License-Identifier: Apache-2.0
"""The report of a lookup as a tree for people: DNS, SMP, document types, endpoints."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from rich.tree import Tree

_GOOD, _BAD, _FACT = "green", "red", "dim"


def lookup_tree(report: dict[str, Any]) -> Tree:
    """Everything that the report knows, in the order in which it was found out."""
    report = _shown(report)
    tree = Tree(_line(report["participant"]["value"], _ended(report)))
    _add_dns(tree, report["dns"])
    if report["smp"]:
        _add_smp(tree, report["smp"])
    for kind in report["document_types"]:
        _add_document_type(tree, kind)
    if report["endpoint"]:
        _add_endpoint(tree, report["endpoint"])
    for advice in report["advice"]:
        tree.add(Text(advice, style="yellow"))
    return tree


def _add_dns(tree: Tree, dns: dict[str, Any]) -> None:
    branch = tree.add(_line("DNS", Text(dns["rcode"] or "no answer"), _milliseconds(dns["ms"])))
    branch.add(Text(dns["name"], style=_FACT))
    for record in dns["records"]:
        branch.add(Text(f"NAPTR {record}", style=_FACT))
    if dns["smp_url"]:
        branch.add(Text(dns["smp_url"]))


def _add_smp(tree: Tree, smp: dict[str, Any]) -> None:
    signature = smp["signature"]
    said = Text(f"status {smp['status']}")
    if signature:
        said.append(f", signature {signature}", style=_GOOD if signature == "valid" else _BAD)
    if smp["redirected"]:
        said.append(", redirected")
    branch = tree.add(_line("SMP", said, _milliseconds(smp["ms"])))
    if smp["certificate"]:
        _add_certificate(branch, smp["certificate"])


def _add_document_type(tree: Tree, kind: dict[str, Any]) -> None:
    name = kind["name"] or kind["value"]
    ended = _ended(kind) if "outcome" in kind else Text()
    branch = tree.add(_line(name, ended))
    branch.add(Text(f"{kind['scheme']}::{kind['value']}", style=_FACT))
    for process in kind["processes"]:
        ended = _ended(process) if "outcome" in process else Text()
        below = branch.add(_line(process["value"], ended))
        if process.get("endpoint"):
            _add_endpoint(below, process["endpoint"])


def _add_endpoint(tree: Tree, endpoint: dict[str, Any]) -> None:
    branch = tree.add(Text(endpoint["url"], style="bold"))
    branch.add(Text(endpoint["transport_profile"], style=_FACT))
    if endpoint["activation"] or endpoint["expiration"]:
        period = f"{endpoint['activation'] or 'always'} to {endpoint['expiration'] or 'for ever'}"
        branch.add(Text(period, style=_FACT))
    if endpoint["technical_contact"]:
        branch.add(Text(endpoint["technical_contact"], style=_FACT))
    if endpoint["certificate"]:
        _add_certificate(branch, endpoint["certificate"])


def _add_certificate(tree: Tree, certificate: dict[str, Any]) -> None:
    revocation = certificate["revocation"]
    branch = tree.add(Text(certificate["subject"]))
    branch.add(Text(f"until {certificate['not_after']}, serial {certificate['serial']}", _FACT))
    branch.add(Text(f"revocation {revocation}", style=_GOOD if revocation == "good" else "yellow"))


def _shown(value: Any) -> Any:
    """Strangers wrote most of a report: no control character of theirs reaches the terminal."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shown(inner) for inner in value]
    if isinstance(value, str):
        return "".join(sign if sign.isprintable() else "?" for sign in value)
    return value


def _ended(part: dict[str, Any]) -> Text:
    words = part["outcome"] + (f" ({part['cause']})" if part["cause"] else "")
    return Text(words, style=_GOOD if part["outcome"] == "reachable" else _BAD)


def _milliseconds(value: float | None) -> Text:
    return Text("" if value is None else f"{value} ms", style=_FACT)


def _line(title: str, *rest: Text) -> Text:
    return Text("  ").join([Text(title, style="bold"), *(text for text in rest if text)])
