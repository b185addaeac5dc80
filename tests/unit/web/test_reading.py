# SPDX-License-Identifier: Apache-2.0
"""Addresses, JSON shapes, moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.service.errors import PointedError
from gateway.web.listeners import Address
from gateway.web.problems import RequestError
from gateway.web.reading import decode
from gateway.web.requests import MetadataRequest
from gateway.web.schemas import day_or_none, moment, moment_or_none


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:9002", "127.0.0.1", 9002),
        ("[::1]:9002", "::1", 9002),
        (":80", "", 80),
        ("gateway.example:0", "gateway.example", 0),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    address = Address.parse(text)
    assert (address.host, address.port) == (host, port)
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "9002", "host", "host:", "host:x", "host:65536", "::1:80"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=":"):
        Address.parse(text)


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b'{"colour": 1}', "#", "unknown_member"),
        (b'{"routing": {"colour": 1}}', "#/routing", "unknown_member"),
        (b'{"options": {"mls": "x"}}', "#/options/mls", "malformed_request"),
        (b'{"options": {"deliver_until": "2026-11-24T12:00:00"}}', "#/options/deliver_until", None),
        (b'{"custom": {"a": 1}}', "#/custom", "malformed_request"),
        (b'{"reference": "a\\u0000"}', "#/reference", "malformed_request"),
        (b"[]", "#", "malformed_request"),
    ],
)
def test_wrong_members_are_named(body: bytes, pointer: str, code: str | None) -> None:
    with pytest.raises(PointedError) as caught:
        decode(body, MetadataRequest)
    assert caught.value.pointer == pointer
    assert caught.value.member_code == (code or "malformed_request")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"reference": "\xff"}', b"{}{}", b"nul"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(RequestError):
        decode(body, MetadataRequest)


def test_moments_are_utc_with_milliseconds() -> None:
    at = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
    assert moment(at) == "2026-11-24T12:00:00.123Z"
    assert moment(at.astimezone(timezone(timedelta(hours=1)))) == moment(at)
    assert moment_or_none(None) is None
    assert day_or_none(date(2026, 1, 2)) == "2026-01-02"
    assert day_or_none(None) is None
