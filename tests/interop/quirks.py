# SPDX-License-Identifier: Apache-2.0
"""What is odd about other programs on the wire, and how this gateway meets it.

Each was seen in a run. Never a weakness of a peer: those are told to its makers, not here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirk:
    """One oddity of a peer."""

    peer: str
    seen: str
    met: str


QUIRKS = (
    Quirk(
        "phase4",
        "our repeat of a message is answered with `EBMS:0004` and words about a duplicate, not "
        "with the receipt",
        "after a try whose end is unknown it counts as transmitted, with the note that the receipt "
        "is missing (`missing_duplicate_reported`)",
    ),
    Quirk(
        "phase4",
        "it says `duplicate` also of a message that it refused with `EBMS:0202` and did not keep",
        "where every try before was put off like that, a new message with a new id is sent",
    ),
    Quirk(
        "phase4",
        "it repeats a message by itself, ten seconds after a connection broke",
        "it gets the same receipt again, and there is one document",
    ),
    Quirk(
        "phase4",
        "looking up, it ends with the same words for an unknown participant and for a document "
        "type that is not offered",
        "nothing to do: our SMP answers 404 to both, as the specification has it",
    ),
    Quirk(
        "oxalis",
        "refusals that its security layer makes are not signed",
        "an unsigned error ends nothing: the document waits for its next try and shows the code",
    ),
    Quirk(
        "oxalis",
        "it answers `PEPPOL:NOT_SERVICED` also to a message that it cannot decrypt",
        "the receiver is looked up afresh; has its certificate changed, a new message goes out",
    ),
    Quirk(
        "oxalis",
        "it has a new connection and a chunked body for every message",
        "both are taken",
    ),
    Quirk(
        "as4",
        "it wants each signal signed with the very certificate that it encrypted for",
        "receipts are signed with the current certificate, so it must have looked that up",
    ),
    Quirk(
        "as4",
        "one text of a document may have 10 MB",
        "a larger attachment is refused by it for good, and its owner reads why",
    ),
    Quirk(
        "phoss-smp",
        "a redirect stays beside an endpoint that is written over it, and goes on being served",
        "where a document type is listed twice, both are deleted and the endpoint is written again",
    ),
    Quirk(
        "phoss-smp",
        "a wrong password is answered with 403",
        "401 and 403 both mean that user and password are to be looked at",
    ),
)
