# SPDX-License-Identifier: Apache-2.0
"""Loopback ports for the sandbox: chosen once when free, kept in its folder, checked at each start.

Does not hold a port open between the check and the process that listens on it: whoever is quicker
wins, and the supervisor then says which process found its port taken.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping, Sequence

from gateway.errors import Fault, GatewayError

HOST = "127.0.0.1"
# Below the range from which Linux (32768 up) and macOS (49152 up) serve outgoing connections, so
# that a port kept in a folder is not borrowed by some client while the sandbox is down.
FIRST_PORT = 20000
LAST_PORT = 32000
HIGHEST_PORT = 65535


class PortTakenError(GatewayError):
    """A port that the sandbox keeps in its folder belongs to another program now."""

    code = "port_taken"
    fault = Fault.CALLER


def is_free(port: int) -> bool:
    """Tell whether TCP and UDP can both be bound; a connection in TIME_WAIT does not count."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


def choose_ports(names: Sequence[str], *, base: int | None = None) -> dict[str, int]:
    """Give each name a free port: `base`, `base` + 1 and so on, else any that are free.

    Raises `PortTakenError` where `base` was asked for and a port behind it is taken.
    """
    if base is not None:
        chosen = {name: base + offset for offset, name in enumerate(names)}
        check_ports(chosen)
        return chosen
    start = random.randint(FIRST_PORT, LAST_PORT)  # noqa: S311 - spreads sandboxes, guards nothing
    span = LAST_PORT - FIRST_PORT
    candidates = (FIRST_PORT + (start - FIRST_PORT + step) % span for step in range(span))
    free = (port for port in candidates if is_free(port))
    chosen = dict(zip(names, free, strict=False))
    if len(chosen) < len(names):
        raise PortTakenError(f"no {len(names)} free ports between {FIRST_PORT} and {LAST_PORT}")
    return chosen


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise `PortTakenError` that names every port which cannot be had."""
    beyond = [port for port in ports.values() if not 0 < port <= HIGHEST_PORT]
    if beyond:
        raise PortTakenError(f"{beyond[0]} is not a port", advice="Choose a lower --port-base.")
    taken = [f"{port} ({name})" for name, port in ports.items() if not is_free(port)]
    if taken:
        raise PortTakenError(
            f"taken by another program on {HOST}: port {', '.join(taken)}",
            advice="Stop that program, or start with another --dir.",
        )
