# SPDX-License-Identifier: Apache-2.0
"""`peppol-gateway keys`: make private keys and certificate requests, show what files hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from gateway.cli.key_facts import Facts, UnknownKeyFileError, describe
from gateway.errors import Fault, GatewayError
from gateway.identifiers import InvalidIdentifierError, PartyId
from gateway.pki import Role
from gateway.sandbox.issuing import Subject, key_pem, new_key
from gateway.sandbox.pki import make_pki
from gateway.sandbox.private_files import write_private

MAX_FILE = 32 * 1024 * 1024  # the largest revocation list that the gateway reads
WARN_DAYS = 30
TEST_SEATS = (("ap1", Role.AP, "POP000111"), ("ap2", Role.AP, "POP000112"))
TEST_SMP = ("smp", Role.SMP, "POP000113")
_KEY_BITS = 2048  # what Peppol leafs have


class FileInTheWayError(GatewayError):
    """A private key would be overwritten."""

    code = "malformed_request"
    fault = Fault.CALLER


class SeatType(click.ParamType[str]):
    """A seat id such as PNL000001."""

    name = "seat"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the text."""
        try:
            return str(PartyId(value))
        except InvalidIdentifierError as error:
            self.fail(error.detail, param, ctx)


@click.group("keys")
def command() -> None:
    """Make keys and certificate requests, show certificates."""


@command.command("new")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR"
)
@click.option("--seat", type=SeatType(), required=True, help="The seat id, as in PNL000001.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--network", type=click.Choice(["test", "production"]), default="test")
@click.option("--country", required=True, help="Two letters, as in NL.")
@click.option("--organisation", required=True, help="The legal name of the service provider.")
def new(*, out: Path, seat: str, role: str, network: str, country: str, organisation: str) -> None:
    """Make a private key and a certificate request to enrol with.

    The key stays on this machine, readable by you alone; only the request goes to the certificate
    authority.
    """
    stem = f"{seat}-{role}"
    key_file, request_file = out / f"{stem}.key.pem", out / f"{stem}.csr.pem"
    _refuse_existing(key_file, request_file)
    subject = Subject(
        country=_country(country),
        organisation=organisation,
        unit=f"PEPPOL {network} {role}".upper(),
        common_name=seat,
    )
    key = new_key(_KEY_BITS)
    request = x509.CertificateSigningRequestBuilder().subject_name(subject.name)
    out.mkdir(parents=True, exist_ok=True)
    write_private(key_file, key_pem(key))
    request_file.write_bytes(request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    click.echo(f"private key  {key_file}\nrequest      {request_file}")


@command.command("show")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line for each thing found."
)
def show(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Describe certificates, requests, private keys and revocation lists."""
    at = datetime.now(UTC)
    console = Console()
    for file in files:
        found = _describe(file, at)
        if as_json:
            for facts in found:
                click.echo(json.dumps({"file": str(file), **facts}))
        else:
            console.print(_tree(file, found))


@command.command("test-pki")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--country", default="NL", show_default=True)
@click.option(
    "--crl-url",
    default="http://127.0.0.1:18080",
    show_default=True,
    help="Where the revocation lists will be served; it is written into the certificates.",
)
def test_pki(folder: Path, *, country: str, crl_url: str) -> None:
    """Write a PKI of the Peppol shape for tests, with two access points and an SMP.

    Its names differ from the real ones, and nobody outside your machine trusts it.
    """
    _refuse_existing(folder / "root.key.pem")
    at = datetime.now(UTC).replace(microsecond=0)
    pki = make_pki(at, country=_country(country), crl_base_url=crl_url)
    pki.save(folder)
    for name, role, seat in (*TEST_SEATS, TEST_SMP):
        leaf = pki.issue(role, seat, at=at)
        write_private(folder / f"{name}.key.pem", leaf.key_pem)
        folder.joinpath(f"{name}.cert.pem").write_bytes(leaf.certificate_pem)
    tls = pki.issue_tls(["localhost", "127.0.0.1", "::1"], at=at)
    write_private(folder / "tls.key.pem", tls.key_pem)
    folder.joinpath("tls.cert.pem").write_bytes(tls.certificate_pem)
    for file_name, data in pki.crls(at, days=30).items():
        folder.joinpath(file_name).write_bytes(data)
    click.echo(f"{folder}: root, ap-ca, smp-ca, tls-ca; ap1, ap2, smp, tls; revocation lists")


def _describe(file: Path, at: datetime) -> list[Facts]:
    if file.stat().st_size > MAX_FILE:
        raise UnknownKeyFileError(f"{file.name} is larger than 32 MiB")
    try:
        return describe(file.read_bytes(), at)
    except UnknownKeyFileError as error:
        raise UnknownKeyFileError(f"{file.name}: {error.detail}", advice=error.advice) from error


def _tree(file: Path, found: list[Facts]) -> Tree:
    tree = Tree(f"[bold]{escape(str(file))}")
    for facts in found:
        branch = tree.add(f"[bold]{facts['kind']}[/] {_colour(facts)}")
        for name, value in facts.items():
            if name not in ("kind", "state") and value not in (None, []):
                branch.add(f"[dim]{name.replace('_', ' ')}[/] {escape(_plain(value))}")
    return tree


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _colour(facts: Facts) -> str:
    state, left = facts.get("state"), facts.get("days_left")
    if state is None:
        return ""
    good = state in ("valid", "current")
    soon = isinstance(left, int) and left < WARN_DAYS and facts["kind"] == "certificate"
    colour = "green" if good and not soon else "yellow" if good else "red"
    return f"[{colour}]{state}[/]"


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():  # noqa: PLR2004 - ISO 3166-1
        raise click.BadParameter("a country has two letters, as in NL", param_hint="--country")
    return text.upper()


def _refuse_existing(*files: Path) -> None:
    for file in files:
        if file.exists():
            raise FileInTheWayError(
                f"{file.name} is there already", advice="Move it away, or choose another folder."
            )
