"""What is written comes back the same: every event, command, incident and send, and values in general."""

from __future__ import annotations

import math
from ast import literal_eval
from dataclasses import MISSING, fields
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from alerts.broadcasts.broadcast import (
    AnySend,
    Audience,
    Broadcast,
    DrillSend,
    LiveSend,
    Purpose,
    Recipient,
)
from alerts.incidents import command, events
from alerts.incidents.state import Ack, Incident, Stage, Standing
from anmin.codec import dump, load, load_any, load_command, load_event, load_send
from devices.level import Hazard, Level
from devices.reading import Reading, Trust
from rules.verdict import Evidence, Transition

EVIDENCE = (
    Evidence("d1", "temperature_c", 57.5, 57.0, 12, 3),
    Evidence("d2", "smoke_alarm", None, None, 13, 4),
)
WHO = Recipient("wang", Audience.RESIDENT, "webhook", 'https://例/?a="b"', ("zh", "en"), "h1")
SAMPLES: dict[str, Any] = {  # by annotation, as written in the source
    "str": '三号楼 "12"\n',
    "Instant": 1_700_000_000_000_001,
    "int": 3,
    "bool": True,
    "Hazard": Hazard.CO,
    "Level": Level.UNKNOWN,
    "tuple[Evidence, ...]": EVIDENCE,
    "Because": events.Because.TIMEOUT,
    "Disposition": events.Disposition.FALSE_COOKING,
    "Reply": events.Reply.HELP,
}


def sample(kind: type) -> Any:
    """An instance with something in every field, whatever fields are added later."""
    given = {}
    for field in fields(kind):
        annotation = str(field.type).removesuffix(" | None")
        if annotation.startswith("Literal["):
            words = literal_eval(f"({annotation[8:-1]},)")
            given[field.name] = words[0] if field.default is MISSING else field.default
        else:
            given[field.name] = SAMPLES[annotation]
    return kind(**given)


def send(kind: type[LiveSend] | type[DrillSend]) -> AnySend:
    return kind("k", "i1", 2, Purpose.EVACUATE, WHO, "火警", "走楼梯", '{"a":1}', 1, 2, False)


@pytest.mark.parametrize("kind", get_args(events.Event), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_as_itself(kind: type) -> None:
    event = sample(kind)
    again = load_event(dump(event))
    assert again == event
    assert type(again) is kind


@pytest.mark.parametrize("kind", get_args(command.Command), ids=lambda kind: kind.__name__)
def test_every_command_comes_back_as_itself(kind: type) -> None:
    asked = sample(kind)
    again = load_command(dump(asked))
    assert again == asked
    assert type(again) is kind


def test_incident_comes_back_with_all_that_hangs_on_it() -> None:
    incident = Incident(
        "i1",
        Hazard.FIRE,
        "b3",
        5,
        stage=Stage.ON_SCENE,
        level=Level.ALARM,
        peak=Level.CRITICAL,
        ack=Ack("li", Level.ALARM, 6, 7),
        standings=(Standing("r", "1", "d1", "h1", Level.ALARM, Level.CRITICAL, 5, EVIDENCE),),
        overdue=("accept",),
        replies=(("h1", events.Reply.SAFE),),
        stages=((Stage.ACTIVE, 5), (Stage.ON_SCENE, 9)),
        disposition=events.Disposition.REAL,
    )
    again = load(Incident, dump(incident))
    assert again == incident
    assert isinstance(again.standings[0].evidence[0], Evidence)
    assert again.level is Level.ALARM


@pytest.mark.parametrize("kind", [LiveSend, DrillSend])
def test_a_send_says_whether_it_is_a_drill(kind: type[LiveSend] | type[DrillSend]) -> None:
    one = send(kind)
    assert type(load_send(dump(one))) is kind
    assert load_send(dump(one)) == one
    assert ('"send":"drill"' in dump(one)) is (kind is DrillSend)


def test_sends_inside_other_values_say_it_too() -> None:
    live, drill = send(LiveSend), send(DrillSend)
    both = Broadcast("i1", 1, Purpose.ALERT, True, (drill, live, drill))
    assert [type(one) for one in load(Broadcast, dump(both)).sends] == [DrillSend, LiveSend, DrillSend]
    assert load_any(tuple[AnySend, ...], dump((live, drill))) == (live, drill)
    assert load_any(dict[str, AnySend], dump({"a": drill})) == {"a": drill}


@pytest.mark.parametrize("said", ["", '"send":"live",', '"send":"Drill",', '"send":null,'])
def test_a_drill_that_does_not_say_so_is_never_read_as_one_nor_as_live(said: str) -> None:
    text = dump(send(DrillSend)).replace('"send":"drill",', said)
    if said == '"send":"live",':
        with pytest.raises(ValidationError):
            load(DrillSend, text)
    else:
        with pytest.raises(ValidationError):
            load_send(text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Reading, Reading("d1", "co_ppm", 30.5, 1, 2, Trust.QUEUED | Trust.STALE, 9)),
        (
            Transition,
            Transition("r", "1", Hazard.GAS, "d1", "h1", Level.CLEAR, Level.ALARM, 4, EVIDENCE, test=True),
        ),
        (tuple[tuple[str, int], ...], (("a", 1), ("b", 2))),
        (dict[str, Reading], {"x": Reading("d1", "q", None, 1, 2, Trust.NONE, 3)}),
        (frozenset[str], frozenset({"a", "b"})),
        (dict[Level, int], {Level.UNKNOWN: 1, Level.ALARM: 2}),
        (bool, False),
        (float, 0.1 + 0.2),
        (bytes, "字节".encode()),
        (int | None, None),
    ],
)
def test_values_come_back(kind: Any, value: object) -> None:
    again = load_any(kind, dump(value))
    assert again == value
    assert type(again) is type(value)


def test_infinity_stays_infinity_and_never_becomes_unknown() -> None:
    again = load(Evidence, dump(Evidence("d", "q", math.inf, -math.inf, 1, 2)))
    assert (again.value, again.limit) == (math.inf, -math.inf)
    nan = load(Evidence, dump(Evidence("d", "q", math.nan, None, 1, 2))).value
    assert nan is not None
    assert math.isnan(nan)


def test_an_unknown_event_is_an_error() -> None:
    text = dump(sample(events.Cleared)).replace('"cleared"', '"cleaned"')
    with pytest.raises(ValidationError, match="cleaned"):
        load_event(text)


def test_text_is_one_line() -> None:
    assert "\n" not in dump(sample(events.Opened))
