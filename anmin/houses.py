"""Which inventory and rules were in force when: versions in the log, their bodies in the ledger.

A replay uses what was in force at the time, so that a changed rule cannot change the past.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from anmin.backends.ledger import Ledger
from anmin.backends.schema import community, rulebook
from anmin.canon import canonical, from_canonical
from anmin.house import House, Terms
from devices.instant import Instant
from ingest.message import Record, RecordKind
from ingest.ports import Entry
from rules.spec import RuleSet, merge, parse


class VersionMissing(LookupError):
    """The log names a version whose body the ledger does not hold."""

    def __init__(self, what: str, version: str) -> None:
        super().__init__(what, version)
        self.what = what
        self.version = version

    def __str__(self) -> str:
        return (
            f"the ledger does not hold {self.what} version {self.version} that the log names: "
            "restore log and ledger from the same backup"
        )


def rules_of(body: str) -> RuleSet:
    """The rules of a stored body: the plain data of every document, in order."""
    merged, _ = merge(parse(data)[0] for data in json.loads(body))
    return merged


def build(inventory_body: str, rules_body: str, terms: Terms) -> House:
    """A house from its bodies."""
    return House(from_canonical(inventory_body), rules_of(rules_body), terms)


def signature(house: House) -> str:
    """What a VERSION record and a snapshot say of a house: versions by name, the terms in full."""
    named = {
        "inventory": house.inventory.version,
        "rules": house.rules.version,
        "terms": asdict(house.terms),
    }
    return json.dumps(named)


def entry(house: House, by: str = "") -> Entry:
    """The record that puts a house in force; `by` is who wanted it, where somebody did."""
    said = json.loads(signature(house)) | ({"by": by} if by else {})
    return Entry(RecordKind.VERSION, "anmin", "version", json.dumps(said).encode())


async def named(ledger: Ledger, text: str | bytes) -> House:
    """The house that a signature names. Raises VersionMissing."""
    said = json.loads(text)
    terms = said["terms"]
    terms |= {name: tuple(terms[name]) for name in ("tiers", "partners", "automatic") if name in terms}
    inventory = await _body(ledger, community, "community", said["inventory"])
    rules = await rules_body(ledger, said["rules"])
    return build(inventory, rules, Terms(**terms))


async def of_record(ledger: Ledger, record: Record) -> House | None:
    """The house that a VERSION record puts in force; None of other records."""
    return await named(ledger, record.payload) if record.kind is RecordKind.VERSION else None


async def keep(ledger: Ledger, house: House, rules_body: str, at: Instant) -> None:
    """Store the bodies of a house before the log may name it."""
    await put_community(ledger, house.inventory.version, canonical(house.inventory), at)
    await keep_rules(ledger, house.rules.version, rules_body, at)


async def keep_rules(ledger: Ledger, version: str, body: str, at: Instant) -> None:
    """Store a body of rules, whether it is in force or not."""

    def write(connection: Connection) -> None:
        insert = _insert(connection, rulebook).values({"version": version, "at": at, "body": body})
        connection.execute(insert.on_conflict_do_nothing(index_elements=["version"]))

    await ledger.write(write)


async def rules_body(ledger: Ledger, version: str) -> str:
    """Raises VersionMissing."""
    return await _body(ledger, rulebook, "rules", version)


async def put_community(ledger: Ledger, version: str, body: str, at: Instant) -> None:
    """Make a community the active one: in force from the next start."""

    def write(connection: Connection) -> None:
        connection.execute(update(community).values(active=False))
        row = {"version": version, "at": at, "body": body, "active": True}
        insert = _insert(connection, community).values(row)
        connection.execute(insert.on_conflict_do_update(index_elements=["version"], set_={"active": True}))

    await ledger.write(write)


def _insert(connection: Connection, table: Table) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; both spell it alike and share no type."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


async def active_community(ledger: Ledger) -> str | None:
    """The canonical text of the community in force, None before the first import."""
    query = select(community.c.body).where(community.c.active)
    return await ledger.read(lambda connection: connection.execute(query).scalar())


async def _body(ledger: Ledger, table: Table, what: str, version: str) -> str:
    query = select(table.c.body).where(table.c.version == version)
    found: str | None = await ledger.read(lambda connection: connection.execute(query).scalar())
    if found is None:
        raise VersionMissing(what, version)
    return found
