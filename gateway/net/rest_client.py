# SPDX-License-Identifier: Apache-2.0
"""A small client of the gateway's own REST interface, for the command line and the sandbox.

One connection, kept open, used by one thread. It knows addresses, the key and problem documents
(RFC 9457); what the documents mean is the caller's business. See docs/api.md.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self
from urllib.parse import urlencode, urlsplit

from gateway.errors import Fault, GatewayError

TIMEOUT_SECONDS = 90.0  # a large document is checked and stored before it is answered
BLOCK_BYTES = 256 * 1024  # how much of a file is sent at once
FIRST_ERROR_STATUS = 400


class NoAnswerError(GatewayError):
    """The gateway could not be reached, or broke off."""

    code = "connection_failed"
    fault = Fault.NETWORK
    retry = True


class RefusedError(GatewayError):
    """The gateway answered with a problem; `status` and `problem` are as it sent them."""

    code = "refused"
    fault = Fault.CALLER

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        title = problem.get("title") or http.client.responses.get(status, "refused")
        detail = problem.get("detail") or ""
        super().__init__(f"{status} {problem.get('code', '')}: {title}. {detail}".rstrip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the gateway answered: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body, which is a JSON object in all of our answers but content."""
        try:
            read = json.loads(self.body)
        except ValueError as error:
            raise NoAnswerError(
                "the answer is not JSON", advice="Is this the address of the REST interface?"
            ) from error
        if not isinstance(read, dict):
            raise NoAnswerError("the answer is not a JSON object")
        return read


class RESTClient:
    """Calls the gateway at `url` as the owner of `key`."""

    def __init__(self, url: str, key: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NoAnswerError(f"{url!r} is not an http or https address")
        if not key.isascii() or not key.isprintable() or not key:
            raise NoAnswerError(
                "the API key has characters that no key has", advice="Was it copied whole?"
            )
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            self._connection = http.client.HTTPSConnection(
                parts.hostname,
                parts.port,
                timeout=timeout,
                blocksize=BLOCK_BYTES,
                context=ssl.create_default_context(),
            )
        else:
            self._connection = http.client.HTTPConnection(
                parts.hostname, parts.port, timeout=timeout, blocksize=BLOCK_BYTES
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """GET. Raises `NoAnswerError` and `RefusedError`."""
        return self._checked("GET", path, query=query)

    def post_json(self, path: str, value: object, *, idempotency_key: str | None = None) -> Answer:
        """POST a JSON value. Raises `NoAnswerError` and `RefusedError`."""
        headers = {"Content-Type": "application/json"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        return self._checked("POST", path, body=json.dumps(value).encode(), headers=headers)

    def post_document(
        self, document: bytes | BinaryIO, *, query: Mapping[str, str], idempotency_key: str
    ) -> Answer:
        """POST a business document to `/v1/documents`; a file is sent in pieces."""
        headers = {"Content-Type": "application/xml", "Idempotency-Key": idempotency_key}
        return self._checked("POST", "/v1/documents", query=query, body=document, headers=headers)

    def _checked(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        target = self._base + path + (f"?{urlencode(query)}" if query else "")
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            sent["Content-Length"] = str(_length(body))
        answer = self._call(method, target, body, sent)
        if answer.status >= FIRST_ERROR_STATUS:
            raise RefusedError(answer.status, _problem(answer))
        return answer

    def _call(
        self, method: str, target: str, body: bytes | BinaryIO | None, headers: Mapping[str, str]
    ) -> Answer:
        for last in (False, True):
            try:
                self._connection.request(method, target, body=body, headers=headers)
                response = self._connection.getresponse()
                return Answer(
                    status=response.status,
                    headers={name.lower(): value for name, value in response.getheaders()},
                    body=response.read(),
                )
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError) as error:
                # The server may have closed a connection that it kept for us. All that is called
                # here may be called twice: reading, or writing under an idempotency key.
                self._connection.close()
                if last:
                    raise NoAnswerError(f"the gateway broke off: {error}") from error
                if body is not None and not isinstance(body, bytes):
                    body.seek(0)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise NoAnswerError(
                    f"the gateway at {self._connection.host}:{self._connection.port} "
                    f"cannot be reached: {error}"
                ) from error
        raise AssertionError("unreachable")


def _length(body: bytes | BinaryIO) -> int:
    if isinstance(body, bytes):
        return len(body)
    length = body.seek(0, 2)
    body.seek(0)
    return length


def _problem(answer: Answer) -> dict[str, Any]:
    try:
        return answer.json()
    except NoAnswerError:
        return {}
