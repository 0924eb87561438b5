"""Rules on trial: a second engine hears what the live one hears, tells nobody, and notes where they differ.

It stands behind the pipeline: what it does costs no alarm anything but time after it was handed on, and a
fault of its own ends it alone. It begins with every start knowing nothing, as new rules would.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import structlog

from anmin.monitor import Effects
from devices.instant import MINUTE, SECOND, Instant, Micros, rfc3339
from devices.inventory import Inventory
from devices.level import Level
from rules.engine import Engine
from rules.spec import RuleSet
from rules.verdict import Transition

log = structlog.get_logger("anmin.shadow")

Side: TypeAlias = Literal["live", "shadow"]
_Key: TypeAlias = tuple[str, str, Level]

APART_FOR: Final[Micros] = 10 * MINUTE
"""Two alerts of one hazard, place and level within this time are the same one."""
SHOWN: Final = 500
FILE_CAP: Final = 16 * 1024 * 1024


class Rise(NamedTuple):
    """An alert of one side: live or shadow."""

    side: Side
    at: Instant
    edge: Transition

    @property
    def key(self) -> _Key:
        return self.edge.hazard.value, self.edge.place_id, self.edge.after


class Shadow:
    """`take` what the pipeline has handled, in its order. Nothing here raises."""

    def __init__(self, rules: RuleSet, inventory: Callable[[], Inventory], file: Path) -> None:
        self._rules = rules
        self._inventory = inventory
        self._known = inventory()
        self._engine = Engine(rules, self._known)
        self._file = file
        self._waiting: dict[_Key, deque[Rise]] = {}
        self._since: Instant = 0
        self._readings = 0
        self._counts: Counter[str] = Counter()
        self._later: list[Micros] = []
        self._differences: deque[dict[str, Any]] = deque(_read(file), SHOWN)
        self.problem = ""

    def take(self, batch: Iterable[Effects]) -> None:
        if self.problem:
            return
        try:
            for effects in batch:
                self._hear(effects)
        except Exception as error:  # rules on trial must not stop those that watch
            self.problem = repr(error)
            log.exception("shadow_ended")

    def _hear(self, effects: Effects) -> None:
        now = effects.record.at
        self._since = self._since or now
        known = self._inventory()
        if known.version != self._known.version:
            self._known = known
            self._engine.adopt(self._rules, known)
        edges: list[Transition] = list(self._engine.tick(now))
        for heard in effects.heard:
            if not heard.unknown:
                for reading in heard.readings:
                    self._readings += 1
                    edges += self._engine.handle(reading)
        self._engine.drain()
        both: tuple[tuple[Side, list[Transition]], ...] = (("live", effects.edges), ("shadow", edges))
        for side, said in both:
            for edge in said:
                if edge.rises and not edge.test:
                    self._rose(Rise(side, edge.at, edge))
        self._expire(now)

    def _rose(self, rise: Rise) -> None:
        waiting = self._waiting.setdefault(rise.key, deque())
        if waiting and waiting[0].side != rise.side:
            other = waiting.popleft()
            self._counts["both"] += 1
            self._later.append(rise.at - other.at if rise.side == "shadow" else other.at - rise.at)
            del self._later[:-SHOWN]
        elif not (waiting and waiting[-1].edge.rule_id == rise.edge.rule_id):
            waiting.append(rise)

    def _expire(self, now: Instant) -> None:
        """Whom nobody answered in time stood alone."""
        for key, waiting in list(self._waiting.items()):
            while waiting and waiting[0].at < now - APART_FOR:
                self._alone(waiting.popleft())
            if not waiting:
                del self._waiting[key]

    def _alone(self, rise: Rise) -> None:
        self._counts[rise.side] += 1
        edge = rise.edge
        said = {
            "only": rise.side,
            "at": rfc3339(rise.at),
            "rule": edge.rule_id,
            "version": edge.rule_version,
            "hazard": edge.hazard.value,
            "of": edge.subject,
            "place": edge.place_id,
            "level": edge.after.word,
            "evidence": [one._asdict() | {"at": rfc3339(one.at)} for one in edge.evidence],
        }
        self._differences.append(said)
        _append(self._file, said)

    def body(self) -> dict[str, Any]:
        """How the two compare since the start; the differences also from before, newest last."""
        later = sorted(self._later)
        return {
            "rules": self._rules.version,
            "since": rfc3339(self._since) if self._since else None,
            "readings": self._readings,
            "both": self._counts["both"],
            "only_live": self._counts["live"],
            "only_shadow": self._counts["shadow"],
            "shadow_later_median_s": later[len(later) // 2] / SECOND if later else None,
            "undecided": sum(map(len, self._waiting.values())),
            "problem": self.problem,
            "differences": list(self._differences),
        }


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        lines = file.read_text("utf-8").splitlines()[-SHOWN:]
        return [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return []


def _append(file: Path, said: dict[str, Any]) -> None:
    """The list in memory is what is shown; the file only carries it over a restart."""
    try:
        if file.exists() and file.stat().st_size > FILE_CAP:
            file.replace(file.with_suffix(".old"))
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(said, ensure_ascii=False) + "\n")
    except OSError as error:
        log.warning("shadow_not_kept", error=str(error))


def lines(said: dict[str, Any], language: str) -> Sequence[str]:
    """For people."""
    zh = language == "zh"
    counts = "两边都报 {both}，仅现行 {only_live}，仅影子 {only_shadow}"
    head = "影子规则 {rules}，自 {since}：读数 {readings}，" + counts
    if not zh:
        counts = "both alert {both}, only live {only_live}, only shadow {only_shadow}"
        head = "shadow rules {rules} since {since}: {readings} readings; " + counts
    found = [head.format(**said)]
    if said["problem"]:
        found.append(("影子已停止：" if zh else "the shadow has ended: ") + said["problem"])
    for one in said["differences"]:
        side = {"live": "仅现行", "shadow": "仅影子"}[one["only"]] if zh else f"only {one['only']}"
        found.append(f"{one['at']}  {side}  {one['level']}  {one['rule']}  {one['of']}")
    return found
