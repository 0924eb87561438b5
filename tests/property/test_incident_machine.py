"""Whatever sensors, people and time do to the desk, what it promises stays true."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerts.broadcasts.broadcast import Purpose
from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Arrive,
    Close,
    Command,
    Confirm,
    Contain,
    Dispute,
    Reopen,
    Resolve,
)
from alerts.incidents.desk import DeskState
from alerts.incidents.events import Disposition
from alerts.incidents.state import Condition, Incident, Stage
from alerts.response.plan import LONGEST_WINDOW
from devices.instant import SECOND
from devices.level import Hazard, Level
from tests.support.community import T0, edge
from tests.support.desk import Timeline

DEVICES = ("smoke-301", "smoke-401", "heat-301", "smoke-502", "unknown:native:x1")
VERBS: tuple[type[Command], ...] = (
    Acknowledge,
    Confirm,
    Dispute,
    Accept,
    Arrive,
    Contain,
    Resolve,
    Reopen,
)


class DeskMachine(RuleBasedStateMachine):
    """Random edges, commands, waits and restarts; the clock only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Timeline()
        self.now = T0
        self.peaks: dict[str, Level] = {}
        self.closed: dict[str, Incident] = {}
        self.last: dict[str, Level] = {}

    @rule(device=st.sampled_from(DEVICES), level=st.sampled_from(list(Level)), test=st.booleans())
    def sensor(self, device: str, level: Level, test: bool) -> None:
        before = self.last.get(device, Level.UNKNOWN)
        self.last[device] = level
        rule_id = "unknown-device.fire" if device.startswith("unknown") else "fire.smoke"
        self.line.edge(edge(device, level, before=before, at=self.now, rule=rule_id, test=test))

    @rule(seconds=st.integers(1, 200))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.line.until(self.now)

    @rule(which=st.integers(0, 5), verb=st.sampled_from(VERBS))
    def person(self, which: int, verb: type[Command]) -> None:
        self._ask(which, lambda name: verb(incident_id=name, by="duty-1"))  # type: ignore[call-arg]  # none needs more

    @rule(which=st.integers(0, 5), disposition=st.sampled_from(list(Disposition)))
    def close(self, which: int, disposition: Disposition) -> None:
        self._ask(which, lambda name: Close(incident_id=name, by="duty-1", disposition=disposition))

    @rule()
    def restart(self) -> None:
        states = {name: self.line.desk._state(name) for name in self.line.desk.incidents}
        after = Timeline()
        after.desk.restore((k, s) for k, s in states.items() if isinstance(s, DeskState))
        after.sequence = self.line.sequence
        after.events, after.purposes = self.line.events, self.line.purposes
        assert after.desk.next_deadline() == self.line.desk.next_deadline()
        self.line = after

    def _ask(self, which: int, make) -> None:  # type: ignore[no-untyped-def]  # name -> Command
        names = list(self.line.desk.incidents)
        if names:
            self.line.ask(make(names[which % len(names)]), self.now)

    @invariant()
    def nothing_is_left_due(self) -> None:
        due = self.line.desk.next_deadline()
        assert due is None or due > self.now - 1

    @invariant()
    def peaks_never_fall(self) -> None:
        for name, incident in self.line.desk.incidents.items():
            assert incident.peak >= self.peaks.get(name, Level.CLEAR)
            self.peaks[name] = incident.peak

    @invariant()
    def closed_stays_closed(self) -> None:
        for name, incident in self.line.desk.incidents.items():
            if name in self.closed:
                assert incident == self.closed[name]
            if incident.stage is Stage.CLOSED:
                self.closed[name] = incident

    @invariant()
    def verification_always_has_an_end(self) -> None:
        for incident in self.line.desk.incidents.values():
            waiting = incident.stage is Stage.VERIFYING and incident.level >= Level.ALARM
            if waiting and incident.condition is Condition.ABNORMAL:
                assert incident.window_until is not None
                assert incident.window_until <= self.now + LONGEST_WINDOW

    @invariant()
    def every_alarm_was_told(self) -> None:
        told = {e.incident_id for e in self.line.events if e.kind == "announced" and e.purpose != "notice"}
        for name, incident in self.line.desk.incidents.items():
            if incident.peak >= Level.ALARM:
                assert name in told

    @invariant()
    def strangers_move_nobody(self) -> None:
        for incident in self.line.desk.incidents.values():
            if incident.sources <= {"unknown:native:x1"} and incident.confirmed_by is None:
                assert (
                    incident.peak <= Level.ALARM or incident.hazard is not Hazard.FIRE or _critical(incident)
                )

    @invariant()
    def drills_and_live_stay_apart(self) -> None:
        for incident in self.line.desk.incidents.values():
            opened = next(e for e in self.line.events if e.incident_id == incident.id)
            assert opened.kind == "opened"
            assert opened.drill is incident.drill

    @invariant()
    def the_last_word_is_an_ending(self) -> None:
        for name, incident in self.closed.items():
            words = [e.purpose for e in self.line.events if e.kind == "announced" and e.incident_id == name]
            if incident.version:
                assert Purpose(words[-1]).ends_it


def _critical(incident: Incident) -> bool:
    return any(standing.peak is Level.CRITICAL for standing in incident.standings)


TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
