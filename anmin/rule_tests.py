"""The tests that stand beside rules, run: of the shipped packs and of one's own files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from anmin import rulebook
from anmin.document import Document
from anmin.finding import Finding, Severity
from rules import trial
from rules.form import meant
from rules.judge import PlaceJudge
from rules.spec import RuleSet, parse
from rules.trial import Outcome, Trial


class Ran(NamedTuple):
    """One test: where it stands, what came of it, and what is wrong with that (nothing when it is good)."""

    file: str
    line: int
    outcome: Outcome
    findings: tuple[Finding, ...]


def run(own: Sequence[Path] = (), *, packs: bool = True) -> tuple[tuple[Ran, ...], tuple[Finding, ...]]:
    """Every test, in the order of the files; or the errors of the files, which let nothing run."""
    book = rulebook.read(own, packs=packs)
    if book.rules is None:
        return (), tuple(one for one in book.findings if one.is_error)
    return tuple(_each(rulebook.opened(own, packs=packs), book.rules)), ()


def _each(documents: Iterable[Document], everything: RuleSet) -> Iterator[Ran]:
    for document in documents:
        mine, _ = parse(document.data)
        rules = _with_what_they_count(mine, everything)
        for one in trial.parse(document.data)[0]:
            outcome = trial.run(one, rules)
            line, _ = document.where(one.origin)
            said = (*_strangers(one, rules), *trial.unexplained(outcome))
            findings = tuple(
                document.finding(one.origin, "rule-test", f"{one.name}：{zh}", f"{one.name}: {en}")
                for zh, en in said
            )
            yield Ran(document.name, line, outcome, findings)


def _with_what_they_count(mine: RuleSet, everything: RuleSet) -> RuleSet:
    """A file is tested by itself; a rule by place also needs those that it counts, wherever they are."""
    wanted = {rule.id for rule in mine.rules}
    for rule in mine.rules:
        if isinstance(rule.judge, PlaceJudge):
            wanted.update(rule.judge.counted)
    return RuleSet.of(rule for rule in everything.rules if rule.id in wanted)


def _strangers(one: Trial, rules: RuleSet) -> Iterator[tuple[str, str]]:
    known = [rule.id for rule in rules.rules]
    for name in dict.fromkeys(expected.rule for expected in one.expected):
        if name not in known:
            zh, en = meant(name, known)
            yield f"没有规则 `{name}`{zh}", f"there is no rule `{name}`{en}"


def summary(ran: Sequence[Ran], language: str) -> str:
    good = sum(not one.findings for one in ran)
    if language == "zh":
        return f"规则测试：{len(ran)} 个，通过 {good} 个，失败 {len(ran) - good} 个。"
    return f"rule tests: {len(ran)}, passed {good}, failed {len(ran) - good}."


def untested(ran: Sequence[Ran], own: Sequence[Path], *, packs: bool = True) -> tuple[Finding, ...]:
    """Rules that no test ever saw rise, as notes where they stand."""
    risen = {edge.rule_id for one in ran for edge in one.outcome.edges if edge.rises}
    found = []
    for document in rulebook.opened(own, packs=packs):
        for rule in parse(document.data)[0].rules:
            if rule.id not in risen:
                zh = f"没有测试让规则 `{rule.id}` 触发"
                en = f"no test makes rule `{rule.id}` rise"
                found.append(document.finding(rule.origin, "untested", zh, en, severity=Severity.NOTE))
    return tuple(found)
