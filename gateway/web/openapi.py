# SPDX-License-Identifier: Apache-2.0
"""`/openapi.json`: the REST interface described from its own route table (OpenAPI 3.1.0)."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiohttp import web

from gateway.web.auth import ENDPOINTS, Answer, Endpoint, OpenEndpoint
from gateway.web.auth import OPEN_ENDPOINTS as OPEN_KEY
from gateway.web.parts import PARTS, APIParts
from gateway.web.problems import MEDIA_TYPE as PROBLEM
from gateway.web.problems import TABLE
from gateway.web.reading import JSON
from gateway.web.requests import MetadataRequest
from gateway.web.schemas import Problem, encode

VERSION = "3.1.0"
_REFERENCE = "#/components/schemas/{name}"
COMMON_PROBLEMS = (
    "malformed_request",
    "unauthenticated",
    "internal_error",
    "overloaded",
    "dependency_unavailable",
)
_PATH_PARAMETER = re.compile(r"{(\w+)}")
_FORM_SCHEMA = {
    "type": "object",
    "required": ["document"],
    "properties": {
        "document": {"type": "string", "contentMediaType": "application/xml"},
        "metadata": {"$ref": _REFERENCE.format(name=MetadataRequest.__name__)},
    },
}

Schema = dict[str, Any]


async def get(request: web.Request) -> web.Response:
    """The description; the same for everybody."""
    app = request.app
    described = describe(app[ENDPOINTS], app[OPEN_KEY], app[PARTS])
    return web.Response(body=encode(described), content_type=JSON)


def describe(
    endpoints: tuple[Endpoint, ...], open_endpoints: tuple[OpenEndpoint, ...], parts: APIParts
) -> Schema:
    """The whole description."""
    shapes = _shapes(endpoints)
    schemas, components = msgspec.json.schema_components(shapes, ref_template=_REFERENCE)
    by_shape = dict(zip(shapes, schemas, strict=True))
    paths: dict[str, Schema] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, by_shape)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    for opened in open_endpoints:
        answers = {"200": {"description": "OK", "content": {JSON: {"schema": {"type": "object"}}}}}
        paths[opened.path] = {
            "get": {"summary": opened.summary, "security": [], "responses": answers}
        }
    return {
        "openapi": VERSION,
        "info": {
            "title": "peppol-gateway",
            "version": parts.version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": parts.public_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _shapes(endpoints: tuple[Endpoint, ...]) -> list[Any]:
    found: dict[Any, None] = {MetadataRequest: None, Problem: None}
    for endpoint in endpoints:
        shapes = [endpoint.answer.shape, *(shape for _, shape in endpoint.bodies)]
        found |= dict.fromkeys(shape for shape in shapes if isinstance(shape, type))
    return list(found)


def _operation(endpoint: Endpoint, schemas: dict[Any, Schema]) -> Schema:
    operation: Schema = {
        "summary": endpoint.summary,
        "operationId": _name(endpoint),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.scope is not None:
        operation["description"] = f"Needs the scope `{endpoint.scope}`."
    if parameters := _parameters(endpoint):
        operation["parameters"] = parameters
    if endpoint.bodies:
        content = {media: {"schema": _body(shape, schemas)} for media, shape in endpoint.bodies}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _name(endpoint: Endpoint) -> str:
    words = [endpoint.method.lower(), *re.findall(r"\w+", endpoint.path.removeprefix("/v1"))]
    return "_".join(words)


def _parameters(endpoint: Endpoint) -> list[Schema]:
    found: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PATH_PARAMETER.findall(endpoint.path)
    ]
    found += [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "schema": {"type": parameter.kind},
        }
        for parameter in endpoint.query
    ]
    if endpoint.method == "POST" and endpoint.idempotency:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key with the same request gives the first answer again.",
                "schema": {"type": "string", "maxLength": 255},
            }
        )
    return found


def _body(shape: Any, schemas: dict[Any, Schema]) -> Schema:
    if shape is None:
        return {}  # bytes of the media type, OpenAPI 3.1.0, 4.8.14.2
    return schemas[shape] if isinstance(shape, type) else _FORM_SCHEMA


def _responses(endpoint: Endpoint, schemas: dict[Any, Schema]) -> Schema:
    scoped = ("insufficient_scope",) if endpoint.scope is not None else ()
    codes = (*endpoint.problems, *COMMON_PROBLEMS, *scoped)
    found: Schema = {str(endpoint.answer.status): _good(endpoint.answer, schemas)}
    for status in sorted({TABLE[code].status for code in codes}):
        words = sorted({code for code in codes if TABLE[code].status == status})
        found[str(status)] = {
            "description": ", ".join(words),
            "content": {PROBLEM: {"schema": schemas[Problem]}},
        }
    return found


def _good(answer: Answer, schemas: dict[Any, Schema]) -> Schema:
    schema = schemas[answer.shape] if answer.shape is not None else {}
    others = {media_type: {"schema": {"type": "string"}} for media_type in answer.others}
    return {"description": "OK", "content": {answer.media_type: {"schema": schema}, **others}}


OPEN_ENDPOINTS = (
    OpenEndpoint(path="/openapi.json", handler=get, summary="This interface, described"),
)
