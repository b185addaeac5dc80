# SPDX-License-Identifier: Apache-2.0
"""Which nodes the walk of a pattern must visit, told from the contexts of its rules."""

from __future__ import annotations

import re

_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_PREDICATE = re.compile(r"\[[^\[\]]*\]")
# Patterns that start at a key, an id, a variable or the node itself may mean attributes too.
_MAY_MATCH = re.compile(
    r"@|\battribute\b|\b(?:key|id|element-with-id|document-node)\s*\(|\$|^\s*\."
)


def matches_attributes(context: str) -> bool:
    """Whether a context could match an attribute; true in case of doubt.

    What stands in predicates does not count: it says nothing of the node that matches.
    """
    bare = _LITERAL.sub("", context)
    while (shorter := _PREDICATE.sub("", bare)) != bare:
        bare = shorter
    return _MAY_MATCH.search(bare) is not None
