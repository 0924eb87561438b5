"""What must hold after a run: the outsiders' books against the files of the service (reliability I1-I8)."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.crashloop import Tally
from tests.support.street import COMMUNITY

OWN_ALARM = ("fire.smoke", "fire.heat")
OPEN = ("queued", "leased", "retrying")
REACHED = ("handed_off", "delivered", "seen")


@dataclass
class Reckoning:
    """Everything that is wrong, by promise; empty lists are the aim. The rest is for the report."""

    accepted: int = 0
    alarms: int = 0
    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # I1: held acknowledged, and not in log or incident
    doubled: list[str] = field(default_factory=list)  # I2: a home with more than one incident
    stale: list[str] = field(default_factory=list)  # the ledger's last level of a device is not its last word
    unfinished: list[str] = field(default_factory=list)  # I3: neither final nor open with a future time
    untold: list[str] = field(default_factory=list)  # handed off, says the ledger; the provider knows nothing
    unfounded: list[str] = field(default_factory=list)  # I4: a send without incident, trouble or plan
    duplicates: list[str] = field(default_factory=list)  # P6: one message under two keys
    forgotten: list[str] = field(default_factory=list)  # P13: a granted command without its effect
    damaged: list[str] = field(default_factory=list)  # I8
    incidents: int = 0
    requests: int = 0
    keys: int = 0
    commands: int = 0
    sounded: int = 0
    states: Counter[str] = field(default_factory=Counter)
    records: int = 0

    @property
    def repeated(self) -> int:
        """Requests that the provider had had before, under the same key: honoured once."""
        return self.requests - self.keys

    @property
    def wrong(self) -> dict[str, list[str]]:
        names = (
            "refused", "lost", "doubled", "stale", "unfinished", "untold",
            "unfounded", "duplicates", "forgotten", "damaged",
        )  # fmt: skip
        return {name: found[:5] for name in names if (found := getattr(self, name))}


def reckon(folder: Path, stopped_at: int) -> Reckoning:
    """`folder` is a crash loop's; the service must have been stopped at `stopped_at` (microseconds)."""
    data = folder / "site" / "data"
    found = Reckoning()
    found.damaged = [
        f"{path.name}: {said}" for path in _databases(data) if (said := _integrity(path)) != "ok"
    ]
    devices, provider = _lines(folder / "devices.jsonl"), _lines(folder / "provider.jsonl")
    with closing(sqlite3.connect(data / "ledger.db")) as ledger:
        ledger.row_factory = sqlite3.Row
        incidents = [json.loads(row["body"]) for row in ledger.execute("SELECT body FROM incident")]
        rows = ledger.execute("SELECT * FROM outbox").fetchall()
    _accepted(found, devices, incidents, _logged(found, data))
    _sends(found, rows, provider, {one["id"] for one in incidents}, stopped_at)
    _commands(found, _lines(folder / "people.jsonl"), {one["id"]: one for one in incidents})
    found.incidents = len(incidents)
    found.sounded = len(_lines(folder / "sounder.jsonl"))
    return found


def _accepted(
    found: Reckoning, devices: Sequence[dict[str, Any]], incidents: Sequence[dict[str, Any]], logged: set[str]
) -> None:
    levels: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    homes: Counter[str] = Counter()
    for one in incidents:
        homes[one["place_id"]] += 1
        for standing in one["standings"]:
            if standing["rule_id"] in OWN_ALARM:
                levels[standing["subject"]].append((one["id"], one["place_id"], str(standing["level"])))
    held = [line for line in devices if "holds" in line]
    found.refused = [line["holds"] for line in held if not line["ok"]]
    found.accepted = len(held) - len(found.refused)
    last = {line["device"]: line for line in held}
    for line in held:
        alarm = any(line["values"].values())
        found.alarms += alarm
        if line["holds"] not in logged or (alarm and line["device"] not in levels):
            found.lost.append(line["holds"])
    found.doubled = [home for home, number in homes.items() if number != 1]
    for device, line in last.items():
        says = "alarm" if any(line["values"].values()) else "clear"
        known = {_word(level) for _, _, level in levels[device]}
        if known != {says}:
            found.stale.append(f"{device} says {says}, known {known}")


def _word(level: str) -> str:
    return {"0": "clear", "3": "alarm"}.get(level, level)


def _sends(
    found: Reckoning,
    rows: Sequence[sqlite3.Row],
    provider: Sequence[dict[str, Any]],
    incidents: set[str],
    now: int,
) -> None:
    found.states = Counter(f"{row['channel']} {row['state']}" for row in rows)
    for row in rows:
        future = max(row["not_before_at"], row["leased_until"] or 0)
        if row["state"] in OPEN and not (now < future <= row["deadline_at"]):
            found.unfinished.append(f"{row['key']} {row['channel']} {row['state']}")
        if row["incident_id"] not in incidents and row["purpose"] != "trouble":
            found.unfounded.append(row["key"])
    keys = {line["key"] for line in provider}
    planned = {row["key"] for row in rows}
    found.unfounded += sorted(keys - planned)
    found.untold = [
        row["key"]
        for row in rows
        if row["channel"] == "webhook" and row["state"] in REACHED and row["key"] not in keys
    ]
    slots: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    meant: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for line in provider:
        slot = tuple(line["slot"])
        slots[slot].add(line["key"])
        meant[line["key"]].add((*slot, line["purpose"]))
    found.duplicates = [f"{slot}" for slot, under in slots.items() if len(under) > 1]
    found.duplicates += [key for key, texts in meant.items() if len(texts) > 1]
    found.requests, found.keys = len(provider), len(keys)


def _commands(
    found: Reckoning, people: Sequence[dict[str, Any]], incidents: dict[str, dict[str, Any]]
) -> None:
    """A command that was answered with 200 had its effect, and still has it."""
    granted = [line for line in people if line["status"] == 200]
    found.commands = len(granted)
    for line in granted:
        one = incidents.get(line["incident"])
        kept = one is not None and (
            (line["asked"] == "close" and one["stage"] == "closed")
            or (line["asked"] == "confirm" and one["confirmed_by"] is not None)
            or line["asked"] == "acknowledge"
        )
        if not kept:
            found.forgotten.append(f"{line['asked']} {line['incident']}")


def _logged(found: Reckoning, data: Path) -> set[str]:
    """Event ids that the log holds, read from its files and not by its code."""
    ids: set[str] = set()
    for path in sorted((data / "log").glob("*.db")):
        with closing(sqlite3.connect(path)) as segment:
            found.records += segment.execute("SELECT count(*) FROM record").fetchone()[0]
            query = "SELECT payload FROM record WHERE kind = 'message' AND topic LIKE ?"
            for (payload,) in segment.execute(query, (f"anmin/{COMMUNITY}/%/event",)):
                ids.add(json.loads(payload)["id"])
    return ids


def _databases(data: Path) -> Iterator[Path]:
    yield from (data / "ledger.db", data / "snapshot.db")
    yield from sorted((data / "log").glob("*.db"))


def _integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def figures(tally: Tally, found: Reckoning, verified: dict[str, Any]) -> str:
    """What a run showed, for people. With no failure in N trials at most 3/N fail, with 95 % confidence."""
    starts = sorted(tally.starts_s)
    busy = sum(number > 0 for number in tally.in_flight)
    lines = {
        "kills": f"{tally.kills} of the service, {tally.broker_kills} of the broker, {tally.stops} stops, "
        f"in {tally.seconds:.0f} s and {tally.settled_s:.0f} s to come to rest",
        "at named points": ", ".join(f"{name} {number}" for name, number in sorted(tally.named.items())),
        "at the kill": f"{sum(tally.in_flight) / max(1, len(tally.in_flight)):.0f} events and messages on "
        f"their way on average, some in {busy} of {len(tally.in_flight)}",
        "starts": f"median {starts[len(starts) // 2]:.1f} s, longest {starts[-1]:.1f} s",
        "accepted": f"{found.accepted} events, {found.alarms} of them alarms, {found.incidents} incidents, "
        f"{found.records} log records",
        "lost": f"{len(found.lost)} (at most {300 / max(1, tally.kills):.2g} % of kills lose something, "
        f"{300 / max(1, found.accepted):.2g} % of accepted events are lost: 3/N, 95 %)",
        "provider": f"{found.keys} messages, {found.repeated} requests repeated under the same key, "
        f"{len(found.duplicates)} duplicates",
        "sounder": f"{found.sounded} commands done",
        "operators": f"{found.commands} commands granted, {len(found.forgotten)} forgotten",
        "outbox": ", ".join(f"{state} {number}" for state, number in sorted(found.states.items())),
        "replay": ", ".join(f"{name} {number}" for name, number in verified.items() if name != "shown"),
        "wrong": str(found.wrong or "nothing"),
    }
    return "\n".join(f"{name:>16}: {text}" for name, text in lines.items())
