"""Many scenarios with many seeds, on every core: what they come to, and whether that is worse than before."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

from anmin.rehearsal import Rehearsal
from anmin.scenarios import Named
from simulator.score import COUNTED, Score, per_thousand, quantiles

FORBIDDEN: Final = ("missed", "late", "duplicate", "historic", "leaked", "broken")
"""What may never be; false alarms are held against a baseline."""
SLACK_S: Final = 1.0
SLACK_SHARE: Final = 0.02
_KEPT: Final = 20
"""Cases that are told of one scenario; the rest is counted."""

Out = Callable[[str], None]


class Played(NamedTuple):
    """One scenario with one seed."""

    name: str
    seed: int
    score: Score
    cpu_s: float
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """All seeds of one scenario, or of all of them."""

    played: tuple[Played, ...]

    @property
    def counts(self) -> dict[str, int]:
        found = sum((Counter(one.score.counts) for one in self.played), Counter[str]())
        return {kind: found[kind] for kind in COUNTED}

    @property
    def clean(self) -> bool:
        return not any(self.counts[kind] for kind in FORBIDDEN)

    def as_json(self, *, cases: bool = True) -> dict[str, Any]:
        scores = [one.score for one in self.played]
        days = sum(score.device_days for score in scores)
        found = [
            f"seed {one.seed}: {case.kind} {case.text}" for one in self.played for case in one.score.cases
        ]
        return {
            **self.counts,
            "runs": len(self.played),
            "delay_s": quantiles([delay for score in scores for delay in score.delays_s]),
            "answer_s": quantiles([delay for score in scores for delay in score.answers_s]),
            "false_per_1000_device_days": per_thousand(self.counts["false"], days),
            "device_days": round(days, 1),
            "cpu_s_max": round(max((one.cpu_s for one in self.played), default=0.0), 2),
            **({"cases": found[:_KEPT], "more_cases": max(0, len(found) - _KEPT)} if cases else {}),
        }


@dataclass(frozen=True, slots=True)
class Result:
    """By scenario, in the order of their names."""

    scenarios: Mapping[str, Tally]

    @property
    def total(self) -> Tally:
        return Tally(tuple(one for tally in self.scenarios.values() for one in tally.played))

    def as_json(self) -> dict[str, Any]:
        return {
            "total": self.total.as_json(cases=False),
            "scenarios": {name: tally.as_json() for name, tally in self.scenarios.items()},
        }


def play(named: Named, seed: int) -> Played:
    """One run, in this process. Raises Nowhere when the script names what its town has not."""
    began = time.process_time()
    rehearsal = Rehearsal(named.script, str(seed))
    score = rehearsal.run()
    return Played(named.name, seed, score, time.process_time() - began, rehearsal.digest)


def play_all(
    scenarios: Sequence[Named], seeds: Sequence[int], *, jobs: int = 0, out: Out = lambda line: None
) -> Result:
    """Every scenario with every seed. `jobs`: processes (0: one per core); `out` gets the progress."""
    wanted = [(named, seed) for named in scenarios for seed in seeds]
    jobs = jobs or os.cpu_count() or 1
    found: dict[str, list[Played]] = {named.name: [] for named in scenarios}
    with ProcessPoolExecutor(min(jobs, len(wanted)) or 1, get_context("spawn")) as pool:
        runs = pool.map(play, *zip(*wanted, strict=True), chunksize=max(1, min(8, len(wanted) // 64)))
        for count, one in enumerate(runs, 1):
            found[one.name].append(one)
            if one.seed == seeds[-1]:
                out(f"{count}/{len(wanted)} {one.name}")
    return Result({name: Tally(tuple(played)) for name, played in found.items()})


# Against what it was ----------------------------------------------------------------------------------------


def baseline(result: Result, seeds: str) -> str:
    """What is kept of a result, as the text of a file."""
    kept = {
        name: {"false": tally.counts["false"], "delay_s": tally.as_json()["delay_s"]}
        for name, tally in result.scenarios.items()
    }
    return json.dumps({"seeds": seeds, "scenarios": kept}, indent=1) + "\n"


def worse(result: Result, text: str) -> list[str]:
    """Where it is worse than a baseline of the same seeds: more false alarms, or later."""
    before: Mapping[str, Any] = json.loads(text)["scenarios"]
    return [
        line
        for name, tally in result.scenarios.items()
        for line in _worse(name, tally.as_json(), before.get(name))
    ]


def _worse(name: str, now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterable[str]:
    if before is None:
        yield f"{name}: not in the baseline; write it again"
        return
    if now["false"] > before["false"]:
        yield f"{name}: {now['false']} false alarms, {before['false']} before"
    for share in ("p50", "p90"):
        was, is_now = before["delay_s"][share], now["delay_s"][share]
        if was is not None and is_now is not None and is_now > was * (1 + SLACK_SHARE) + SLACK_S:
            yield f"{name}: alarm {is_now:g} s after the begin ({share}), {was:g} s before"


# For people -------------------------------------------------------------------------------------------------

_HEADS: Final = {
    "zh": ("场景", "漏报", "迟报", "误报", "重复", "旧事", "演练外泄", "不符", "延迟中位", "九成", "CPU 秒"),
    "en": (
        "scenario",
        "missed",
        "late",
        "false",
        "dupl.",
        "hist.",
        "leaked",
        "broken",
        "p50 s",
        "p90 s",
        "CPU s",
    ),
}


def table(result: Result, language: str) -> list[str]:
    """A line for each scenario and one for all, and every case that should not be."""
    heads = _HEADS["zh" if language == "zh" else "en"]
    rows = [(name, tally.as_json()) for name, tally in result.scenarios.items()]
    rows.append(("合计" if language == "zh" else "total", result.total.as_json(cases=False)))
    cells = [heads, *(_cells(name, row) for name, row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(heads))]
    lines = ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    for name, tally in result.scenarios.items():
        lines += [
            f"{name} seed {one.seed}: {case.kind}: {case.text}"
            for one in tally.played
            for case in one.score.cases
            if case.kind in FORBIDDEN
        ][:_KEPT]
    return lines


def _cells(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    delay = row["delay_s"]
    shown = (delay["p50"], delay["p90"], row["cpu_s_max"])
    return (name, *(str(row[kind]) for kind in COUNTED), *("" if x is None else f"{x:g}" for x in shown))


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese sign takes two."""
    return sum(2 if sign >= "\u2e80" else 1 for sign in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
