# SPDX-License-Identifier: Apache-2.0
"""Certificates of the Peppol shape: who signed, is it trusted, is it revoked."""
