# SPDX-License-Identifier: Apache-2.0
"""Asks processes from outside: is the port open, how much memory and CPU has it used."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
from pathlib import Path

from gateway.sandbox.ports import HOST

ASK_SECONDS = 2.0


def answers(port: int, ready_path: str | None) -> bool:
    """Whether the port accepts a connection and, if asked by path, says 200."""
    try:
        if ready_path is None:
            with socket.create_connection((HOST, port), timeout=ASK_SECONDS):
                return True
        connection = http.client.HTTPConnection(HOST, port, timeout=ASK_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", ready_path)
            return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def cpu_seconds(pid: int) -> float:
    """CPU time that all threads of a process have used, from Linux's /proc; else nan."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
