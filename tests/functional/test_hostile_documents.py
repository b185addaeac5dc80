# SPDX-License-Identifier: Apache-2.0
"""Documents that mean harm, or are none: a clear answer within the limits, and the next is judged.

All go through one worker, so that each shows that those before it left it unharmed.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner

from gateway import ubl
from gateway.cli import main
from gateway.pool import JobTimeoutError, Limits, Setup, ValidationJob, ValidationPool
from tests.forge import ubl_hostile as hostile

NOW = datetime(2026, 11, 24, tzinfo=UTC)
POLICY = ubl.Policy(shadow_share=0.0)
DOCTYPE = "a document type declaration is not allowed"
TOO_DEEP = "nested deeper than 100"
BOM = codecs.BOM_UTF8

REFUSED = {
    "external entity": (hostile.external_entity(), DOCTYPE),
    "parameter entity": (hostile.external_parameter_entity(), DOCTYPE),
    "billion laughs": (hostile.billion_laughs(), DOCTYPE),
    "quadratic blow-up": (hostile.quadratic_blowup(), DOCTYPE),
    "DTD without entities": (hostile.doctype_alone(), DOCTYPE),
    "DTD in UTF-16": (hostile.doctype_in_utf_16(), DOCTYPE),
    "undeclared entity": (hostile.undeclared_entity(), "'nbsp' not defined"),
    "10,000 deep": (hostile.nested(10_000), TOO_DEEP),
    "101 deep": (hostile.nested(99), TOO_DEEP),
    "65 attributes": (hostile.attributes_on_one(65), "more than 64 attributes"),
    "a name of 100 kB": (hostile.long_name(100_000), "not well-formed XML"),
    "NUL": (hostile.with_nul(), "Char 0x0 out of allowed range"),
    "empty": (b"", "the file is empty"),
    "blank": (b" \r\n", "the file is empty"),
    "PDF": (hostile.a_pdf(), "the file is a PDF, not XML"),
    "zip": (b"PK\x03\x04" + bytes(40), "the file is a zip archive, not XML"),
    "gzip": (hostile.gzipped(), "the file is compressed with gzip, not XML"),
    "JSON": (b'{"invoice": 1}', "not well-formed XML"),
    "latin-1 undeclared": (
        hostile.text_as("latin-1", declared=None),
        "the bytes of the XML are not UTF-8",
    ),
    "latin-1 as UTF-8": (
        hostile.text_as("latin-1", declared="UTF-8"),
        "the bytes of the XML are not UTF-8",
    ),
    "UTF-8 as UTF-16": (hostile.text_as("utf-8", declared="UTF-16"), "not well-formed XML"),
    "odd UTF-16": (hostile.text_as("utf-16", declared="UTF-16")[:-1], "are not UTF-16"),
    "EBCDIC": (hostile.text_as("cp037", declared="IBM037"), "not well-formed XML"),
    "UTF-7": (hostile.text_as("utf-7", declared="UTF-7"), "'utf-7', which is not read"),
    "no such encoding": (hostile.text_as("utf-8", declared="klingon"), "'klingon', which is not"),
}
READ = {
    "UTF-8 with BOM": BOM + hostile.INVOICE,
    "BOM against declaration": hostile.text_as("utf-8", declared="ISO-8859-1", mark=BOM),
    "UTF-16": hostile.text_as("utf-16", declared="UTF-16"),
    "UTF-16 without BOM": hostile.text_as("utf-16-le", declared="UTF-16LE"),
    "UTF-32": hostile.text_as("utf-32", declared="UTF-32"),
    "latin-1 declared": hostile.text_as("latin-1", declared="ISO-8859-1"),
    "windows-1252": hostile.text_as("cp1252", declared="windows-1252"),
    "comment in a value": hostile.comment_in_leaf(),
    "instruction in a value": hostile.instruction_in_leaf(),
    "CDATA": hostile.cdata(),
    "instructions around": hostile.instructions_around(),
    "schema somewhere else": hostile.schema_location(),
}
OTHER_ENCODING = {
    *("UTF-16", "UTF-16 without BOM", "UTF-32", "latin-1 declared", "windows-1252"),
}
SCHEMA_REFUSES = {
    "XInclude": (hostile.xinclude(), "cbc:ID"),
    "80 deep": (hostile.nested(80), "cac:SubInvoiceLine"),
    "odd attributes": (hostile.attributes_on_many(1_000), "attribute a"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def validation() -> AsyncIterator[ValidationPool]:
    made = ValidationPool(Setup(policy=POLICY), workers=1)
    async with made.pool:
        yield made


module_loop = pytest.mark.asyncio(loop_scope="module")


async def judged(validation: ValidationPool, data: bytes) -> ubl.Report:
    return await validation.validate(ValidationJob(at=NOW, data=data))


@module_loop
@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_document_is_refused_with_the_reason(
    validation: ValidationPool, name: str
) -> None:
    data, reason = REFUSED[name]
    report = await judged(validation, data)
    assert report.outcome is ubl.Outcome.INVALID
    (finding,) = report.findings
    assert reason in finding.message.en
    assert finding.fix is not None
    assert len(finding.message.en) < 300
    assert "root:" not in finding.message.en  # no line of a password file


@module_loop
@pytest.mark.parametrize("name", READ)
async def test_odd_forms_of_a_good_document_are_read(validation: ValidationPool, name: str) -> None:
    report = await judged(validation, READ[name])
    assert (report.outcome, report.findings) == (ubl.Outcome.VALID, ())
    codes = {notice.code for notice in report.notices}
    assert codes == ({"encoding"} if name in OTHER_ENCODING else set())


@module_loop
@pytest.mark.parametrize("name", SCHEMA_REFUSES)
async def test_what_the_schema_refuses(validation: ValidationPool, name: str) -> None:
    data, word = SCHEMA_REFUSES[name]
    report = await judged(validation, data)
    assert report.outcome is ubl.Outcome.INVALID
    assert word in report.findings[0].message.en
    assert {layer.name for layer in report.layers if layer.outcome is ubl.LayerOutcome.INVALID} == {
        "xsd"
    }


@module_loop
async def test_a_large_attachment(validation: ValidationPool) -> None:
    report = await judged(validation, hostile.attachment(2_000_000))
    assert report.outcome is ubl.Outcome.VALID


@module_loop
async def test_many_lines_with_one_mistake(validation: ValidationPool) -> None:
    """Both engines get through it; the findings are told once, not a thousand times."""
    document = hostile.many_lines(1_000)
    assert (await judged(validation, document)).outcome is ubl.Outcome.VALID
    wrong = document.replace(b"<cbc:PayableAmount", b"<cbc:PrepaidAmount", 1)
    wrong = wrong.replace(b"</cbc:PayableAmount>", b"</cbc:PrepaidAmount>", 1)
    report = await judged(validation, wrong)
    assert report.outcome is ubl.Outcome.INVALID
    assert report.differences == ()


async def test_a_document_that_takes_too_long_costs_its_own_worker_only() -> None:
    limits = Limits(job_seconds=0.02)
    slow, quick = hostile.many_lines(2_000), hostile.a_pdf()
    validation = ValidationPool(Setup(policy=POLICY), workers=1, limits=limits)
    async with validation.pool:
        with pytest.raises(JobTimeoutError):
            await judged(validation, slow)
        assert (await judged(validation, quick)).outcome is ubl.Outcome.INVALID


def test_the_command_goes_on_behind_a_broken_file(tmp_path: Path) -> None:
    files = {
        "a-invoice.xml": hostile.a_pdf(),
        "b-laughs.xml": hostile.billion_laughs(),
        "c-empty.xml": b"",
        "d-good.xml": hostile.INVOICE,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    result = CliRunner().invoke(main, ["validate", str(tmp_path), "--json"])
    assert result.exit_code == 1, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["outcome"] for line in lines] == ["invalid"] * 3 + ["valid"]


# What takes seconds or hundreds of megabytes.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def roomy() -> AsyncIterator[ValidationPool]:
    limits = Limits(job_seconds=600.0)
    made = ValidationPool(Setup(policy=POLICY), workers=1, limits=limits)
    async with made.pool:
        yield made


@module_loop
@pytest.mark.everything
@pytest.mark.timeout(600)
async def test_a_million_attributes(roomy: ValidationPool) -> None:
    one = await judged(roomy, hostile.attributes_on_one(1_000_000))
    assert "more than 64 attributes" in one.findings[0].message.en
    many = await judged(roomy, hostile.attributes_on_many(1_000_000))
    assert many.outcome is ubl.Outcome.INVALID
    assert "attribute a" in many.findings[0].message.en
    assert len(many.findings) <= 10


@module_loop
@pytest.mark.everything
@pytest.mark.timeout(600)
async def test_a_hundred_megabytes_in_one_element(roomy: ValidationPool) -> None:
    assert (await judged(roomy, hostile.long_text(100_000_000))).outcome is ubl.Outcome.VALID
    assert (await judged(roomy, hostile.attachment(10_000_000))).outcome is ubl.Outcome.VALID
    over = await judged(roomy, hostile.long_text(135_000_000))
    assert "larger than 128 MB" in over.findings[0].message.en


@module_loop
@pytest.mark.everything
@pytest.mark.timeout(600)
async def test_fifty_thousand_lines(roomy: ValidationPool) -> None:
    document = hostile.many_lines(50_000)
    report = await judged(roomy, document)
    assert (report.outcome, report.engine) == (ubl.Outcome.VALID, "fast")
    assert (await judged(roomy, hostile.INVOICE)).outcome is ubl.Outcome.VALID
