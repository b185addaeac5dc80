# SPDX-License-Identifier: Apache-2.0
"""Sends bytes to the caller as a file: in pieces, never to be shown or guessed at by a browser."""

from __future__ import annotations

import asyncio
import base64
import logging

from aiohttp import web

from gateway.errors import GatewayError
from gateway.service.documents import Download
from gateway.web.middleware import REQUEST_ID
from gateway.web.parts import PARTS

_LOG = logging.getLogger("gateway.api")


async def send_download(
    request: web.Request, download: Download, *, name: str
) -> web.StreamResponse:
    """Stream a download. What fails before the first byte is raised, later the connection ends.

    A caller who does not take what he asked for would hold his place for ever: aiohttp waits.
    """
    response = _head(download, name)
    patience = request.app[PARTS].limits.download_piece_seconds
    try:
        async for chunk in download.chunks:
            if not response.prepared:
                await response.prepare(request)  # only now: the first read may still fail cleanly
            async with asyncio.timeout(patience):
                await response.write(chunk)
    except GatewayError as error:
        if not response.prepared:
            raise
        _LOG.error("content_broke_off", extra={"error": error.code, **_break_off(request)})
        return response
    except TimeoutError:
        _LOG.warning("content_not_taken", extra=_break_off(request))
        return response
    if not response.prepared:
        await response.prepare(request)
    await response.write_eof()
    return response


def _break_off(request: web.Request) -> dict[str, str]:
    """Break the connection: the status is gone out, so that is the only honest end."""
    if request.transport is not None:
        request.transport.abort()
    return {"request": request[REQUEST_ID]}


def _head(download: Download, name: str) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": download.media_type,
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        }
    )
    if download.size is not None:
        response.content_length = download.size
    if download.sha256 is not None:
        digest = base64.b64encode(bytes.fromhex(download.sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return response
