"""A web application on a fake pipeline and an in-memory ledger, and a client that behaves like a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

import aiohttp
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy.pool import StaticPool

from alerts.broadcasts.delivery import State
from alerts.incidents.command import Answer, Done
from anmin.accounts import Account, Accounts, Role
from anmin.backends import schema
from anmin.backends.projection import RejectRow
from anmin.codec import AnyCommand
from anmin.view import Health, View
from anmin.web.app import PresenceBook, WebDeps, application
from devices.instant import Instant
from ingest.message import Record, RecordKind
from rules.engine import Engine
from tests.support.clerk import Clerk
from tests.support.rulebook import pack
from tests.support.web_view import NOW, view

T = TypeVar("T")
PASSWORD = "correct horse battery"


class MemoryLedger:
    """The accounts' tables in a SQLite memory database."""

    def __init__(self) -> None:
        self._engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        tables = [schema.account, schema.session, schema.sign_in_link]
        schema.metadata.create_all(self._engine, tables=tables)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        await asyncio.sleep(0)
        with self._engine.begin() as connection:
            return work(connection)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        return await self.write(work)


class FakeRejects:
    """Rejected messages by number, and which of them were put through again."""

    def __init__(self) -> None:
        self.rows: dict[int, RejectRow] = {}
        self.replayed: list[int] = []

    async def list(self, limit: int, before: int | None = None) -> list[RejectRow]:
        newest = sorted(self.rows, reverse=True)
        return [self.rows[number] for number in newest if before is None or number < before][:limit]

    async def show(self, sequence: int) -> RejectRow | None:
        return self.rows.get(sequence)

    async def replay(self, sequence: int) -> Record | None:
        row = self.rows.get(sequence)
        if row is None:
            return None
        self.replayed.append(sequence)
        return Record(sequence + 100, NOW, RecordKind.MESSAGE, row.source, row.topic, row.payload)


def quick_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class World:
    """What the web was given, to change and to look into."""

    view: View
    accounts: Accounts
    deps: WebDeps
    client: TestClient  # type: ignore[type-arg]  # its parameters are aiohttp's own
    clock: list[Instant]
    asked: list[AnyCommand] = field(default_factory=list)
    answers: list[Answer | Exception] = field(default_factory=list)
    received: list[tuple[str, State]] = field(default_factory=list)
    rejects: FakeRejects = field(default_factory=FakeRejects)
    health: list[Health] = field(default_factory=list)

    @property
    def origin(self) -> dict[str, str]:
        return {"Origin": str(self.client.make_url("/")).rstrip("/")}

    async def account(self, name: str, role: Role, responder_id: str | None = None) -> Account:
        account = await self.accounts.create(name, role, "zh", NOW, responder_id=responder_id)
        await self.accounts.set_password(account, PASSWORD)
        return account

    async def signed_in(self, role: Role = Role.OPERATOR, responder_id: str = "wang") -> dict[str, str]:
        """Headers of somebody who is signed in, as a browser on this machine would send them."""
        account = await self.account(f"{role}-{responder_id}", role, responder_id)
        token = await self.accounts.open_session(account, self.clock[0])
        return {"Cookie": f"__Host-anmin={token}", **self.origin}


@asynccontextmanager
async def world(**changes: object) -> AsyncIterator[World]:
    """`changes` replace fields of WebDeps."""
    shown = view()
    clock = [NOW]
    made: list[World] = []

    async def ask(command: AnyCommand) -> Answer:
        made[0].asked.append(command)
        about = getattr(command, "incident_id", "")
        answer = made[0].answers.pop(0) if made[0].answers else Done(about, "active")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def receipts(key: str, state: State) -> bool:
        made[0].received.append((key, state))
        return key != "unknown"

    rejects = FakeRejects()
    accounts = Accounts(MemoryLedger(), quick_hasher())
    deps = WebDeps(
        view=shown,
        ask=ask,
        accounts=accounts,
        now=lambda: clock[0],
        metrics=lambda: b"anmin_up 1\n",
        ready=lambda: tuple(made[0].health),
        receipts=receipts,
        rejects=rejects,
        crew_present=PresenceBook(),
        secret=b"s" * 32,
        registrar=Clerk(shown),
        standing=lambda device, last: Engine(pack(), shown.inventory).accounts(device, last),
    )
    deps = replace(deps, **changes)  # type: ignore[arg-type]  # the tests name real fields
    # no memory for cookies: every test says which ones are sent
    jar = aiohttp.DummyCookieJar()
    async with TestClient(TestServer(application(deps)), cookie_jar=jar) as client:
        made.append(World(shown, accounts, deps, client, clock, rejects=rejects))
        yield made[0]
