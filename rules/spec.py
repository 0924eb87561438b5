"""The rule files' form: plain data in, frozen rules out, with every mistake found at once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from devices.device import DeviceKind
from devices.level import Hazard
from rules.form import Form, Path, Problem, meant
from rules.hold import Hold
from rules.judge import Judge, PlaceJudge
from rules.registry import KindRegistry, Parse, built_in

__all__ = ["Problem", "RuleSet", "RuleSpec", "Selector", "merge", "parse"]

_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which devices: each list that is given narrows further; `places` means there or below."""

    kinds: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule. `version` is a hash of its content without `source`, which is where its numbers come from.

    `origin` is its path in the data that it was parsed from. `replaces`: it stands in the place of a rule of
    the same id in an earlier document.
    """

    id: str
    version: str
    hazard: Hazard
    kind: str
    source: str
    judge: Judge | PlaceJudge
    devices: Selector
    hold: Hold
    origin: Path
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in file order, which is the order of their edges. `version` is a hash of the content."""

    rules: tuple[RuleSpec, ...]
    version: str

    @classmethod
    def of(cls, rules: Iterable[RuleSpec]) -> RuleSet:
        known = tuple(rules)
        return cls(known, _hash([[rule.id, rule.version, rule.source] for rule in known]))


def parse(data: object, registry: KindRegistry | None = None) -> tuple[RuleSet, tuple[Problem, ...]]:
    """Rules of one document: `rules:` and a list. What is wrong is told and left out of the set.

    Paths of problems are keys and list positions from the top of the document. Whether the rules that a
    rule by place names exist is for `merge` to say, since they may be in another document.
    """
    problems: list[Problem] = []
    top = Form(data, (), problems)
    kinds = (registry or built_in()).kinds
    rules: list[RuleSpec] = []
    if isinstance(data, Mapping):
        top.has("tests")  # for `trial.parse`
        rules = [rule for form in top.forms("rules") if (rule := _rule(form, kinds)) is not None]
    top.close()
    return RuleSet.of(_unique(rules, problems)), tuple(problems)


def merge(sets: Iterable[RuleSet]) -> tuple[RuleSet, tuple[Problem, ...]]:
    """One set of several documents. Paths begin with the position of the document."""
    problems: list[Problem] = []
    rules = [
        replace(rule, origin=(index, *rule.origin))
        for index, known in enumerate(sets)
        for rule in known.rules
    ]
    merged = list(_unique(_replaced(rules, problems), problems))
    _check_references(merged, problems)
    return RuleSet.of(merged), tuple(problems)


def _rule(form: Form, kinds: Mapping[str, Parse]) -> RuleSpec | None:
    before = len(form.problems)
    name, source = _id(form), form.text("source")
    hazard = form.choice("hazard", (hazard.value for hazard in Hazard))
    kind = form.choice("kind", kinds)
    hold_for, clear_for = form.duration("hold_for", 0), form.duration("clear_for", 0)
    latch, replaces = form.flag("latch"), form.flag("replaces")
    if kind is None:
        return None
    judge = kinds[kind](form)
    devices = Selector() if isinstance(judge, PlaceJudge) else _selector(form)
    form.close()
    if len(form.problems) > before or name is None or source is None or hazard is None:
        return None
    if judge is None or hold_for is None or clear_for is None:
        return None
    hold = Hold(hold_for, clear_for, latch)
    if isinstance(judge, Judge):
        silent_for = judge.silence[1] if judge.silence is not None else 0
        hold = hold._replace(lasts_for=judge.lasts_for, hold_for=silent_for or hold_for)
    version = _hash(form.content(without="source"))
    return RuleSpec(name, version, Hazard(hazard), kind, source, judge, devices, hold, form.path, replaces)


def _id(form: Form) -> str | None:
    name = form.text("id")
    if name is None or _ID.fullmatch(name):
        return name
    form.wrong(
        "id",
        f"规则编号 `{name}` 只能用小写字母、数字和 `.` `_` `-`，最长 64。",
        f"a rule id has lower case letters, digits, `.`, `_` and `-`, at most 64, not `{name}`.",
    )
    return None


def _selector(form: Form) -> Selector:
    entry = form.form("devices")
    if entry is None:
        return Selector()
    selector = Selector(
        kinds=entry.words("kinds", [kind.value for kind in DeviceKind]),
        profiles=entry.words("profiles"),
        ids=entry.words("ids"),
        places=entry.words("places"),
    )
    entry.close()
    return selector


def _replaced(rules: Iterable[RuleSpec], problems: list[Problem]) -> Iterator[RuleSpec]:
    """Each rule, or what replaces it, where the first one stood; the last replacement counts."""
    kept: dict[str, RuleSpec] = {}
    others: list[RuleSpec] = []
    for rule in rules:
        earlier = kept.get(rule.id)
        if not rule.replaces:
            if earlier is None:
                kept[rule.id] = rule
            else:
                others.append(rule)
        elif earlier is not None and earlier.origin[0] != rule.origin[0]:
            kept[rule.id] = rule
        else:
            zh, en = meant(rule.id, kept.keys() - {rule.id})
            zh = f"前面的文件里没有规则 `{rule.id}` 可替换{zh}"
            problems.append(
                Problem(
                    (*rule.origin, "replaces"), zh, f"no earlier file has a rule `{rule.id}` to replace{en}"
                )
            )
    yield from (*kept.values(), *others)


def _unique(rules: Iterable[RuleSpec], problems: list[Problem]) -> Iterator[RuleSpec]:
    """The first of each id; the others are told."""
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            zh, en = f"规则编号 `{rule.id}` 重复。", f"there is another rule `{rule.id}`."
            problems.append(Problem((*rule.origin, "id"), zh, en))
            continue
        seen.add(rule.id)
        yield rule


def _check_references(rules: Iterable[RuleSpec], problems: list[Problem]) -> None:
    """A rule by place counts rules on devices, never rules by place: there can be no circle."""
    known = list(rules)
    countable = [rule.id for rule in known if isinstance(rule.judge, Judge) and not rule.judge.within]
    for rule in known:
        if isinstance(rule.judge, PlaceJudge):
            for name in rule.judge.counted:
                if name not in countable:
                    zh, en = meant(name, countable)
                    problems.append(
                        Problem(
                            (*rule.origin, "of"),
                            f"没有可供计数的规则 `{name}`{zh}",
                            f"there is no rule on devices `{name}`{en}",
                        )
                    )


def _hash(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
