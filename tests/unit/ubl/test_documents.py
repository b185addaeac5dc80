# SPDX-License-Identifier: Apache-2.0
"""What a document says it is."""

from __future__ import annotations

from gateway.ubl.documents import CBC, read_document


def test_a_comment_within_an_identifier_does_not_cut_it() -> None:
    space = CBC.strip("{}")
    data = (
        f'<a xmlns:b="{space}"><b:CustomizationID><!-- c -->urn:<!-- d -->x</b:CustomizationID></a>'
    )
    assert read_document(data.encode()).customization == "urn:x"
