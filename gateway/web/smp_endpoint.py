# SPDX-License-Identifier: Apache-2.0
"""The SMP over HTTP: reading for everybody, writing with Basic credentials.

The router works on the raw path, so an encoded slash stays inside its part, and each part is
decoded once. Source: Peppol SMP 1.4.0, sections 5.1 to 5.3; the writing half as phoss SMP has it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from gateway.errors import Fault, GatewayError
from gateway.service.errors import NotFoundError
from gateway.service.publishing import Publishing
from gateway.web.bodies import limited_body
from gateway.web.health import healthz

MAX_BODY = 1024 * 1024  # a record with 50 processes has 200 kB

_LOG = logging.getLogger("gateway.smp")
_XML = "application/xml"
_XML_TYPES = frozenset({"text/xml", "application/xml", "application/octet-stream"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who may write."""

    user: str
    password: str = field(repr=False)

    def admits(self, authorisation: str | None) -> bool:
        """Whether a header carries this user and password; takes as long for every wrong one."""
        kind, _, token = (authorisation or "").partition(" ")
        try:
            given = base64.b64decode(token, validate=True) if kind.lower() == "basic" else b""
        except binascii.Error:
            given = b""
        wanted = f"{self.user}:{self.password}".encode()
        same = hmac.compare_digest(_digest(given), _digest(wanted))
        return same and bool(self.password)


PUBLISHING = web.AppKey("publishing", Publishing)
CREDENTIALS = web.AppKey("smp_credentials", Credentials)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def smp_application(
    *, publishing: Publishing, credentials: Credentials, public_url: str
) -> web.Application:
    """The SMP under the path of its public address."""
    application = web.Application(middlewares=[_answer_errors])
    application[PUBLISHING] = publishing
    application[CREDENTIALS] = credentials
    application.add_routes(smp_routes(urlsplit(public_url).path.removesuffix("/")))
    return application


def smp_routes(prefix: str = "") -> list[web.RouteDef]:
    """The routes; two texts in an address are a participant and a document type."""
    group = prefix + "/{group}"
    record = group + "/services/{kind}"
    return [
        web.get(f"{prefix}/healthz", healthz),
        web.get(f"{prefix}/list/{{owner}}", _list),
        web.get(f"{prefix}/complete/{{group}}", _complete),
        web.get(record, _get_record),
        web.put(record, _put_record),
        web.delete(record, _delete_record),
        web.delete(f"{group}/services", _delete_records),
        web.get(group, _get_group),
        web.put(group, _put_group),
        web.delete(group, _delete_group),
    ]


async def _get_record(request: web.Request) -> web.Response:
    where = request.match_info
    return _xml(await request.app[PUBLISHING].service_metadata(where["group"], where["kind"]))


async def _get_group(request: web.Request) -> web.Response:
    return _xml(await request.app[PUBLISHING].service_group(request.match_info["group"]))


async def _complete(request: web.Request) -> web.Response:
    return _xml(await request.app[PUBLISHING].complete_group(request.match_info["group"]))


async def _list(request: web.Request) -> web.Response:
    user = _login(request)
    if request.match_info["owner"] != user:
        raise web.HTTPForbidden(text="This is another user's list.\n")
    return _xml(await request.app[PUBLISHING].groups(user))


async def _put_group(request: web.Request) -> web.Response:
    user = _login(request)
    body = await _body(request)
    created = await request.app[PUBLISHING].put_group(request.match_info["group"], body, owner=user)
    _LOG.info("group_written", extra={"participant": request.match_info["group"], "new": created})
    return web.Response()


async def _delete_group(request: web.Request) -> web.Response:
    _login(request)
    await request.app[PUBLISHING].delete_group(request.match_info["group"])
    _LOG.info("group_deleted", extra={"participant": request.match_info["group"]})
    return web.Response()


async def _put_record(request: web.Request) -> web.Response:
    _login(request)
    body = await _body(request)
    where = request.match_info
    await request.app[PUBLISHING].put_metadata(where["group"], where["kind"], body)
    _LOG.info("record_written", extra={"participant": where["group"], "kind": where["kind"]})
    return web.Response()


async def _delete_record(request: web.Request) -> web.Response:
    _login(request)
    where = request.match_info
    await request.app[PUBLISHING].delete_metadata(where["group"], where["kind"])
    _LOG.info("record_deleted", extra={"participant": where["group"], "kind": where["kind"]})
    return web.Response()


async def _delete_records(request: web.Request) -> web.Response:
    _login(request)
    await request.app[PUBLISHING].delete_all_metadata(request.match_info["group"])
    _LOG.info("records_deleted", extra={"participant": request.match_info["group"]})
    return web.Response()


def _login(request: web.Request) -> str:
    """The user, or 401; before a body is read."""
    credentials = request.app[CREDENTIALS]
    if not credentials.admits(request.headers.get("Authorization")):
        raise web.HTTPUnauthorized(
            headers={"WWW-Authenticate": 'Basic realm="SMP"'}, text="Wrong or no credentials.\n"
        )
    return credentials.user


async def _body(request: web.Request) -> bytes:
    if request.content_type not in _XML_TYPES:
        raise web.HTTPUnsupportedMediaType(text="Send application/xml.\n")
    return b"".join([chunk async for chunk in limited_body(request, ceiling=MAX_BODY)])


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Our errors as a status and a short text; nothing of an unforeseen one gets out."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except NotFoundError as error:
        return web.Response(status=HTTPStatus.NOT_FOUND, text=f"{error.detail}\n")
    except GatewayError as error:
        if error.fault is Fault.CALLER:
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=f"{error.detail}\n")
        _LOG.warning("request_failed", extra={"code": error.code, "detail": error.detail})
        status = HTTPStatus.SERVICE_UNAVAILABLE if error.retry else HTTPStatus.INTERNAL_SERVER_ERROR
        return web.Response(status=status, text="The SMP cannot answer now.\n")


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=_XML, charset="utf-8")


def _digest(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()
