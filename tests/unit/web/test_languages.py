# SPDX-License-Identifier: Apache-2.0
"""What Accept and Accept-Language mean for the answer."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.web.languages import language_of, preferred_language, wanted_type
from gateway.web.problems import NotAcceptableError, RequestError

OFFERED = ("application/json", "text/html", "application/xml")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("nl-BE, en;q=0.8", "nl"),
        ("de, fr;q=0.9, nl;q=0.2", "nl"),
        ("en;q=0.5, nl;q=0.6", "nl"),
        ("nl;q=0, en", "en"),
        ("nl;q=x", "en"),
        ("*", "en"),
        (",;,", "en"),
    ],
)
def test_the_language_is_the_best_of_ours(header: str, language: str) -> None:
    assert preferred_language(header) == language


def test_the_query_comes_before_the_header() -> None:
    headers = {"Accept-Language": "nl"}
    assert language_of(make_mocked_request("GET", "/?language=en", headers=headers)) == "en"
    with pytest.raises(RequestError):
        language_of(make_mocked_request("GET", "/?language=fr", headers=headers))


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/xml", "application/xml"),
        ("application/*;q=0.2, text/*", "text/html"),
        ("image/png, application/json;q=0.1", "application/json"),
    ],
)
def test_the_form_is_the_best_of_those_offered(header: str, wanted: str) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept": header})
    assert wanted_type(request, OFFERED) == wanted


@pytest.mark.parametrize("header", ["image/png", "application/json;q=0"])
def test_a_form_that_is_not_offered(header: str) -> None:
    with pytest.raises(NotAcceptableError):
        wanted_type(make_mocked_request("GET", "/", headers={"Accept": header}), OFFERED)
