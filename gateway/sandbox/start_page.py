# SPDX-License-Identifier: Apache-2.0
"""The sandbox's start page: addresses and keys, a picture with live counts, a line to paste.

Served by the supervisor on loopback. The page shows keys, so it answers only to its own name: a
web site that points a name of its own at this address (DNS rebinding) gets nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway import smp
from gateway.sandbox import ports
from gateway.sandbox.network import Network

PAGE_FOLDER = Path(__file__).parent / "page"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
ASSETS = {"start.css": "text/css", "start.js": "text/javascript"}

Counts = Mapping[str, Mapping[str, str]]


def render(network: Network) -> str:
    """The page as HTML."""
    pages = Environment(
        loader=FileSystemLoader(PAGE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    one, other = network.access_points
    return pages.get_template("start.html").render(
        host=ports.HOST,
        access_points=[_door(network, name) for name in (one.name, other.name)],
        smp=network.smp_url,
        smp_example=network.smp_url + smp.group_path(one.participants[0].id),
        dns=network.dns,
        zone=network.zone,
        crl=network.url("crl"),
        ports=network.ports,
        folder=network.folder,
        sample={
            "sender": one.participants[0],
            "first": one,
            "second": other,
            "line": curl_line(network),
            "inbox_line": f"curl -sS -H 'Authorization: Bearer {network.api_key(other.name)}' "
            f"{network.url(f'{other.name}-api')}/v1/inbox",
        },
    )


def curl_line(network: Network) -> str:
    """One line for a shell that sends a new invoice each time it is run."""
    name = network.access_points[0].name
    return (
        f"curl -sS {network.url('start')}/sample.xml | curl -sS "
        f"-H 'Authorization: Bearer {network.api_key(name)}' "
        f"-H 'Content-Type: application/xml' --data-binary @- "
        f"{network.url(f'{name}-api')}/v1/documents"
    )


def _door(network: Network, name: str) -> dict[str, Any]:
    one = next(one for one in network.access_points if one.name == name)
    return {
        "name": one.name,
        "party_id": one.party_id,
        "api_url": network.url(f"{name}-api"),
        "api_key": network.api_key(name),
        "as4_url": f"{network.url(f'{name}-as4')}/as4",
        "served": one.participants,
    }


def application(
    network: Network,
    *,
    count: Callable[[], Awaitable[Counts]],
    status: Callable[[], list[dict[str, object]]],
    sample: Callable[[], bytes],
) -> web.Application:
    """The routes of the start page."""
    page = render(network)

    async def start(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    async def asset(request: web.Request) -> web.Response:
        name = request.path.removeprefix("/")
        return web.Response(body=(PAGE_FOLDER / name).read_bytes(), content_type=ASSETS[name])

    async def counts(_request: web.Request) -> web.Response:
        return web.json_response({**await count(), "processes": status()})

    async def sample_document(_request: web.Request) -> web.Response:
        return web.Response(body=sample(), content_type="application/xml")

    app = web.Application(middlewares=[_only_by_own_name(network.ports["start"])])
    app.router.add_get("/", start)
    app.router.add_get("/counts", counts)
    app.router.add_get("/sample.xml", sample_document)
    for name in ASSETS:
        app.router.add_get(f"/{name}", asset)
    return app


def _only_by_own_name(port: int) -> Any:
    allowed = {f"{ports.HOST}:{port}", f"localhost:{port}"}

    @web.middleware
    async def refuse_others(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host", "").lower() not in allowed:
            raise web.HTTPMisdirectedRequest(text=f"Ask for http://{ports.HOST}:{port}/.\n")
        response = await handler(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return refuse_others
