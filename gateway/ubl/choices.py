# SPDX-License-Identifier: Apache-2.0
"""Whose rules an operator chose, by kind of document: a small file beside the installed packs.

    [rules]
    peppol-billing = "official"

A choice is made for a kind, so that it holds for its later releases, too. Where nothing was chosen
the bundled rules judge; a release that is there in one way only is judged in that way, except that
official rules that were chosen are never replaced by bundled ones.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gateway.ubl.packs import PackError

CHOICES_FILE = "choices.toml"
CHOSEN, BUNDLED, OFFICIAL, BOTH = "chosen", "bundled", "official", "both"


class _Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: dict[str, str] = {}


def read_choices(data: bytes) -> dict[str, str]:
    """The choices by kind. Raises `PackError` for a file that cannot be read."""
    try:
        found = msgspec.toml.decode(data, type=_Choices).rules
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PackError(
            f"the choices in {CHOICES_FILE} cannot be read: {error}",
            advice="Mend the file, or remove it and choose again with `rules use`.",
        ) from error
    wrong = [name for name, choice in found.items() if choice not in (BUNDLED, OFFICIAL, BOTH)]
    if wrong:
        raise PackError(f"{CHOICES_FILE} chooses {found[wrong[0]]!r} for {wrong[0]}")
    return found


def choices_page(choices: Mapping[str, str]) -> bytes:
    """The file for these choices."""
    lines = [f'{kind} = "{choice}"\n' for kind, choice in sorted(choices.items())]
    head = "# Whose rules judge; written by `peppol-gateway rules use`.\n\n[rules]\n"
    return (head + "".join(lines)).encode()


def resolve(choice: str | None, *, bundled: bool, official: bool) -> str | None:
    """How a release is judged that is there in these ways; `None`: not at all."""
    if choice in (OFFICIAL, BOTH):
        if not official:
            return None
        return BOTH if choice == BOTH and bundled else OFFICIAL
    if bundled:
        return BUNDLED
    return OFFICIAL if official else None
