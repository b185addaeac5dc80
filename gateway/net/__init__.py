# SPDX-License-Identifier: Apache-2.0
"""Outgoing connections: bytes out, bytes in, time limits and ceilings."""
