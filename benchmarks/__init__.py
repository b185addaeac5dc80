# SPDX-License-Identifier: Apache-2.0
"""What the gateway costs: each module is run as `python -m benchmarks.NAME [--json]`."""
