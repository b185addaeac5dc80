# SPDX-License-Identifier: Apache-2.0
"""A Peppol access point: documents in and out by REST, between access points by AS4."""

__version__ = "0.1.0"
