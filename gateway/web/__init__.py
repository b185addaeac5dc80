# SPDX-License-Identifier: Apache-2.0
"""Incoming connections: AS4, SMP and REST endpoints. They carry bytes and words, no XML."""
