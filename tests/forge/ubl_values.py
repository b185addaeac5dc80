# SPDX-License-Identifier: Apache-2.0
"""Good and odd contents for the simple types of UBL, and odd attributes."""

from __future__ import annotations

GOOD = {
    "Amount": ("0", "10.00", "-3.45", "1000000.01", "0.1", "12.345"),
    "BinaryObject": ("QUJD", "", "QUI="),
    "Code": ("S", "380", "EUR", "NL", "Z", "XX", "130", "ZZZ", "AE", "30"),
    "Date": ("2026-01-31", "2024-02-29", "2026-01-31Z", "2026-01-31+01:00"),
    "Identifier": ("1", "ABC-1", "NL123456782B01", "VAT", "7300010000001", "S", "O", "AE", "E"),
    "Indicator": ("true", "false", "1", "0"),
    "Measure": ("1", "-1.5"),
    "Name": ("A name", ""),
    "Numeric": ("1", "0", "2.5"),
    "Percent": ("21", "0", "9.00", "-1", "100.123"),
    "Quantity": ("1", "0", "-2", "3.1415"),
    "Rate": ("1", "1.19"),
    "Text": ("Some text", "", "#AAI#text", "x" * 300),
    "Time": ("12:00:00", "23:59:59.5Z"),
}
"""Contents that the schema takes, by the name of the type; the rules may think otherwise."""

ODD = (
    *("", " ", "\n", "\u00a0", " 1 ", "1 ", "1.", ".5", "+5", "-0", "1e3", "1E400", "INF", "-INF"),
    *("NaN", "1,5", "1_0", "0x10", "\u0661", "--1", "0" * 40 + "1", "9" * 60, "0.005", "true", "1"),
    *(
        "TRUE",
        "false ",
        "yes",
        "2026-02-30",
        "2026-01-31",
        " 2026-01-31 ",
        "2026-1-31",
        "0000-01-01",
    ),
    *(
        "-0001-01-01",
        "12026-01-01",
        "2026-01-31T00:00:00",
        "2026-01-31+14:01",
        "24:00:00",
        "25:00:00",
    ),
    *(
        "12:00:60",
        " 12:00:00\t",
        "12:00",
        "QUJD",
        "QUJ",
        "Q U J D",
        "Q===",
        "é",
        "a\tb",
        "a\nb",
        "a b",
    ),
    *("\u200b", "\U0001f4a9", "]]>", "&<>\"'", "../../x", "http://[", "%zz", "urn:x y", "nl-NL"),
    *("nl_NL", "x" * 5000, "EUR", "eur", "VAT", "vat", " VAT", "S", "130", "380", "AE"),
)
"""Contents that some type refuses, or that engines read differently."""

ATTRIBUTES = (
    *("currencyID", "currencyCodeListVersionID", "unitCode", "unitCodeListID", "mimeCode"),
    *("filename", "format", "encodingCode", "uri", "schemeID", "schemeName", "schemeAgencyID"),
    *("schemeURI", "listID", "listAgencyID", "listName", "listURI", "name", "languageID"),
    *("languageLocaleID", "Id", "ID", "Algorithm", "unknown"),
    *("{http://www.w3.org/XML/1998/namespace}lang", "{http://www.w3.org/XML/1998/namespace}space"),
    "{urn:example:x}attr",
)
ATTRIBUTE_VALUES = (
    "",
    " ",
    "EUR",
    "eur",
    "USD",
    "0088",
    "9944",
    "VA",
    "C62",
    "ZZZ",
    "nl",
    "a b",
    "id1",
)
SCHEMES = (
    *(("0088", "7300010000001"), ("0088", "7300010000002"), ("0106", "12345678"), ("0106", "1234")),
    *(
        ("0190", "00000001234567890000"),
        ("9944", "NL123456782B01"),
        ("9944", "NL1"),
        ("0192", "991825827"),
    ),
    *(
        ("0208", "0202239951"),
        ("0208", "0202239950"),
        ("0007", "5567321707"),
        ("0184", "DK12345678"),
    ),
    *(("0009", "x"), ("0201", "ABCDEF"), ("9907", "RSSMRA80A01H501U"), ("0151", "51824753556")),
)
"""Identifier schemes with a good or a bad number, for endpoints and registrations."""

NAMESPACES = (
    *(
        "",
        "urn:example:foreign",
        "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    ),
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-1",
    "http://www.w3.org/2000/09/xmldsig#",
)
