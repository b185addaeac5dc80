# SPDX-License-Identifier: Apache-2.0
"""Storage: tables, transactions, jobs, payload files. It knows no XML and no protocol."""

from gateway.store.dialects import read_url as read_database_url
from gateway.store.evidence import StoredAttempt, StoredExchange, TimelineEntry
from gateway.store.metadata import MetadataStore
from gateway.store.migrations import SchemaError, SchemaState, schema_state
from gateway.store.migrations import migrate as migrate_database
from gateway.store.revocation_files import RevocationFiles
from gateway.store.sole_worker import sole_worker
from gateway.store.store import Store

__all__ = [
    "MetadataStore",
    "RevocationFiles",
    "SchemaError",
    "SchemaState",
    "Store",
    "StoredAttempt",
    "StoredExchange",
    "TimelineEntry",
    "migrate_database",
    "read_database_url",
    "schema_state",
    "sole_worker",
]
