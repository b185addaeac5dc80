# SPDX-License-Identifier: Apache-2.0
"""The ceilings of every XML parser here, each with its reason, and the one error."""

from __future__ import annotations

from gateway.errors import Fault, GatewayError

MAX_DEPTH = 64  # a signed SOAP header needs 12, an UBL invoice 10
MAX_ATTRIBUTES = 64  # of one element; the protocols here use at most 6
MAX_NAMESPACES = 64  # declared by one tag; the protocols here use at most 12
MAX_NAMESPACE_WORK = 200_000_000  # canonicalising searches all in scope at each tag: two seconds
MAX_NAMES = 10_000  # different names in one stream; all of UBL has about 2,000
MAX_TOKEN = 256 * 1024  # one tag or comment; expat holds it whole until its end arrives

TOO_MUCH = "the XML is nested too deep or has too many attributes or namespaces"


class MalformedXMLError(GatewayError):
    """Bytes that should be XML are not, or use what is refused here (DTD, entities, depth)."""

    code = "malformed_xml"
    fault = Fault.CALLER


def first_line(error: Exception) -> str:
    """What a parser says, short enough for a sentence."""
    return str(error).partition("\n")[0][:200]
