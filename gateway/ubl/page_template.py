# SPDX-License-Identifier: Apache-2.0
"""The words, the style and the frame of the report's page."""

from __future__ import annotations

WORDS = {
    "en": {
        "title": "Validation report",
        "valid": "Valid: the document can be sent.",
        "invalid": "Not valid: the document cannot be sent like this.",
        "not_judged": "Not judged: no rules were applied.",
        "rules": "Rules",
        "engine": "Engine",
        "counts": "Errors: {errors}, warnings: {warnings}",
        "fatal": "Error",
        "warning": "Warning",
        "line": "line {line}, column {column}",
        "fix": "What to do",
        "values": "Values involved",
        "absent": "not there",
        "at": "line {line}",
        "layers": "Checks, in their order",
        "more": "Only the first {shown} findings are shown.",
    },
    "nl": {
        "title": "Controlerapport",
        "valid": "In orde: het document kan worden verzonden.",
        "invalid": "Niet in orde: het document kan zo niet worden verzonden.",
        "not_judged": "Niet beoordeeld: er zijn geen regels toegepast.",
        "rules": "Regels",
        "engine": "Rekenwijze",
        "counts": "Fouten: {errors}, waarschuwingen: {warnings}",
        "fatal": "Fout",
        "warning": "Waarschuwing",
        "line": "regel {line}, kolom {column}",
        "fix": "Wat te doen",
        "values": "Waarden die meetellen",
        "absent": "ontbreekt",
        "at": "regel {line}",
        "layers": "Controles, op volgorde",
        "more": "Alleen de eerste {shown} bevindingen staan hier.",
    },
}

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; }
.outcome { font-weight: 600; border-left: .4rem solid; padding: .4rem .8rem; }
.valid { border-color: #1a7f37; } .invalid { border-color: #c1121f; }
.not_judged { border-color: #9a6700; }
article { border-top: 1px solid #8885; padding: .8rem 0; }
article h2 { font-size: 1rem; margin: 0; }
.fatal h2 { color: #c1121f; } .warning h2 { color: #9a6700; }
@media (prefers-color-scheme: dark) {
.fatal h2 { color: #ff8b8b; } .warning h2 { color: #e3b341; }
}
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0; }
dd { margin: 0; overflow-wrap: anywhere; }
"""

TEMPLATE = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title }}{% if name %}: {{ name }}{% endif %}</title>
<style>{{ style }}</style>
</head>
<body>
<h1>{{ words.title }}{% if name %}: {{ name }}{% endif %}</h1>
<p class="outcome {{ report.outcome.value }}">{{ words[report.outcome.value] }}
{{ words.counts.format(errors=report.errors, warnings=report.warnings) }}.</p>
<dl>
{% if report.rule_set %}
<dt>{{ words.rules }}</dt>
<dd>{{ report.title }}, {{ report.release }} (<code>{{ report.rule_set }}</code>)</dd>
<dt>{{ words.engine }}</dt><dd>{{ report.engine or "-" }}</dd>
{% endif %}
</dl>
{% for notice in report.notices %}
<p>{{ notice[language] }}</p>
{% endfor %}
{% for finding in report.findings %}
<article class="{{ finding.severity.value }}">
<h2>{{ words[finding.severity.value] }} {{ finding.rule_id }}{% if finding.line %},
{{ words.line.format(line=finding.line, column=finding.column) }}{% endif %}</h2>
<p>{{ finding.message[language] }}</p>
<p><code>{{ finding.location }}</code></p>
{% if finding.fix %}
<p><strong>{{ words.fix }}:</strong> {{ finding.fix[language] }}</p>
{% endif %}
{% if finding.hint %}
<p>{{ finding.hint[language] }}</p>
{% endif %}
{% if finding.values %}
<p>{{ words["values"] }}:</p>
<dl>
{% for value in finding["values"] %}
<dt><code>{{ value.path }}</code></dt>
<dd>{% if value.text is none %}<em>{{ words.absent }}</em>{% else %}{{ value.text }}{% endif %}
{% if value.line and value.line != finding.line %}
 ({{ words.at.format(line=value.line) }}){% endif %}</dd>
{% endfor %}
</dl>
{% endif %}
</article>
{% endfor %}
{% if report.errors + report.warnings > report.findings|length %}
<p>{{ words.more.format(shown=report.findings|length) }}</p>
{% endif %}
<h2>{{ words.layers }}</h2>
<dl>
{% for layer in report.layers %}
<dt>{{ layer.name }}</dt>
<dd>{{ layer.outcome.value }}{% if layer.engine %} ({{ layer.engine }}){% endif %}</dd>
{% endfor %}
</dl>
</body>
</html>
"""
