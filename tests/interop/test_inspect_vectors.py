# SPDX-License-Identifier: Apache-2.0
"""`inspect` says of every vector what the reference data says, envelope and receiver included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.interop.test_vectors import ANSWERS, EXPECTED, JUDGED_EARLIER, VECTORS
from tests.shared import shared

pytestmark = pytest.mark.interop

WORDS = {
    "accept-or-reject": {"accept", "error"},
    "error-or-400": {"error"},
    "error-if-cap-below-60MB": {"error"},
}


def inspect(*arguments: str | Path) -> list[dict[str, Any]]:
    own = shared("data/as4/own")
    options = ["--at", "2026-11-20T12:00:00Z", "--json"]
    for name in ("root", "apca"):
        options += ["--trust", str(own / f"pki/{name}.cert.pem")]
    result = CliRunner().invoke(main, ["inspect", *map(str, arguments), *options])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def ours() -> list[str | Path]:
    folder = shared("data/as4/own/pki")
    return ["--key", folder / "POP990002.key.pem", "--cert", folder / "POP990002.cert.pem"]


def test_all_requests_in_one_call() -> None:
    own = shared("data/as4/own")
    names = [name for name, vector in VECTORS.items() if vector["kind"] == "usermessage"]
    found = inspect(*[own / name for name in names], *ours())
    assert [Path(line["file"]).name for line in found] == names
    for name, line in zip(names, found, strict=True):
        vector = VECTORS[name]
        assert line["kind"] == "usermessage"
        assert line["outcome"] in WORDS.get(vector["outcome"], {vector["outcome"]}), line
        if line["outcome"] == "error":
            allowed = vector["codes"] if name in JUDGED_EARLIER else vector["codes"][:1]
            assert line["code"] in (vector["codes"] if "or" in vector["outcome"] else allowed), line
            assert line["step"]
            assert line["reason"]
        else:
            assert (line["code"], line["step"], line["reason"]) == (None, None, None)


@pytest.mark.parametrize(
    "name", [name for name, vector in VECTORS.items() if vector["kind"] == "signal"]
)
def test_replies(name: str) -> None:
    own = shared("data/as4/own")
    request = own / ANSWERS.get(name, "ok-gzip-sec-first.http")
    (line,) = inspect(own / name, "--reply-to", request)
    vector = VECTORS[name]
    assert (line["kind"], line["outcome"]) == ("signal", vector["outcome"]), line
    if vector["outcome"] == "accept":
        assert line["code"] is None
    else:
        assert line["code"] in vector["codes"]


def test_receiver_that_is_not_serviced() -> None:
    own = shared("data/as4/own")
    name = own / "ok-gzip-sec-first.http"
    (line,) = inspect(name, *ours(), "--not-serviced", EXPECTED["finalRecipient"])
    assert (line["outcome"], line["code"], line["step"]) == ("error", "EBMS:0004", "serviced")
