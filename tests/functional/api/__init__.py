# SPDX-License-Identifier: Apache-2.0
"""The REST interface through HTTP, over a real database."""
