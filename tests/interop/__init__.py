# SPDX-License-Identifier: Apache-2.0
"""Bytes and programs made by others."""
