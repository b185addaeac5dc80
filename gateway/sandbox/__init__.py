# SPDX-License-Identifier: Apache-2.0
"""A Peppol network on a laptop: local PKI, DNS, CRLs, SMP and two access points."""
