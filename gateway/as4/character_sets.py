# SPDX-License-Identifier: Apache-2.0
"""Names of character sets that a sender may declare for its part.

The value is only looked at, never used to decode: XML says itself how it is encoded. So the
interpreter's table of names is read here and no codec is looked up by what a stranger wrote.
Source: CEF eDelivery AS4 1.14, 3.3.1.
"""

from __future__ import annotations

import re
from encodings.aliases import aliases
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_()+-]{0,63}")
_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")
# Codecs that turn bytes into bytes, or exist for one program only, stand in the same table.
_NO_CHARACTER_SETS: Final = frozenset(
    ["base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec"]
)
_KNOWN: Final = frozenset(
    name for pair in aliases.items() if pair[1] not in _NO_CHARACTER_SETS for name in pair
) | frozenset(["iso8859_1", "koi8_u", "utf_8", "utf_8_sig", "iso_8859_16", "macroman", "macintosh"])


def is_known(name: str) -> bool:
    """Whether this is the name of a character set, in any case."""
    return _NAME.fullmatch(name) is not None and _SEPARATORS.sub("_", name.lower()) in _KNOWN
