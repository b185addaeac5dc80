# SPDX-License-Identifier: Apache-2.0
"""A differential fuzzer: changed documents through every engine, and what they disagree on."""
