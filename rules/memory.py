"""What one rule remembers of one quantity between readings, as plain rows for snapshots."""

from __future__ import annotations

from typing import NamedTuple, Protocol, TypeAlias, TypeVar

from rules.verdict import Evidence

Row: TypeAlias = tuple[int | float, ...]
Rows: TypeAlias = tuple[Row, ...]


class Recall(Protocol):
    """Bounded memory of readings. Taking over `rows` of another of its kind makes it the same."""

    def rows(self) -> Rows: ...

    def load(self, rows: Rows) -> None: ...


R = TypeVar("R", bound=Recall)


class MemoryState(NamedTuple):
    met: bool | None
    facts: tuple[Evidence, ...]
    rows: Rows


class Memory:
    """`met`: whether this part's condition holds, None while unknown; `facts` are what that rests on."""

    __slots__ = ("facts", "met", "recall")

    def __init__(self, recall: Recall | None = None) -> None:
        self.met: bool | None = None
        self.facts: tuple[Evidence, ...] = ()
        self.recall = recall

    def of(self, kind: type[R]) -> R:
        """Its recall, which the rule's kind gave it."""
        assert isinstance(self.recall, kind)
        return self.recall

    def state(self) -> MemoryState:
        return MemoryState(self.met, self.facts, self.recall.rows() if self.recall else ())

    def load(self, state: MemoryState) -> None:
        self.met, self.facts = state.met, state.facts
        if self.recall is not None and state.rows:
            self.recall.load(state.rows)
