"""What a night looks like, second by second, from the sensor to the people."""

from __future__ import annotations

from alerts.broadcasts.broadcast import DrillSend, LiveSend
from alerts.incidents.command import Accept, Acknowledge, Arrive, Close, Contain, Done, Resolve
from alerts.incidents.events import Disposition
from alerts.incidents.state import Stage
from devices.level import Level
from tests.support.community import inventory
from tests.support.monitor import Story


def test_a_kitchen_fire_from_the_first_smoke_to_the_all_clear() -> None:
    night = Story()
    night.says(0, "smoke-301", smoke_alarm=False)
    night.says(10, "smoke-301", event="s1", smoke_alarm=True)
    (fire,) = night.incidents
    assert (fire.stage, fire.peak) == (Stage.VERIFYING, Level.ALARM)
    night.asks(15, Accept(incident_id=fire.id, by="crew-1", via="crew"))
    night.asks(18, Acknowledge(incident_id=fire.id, by="duty-1"))
    for second, degrees in enumerate((22, 23, 26, 31, 38)):
        night.says(20 + second, "heat-301", temperature_c=float(degrees))
    (fire,) = night.incidents
    assert (fire.stage, fire.peak) == (Stage.RESPONDING, Level.CRITICAL)
    night.asks(30, Acknowledge(incident_id=fire.id, by="duty-1"))
    night.says(40, "smoke-401", event="s2", smoke_alarm=True)
    night.asks(60, Arrive(incident_id=fire.id, by="crew-1", via="crew"))
    night.asks(200, Contain(incident_id=fire.id, by="crew-1", via="crew"))
    night.asks(240, Resolve(incident_id=fire.id, by="duty-1"))
    night.says(250, "smoke-301", smoke_alarm=False)
    night.says(250, "smoke-401", smoke_alarm=False)
    night.says(250, "heat-301", temperature_c=22.0)
    night.says(320, "heat-301", temperature_c=22.0)
    answer = night.asks(400, Close(incident_id=fire.id, by="duty-1", disposition=Disposition.REAL)).answer
    assert answer == Done(fire.id, "closed")
    assert night.told() == [
        "10 alert: crew device duty resident",
        "18 owned: device",
        "24 evacuate: crew device duty resident",
        "30 owned: device",
        "40 grown: crew device duty resident",
        "240 all_clear: crew device duty resident",
    ]


def test_nobody_answers_and_it_never_ends_in_silence() -> None:
    night = Story()
    night.says(0, "smoke-301", event="s1", smoke_alarm=True)
    night.wait(3600)
    assert night.told() == [
        "0 alert: crew device duty resident",
        "60 evacuate: crew device duty resident",
        "60 escalate: device duty",
        "180 escalate: device duty",
        "300 escalate: crew device duty",
    ]


def test_burnt_toast_is_acknowledged_closed_as_cooking_and_taken_back() -> None:
    morning = Story()
    morning.says(0, "smoke-301", event="s1", smoke_alarm=True)
    (toast,) = morning.incidents
    morning.asks(12, Acknowledge(incident_id=toast.id, by="duty-1"))
    morning.says(30, "smoke-301", smoke_alarm=False)
    morning.asks(45, Close(incident_id=toast.id, by="duty-1", disposition=Disposition.FALSE_COOKING))
    morning.wait(3600)
    assert morning.told() == [
        "0 alert: crew device duty resident",
        "12 owned: device",
        "45 retract: crew device duty resident",
    ]


def test_a_real_alarm_during_a_drill_goes_out_live_and_the_drill_stays_a_drill() -> None:
    day = Story(inventory(under_test=frozenset({"smoke-101"})))
    day.says(0, "smoke-101", event="d1", smoke_alarm=True)
    day.says(5, "smoke-301", event="s1", smoke_alarm=True)
    drill, real = sorted(day.incidents, key=lambda incident: not incident.drill)
    assert (drill.drill, real.drill) == (True, False)
    sends = [send for one in day.effects for said in one.broadcasts for send in said.sends]
    assert {type(send) for send in sends if send.incident_id == drill.id} == {DrillSend}
    assert {type(send) for send in sends if send.incident_id == real.id} == {LiveSend}


def test_a_device_says_it_again_and_gets_its_answer_again_but_nothing_happens_twice() -> None:
    night = Story()
    first = night.says(0, "smoke-301", event="s1", smoke_alarm=True)
    sequence = night.sequence
    night.sequence = sequence - 1  # the device repeats byte for byte: the same boot and sequence
    again = night.says(3, "smoke-301", event="s1", smoke_alarm=True)
    assert first.replies == again.replies != []
    assert again.events == []
    assert len(night.incidents) == 1


def test_a_sensor_that_is_in_alarm_at_the_first_word_is_raised() -> None:
    morning = Story()
    morning.says(0, "smoke-301", smoke_alarm=True)
    assert len(morning.incidents) == 1


def test_a_hostile_crowd_of_unknown_devices_makes_one_incident_and_moves_nobody() -> None:
    night = Story()
    for number in range(300):
        night.says(number / 10, f"ghost-{number}", event=f"g{number}", smoke_alarm=True)
    night.wait(3600)
    (ghosts,) = night.incidents
    assert ghosts.peak is Level.ALARM
    assert len(ghosts.standings) <= 20
    assert not any("evacuate" in line or "grown" in line for line in night.told())
