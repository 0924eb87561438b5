"""A registrar that changes the picture itself: what the web is given in its own tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anmin.difference import difference
from anmin.registrar import Outcome, Registrar
from anmin.registry import Draft, Fault
from anmin.view import View


class Clerk(Registrar):
    def __init__(self, view: View) -> None:
        self._view = view
        self.names: list[str] = []

    async def change(
        self, by: str, work: Callable[[Draft], Sequence[Fault]], *, trial: bool = False
    ) -> Outcome:
        draft = Draft(self._view.inventory)
        if faults := work(draft):
            return Outcome(tuple(faults))
        new = draft.inventory()
        changes = difference(self._view.inventory, new)
        if not trial:
            self.names.append(by)
            self._view.inventory = new
        return Outcome((), changes)
