# SPDX-License-Identifier: Apache-2.0
"""Small rule sets of our own, named and laid out as publishers do it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

SCHEMA = """<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">
<title>{title}</title>
<ns prefix="cbc" uri="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"/>
<ns prefix="ubl" uri="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>
<pattern><rule context="{context}">
<assert id="{rule}" flag="fatal" test="{test}">[{rule}] told</assert></rule></pattern></schema>"""


def schematron(
    rule: str,
    test: str = "true()",
    *,
    context: str = "/ubl:Invoice",
    title: str = "rules of a test",
) -> bytes:
    """A schema with one assertion."""
    return SCHEMA.format(rule=rule, test=test, context=context, title=title).encode()


def peppol(test: str = "true()") -> dict[str, bytes]:
    """Peppol's two files of invoices, with one rule each."""
    return {
        "rules/sch/CEN-EN16931-UBL.sch": schematron("UBL-CR-001"),
        "rules/sch/PEPPOL-EN16931-UBL.sch": schematron("PEPPOL-EN16931-R001", test),
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
