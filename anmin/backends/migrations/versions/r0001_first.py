"""The first tables."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Text, text

revision = "0001"
down_revision: str | None = None

_BIG = BigInteger


def upgrade() -> None:
    _bookkeeping()
    _incidents()
    _outbox()
    _intake()
    _versions()
    _accounts()


def _bookkeeping() -> None:
    op.create_table("meta", Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
    op.create_table(
        "cursor", Column("name", Text, primary_key=True), Column("sequence", _BIG, nullable=False)
    )
    counting = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "audit",
        Column("id", counting, primary_key=True, autoincrement=True),
        Column("at", _BIG, nullable=False),
        Column("who", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("body", Text, nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])


def _incidents() -> None:
    op.create_table(
        "incident",
        Column("id", Text, primary_key=True),
        Column("hazard", Text, nullable=False),
        Column("place_id", Text, nullable=False),
        Column("drill", Boolean, nullable=False),
        Column("stage", Text, nullable=False),
        Column("level", Integer, nullable=False),
        Column("opened_at", _BIG, nullable=False),
        Column("closed_at", _BIG),
        Column("body", Text, nullable=False),
        Column("sequence", _BIG, nullable=False),
    )
    op.create_index("incident_opened", "incident", ["opened_at"])
    op.create_table(
        "event",
        Column("id", Text, primary_key=True),
        Column("incident_id", Text, nullable=False),
        Column("sequence", _BIG, nullable=False),
        Column("position", Integer, nullable=False),
        Column("at", _BIG, nullable=False),
        Column("kind", Text, nullable=False),
        Column("body", Text, nullable=False),
    )
    op.create_index("event_incident", "event", ["incident_id", "sequence", "position"])
    op.create_index("event_sequence", "event", ["sequence", "position"])


def _outbox() -> None:
    op.create_table(
        "outbox",
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
        Column("created_at", _BIG, nullable=False),
        Column("deadline_at", _BIG, nullable=False),
        Column("not_before_at", _BIG, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("leased_until", _BIG),
        Column("possible_repeat", Boolean, nullable=False),
        Column("detail", Text, nullable=False),
        Column("changed_at", _BIG, nullable=False),
    )
    op.create_index("outbox_incident", "outbox", ["incident_id", "recipient", "channel", "version"])
    still_open = text("state IN ('queued', 'leased', 'retrying')")
    op.create_index(
        "outbox_open",
        "outbox",
        ["recipient", "channel", "address"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _intake() -> None:
    op.create_table(
        "reject",
        Column("sequence", _BIG, primary_key=True, autoincrement=False),
        Column("at", _BIG, nullable=False),
        Column("source", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("address", Text, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("size", _BIG, nullable=False),
        Column("replayed_at", _BIG),
    )
    op.create_table(
        "inbox",
        Column("address", Text, primary_key=True),
        Column("dialect", Text, nullable=False),
        Column("first_at", _BIG, nullable=False),
        Column("last_at", _BIG, nullable=False),
        Column("messages", _BIG, nullable=False),
        Column("sample", Text, nullable=False),
    )


def _versions() -> None:
    op.create_table(
        "community",
        Column("version", Text, primary_key=True),
        Column("at", _BIG, nullable=False),
        Column("body", Text, nullable=False),
        Column("active", Boolean, nullable=False),
    )
    op.create_table(
        "rulebook",
        Column("version", Text, primary_key=True),
        Column("at", _BIG, nullable=False),
        Column("body", Text, nullable=False),
    )


def _accounts() -> None:
    op.create_table(
        "account",
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False, unique=True),
        Column("password_hash", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("created_at", _BIG, nullable=False),
        Column("disabled_at", _BIG),
    )
    op.create_table(
        "session",
        Column("token_hash", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("account.id"), nullable=False),
        Column("created_at", _BIG, nullable=False),
        Column("seen_at", _BIG, nullable=False),
        Column("expires_at", _BIG, nullable=False),
    )
    op.create_index("session_account", "session", ["account_id"])
    op.create_table(
        "sign_in_link",
        Column("token_hash", Text, primary_key=True),
        Column("account_id", Text, ForeignKey("account.id")),
        Column("created_at", _BIG, nullable=False),
        Column("expires_at", _BIG, nullable=False),
        Column("used_at", _BIG),
    )
