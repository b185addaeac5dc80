# SPDX-License-Identifier: Apache-2.0
"""The tables. Changing one means a new migration; a test compares the two.

Words in state columns are those of `service/lifecycle.py`. Identifiers are ours (made by app.py),
texts of other people never name a row or a file. Blobs lie in `payload`, apart from the rows that
change state, because SQLite writes a changed row anew as a whole.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment, json_column, serial_column

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A predecessor in one of these states does not stand in the way of the same business document.
NOT_BLOCKING = ("failed", "invalid", "cancelled", "unroutable", "expired")
LIVE_BUSINESS_KEY = "business_key IS NOT NULL AND state NOT IN ({})".format(
    ", ".join(f"'{state}'" for state in NOT_BLOCKING)
)

READY, LEASED, DONE, DEAD = 0, 1, 2, 3  # job.state

organisation = sa.Table(
    "organisation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("organisation", sa.ForeignKey("organisation.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", json_column(), nullable=False),
    sa.Column("secret_sha256", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("revoked_at", Moment),
)

participant = sa.Table(
    "participant",
    metadata,
    sa.Column("folded", sa.Text, primary_key=True),  # participant values compare without case
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("organisation", sa.ForeignKey("organisation.id"), nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("document_types", json_column(), nullable=False),
)

# Counts changes, so that other processes see when to read again.
revision = sa.Table(
    "revision",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_since", Moment, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),  # counts the changes of this document
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    # routing
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("sender_folded", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("receiver_folded", sa.Text, nullable=False),
    sa.Column("document_type_scheme", sa.Text, nullable=False),
    sa.Column("document_type", sa.Text, nullable=False),
    sa.Column("process_scheme", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("country_c1", sa.Text, nullable=False),
    sa.Column("country_c4", sa.Text),
    # summary
    sa.Column("kind", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("issue_date", sa.Date),
    sa.Column("due_date", sa.Date),
    sa.Column("seller_name", sa.Text),
    sa.Column("buyer_name", sa.Text),
    sa.Column("payable_amount", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("order_reference", sa.Text),
    sa.Column("buyer_reference", sa.Text),
    sa.Column("document_size", sa.BigInteger),
    sa.Column("document_sha256", sa.Text),
    # content: inline in `payload` under this id, or a file named by content_key
    sa.Column("content_size", sa.BigInteger, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("content_gzip", sa.Boolean, nullable=False),
    sa.Column("content_key", sa.Text),
    sa.Column("content_media_type", sa.Text, nullable=False),
    sa.Column("validation", sa.Text, nullable=False),
    sa.Column("validation_detail", json_column()),
    # delivery
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", Moment),
    sa.Column("deadline", Moment),
    sa.Column("exchange_id", sa.Text),  # the message that a next try sends again
    sa.Column("lookup", json_column()),
    sa.Column("problem", json_column()),
    # the exchange, as lists show it
    sa.Column("instance_id", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("conversation_id", sa.Text),
    sa.Column("other_ap", sa.Text),
    sa.Column("receipt_note", sa.Text),
    sa.Column("mls_to", sa.Text),
    sa.Column("mls_type", sa.Text),
    # what the organisation said
    sa.Column("reference", sa.Text),
    sa.Column("custom", json_column()),
    sa.Column("business_key", sa.Text),
    sa.Column("external_reference", sa.Text),
    sa.Column("reject_reason", sa.Text),
    sa.Column("possible_duplicate_of", sa.Text),
    sa.Index("ix_document_list", "organisation", "created_at", "id"),
    sa.Index("ix_document_state", "organisation", "state", "created_at", "id"),
    sa.Index("ix_document_instance", "instance_id"),
    sa.Index(
        "ix_document_reference",
        "organisation",
        "reference",
        sqlite_where=sa.text("reference IS NOT NULL"),
        postgresql_where=sa.text("reference IS NOT NULL"),
    ),
    sa.Index(
        "ix_document_content_key",
        "content_key",
        sqlite_where=sa.text("content_key IS NOT NULL"),
        postgresql_where=sa.text("content_key IS NOT NULL"),
    ),
    sa.Index(
        "uq_document_business_key",
        "organisation",
        "business_key",
        unique=True,
        sqlite_where=sa.text(LIVE_BUSINESS_KEY),
        postgresql_where=sa.text(LIVE_BUSINESS_KEY),
    ),
)

payload = sa.Table(
    "payload",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),  # a document, an exchange, or part of one
    sa.Column("data", sa.LargeBinary, nullable=False),
)

# One AS4 message each, in either direction, with the bytes that prove it.
exchange = sa.Table(
    "exchange",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column(
        "document_id",
        # The exchange is written first, because its unique constraint decides what is a repeat.
        sa.ForeignKey("document.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("sending_ap", sa.Text, nullable=False),  # empty for what we send ourselves
    sa.Column("receiving_ap", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("conversation_id", sa.Text, nullable=False),
    sa.Column("instance_id", sa.Text, nullable=False),
    sa.Column("sent_at", Moment, nullable=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("http_header_lines", json_column()),  # those to send, outbound
    sa.Column("http_headers", sa.LargeBinary, nullable=False),
    sa.Column("soap", sa.LargeBinary, nullable=False),
    sa.Column("part_headers", sa.LargeBinary, nullable=False),
    sa.Column("sent", sa.LargeBinary),
    sa.Column("digests", sa.Text),
    sa.Column("revocation", sa.Text),
    sa.Column("lookup", json_column()),
    # HTTP body, outbound: head, the encrypted part (`body`), tail. The part as it was signed is
    # kept beside it: a receipt is proof of those bytes. Inline bytes are in `payload`.
    sa.Column("head", sa.LargeBinary),
    sa.Column("tail", sa.LargeBinary),
    sa.Column("body_size", sa.BigInteger),
    sa.Column("body_sha256", sa.Text),
    sa.Column("body_gzip", sa.Boolean),
    sa.Column("body_key", sa.Text),
    sa.Column("signed_size", sa.BigInteger),
    sa.Column("signed_sha256", sa.Text),
    sa.Column("signed_gzip", sa.Boolean),
    sa.Column("signed_key", sa.Text),
    sa.Column("receipt", sa.LargeBinary),
    sa.Column("receipt_headers", sa.LargeBinary),
    sa.Column("receipt_message_id", sa.Text),
    sa.Column("receipt_at", Moment),
    sa.UniqueConstraint("direction", "sending_ap", "message_id", name="uq_exchange_message"),
    sa.Index(
        "ix_exchange_body_key",
        "body_key",
        sqlite_where=sa.text("body_key IS NOT NULL"),
        postgresql_where=sa.text("body_key IS NOT NULL"),
    ),
    sa.Index(
        "ix_exchange_signed_key",
        "signed_key",
        sqlite_where=sa.text("signed_key IS NOT NULL"),
        postgresql_where=sa.text("signed_key IS NOT NULL"),
    ),
)

# One POST each, recorded before its first byte leaves; open while `ended_at` is null.
attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", serial_column(), primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.ForeignKey("document.id"), nullable=False, index=True),
    sa.Column("exchange_id", sa.ForeignKey("exchange.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("outcome", sa.Text),  # the event it led to, or "unknown" after a crash
    sa.Column("http_status", sa.Integer),
    sa.Column("reply_headers", sa.LargeBinary),
    sa.Column("reply_body", sa.LargeBinary),
    sa.Column("problem", json_column()),
    implicit_returning=False,
    sqlite_autoincrement=True,
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

evidence_link = sa.Table(
    "evidence_link",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),  # id of an exchange, or of a document
    sa.Column("sha256", sa.ForeignKey("evidence.sha256"), primary_key=True),
)

# What the monthly reports count, written with the receipt (TSR 1.0.2 and EUSR 1.1.1, section 2.2).
reporting_row = sa.Table(
    "reporting_row",
    metadata,
    sa.Column("exchange_id", sa.ForeignKey("exchange.id"), primary_key=True),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("exchanged_at", Moment, nullable=False, index=True),
    sa.Column("other_ap", sa.Text, nullable=False),
    sa.Column("document_type_scheme", sa.Text, nullable=False),
    sa.Column("document_type", sa.Text, nullable=False),
    sa.Column("process_scheme", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("country_c1", sa.Text, nullable=False),
    sa.Column("country_c4", sa.Text),
    sa.Column("end_user", sa.Text, nullable=False),
    sa.Column("transport_profile", sa.Text, nullable=False),
)

# The time line of every document. `position` is given right before the commit while no other
# transaction can give one, so a reader that remembers the last position misses nothing.
document_event = sa.Table(
    "document_event",
    metadata,
    sa.Column("position", serial_column(), primary_key=True, autoincrement=True),
    sa.Column("document_id", sa.ForeignKey("document.id"), nullable=False),
    sa.Column("organisation", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("problem", json_column()),
    sa.Index("ix_document_event_document", "document_id", "sequence"),
    sa.Index("ix_document_event_feed", "organisation", "position"),
    implicit_returning=False,
    sqlite_autoincrement=True,
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("organisation", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", json_column(), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

# Work that is due. The index has the lane between queue and due: a claim then
# steps from lane to lane, and a lane with a long backlog costs no more than a short one.
job = sa.Table(
    "job",
    metadata,
    sa.Column("id", serial_column(), primary_key=True, autoincrement=True),
    sa.Column("queue", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),  # empty: no limit on how many run at once
    sa.Column("due", Moment, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease_until", Moment),
    sa.Column("token", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("dedupe", sa.Text, unique=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("ended", Moment),
    sa.Index(
        "ix_job_ready",
        "queue",
        "lane",
        "due",
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    ),
    sa.Index(
        "ix_job_leased",
        "lease_until",
        sqlite_where=sa.text("state = 1"),
        postgresql_where=sa.text("state = 1"),
    ),
    sa.Index(
        "ix_job_ended",
        "ended",
        sqlite_where=sa.text("state = 2"),
        postgresql_where=sa.text("state = 2"),
    ),
    implicit_returning=False,
    sqlite_autoincrement=True,
)
