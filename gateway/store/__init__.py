# SPDX-License-Identifier: Apache-2.0
"""Storage: tables, transactions, jobs, payload files. It knows no XML and no protocol."""
