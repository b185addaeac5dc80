# SPDX-License-Identifier: Apache-2.0
"""The rule sets of one installation: where its packs are, and whether an operator chose.

On the networks test and production somebody must have decided whose rules judge what is sent and
received; elsewhere the bundled rules do until somebody does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from gateway import ubl
from gateway.app.parts import utc_now
from gateway.pool import PACKS_VARIABLE, Setup, build_library
from gateway.settings import Settings

# Kinds of documents that an access point in the Netherlands sends and receives.
KINDS = ("peppol-billing", "peppol-selfbilling", "nlcius", "nlcius-gaccount")


def packs_of(settings: Settings) -> Path:
    """The folder of packs: by the environment, else by the settings."""
    named = os.environ.get(PACKS_VARIABLE)
    return Path(named) if named else settings.path(settings.rules.packs)


def rule_faults(settings: Settings, *, at: datetime | None) -> Iterator[str]:
    """A sentence for each kind of document that nobody chose rules for, or not such as are here.

    Raises `PackError` for packs that cannot be read.
    """
    if settings.as4 is None:
        return
    packs = packs_of(settings)
    library = build_library(Setup(packs=packs))
    now = ubl.in_force(library, at=at or utc_now())
    for kind in KINDS:
        choice = library.choices.get(kind)
        releases = {one.alias for one in library.catalogue.releases(kind)}
        if choice is None and settings.preset.fixed:
            yield (
                f"[rules] nobody chose whose rules judge {kind}. Recommended are the official"
                f" ones: `peppol-gateway rules install FILE --packs {packs}` with what the"
                f" publisher hands out, then `peppol-gateway rules use {kind} official"
                f" --packs {packs}`"
            )
        elif choice in (ubl.OFFICIAL, ubl.BOTH) and not now & releases & set(library.packs):
            yield (
                f"[rules] {choice} rules judge {kind}, and none are installed in {packs}:"
                f" `peppol-gateway rules install FILE --packs {packs}`"
            )
