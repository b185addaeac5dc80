# SPDX-License-Identifier: Apache-2.0
"""Sends bytes to the caller as a file: in pieces, never to be shown or guessed at by a browser."""

from __future__ import annotations

import base64
import logging

from aiohttp import web

from gateway.errors import GatewayError
from gateway.service.documents import Download
from gateway.web.middleware import REQUEST_ID

_LOG = logging.getLogger("gateway.api")


async def send_download(
    request: web.Request, download: Download, *, name: str
) -> web.StreamResponse:
    """Stream a download. What fails before the first byte is raised, later the connection ends."""
    response = _head(download, name)
    try:
        async for chunk in download.chunks:
            if not response.prepared:
                await response.prepare(request)  # only now: the first read may still fail cleanly
            await response.write(chunk)
    except GatewayError as error:
        if not response.prepared:
            raise
        # The status is gone out, so the only honest end is a broken connection.
        facts = {"request": request[REQUEST_ID], "error": error.code}
        _LOG.error("content_broke_off", extra=facts)
        if request.transport is not None:
            request.transport.abort()
        return response
    if not response.prepared:
        await response.prepare(request)
    await response.write_eof()
    return response


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
