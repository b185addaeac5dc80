# SPDX-License-Identifier: Apache-2.0
"""The messages for people, by rule id: what is wrong and how to put it right, in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gateway.ubl.report import Message


class RuleText(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a `texts.toml`."""

    en: str
    nl: str
    fix_en: str = ""
    fix_nl: str = ""
    hint_en: str = ""
    hint_nl: str = ""

    @property
    def message(self) -> Message:
        """What is wrong."""
        return Message(self.en, self.nl)

    @property
    def fix(self) -> Message | None:
        """How to put it right."""
        return Message(self.fix_en, self.fix_nl or self.fix_en) if self.fix_en else None

    @property
    def hint(self) -> Message | None:
        """What else helps to know."""
        return Message(self.hint_en, self.hint_nl or self.hint_en) if self.hint_en else None


def read_texts(files: Iterable[bytes]) -> Mapping[str, RuleText]:
    """The texts of several files in one table; a later file wins."""
    texts: dict[str, RuleText] = {}
    for data in files:
        texts.update(msgspec.toml.decode(data, type=dict[str, RuleText]))
    return texts
