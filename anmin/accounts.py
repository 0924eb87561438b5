"""Who may sign in: accounts, sessions that can be taken back at once, and one-time links.

Tokens are 256 random bits and are stored as their SHA-256, so that a copy of the ledger opens no door. This
is the only writer of these tables, hence its memory of sessions is never behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from anmin.backends import schema
from devices.instant import HOUR, MINUTE, Instant

T = TypeVar("T")

IDLE_FOR = 30 * MINUTE
"""After this without a person's request the session may only look at the board (S5)."""
SESSION_FOR = 12 * HOUR
LINK_FOR = 1 * HOUR
SEEN_EVERY_FOR = 1 * MINUTE
SHORTEST, LONGEST = 8, 256
_GUESSED = frozenset(
    {
        "12345678",
        "123456789",
        "1234567890",
        "password",
        "password1",
        "passw0rd",
        "qwertyui",
        "qwerty123",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "abc12345",
        "abcd1234",
        "a1234567",
        "iloveyou",
        "admin123",
        "admin888",
        "administrator",
        "woaini1314",
        "5201314520",
        "147258369",
        "987654321",
        "1q2w3e4r",
        "1qaz2wsx",
        "asdfghjkl",
        "zxcvbnm123",
        "anmin123",
        "letmein123",
        "welcome1",
    }
)


class Ledger(Protocol):
    """One closure, one transaction; the closure gets the connection and nothing else."""

    async def write(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def read(self, work: Callable[[sa.Connection], T]) -> T: ...


class Role(StrEnum):
    OPERATOR = "operator"  # duty staff: every verb
    CREW = "crew"  # micro fire station: accept, arrive, contain


class WeakPassword(ValueError):
    """`code` is `short`, `long`, `name` or `guessed`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return (
            f"password refused: {self.code} ({SHORTEST} to {LONGEST} characters, nothing that is often used)"
        )


class NameTaken(ValueError):
    """Another account has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"there is an account named {self.name!r} already"


@dataclass(frozen=True, slots=True)
class Account:
    """The id of a person on the rota is the responder's id; everybody else's id is random."""

    id: str
    name: str
    role: Role
    language: str
    has_password: bool


@dataclass(frozen=True, slots=True)
class Session:
    account: Account
    created_at: Instant
    seen_at: Instant
    expires_at: Instant

    def is_idle(self, now: Instant) -> bool:
        """Nobody has touched it for a while: it may look, and must sign in again to act."""
        return now - self.seen_at > IDLE_FOR


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_strength(name: str, password: str) -> None:
    """Raises WeakPassword. Length and common guesses only: no rules about kinds of characters (S2)."""
    if len(password) < SHORTEST:
        raise WeakPassword("short")
    if len(password) > LONGEST:
        raise WeakPassword("long")
    folded = password.casefold()
    if len(set(folded)) < 3 or folded in _GUESSED:
        raise WeakPassword("guessed")
    if name and name.casefold() in folded and len(folded) < len(name) + SHORTEST:
        raise WeakPassword("name")


class Accounts:
    def __init__(self, ledger: Ledger, hasher: PasswordHasher | None = None) -> None:
        self._ledger = ledger
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash(secrets.token_urlsafe(16))
        self._hashing = asyncio.Semaphore(2)  # 64 MiB each: a flood of guesses must not fill the memory
        self._sessions: dict[str, Session] = {}

    async def create(
        self, name: str, role: Role, language: str, at: Instant, *, responder_id: str | None = None
    ) -> Account:
        """A new account without a password: nobody can sign in until a link was used. Raises NameTaken."""
        account_id = responder_id or f"acc_{secrets.token_hex(8)}"
        row = {
            "id": account_id,
            "name": name,
            "password_hash": "",
            "role": role.value,
            "language": language,
            "created_at": at,
        }
        try:
            await self._ledger.write(_run(sa.insert(schema.account).values(row)))
        except sa.exc.IntegrityError as error:
            raise NameTaken(name) from error
        return Account(account_id, name, role, language, has_password=False)

    async def list(self) -> tuple[Account, ...]:
        """Every account that is not disabled, oldest first."""
        query = sa.select(schema.account).where(_enabled()).order_by(schema.account.c.created_at)
        rows = await self._ledger.read(lambda db: db.execute(query).mappings().all())
        return tuple(_account(row) for row in rows)

    async def find(self, name: str) -> Account | None:
        row = await self._row(schema.account.c.name == name)
        return _account(row) if row else None

    async def first_link(self, name: str, language: str, at: Instant) -> str | None:
        """At first start: a link for the first operator; None once an operator has a password."""
        operators = [account for account in await self.list() if account.role is Role.OPERATOR]
        if any(account.has_password for account in operators):
            return None
        first = operators[0] if operators else await self.create(name, Role.OPERATOR, language, at)
        return await self.link(first.id, at)

    async def link(self, account_id: str, at: Instant) -> str:
        """A token that signs in once, within LINK_FOR."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_hash": token_hash(token),
            "account_id": account_id,
            "created_at": at,
            "expires_at": at + LINK_FOR,
        }
        await self._ledger.write(_run(sa.insert(schema.sign_in_link).values(row)))
        return token

    async def linked(self, token: str, at: Instant) -> Account | None:
        """Whose link it is, without using it up."""
        query = _link_query(token, at)
        row = await self._ledger.read(lambda db: db.execute(query).mappings().first())
        return _account(row) if row else None

    async def redeem(self, token: str, at: Instant) -> Account | None:
        """Uses the link up: of two at once only one gets the account."""
        links = schema.sign_in_link
        spend = (
            sa.update(links)
            .where(links.c.token_hash == token_hash(token), links.c.used_at.is_(None))
            .values(used_at=at)
        )

        def work(db: sa.Connection) -> sa.RowMapping | None:
            row = db.execute(_link_query(token, at)).mappings().first()
            return row if row is not None and db.execute(spend).rowcount == 1 else None

        row = await self._ledger.write(work)
        return _account(row) if row else None

    async def set_password(self, account: Account, password: str) -> None:
        """Raises WeakPassword. Ends every session of the account."""
        check_strength(account.name, password)
        async with self._hashing:
            hashed = await asyncio.to_thread(self._hasher.hash, password)
        accounts, sessions = schema.account, schema.session
        change = sa.update(accounts).where(accounts.c.id == account.id).values(password_hash=hashed)
        end = sa.delete(sessions).where(sessions.c.account_id == account.id)
        await self._ledger.write(_run(change, end))
        self._forget(account.id)

    async def check(self, name: str, password: str) -> Account | None:
        """The account when the password is right. An unknown name costs the same time."""
        row = await self._row(schema.account.c.name == name)
        hashed = str(row["password_hash"]) if row and row["password_hash"] else self._decoy
        async with self._hashing:
            right = await asyncio.to_thread(self._verify, hashed, password[: LONGEST + 1])
        return _account(row) if row and right and hashed != self._decoy else None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def open_session(self, account: Account, at: Instant) -> str:
        """A new token for every sign-in: nothing that was known before it is worth anything."""
        token = secrets.token_urlsafe(32)
        fresh = Session(account, at, at, at + SESSION_FOR)
        sessions = schema.session
        row = {
            "token_hash": token_hash(token),
            "account_id": account.id,
            "created_at": at,
            "seen_at": at,
            "expires_at": fresh.expires_at,
        }
        old = sa.delete(sessions).where(sessions.c.expires_at <= at)
        await self._ledger.write(_run(old, sa.insert(sessions).values(row)))
        self._sessions[token_hash(token)] = fresh
        return token

    async def session(self, token: str, at: Instant) -> Session | None:
        """The session of a token; None when it is unknown, over or taken back."""
        key = token_hash(token)
        found = self._sessions.get(key) or await self._load(key)
        if found is None or found.expires_at <= at:
            self._sessions.pop(key, None)
            return None
        self._sessions[key] = found
        return found

    async def touch(self, token: str, at: Instant) -> None:
        """A person did something: the idle clock starts again."""
        key = token_hash(token)
        known = self._sessions.get(key)
        if known is None or at - known.seen_at < SEEN_EVERY_FOR:
            return
        self._sessions[key] = replace(known, seen_at=at)
        sessions = schema.session
        change = sa.update(sessions).where(sessions.c.token_hash == key).values(seen_at=at)
        with contextlib.suppress(OSError):  # a full disk must not blind the board; memory knows
            await self._ledger.write(_run(change))

    async def close_session(self, token: str) -> None:
        key = token_hash(token)
        self._sessions.pop(key, None)
        end = sa.delete(schema.session).where(schema.session.c.token_hash == key)
        await self._ledger.write(_run(end))

    async def disable(self, account_id: str, at: Instant) -> None:
        """Nobody signs in with it any more and its sessions end with this call."""
        self._forget(account_id)
        accounts, sessions = schema.account, schema.session
        change = sa.update(accounts).where(accounts.c.id == account_id).values(disabled_at=at)
        end = sa.delete(sessions).where(sessions.c.account_id == account_id)
        await self._ledger.write(_run(change, end))
        self._forget(account_id)

    def _forget(self, account_id: str) -> None:
        self._sessions = {
            key: session for key, session in self._sessions.items() if session.account.id != account_id
        }

    async def _load(self, key: str) -> Session | None:
        sessions = schema.session
        query = (
            sa.select(
                schema.account,
                sessions.c.created_at.label("opened_at"),
                sessions.c.seen_at,
                sessions.c.expires_at,
            )
            .join_from(sessions, schema.account, sessions.c.account_id == schema.account.c.id)
            .where(sessions.c.token_hash == key, _enabled())
        )
        row = await self._ledger.read(lambda db: db.execute(query).mappings().first())
        if row is None:
            return None
        return Session(_account(row), row["opened_at"], row["seen_at"], row["expires_at"])

    async def _row(self, where: sa.ColumnElement[bool]) -> sa.RowMapping | None:
        query = sa.select(schema.account).where(where, _enabled())
        return await self._ledger.read(lambda db: db.execute(query).mappings().first())


def _run(*statements: sa.Executable) -> Callable[[sa.Connection], None]:
    """One transaction of statements whose results nobody needs."""

    def work(db: sa.Connection) -> None:
        for statement in statements:
            db.execute(statement)

    return work


def _enabled() -> sa.ColumnElement[bool]:
    return schema.account.c.disabled_at.is_(None)


def _link_query(token: str, at: Instant) -> sa.Select[tuple[object, ...]]:
    links = schema.sign_in_link
    return (
        sa.select(schema.account)
        .join_from(links, schema.account, links.c.account_id == schema.account.c.id)
        .where(links.c.token_hash == token_hash(token))
        .where(links.c.used_at.is_(None), links.c.expires_at > at, _enabled())
    )


def _account(row: sa.RowMapping) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        language=row["language"],
        has_password=bool(row["password_hash"]),
    )
