"""The ledger's tables, for SQLite and PostgreSQL alike. Times are BIGINT microseconds, bodies JSON text.

The first migration holds the same tables written out; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

OPEN_STATES = ("queued", "leased", "retrying")
"""Outbox states in which somebody still has to do something (values of delivery.State)."""

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only in an INTEGER key

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

cursor = Table(
    "cursor",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hazard", Text, nullable=False),
    Column("place_id", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("stage", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("body", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("incident_opened", "opened_at"),
)

event = Table(
    "event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("incident_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("event_incident", "incident_id", "sequence", "position"),
    Index("event_sequence", "sequence", "position"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("incident_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("deadline_at", BigInteger, nullable=False),
    Column("not_before_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("leased_until", BigInteger),
    Column("possible_repeat", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("outbox_incident", "incident_id", "recipient", "channel", "version"),
)

Index(
    "outbox_open",
    outbox.c.recipient,
    outbox.c.channel,
    outbox.c.address,
    sqlite_where=outbox.c.state.in_(OPEN_STATES),
    postgresql_where=outbox.c.state.in_(OPEN_STATES),
)

reject = Table(
    "reject",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("replayed_at", BigInteger),
)

inbox = Table(
    "inbox",
    metadata,
    Column("address", Text, primary_key=True),
    Column("dialect", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("sample", Text, nullable=False),
)

community = Table(
    "community",
    metadata,
    Column("version", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

rulebook = Table(
    "rulebook",
    metadata,
    Column("version", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("session_account", "account_id"),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("account.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("audit_at", "at"),
)
