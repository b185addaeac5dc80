# SPDX-License-Identifier: Apache-2.0
"""Kills an access point at random moments under load and counts what is missing afterwards.

`python -m benchmarks.kill --times 200 [--side receiver|sender] [--seed N]`. Real processes, SQLite
files and HTTP; SIGKILL without warning. Of the receiver: each message that got its receipt is in
the inbox exactly once. Of the sender: each submission that was answered 202 is transmitted, and in
the receiver's inbox exactly once. Exit status 1 where that does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks.killing import Outcome, Toll
from benchmarks.killing_receiver import kill_receiver
from benchmarks.killing_sender import kill_sender
from benchmarks.site import prepared_site

SIDES = {"receiver": kill_receiver, "sender": kill_sender}


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    arguments.add_argument("--times", type=int, default=200, help="kills of each side")
    arguments.add_argument("--side", choices=SIDES, help="only one side")
    arguments.add_argument("--seed", type=int, default=1, help="of the random moments")
    arguments.add_argument("--json", action="store_true", help="print the JSON object alone")
    options = arguments.parse_args()
    say = (lambda _: None) if options.json else (lambda line: print(line, flush=True))
    outcomes: dict[str, Outcome] = {}
    for side in [options.side] if options.side else SIDES:
        with prepared_site() as site:
            toll = Toll(times=options.times, seed=options.seed, say=say)
            outcomes[side] = SIDES[side](site, toll)
    print(json.dumps({side: outcome.as_dict() for side, outcome in outcomes.items()}))
    sys.exit(0 if all(outcome.holds for outcome in outcomes.values()) else 1)


if __name__ == "__main__":
    main()
