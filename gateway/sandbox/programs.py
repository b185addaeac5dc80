# SPDX-License-Identifier: Apache-2.0
"""Which programs make the sandbox, and what must be in a database before its server starts.

Databases are filled by the commands that an operator would use, each in a process of its own: the
sandbox has no way in that a real installation lacks.
"""

from __future__ import annotations

import asyncio
import json
import sys

from gateway.sandbox.network import AccessPoint, Network
from gateway.sandbox.private_files import write_private
from gateway.sandbox.processes import CODE_FOLDER, ProcessFailedError, Program, environment

READY_PATH = "/readyz"


def ground(network: Network) -> tuple[Program, ...]:
    """What the access points stand on: DNS, revocation lists and the SMP."""
    smp_settings = str(network.settings_file("smp"))
    return (
        _own(network, "dns"),
        _own(network, "crl", module="crl_server"),
        Program(
            name="smp",
            module="gateway",
            arguments=("serve", "--config", smp_settings, "--roles", "smp"),
            port=network.ports["smp"],
            log_file=network.log_file("smp"),
        ),
    )


def access_points(network: Network) -> tuple[Program, ...]:
    """The two access points, each with its REST, AS4 and worker."""
    return tuple(
        Program(
            name=one.name,
            module="gateway",
            arguments=(
                *("serve", "--config", str(network.settings_file(one.name))),
                *("--roles", "as4,api,worker"),
            ),
            port=network.ports[f"{one.name}-api"],
            log_file=network.log_file(one.name),
            ready_path=READY_PATH,
        )
        for one in network.access_points
    )


def _own(network: Network, name: str, *, module: str | None = None) -> Program:
    return Program(
        name=name,
        module=f"gateway.sandbox.{module or name}",
        arguments=(str(network.folder),),
        port=network.ports[name],
        log_file=network.log_file(name),
    )


async def command(*arguments: str) -> str:
    """Run one `peppol-gateway` command to its end and return what it printed.

    Raises `ProcessFailedError` with its words when its exit status is not 0.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gateway", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
        cwd=CODE_FOLDER,
    )
    printed, complained = await process.communicate()
    if process.returncode != 0:
        words = complained.decode("utf-8", "replace").strip()
        raise ProcessFailedError(f"`peppol-gateway {' '.join(arguments)}` failed:\n{words}")
    return printed.decode("utf-8")


async def migrate(network: Network, access_point: AccessPoint) -> None:
    """Bring an access point's database up to date; the SMP makes its own tables."""
    await command("migrate", "--config", str(network.settings_file(access_point.name)))


async def introduce(network: Network, access_point: AccessPoint) -> None:
    """The first time, give an access point its organisation, a key and participants.

    The SMP must be up: it takes the participants. At a later start there is nothing to do.
    """
    settings = ("--config", str(network.settings_file(access_point.name)))
    key_file = network.api_key_file(access_point.name)
    if key_file.exists():
        return
    organisation = f"org_{access_point.name}"
    made = await command(
        *("api-keys", "add", *settings, "--json"),
        *("--organisation", organisation, "--organisation-name", access_point.organisation),
    )
    for served in access_point.participants:
        await command(
            *("participants", "add", str(served.id), *settings),
            *("--organisation", organisation, "--country", served.country),
        )
    # The key is written last: a start that broke off before is begun again.
    write_private(key_file, f"{json.loads(made)['key']}\n".encode())
