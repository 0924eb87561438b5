"""What the web is given and nothing else: no database, no pipeline, no settings tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from aiohttp import web

from alerts.broadcasts.delivery import State
from alerts.incidents.command import Answer
from anmin.accounts import Accounts
from anmin.backends.projection import RejectRow
from anmin.codec import AnyCommand
from anmin.history.ports import HistoryStore
from anmin.registrar import Registrar
from anmin.rule_keeper import RuleKeeper
from anmin.view import Health, View
from anmin.web.presence import PresenceBook
from anmin.why import Asked
from devices.instant import HOUR, Instant, Micros
from ingest.message import Record
from rules.account import Account
from rules.judge import Last

Ask: TypeAlias = Callable[[AnyCommand], Awaitable[Answer]]
"""Records the command; answers after the ledger's commit."""
TakeReceipt: TypeAlias = Callable[[str, State], Awaitable[bool]]
"""Records what a provider says of the send with that key; False when no such send is known."""


class RejectKeeper(Protocol):
    """What was not understood: listed, shown, put through again (anmin.rejects)."""

    async def list(self, limit: int, before: int | None = None) -> list[RejectRow]: ...
    async def show(self, sequence: int) -> RejectRow | None: ...
    async def replay(self, sequence: int) -> Record | None: ...


class PushKeeper(Protocol):
    """Whose pushes are believed, and the log that they go into (anmin.pushes)."""

    def secrets(self, platform: str) -> tuple[str, ...]: ...
    async def take(self, platform: str, device: str, payload: bytes) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """`secret` (32 bytes or more) signs household tokens and device cookies. Empty tokens switch a door off.

    `host` is where it listens, `public_url` what people type; `trusted_origins` are further origins
    (`https://example.org`) a proxy serves it under. `webhook_secrets` are the raw bytes behind `whsec_…`.
    `channels` are the ways out that are open.
    """

    view: View
    ask: Ask
    accounts: Accounts
    now: Callable[[], Instant]
    metrics: Callable[[], bytes]
    ready: Callable[[], tuple[Health, ...]]
    receipts: TakeReceipt
    rejects: RejectKeeper
    history: HistoryStore | None = None
    registrar: Registrar | None = None
    rules: RuleKeeper | None = None
    why: Asked | None = None
    standing: Callable[[str, Last], tuple[Account, ...]] | None = None
    shadow: Callable[[], dict[str, Any]] | None = None
    channels: frozenset[str] = frozenset()
    push: PushKeeper | None = None
    crew_present: PresenceBook
    secret: bytes
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    trusted_origins: tuple[str, ...] = ()
    metrics_token: str = ""
    api_token: str = ""
    webhook_secrets: tuple[bytes, ...] = ()
    language: str = "zh"
    utc_offset_for: Micros = 8 * HOUR


DEPS = web.AppKey("deps", WebDeps)


def deps_of(request: web.Request) -> WebDeps:
    return request.config_dict[DEPS]
