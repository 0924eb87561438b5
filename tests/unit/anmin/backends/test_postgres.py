"""A ledger on a real PostgreSQL: who may hold it, what is refused, what becomes of work when it goes away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import Connection, insert, select, text

from anmin.backends.ledger import Ledger, LedgerBroken
from anmin.backends.postgres import OWNER, SITE
from anmin.backends.schema import meta
from anmin.backends.unusable import LedgerUnusable, ServerAway
from tests.support.harness import until
from tests.support.ledger import opened
from tests.support.mosquitto import free_port
from tests.support.postgres import PASSWORD, Postgres, running
from tests.support.services import ROOT

QUICK = (0.05,) * 40


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that may be stopped and killed."""
    with running() as server:
        yield server


def refusal(url: str, kind: type[LedgerUnusable] = LedgerUnusable) -> LedgerUnusable:
    """Why it cannot be opened; the password is in none of what is said."""
    with pytest.raises(kind) as caught:
        Ledger.open(url, at=0, broken=lambda _: None)
    for said in (str(caught.value), caught.value.zh):
        assert PASSWORD not in said
        assert "\n" not in said
    return caught.value


def noted(key: str) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        connection.execute(insert(meta), {"key": key, "value": "yes"})

    return work


def shown(setting: str, connection: Connection) -> object:
    return connection.execute(text(f"SHOW {setting}")).scalar()


async def notes(ledger: Ledger) -> list[str]:
    query = select(meta.c.key).where(meta.c.key.not_in((OWNER, SITE))).order_by(meta.c.key)
    return await ledger.read(lambda c: list(c.execute(query).scalars()))


# Who may hold it --------------------------------------------------------------------------------------------


async def test_a_ledger_has_one_service_and_is_free_when_that_has_ended(postgres: Postgres) -> None:
    url = postgres.url()
    async with opened(url) as ledger:
        why = refusal(url)
        assert "another Anmin holds this ledger (session " in str(why)
        assert "of the server, from 127.0.0.1); stop that one first" in str(why)
        assert "请先停止它" in why.zh
        await ledger.write(noted("first"))
    async with opened(url) as ledger:
        assert await notes(ledger) == ["first"]


def test_the_lock_of_a_killed_service_is_free_at_once(postgres: Postgres) -> None:
    url = postgres.url()
    command = [sys.executable, "-m", "tests.support.ledger_child", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        refusal(url)
        child.kill()
    began = time.monotonic()
    ledger = Ledger.open(url, at=0, broken=lambda _: None, pauses=QUICK)
    assert time.monotonic() - began < 2
    asyncio.run(ledger.close())


async def test_two_databases_of_one_server_are_two_ledgers(postgres: Postgres) -> None:
    async with opened(postgres.url()) as one, opened(postgres.url()) as other:
        await one.write(noted("a"))
        assert await notes(other) == []


# What is refused --------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_named_with_what_to_do() -> None:
    port = free_port()
    why = refusal(f"postgresql://anmin:{PASSWORD}@127.0.0.1:{port}/a", ServerAway)
    assert str(why).startswith(f"postgresql://127.0.0.1:{port}/a: the ledger's server does not answer: ")
    assert "start PostgreSQL" in str(why)
    assert "请启动 PostgreSQL" in why.zh


def test_a_wrong_password_is_refused_at_once(postgres: Postgres) -> None:
    began = time.monotonic()
    url = postgres.url(password="guessed-word")
    with pytest.raises(LedgerUnusable, match="correct the user and the password") as caught:
        Ledger.open(url, at=0, broken=lambda _: None, pauses=(5.0,))
    assert not isinstance(caught.value, ServerAway)
    assert "guessed-word" not in str(caught.value)
    assert time.monotonic() - began < 4


def test_a_database_that_is_not_there_is_refused(postgres: Postgres) -> None:
    assert "make role and database" in str(refusal(postgres.url("nowhere")))


def test_a_database_of_somebody_else_is_refused_and_left_alone(postgres: Postgres) -> None:
    name = postgres.database()
    postgres.admin("CREATE TABLE theirs (x int)", database=name)
    why = refusal(postgres.url(name))
    assert "not empty and no ledger of Anmin (tables: theirs)" in str(why)
    postgres.admin("CREATE TABLE alembic_version (version_num text)", database=name)
    postgres.admin("INSERT INTO alembic_version VALUES ('8f2a')", database=name)
    postgres.admin("ALTER TABLE alembic_version OWNER TO anmin", database=name)
    assert "no ledger of Anmin" in str(refusal(postgres.url(name)))
    tables = postgres.admin("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=name)
    assert sorted(tables) == [("alembic_version",), ("theirs",)]


def test_a_role_that_may_make_no_tables_is_refused(postgres: Postgres) -> None:
    name = postgres.database()
    postgres.admin(f"ALTER DATABASE {name} OWNER TO postgres", database=name)
    postgres.admin("REVOKE ALL ON SCHEMA public FROM public, anmin", database=name)
    assert "owner of the database" in str(refusal(postgres.url(name)))


def test_a_database_that_cannot_hold_every_character_is_refused(postgres: Postgres) -> None:
    name = postgres.database("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    assert "encoded as LATIN1; make one with ENCODING 'UTF8'" in str(refusal(postgres.url(name)))


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_damage_the_ledger_is_refused(setting: str, own: Postgres) -> None:
    own.stop()
    own.start(**{setting: "off"})
    try:
        why = refusal(own.url())
    finally:
        own.stop()
        own.start()
    assert f"{setting} is off" in str(why)
    assert f"set {setting} = on in postgresql.conf" in str(why)


async def test_defaults_that_a_ledger_cannot_live_with_are_overruled(postgres: Postgres) -> None:
    name = postgres.database()
    for setting in (
        "synchronous_commit = off",
        "statement_timeout = 900",
        "default_transaction_read_only = on",
    ):
        postgres.admin(f"ALTER DATABASE {name} SET {setting}")
    async with opened(postgres.url(name)) as ledger:
        for setting, value in (("synchronous_commit", "on"), ("statement_timeout", "0")):
            assert await ledger.read(partial(shown, setting)) == value
        await ledger.write(noted("written"))


async def test_a_nul_in_a_text_becomes_a_mark(postgres: Postgres) -> None:
    """A device may send one; PostgreSQL has none, and must not stop the pipeline for it."""
    async with opened(postgres.url()) as ledger:
        await ledger.write(noted("a\0b"))
        assert await notes(ledger) == ["a\ufffdb"]


# The server goes away ---------------------------------------------------------------------------------------


def test_a_start_waits_for_a_server_that_comes_up(own: Postgres) -> None:
    url = own.url()
    own.stop()
    with ThreadPoolExecutor(1) as elsewhere:  # the server is started from here, for it dies with its thread
        opening = elsewhere.submit(Ledger.open, url, at=0, broken=lambda _: None, pauses=(0.1,) * 50)
        time.sleep(0.5)
        assert not opening.done()
        own.start()
        asyncio.run(opening.result().close())


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_work_waits_while_the_server_is_away_and_is_done_once(how: str, own: Postgres) -> None:
    broken: list[LedgerBroken] = []
    async with opened(own.url(), broken) as ledger:
        await ledger.write(noted("before"))
        getattr(own, how)()
        waiting = [asyncio.create_task(ledger.write(noted(name))) for name in ("a", "b")]
        await until(lambda: bool(ledger.away))
        assert not any(task.done() for task in waiting)
        own.start()
        await asyncio.gather(*waiting)
        assert ledger.away == ""
        assert await notes(ledger) == ["a", "b", "before"]
        refusal(ledger_url(ledger))  # the lock is ours again
    assert broken == []


async def test_an_idle_ledger_notices_that_the_server_is_away(
    own: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anmin.backends.ledger._PING_S", 0.05)
    async with opened(own.url()) as ledger:
        own.stop()
        await until(lambda: bool(ledger.away))
        own.start()
        await until(lambda: not ledger.away)


async def test_work_that_lost_its_connection_before_the_commit_is_done_again(postgres: Postgres) -> None:
    runs: list[int] = []

    def loses_it_once(connection: Connection) -> str:
        runs.append(1)
        noted("kept")(connection)
        if len(runs) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "written"

    async with opened(postgres.url()) as ledger:
        assert await ledger.write(loses_it_once) == "written"
        assert await notes(ledger) == ["kept"]
    assert len(runs) == 2


async def test_work_that_always_loses_its_connection_is_not_repeated_for_ever(postgres: Postgres) -> None:
    runs: list[int] = []

    def loses_it(connection: Connection) -> None:
        runs.append(1)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    broken: list[LedgerBroken] = []
    async with opened(postgres.url(), broken) as ledger:
        with pytest.raises(LedgerBroken):
            await ledger.write(loses_it)
    assert len(broken) == 1
    assert len(runs) < 10


AT_COMMIT = """
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON meta DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.key = 'fatal') EXECUTE FUNCTION die()"""


async def test_a_commit_without_an_answer_is_not_taken_for_done_and_not_repeated(postgres: Postgres) -> None:
    name = postgres.database()
    broken: list[LedgerBroken] = []
    async with opened(postgres.url(name), broken) as ledger:
        await ledger.write(noted("before"))
        postgres.admin(AT_COMMIT, database=name)
        with pytest.raises(LedgerBroken, match="the ledger failed") as caught:
            await ledger.write(noted("fatal"))
        assert PASSWORD not in str(caught.value)
        with pytest.raises(LedgerBroken):
            await ledger.write(noted("after"))
    assert len(broken) == 1
    async with opened(postgres.url(name)) as ledger:
        assert await notes(ledger) == ["before"]


async def test_a_database_that_somebody_else_used_meanwhile_is_not_gone_on_with(postgres: Postgres) -> None:
    name = postgres.database()
    broken: list[LedgerBroken] = []
    async with opened(postgres.url(name), broken) as ledger:
        postgres.admin("UPDATE meta SET value = 'another' WHERE key = 'owner'", database=name)
        postgres.admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(LedgerBroken, match="not as we left it"):
            await ledger.write(noted("after"))
    assert len(broken) == 1


async def test_a_cancellation_meant_for_another_is_survived(postgres: Postgres) -> None:
    runs: list[int] = []

    def cancelled_once(connection: Connection) -> None:
        runs.append(1)
        if len(runs) == 1:
            connection.execute(text("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"))
        noted("kept")(connection)

    async with opened(postgres.url()) as ledger:
        await ledger.write(cancelled_once)
        assert await notes(ledger) == ["kept"]


def ledger_url(ledger: Ledger) -> str:
    return ledger._engine.url.render_as_string(hide_password=False)
