# SPDX-License-Identifier: Apache-2.0
"""The description says what is there: every route, every problem, references that resolve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from gateway.web import APIParts
from gateway.web.api import ENDPOINTS, OPEN_ENDPOINTS
from gateway.web.openapi import describe
from gateway.web.problems import TABLE


class Parts:
    """What the description reads of the parts."""

    version = "1.2.3"
    public_url = "https://gateway.example"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe(ENDPOINTS, OPEN_ENDPOINTS, cast(APIParts, Parts()))


def test_every_route_is_described(described: dict[str, Any]) -> None:
    routes = {
        (method.upper(), path)
        for path, operations in described["paths"].items()
        for method in operations
    }
    assert routes == {(one.method, one.path) for one in ENDPOINTS} | {
        ("GET", one.path) for one in OPEN_ENDPOINTS
    }
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "https://gateway.example"}]


def test_operation_ids_are_different(described: dict[str, Any]) -> None:
    ids = [
        operation["operationId"]
        for operations in described["paths"].values()
        for operation in operations.values()
        if "operationId" in operation
    ]
    assert len(ids) == len(set(ids)) == len(ENDPOINTS)


def test_references_resolve(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    references = set(_references(described))
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_problems_are_of_the_table_and_named_by_status() -> None:
    for endpoint in ENDPOINTS:
        assert set(endpoint.problems) <= set(TABLE), endpoint.path
        assert len(set(endpoint.problems)) == len(endpoint.problems)


def test_unknown_members_of_requests_are_refused_in_the_description(
    described: dict[str, Any],
) -> None:
    schemas = described["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Request"):
            assert schema["additionalProperties"] is False, name


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
