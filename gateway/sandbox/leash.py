# SPDX-License-Identifier: Apache-2.0
"""Runs a module as `python -m` does, in a process that ends when its supervisor ends.

The supervisor holds the writing end of a pipe and never writes. When it is gone, however it went,
the read returns and this process stops itself: politely first, then at once. Works on Linux and
macOS alike, and adds no process of its own.

Called as `python -m gateway.sandbox.leash FD MODULE ARGUMENT…`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

GRACE_SECONDS = 5.0


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(1)


def main() -> None:
    """Start the watch and become the module."""
    descriptor, module = int(sys.argv[1]), sys.argv[2]
    sys.argv[:] = [module, *sys.argv[3:]]
    threading.Thread(target=_watch, args=(descriptor,), name="leash", daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
