"""Opens what the settings name to keep things in: the ledger, the history; files of ours, or a server's."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from anmin.backends.disk import Reserve, sync_folder
from anmin.backends.ledger import Ledger, LedgerBroken, engine_of
from anmin.backends.migrate import look
from anmin.backends.postgres import Server
from anmin.backends.projection import keep_cursor
from anmin.backends.unusable import place_of, refused
from anmin.folder import DataFolder
from anmin.historian import NAME, Historian
from anmin.history.choose import store_of
from anmin.history.ports import HistoryStore
from anmin.settings import Settings
from devices.instant import Instant

CHECK_WITHIN_S = 3.0


def open_ledger(
    settings: Settings,
    folder: DataFolder,
    *,
    at: Instant,
    broken: Callable[[LedgerBroken], None],
    reserve: Reserve | None = None,
    pauses: tuple[float, ...] = (),
) -> Ledger:
    """Migrated and held by us. `pauses`: seconds between tries while a server does not answer.

    Raises LedgerUnusable, ServerAway, SchemaTooNew, OSError (the secret's file cannot be read).
    """
    url = settings.ledger.reveal("url")
    return Ledger.open(
        url or folder.ledger_url,
        at=at,
        broken=broken,
        backups=folder.backups,
        reserve=reserve,
        upgrade_from=settings.ledger.upgrade_from,
        site=_name_of(folder.root / "site") if url else "",
        pauses=pauses,
    )


def history_store(settings: Settings, folder: DataFolder, now: Callable[[], Instant]) -> HistoryStore:
    """The store that the settings name."""
    wanted = settings.history
    return store_of(
        folder.room("history"),
        now,
        url=wanted.url,
        mode=wanted.mode,
        bucket=wanted.bucket,
        org=wanted.org,
        token=wanted.reveal("token") or "",
        ca=str(wanted.ca_file or ""),
    )


def open_history(
    settings: Settings, folder: DataFolder, ledger: Ledger, now: Callable[[], Instant]
) -> tuple[HistoryStore | None, Historian | None]:
    """Where readings are kept, and who brings them there; neither where the settings want none."""
    if not settings.history.enabled:
        return None, None
    store = history_store(settings, folder, now)

    async def note(sequence: int) -> None:
        await ledger.write(lambda connection: keep_cursor(connection, NAME, sequence))

    return store, Historian(folder.root / "history-spool.db", store, note)


def _name_of(path: Path) -> str:
    """A name of the data directory's own, made at its first use: it goes with its log wherever that goes."""
    if not path.exists():
        half = path.with_suffix(".new")
        with half.open("w") as file:
            file.write(secrets.token_hex(16))
            file.flush()
            os.fsync(file.fileno())
        half.rename(path)
        sync_folder(path.parent)
    return path.read_text()


def check_history(settings: Settings) -> str:
    """What keeps the server that [history] names from taking a write, and what to do; empty when nothing.

    That it answers is not enough: one sample of our own (`anmin_ready`) is written. Raises OSError for files.
    """
    wanted = settings.history
    if not wanted.enabled or not wanted.url:
        return ""
    from anmin.history.influx_store import InfluxHistory, InfluxTarget  # half a second, for those who need it

    token, ca = wanted.reveal("token") or "", str(wanted.ca_file or "")
    target = InfluxTarget(wanted.url, wanted.bucket, wanted.mode, wanted.org, token, ca)
    return InfluxHistory(target, lambda: 0, CHECK_WITHIN_S).probe()


def check_server(settings: Settings) -> None:
    """Whether `open_ledger` would take the server that the settings name, if any. Changes nothing.

    Raises LedgerUnusable, ServerAway, SchemaTooNew; not for a ledger that another holds.
    """
    if not (url := settings.ledger.reveal("url")):
        return
    engine = engine_of(url)
    Server(engine).check()
    try:
        look(engine, settings.ledger.upgrade_from)
    except DBAPIError as error:
        raise refused(error, place_of(engine.url)) from error
