# SPDX-License-Identifier: Apache-2.0
"""A `Schema` as an XSLT stylesheet that judges a document and writes a lean SVRL report.

The walk is that of the ISO Schematron skeleton: one mode for each pattern, the first rule that
matches has the highest priority, lets are variables, and lets of a pattern are global variables
whose context is the document. So Saxon evaluates, skips and stops as it does for the skeleton.
The report holds failures only. `PLACE_PATH` on each gives the node as child positions, beside the
XPath in `location`. Needs an XSLT 3.0 processor (XPath 3.1), and judges as XSLT 2.0 does.
"""

from __future__ import annotations

from lxml import etree

from gateway.schematron.errors import SchemaError
from gateway.schematron.model import Assertion, Let, Pattern, Schema, Text
from gateway.schematron.sources import SVRL, XML_SCHEMA, XSLT, parse_source
from gateway.schematron.stylesheet_lets import PLACE, PatternLets, arrange_lets
from gateway.schematron.stylesheet_walk import matches_attributes

PLACE_PATH = f"{{{PLACE}}}at"

_PLACE_FUNCTION = (
    "string-join(($node/ancestor-or-self::*/concat('/', count(preceding-sibling::*)), "
    "$node[self::attribute()]/concat('/@', "
    "if (namespace-uri() = '') then '' else concat('{', namespace-uri(), '}'), local-name())), '')"
)


def to_xslt(schema: Schema) -> bytes:
    """Write the stylesheet, in UTF-8. Raises `SchemaError` where two names cannot be told apart."""
    root = _stylesheet(schema)
    shared, of_patterns = arrange_lets(schema)
    for key in schema.keys:
        _add(root, "key", name=key.name, match=key.match, use=key.use)
    for function in schema.functions:
        root.append(parse_source(function.source, f"function {function.name}"))
    for let in shared:
        _variable(root, let)
    root.append(place_function())
    _start(root, schema)
    for number, pattern in enumerate(schema.patterns):
        _pattern(root, schema, pattern, of_patterns[number], mode=f"pattern-{number}")
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _stylesheet(schema: Schema) -> etree._Element:
    namespaces = {
        prefix: uri for prefix, uri in schema.namespaces.items() if prefix not in ("", "xml")
    }
    if "" in schema.namespaces:
        raise SchemaError("the schema gives the empty prefix a meaning, which is not supported")
    for prefix, uri in (("xsl", XSLT), ("svrl", SVRL), ("place", PLACE), ("xs", XML_SCHEMA)):
        if namespaces.setdefault(prefix, uri) != uri:
            raise SchemaError(f"the schema uses the prefix {prefix} for {namespaces[prefix]}")
    root = etree.Element(f"{{{XSLT}}}stylesheet", nsmap=namespaces)
    root.set("version", "1.0" if schema.xpath_1 else "2.0")
    root.set("exclude-result-prefixes", "#all")
    _add(root, "output", method="xml", indent="no", **{"omit-xml-declaration": "yes"})
    return root


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XSLT}}}{tag}", attributes)


def place_function() -> etree._Element:
    """The function `place:of`, which gives a node as child positions."""
    function = etree.Element(f"{{{XSLT}}}function", nsmap={"place": PLACE, "xs": XML_SCHEMA})
    function.attrib.update({"name": "place:of", "as": "xs:string", "version": "2.0"})
    _add(function, "param", name="node", **{"as": "node()"})
    _add(function, "sequence", select=_PLACE_FUNCTION)
    return function


def _start(root: etree._Element, schema: Schema) -> None:
    template = _add(root, "template", match="/")
    output = etree.SubElement(template, f"{{{SVRL}}}schematron-output")
    output.set("title", _literal(schema.title))
    # Declares the prefix of places once for the report, which else does so at every failure.
    _add(output, "namespace", name="place", select=f"'{PLACE}'")
    for prefix, uri in schema.namespaces.items():
        name = f"{{{SVRL}}}ns-prefix-in-attribute-values"
        etree.SubElement(output, name, {"prefix": prefix, "uri": _literal(uri)})
    for number in range(len(schema.patterns)):
        _add(output, "apply-templates", select="/", mode=f"pattern-{number}")


def _pattern(
    root: etree._Element, schema: Schema, pattern: Pattern, lets: PatternLets, *, mode: str
) -> None:
    """The templates of a pattern, and what walks on where none of its rules matches."""
    visits = schema.visits_attributes and any(
        matches_attributes(rule.context) for rule in pattern.rules
    )
    select = "@*|*" if visits else "*"
    if schema.visits_comments:
        select += "|comment()|processing-instruction()"
    for number, rule in enumerate(pattern.rules):
        lets.check_context(rule.context)
        priority = str(1000 + len(pattern.rules) - number)
        template = _add(root, "template", match=rule.context, mode=mode, priority=priority)
        for let in (*lets.local, *rule.lets):
            _variable(template, let)
        for assertion in rule.assertions:
            _assertion(template, assertion)
        _add(template, "apply-templates", select=select, mode=mode)
    _add(root, "template", match="text()", mode=mode, priority="-1")
    walk = _add(root, "template", match="@*|node()", mode=mode, priority="-2")
    _add(walk, "apply-templates", select=select, mode=mode)


def _variable(parent: etree._Element, let: Let) -> None:
    variable = _add(parent, "variable", name=let.name)
    if let.as_type is not None:
        variable.set("as", let.as_type)
    if let.select is not None:
        variable.set("select", let.select)
    else:
        _text(variable, let.content or ())


def _assertion(parent: etree._Element, assertion: Assertion) -> None:
    if assertion.is_report:
        _failure(_add(parent, "if", test=assertion.test), "successful-report", assertion)
        return
    choose = _add(parent, "choose")
    _add(choose, "when", test=assertion.test)
    _failure(_add(choose, "otherwise"), "failed-assert", assertion)


def _failure(parent: etree._Element, name: str, assertion: Assertion) -> None:
    failure = etree.SubElement(parent, f"{{{SVRL}}}{name}")
    failure.set("id", _literal(assertion.rule))
    failure.set("flag", _literal(assertion.flag))
    failure.set("test", _literal(assertion.test))
    failure.set("location", "{path()}")
    failure.set(PLACE_PATH, "{place:of(.)}")
    _text(etree.SubElement(failure, f"{{{SVRL}}}text"), assertion.text)


def _text(parent: etree._Element, text: Text) -> None:
    for piece in text:
        if isinstance(piece, str):
            _add(parent, "text").text = piece
        else:
            _add(parent, "value-of", select=piece.select)


def _literal(value: str) -> str:
    """A value as it is written in an attribute of a literal result element."""
    return value.replace("{", "{{").replace("}", "}}")
