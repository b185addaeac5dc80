# SPDX-License-Identifier: Apache-2.0
"""The chain to compare with: official schema in libxml2, official stylesheets in saxonche."""

from __future__ import annotations

from lxml import etree

from benchmarks.measuring import Step
from benchmarks.validation_documents import SHARED

LAYERS = ("CEN-EN16931-UBL.xslt", "PEPPOL-EN16931-UBL.xslt")

# The bare script: what somebody would write to judge one file.
SCRIPT = f"""
import sys
from pathlib import Path
from lxml import etree
from saxonche import PySaxonProcessor
official = Path(sys.argv[1]) / "official"
document = etree.parse(sys.argv[2])
schema = etree.XMLSchema(file=str(official / "ubl-2.1-os/xsdrt/maindoc/UBL-Invoice-2.1.xsd"))
found = 0 if schema.validate(document) else 1
processor = PySaxonProcessor(license=False)
compiler = processor.new_xslt30_processor()
node = processor.parse_xml(xml_file_name=sys.argv[2])
for name in {LAYERS!r}:
    sheet = compiler.compile_stylesheet(
        stylesheet_file=str(official / "peppol-billing-2026.5/xslt" / name)
    )
    found += sheet.transform_to_string(xdm_node=node).count("<svrl:failed-assert")
print(found)
"""


def official_chain(data: bytes) -> Step:
    """Parse, schema, parse for Saxon, both stylesheets; everything compiled before."""
    from saxonche import PySaxonProcessor  # noqa: PLC0415 - only where it is compared with

    official = SHARED / "official"
    schema = etree.XMLSchema(
        etree.parse(str(official / "ubl-2.1-os/xsdrt/maindoc/UBL-Invoice-2.1.xsd"))
    )
    processor = PySaxonProcessor(license=False)
    compiler = processor.new_xslt30_processor()
    sheets = [
        compiler.compile_stylesheet(
            stylesheet_file=str(official / "peppol-billing-2026.5/xslt" / name)
        )
        for name in LAYERS
    ]
    text = data.decode().partition("?>")[2]

    def step() -> None:
        assert schema.validate(etree.fromstring(data, etree.XMLParser(huge_tree=True)))
        node = processor.parse_xml(xml_text=text)
        for sheet in sheets:
            assert "svrl:failed-assert" not in sheet.transform_to_string(xdm_node=node)

    return step
