# SPDX-License-Identifier: Apache-2.0
"""Our gateway against phase4, Oxalis and phoss SMP on one machine, in turns, each warmed.

`python -m benchmarks.peers [--json] [--rounds N] [--only PART,…] [--quick] [--plain]`. Needs the
lab in `../shared/interop`; without it the exit status is 2. The last line is a JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from benchmarks.peers import inbound, large, outbound, publishing, resting, starting_up
from benchmarks.peers.figures import Figures
from benchmarks.peers.ground import OXALIS, PHASE4, Ground
from benchmarks.peers.scale import Scale, quick
from benchmarks.site import BUILD_FOLDER, prepared_site
from tests.interop.labs import JDK, Lab, LabMissingError, built, newest_jdk

PARTS = {
    "inbound": inbound.measure,
    "outbound": outbound.measure,
    "startup": starting_up.measure,
    "memory": resting.measure,
    "large": large.measure,
    "smp": publishing.measure,
}
PHOSS = "phoss-smp"
VERSIONS = {PHASE4: "phase4-lib", OXALIS: "oxalis-as4", PHOSS: "phoss-smp-webapp"}
MISSING = 2


def main() -> None:
    options = _options()
    say = Console(stderr=True, highlight=False, log_path=False).log
    started = time.monotonic()
    try:
        labs = {name: built(name) for name in VERSIONS}
    except LabMissingError as error:
        print(f"The comparison cannot run: {error}.", file=sys.stderr)
        sys.exit(MISSING)
    jdk = newest_jdk() if options.newest_jdk else None
    scale = quick(options.rounds, say) if options.quick else Scale(rounds=options.rounds, say=say)
    figures = Figures()
    for part in options.only:
        with _ground(labs, jdk, plain=options.plain) as ground:
            PARTS[part](ground, scale, figures)
    if not options.json:
        seconds = time.monotonic() - started
        Console().print(figures.table(f"{_versions(labs, jdk)}; measured in {seconds:.0f} s"))
    print(json.dumps(figures.as_dict()))


@contextlib.contextmanager
def _ground(labs: dict[str, Lab], jdk: JDK | None, *, plain: bool) -> Iterator[Ground]:
    """A site of its own for each part; its folder goes with it."""
    BUILD_FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="peers-", dir=BUILD_FOLDER) as made:
        folder = Path(made)
        with prepared_site(folder / "net") as site:
            ground = Ground(site=site, folder=folder / "java", labs=labs, jdk=jdk, plain=plain)
            ground.prepare()
            yield ground


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    arguments.add_argument("--json", action="store_true", help="print the JSON object alone")
    arguments.add_argument("--rounds", type=int, default=3, help="of each part")
    arguments.add_argument("--quick", action="store_true", help="small counts, to try it")
    arguments.add_argument(
        "--only", type=_parts, default=list(PARTS), help=f"some of {','.join(PARTS)}"
    )
    arguments.add_argument(
        "--newest-jdk", action="store_true", help="run all of Java on the newest JDK found"
    )
    arguments.add_argument(
        "--plain", action="store_true", help="Java as it comes: without the transformer setting"
    )
    return arguments.parse_args()


def _parts(text: str) -> list[str]:
    wanted = text.split(",")
    if unknown := set(wanted) - PARTS.keys():
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(unknown))}")
    return wanted


def _versions(labs: dict[str, Lab], jdk: JDK | None) -> str:
    versions = [f"{name} {labs[name].version(jar)}" for name, jar in VERSIONS.items()]
    return f"{', '.join(versions)}, JDK {(jdk or labs[PHASE4].jdk).version}"


if __name__ == "__main__":
    main()
