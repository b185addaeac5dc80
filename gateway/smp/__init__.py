# SPDX-License-Identifier: Apache-2.0
"""Service metadata: names, records, their XML, signatures and matching, without I/O."""
