# SPDX-License-Identifier: Apache-2.0
"""What Alembic runs: it gets an open connection from `store/migrations.py`, in a transaction."""

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,  # SQLite changes a table by making it anew
)
context.run_migrations()
