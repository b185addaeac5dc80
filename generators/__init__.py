# SPDX-License-Identifier: Apache-2.0
"""Writes the regular parts of schemas/ from tables; `python -m generators` runs all of them."""
