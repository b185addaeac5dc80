# SPDX-License-Identifier: Apache-2.0
"""The start page: everything on it, to those who ask for it by its name."""

from __future__ import annotations

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from gateway.sandbox.layout import open_folder
from gateway.sandbox.network import Network
from gateway.sandbox.private_files import write_private
from gateway.sandbox.start_page import application, curl_line
from tests.pki_fixtures import AT

COUNTS = {"ap1": {"sent": "2", "received": "0", "waiting": "0", "transmitted": "2"}}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    network = open_folder(tmp_path_factory.mktemp("page") / "net", at=AT)
    for one in network.access_points:
        write_private(network.api_key_file(one.name), f"sk_test_{one.name}_secret\n".encode())
    return network


async def _ask(client_of: AiohttpClient, network: Network, path: str, host: str | None = None):
    async def count() -> dict[str, dict[str, str]]:
        return COUNTS

    app = application(network, count=count, status=list, sample=lambda: b"<Invoice/>")
    client = await client_of(app)
    answer = await client.get(path, headers={"Host": host or f"127.0.0.1:{network.ports['start']}"})
    return answer, await answer.text()


async def test_every_address_and_key_is_there(
    aiohttp_client: AiohttpClient, network: Network
) -> None:
    answer, page = await _ask(aiohttp_client, network, "/")
    assert answer.status == 200
    for name in ("ap1-api", "ap1-as4", "ap2-api", "ap2-as4", "smp", "crl"):
        assert network.url(name) in page
    for text in ("sk_test_ap1_secret", "sk_test_ap2_secret", network.dns, network.zone, "<svg"):
        assert text in page
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in page
    assert " style=" not in page


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/start.css", "text/css"),
        ("/start.js", "text/javascript"),
        ("/sample.xml", "application/xml"),
        ("/counts", "application/json"),
    ],
)
async def test_what_the_page_needs(
    aiohttp_client: AiohttpClient, network: Network, path: str, kind: str
) -> None:
    answer, _ = await _ask(aiohttp_client, network, path)
    assert (answer.status, answer.content_type) == (200, kind)


async def test_keys_are_not_shown_under_a_foreign_name(
    aiohttp_client: AiohttpClient, network: Network
) -> None:
    answer, page = await _ask(aiohttp_client, network, "/", host="evil.example")
    assert answer.status == 421
    assert "sk_test" not in page


def test_the_line_to_paste_is_one_line(network: Network) -> None:
    line = curl_line(network)
    assert "\n" not in line
    assert f"{network.url('ap1-api')}/v1/documents" in line
    assert "sk_test_ap1_secret" in line
