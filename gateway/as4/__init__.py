# SPDX-License-Identifier: Apache-2.0
"""The AS4 message service handler without I/O: bytes, trust and time in, values out."""
