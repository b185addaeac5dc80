# SPDX-License-Identifier: Apache-2.0
"""The sandbox's PKI survives a restart, keeps its keys private and serves TLS."""

from __future__ import annotations

import asyncio
import ssl
import stat
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from gateway import pki
from gateway.pki import Role, Usage
from gateway.sandbox.flaws import Flaw
from gateway.sandbox.issuing import new_key
from gateway.sandbox.pki import LocalPKI
from gateway.sandbox.tls import IssuedTLS
from tests.pki_fixtures import AT, fresh_pki, shared_key


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    first = fresh_pki("saved")
    leaf = first.issue(Role.SMP, "PNL000001", at=AT, flaw=Flaw.REVOKED, key=shared_key())
    first.save(tmp_path / "pki")
    again = LocalPKI.load(tmp_path / "pki")
    for role in Role:
        assert again.trust(role) == first.trust(role)
    assert again.revoked == first.revoked
    assert again.network == "test"
    issued = again.issue(Role.AP, "PNL000002", at=AT, key=shared_key())
    pki.judge(
        issued.certificate,
        policy=first.trust(Role.AP),
        revocation=again.revocation(AT),
        at=AT,
        usage=Usage.SIGN,
    )
    issuers = [again.smp_ca.certificate]
    crl = pki.load_crl(again.crls(AT)["smp-ca.crl"], issuers=issuers)
    assert crl.serials == {leaf.certificate.serial}


def test_private_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    fresh_pki("private").save(tmp_path)
    keys = list(tmp_path.glob("*.key.pem"))
    assert {key.name for key in keys} == {
        f"{n}.key.pem" for n in ("root", "ap-ca", "smp-ca", "tls-ca")
    }
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert not list(tmp_path.glob("*.new"))
    # Writing again replaces them.
    fresh_pki("private").save(tmp_path)


def test_names_and_shape(local_pki: LocalPKI, production_pki: LocalPKI) -> None:
    assert local_pki.root.certificate.common_name == "LOCAL Root TEST CA - G3"
    assert production_pki.ap_ca.certificate.common_name == "LOCAL ACCESS POINT CA - G3"
    assert production_pki.ap_ca.certificate.organisational_units == ()
    constraints = local_pki.ap_ca.certificate.x509.extensions.get_extension_for_class(
        x509.BasicConstraints
    )
    assert constraints.critical
    assert constraints.value.path_length == 1
    leaf = local_pki.issue(Role.AP, "PNL000001", at=AT, key=shared_key()).certificate
    assert leaf.organisational_units == ("PEPPOL TEST AP",)
    usage = leaf.x509.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical


def test_the_web_ca_serves_tls(local_pki: LocalPKI, tmp_path: Path) -> None:
    async def exchange() -> bytes:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(4))
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=_server(issued, tmp_path))
        port = server.sockets[0].getsockname()[1]
        client = ssl.create_default_context(cadata=local_pki.tls_ca.pem.decode())
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client)
        writer.write(b"ping")
        answered = await reader.readexactly(4)
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return answered

    # The TLS library compares with the real clock.
    issued = local_pki.issue_tls(["localhost", "127.0.0.1"], at=datetime.now(UTC))
    assert asyncio.run(exchange()) == b"ping"


def test_keys_are_new_ones() -> None:
    assert new_key(2048).key_size == 2048


def _server(issued: IssuedTLS, folder: Path) -> ssl.SSLContext:
    folder.joinpath("key.pem").write_bytes(issued.key_pem)
    folder.joinpath("cert.pem").write_bytes(issued.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
