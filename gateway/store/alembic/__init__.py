# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment and the migrations; `store/migrations.py` runs them."""
