# SPDX-License-Identifier: Apache-2.0
"""The first schema. It repeats `store/tables.py` as it was then, because that file goes on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment, json_column, serial_column

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LIVE = (
    "business_key IS NOT NULL AND state NOT IN "
    "('failed', 'invalid', 'cancelled', 'unroutable', 'expired')"
)
# These hold compressed, encrypted or signed bytes: PostgreSQL need not try to compress them.
_INCOMPRESSIBLE = (
    ("payload", "data"),
    ("evidence", "data"),
    ("exchange", "receipt"),
    ("attempt", "reply_body"),
)


def upgrade() -> None:
    """Make all tables."""
    _document()
    _evidence()
    _idempotency()
    _job()
    _organisation()
    _payload()
    _revision()
    _api_key()
    _document_event()
    _evidence_link()
    _exchange()
    _participant()
    _attempt()
    _reporting_row()
    op.execute("INSERT INTO revision (name, value) VALUES ('participants', 0)")
    if op.get_context().dialect.name == "postgresql":
        for table, column in _INCOMPRESSIBLE:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Refuse: going back means restoring the backup."""
    raise NotImplementedError("restore the backup made before the migration")


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", Moment(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_folded", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("receiver_folded", sa.Text(), nullable=False),
        sa.Column("document_type_scheme", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("process_scheme", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("country_c1", sa.Text(), nullable=False),
        sa.Column("country_c4", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("seller_name", sa.Text(), nullable=True),
        sa.Column("buyer_name", sa.Text(), nullable=True),
        sa.Column("payable_amount", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("order_reference", sa.Text(), nullable=True),
        sa.Column("buyer_reference", sa.Text(), nullable=True),
        sa.Column("document_size", sa.BigInteger(), nullable=True),
        sa.Column("document_sha256", sa.Text(), nullable=True),
        sa.Column("content_size", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("content_gzip", sa.Boolean(), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=True),
        sa.Column("content_media_type", sa.Text(), nullable=False),
        sa.Column("validation", sa.Text(), nullable=False),
        sa.Column("validation_detail", json_column(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=True),
        sa.Column("deadline", Moment(), nullable=True),
        sa.Column("exchange_id", sa.Text(), nullable=True),
        sa.Column("lookup", json_column(), nullable=True),
        sa.Column("problem", json_column(), nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("other_ap", sa.Text(), nullable=True),
        sa.Column("receipt_note", sa.Text(), nullable=True),
        sa.Column("mls_to", sa.Text(), nullable=True),
        sa.Column("mls_type", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("custom", json_column(), nullable=True),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("reject_reason", sa.Text(), nullable=True),
        sa.Column("possible_duplicate_of", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index(
        "ix_document_content_key",
        "document",
        ["content_key"],
        unique=False,
        sqlite_where=sa.text("content_key IS NOT NULL"),
        postgresql_where=sa.text("content_key IS NOT NULL"),
    )
    op.create_index("ix_document_instance", "document", ["instance_id"], unique=False)
    op.create_index(
        "ix_document_list", "document", ["organisation", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_document_reference",
        "document",
        ["organisation", "reference"],
        unique=False,
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    )
    op.create_index(
        "ix_document_state", "document", ["organisation", "state", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_document_business_key",
        "document",
        ["organisation", "business_key"],
        unique=True,
        sqlite_where=sa.text(_LIVE),
        postgresql_where=sa.text(_LIVE),
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_evidence"),
    )


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", json_column(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", serial_column(), autoincrement=True, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("due", Moment(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dedupe", sa.Text(), nullable=True),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("dedupe", name="uq_job_dedupe"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_job_ended",
        "job",
        ["ended"],
        unique=False,
        sqlite_where=sa.text("state = 2"),
        postgresql_where=sa.text("state = 2"),
    )
    op.create_index(
        "ix_job_leased",
        "job",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    )
    op.create_index(
        "ix_job_ready",
        "job",
        ["queue", "lane", "due"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )


def _payload() -> None:
    op.create_table(
        "payload",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_payload"),
    )


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_revision"),
    )


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", json_column(), nullable=False),
        sa.Column("secret_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_api_key_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )


def _document_event() -> None:
    op.create_table(
        "document_event",
        sa.Column("position", serial_column(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("problem", json_column(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_document_event_document_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_document_event"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_document_event_document", "document_event", ["document_id", "sequence"], unique=False
    )
    op.create_index(
        "ix_document_event_feed", "document_event", ["organisation", "position"], unique=False
    )


def _evidence_link() -> None:
    op.create_table(
        "evidence_link",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["evidence.sha256"], name="fk_evidence_link_sha256"),
        sa.PrimaryKeyConstraint("owner", "sha256", name="pk_evidence_link"),
    )


def _exchange() -> None:
    op.create_table(
        "exchange",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("sending_ap", sa.Text(), nullable=False),
        sa.Column("receiving_ap", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("http_header_lines", json_column(), nullable=True),
        sa.Column("http_headers", sa.LargeBinary(), nullable=False),
        sa.Column("soap", sa.LargeBinary(), nullable=False),
        sa.Column("part_headers", sa.LargeBinary(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=True),
        sa.Column("digests", sa.Text(), nullable=True),
        sa.Column("revocation", sa.Text(), nullable=True),
        sa.Column("lookup", json_column(), nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("tail", sa.LargeBinary(), nullable=True),
        sa.Column("body_size", sa.BigInteger(), nullable=True),
        sa.Column("body_sha256", sa.Text(), nullable=True),
        sa.Column("body_gzip", sa.Boolean(), nullable=True),
        sa.Column("body_key", sa.Text(), nullable=True),
        sa.Column("signed_size", sa.BigInteger(), nullable=True),
        sa.Column("signed_sha256", sa.Text(), nullable=True),
        sa.Column("signed_gzip", sa.Boolean(), nullable=True),
        sa.Column("signed_key", sa.Text(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("receipt_headers", sa.LargeBinary(), nullable=True),
        sa.Column("receipt_message_id", sa.Text(), nullable=True),
        sa.Column("receipt_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name="fk_exchange_document_id",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_exchange"),
        sa.UniqueConstraint("direction", "sending_ap", "message_id", name="uq_exchange_message"),
    )
    op.create_index(
        "ix_exchange_body_key",
        "exchange",
        ["body_key"],
        unique=False,
        sqlite_where=sa.text("body_key IS NOT NULL"),
        postgresql_where=sa.text("body_key IS NOT NULL"),
    )
    op.create_index("ix_exchange_document_id", "exchange", ["document_id"], unique=False)
    op.create_index(
        "ix_exchange_signed_key",
        "exchange",
        ["signed_key"],
        unique=False,
        sqlite_where=sa.text("signed_key IS NOT NULL"),
        postgresql_where=sa.text("signed_key IS NOT NULL"),
    )


def _participant() -> None:
    op.create_table(
        "participant",
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("document_types", json_column(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_participant_organisation"
        ),
        sa.PrimaryKeyConstraint("folded", name="pk_participant"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", serial_column(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("reply_headers", sa.LargeBinary(), nullable=True),
        sa.Column("reply_body", sa.LargeBinary(), nullable=True),
        sa.Column("problem", json_column(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_attempt_document_id"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name="fk_attempt_exchange_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempt_document_id", "attempt", ["document_id"], unique=False)


def _reporting_row() -> None:
    op.create_table(
        "reporting_row",
        sa.Column("exchange_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("exchanged_at", Moment(), nullable=False),
        sa.Column("other_ap", sa.Text(), nullable=False),
        sa.Column("document_type_scheme", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("process_scheme", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("country_c1", sa.Text(), nullable=False),
        sa.Column("country_c4", sa.Text(), nullable=True),
        sa.Column("end_user", sa.Text(), nullable=False),
        sa.Column("transport_profile", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchange.id"], name="fk_reporting_row_exchange_id"
        ),
        sa.PrimaryKeyConstraint("exchange_id", name="pk_reporting_row"),
    )
    op.create_index(
        "ix_reporting_row_exchanged_at", "reporting_row", ["exchanged_at"], unique=False
    )
