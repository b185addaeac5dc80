# SPDX-License-Identifier: Apache-2.0
"""Java beside us: phive of the interoperability lab, warmed, one thread, the same document."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from benchmarks.validation_documents import base_example
from tests.interop.labs import LabMissingError, built

RULE_SET = "eu.peppol.bis3:invoice:2026.5"
WARM_UP_SECONDS, SECONDS = 25, 12


def measure(ours: float) -> dict[str, float]:
    """CPU milliseconds of a document in Java; nothing where the lab cannot run."""
    try:
        lab = built("phive")
    except LabMissingError as missing:
        print(f"without Java: {missing}")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "invoice.xml")
        document.write_bytes(base_example())
        options = f"--vesid {RULE_SET} --seconds {SECONDS} --warmup {WARM_UP_SECONDS} --threads 1"
        done = subprocess.run(
            [str(lab.jdk.java), "-jar", str(lab.jar), "bench", *options.split(), str(document)],
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["valid"] is True, told
    taken = float(told["cpu_ms_per_doc"])
    return {
        "validation_java_ms": taken,
        "validation_java_x": taken / ours,
        "validation_java_mb": float(told["peak_rss_mb"]),
    }
