"""What the duty staff read about troubles."""

from __future__ import annotations

import json
from dataclasses import replace

from alerts.broadcasts.broadcast import LiveSend, Purpose
from alerts.troubles.kind import TroubleKind as K
from alerts.troubles.notice import KINDS, TROUBLES, WITHIN, Line, compose
from devices.resident import Contact
from devices.station import Responder, Role
from tests.unit.alerts.troubles.ward import OFFICER, T0, device, inventory


def test_every_kind_has_its_words() -> None:
    assert set(KINDS) == set(K)
    assert len({pair.zh for pair in KINDS.values()}) == len({pair.en for pair in KINDS.values()}) == len(K)


def test_it_names_the_first_and_counts_the_rest_the_worst_before() -> None:
    home = inventory([device(f"d{n}") for n in range(9)])
    lines = [Line(K.BATTERY, f"d{n}", "c.b1", 0) for n in range(8)] + [Line(K.FAULT, "d8", "c.b1", 0)]
    (send,) = compose(lines, (), 9, home, T0, 3).sends
    zh, en = send.text.split("\n")
    assert zh.startswith("【设备】1号楼 烟感d8：故障。1号楼 烟感d0：电量低。")
    assert zh.endswith("另有：电量低 4。现有 9 处设备故障。")
    assert "And: battery low 4. 9 device troubles stand." in en


def test_what_is_over_is_said_and_a_device_that_left_is_named_by_its_id() -> None:
    (send,) = compose((), (Line(K.LOST, "gone", "c.gone", 0),), 0, inventory([]), T0, 1).sends
    assert send.text.split("\n")[0] == "【设备】已恢复：gone：失联。现有 0 处设备故障。"


def test_sends_are_live_keyed_by_version_and_not_urgent() -> None:
    home = inventory([device("a")])
    first = compose([Line(K.AREA, "c", "c", 120)], (), 1, home, T0, 1)
    again = compose([Line(K.AREA, "c", "c", 120)], (), 1, home, T0, 2)
    (send,) = first.sends
    assert isinstance(send, LiveSend)
    assert (send.incident_id, send.purpose, send.urgent) == (TROUBLES, Purpose.TROUBLE, False)
    assert send.deadline_at == T0 + WITHIN
    assert "，共 120 台" in send.text
    assert send.key != again.sends[0].key
    assert send.key == compose([], (), 1, home, T0 + 5, 1).sends[0].key
    facts = json.loads(send.data)
    assert facts["troubles"] == [{"kind": "area", "subject": "c", "place_id": "c", "devices": 120}]
    assert facts["standing"] == 1


def test_every_contact_of_who_watches_is_told_and_the_next_tier_where_there_is_none() -> None:
    two = replace(OFFICER, contacts=(Contact("console", "a"), Contact("console", "b")))
    boss = Responder("boss", "李", Role.SUPERVISOR, (Contact("console", "boss"),))
    both = inventory([device("a")], (two, boss))
    assert [s.recipient.address for s in compose([], (), 0, both, T0, 1).sends] == ["a", "b"]
    assert len({send.key for send in compose([], (), 0, both, T0, 1).sends}) == 2
    mute = inventory([device("a")], (replace(OFFICER, contacts=()), boss))
    assert [s.recipient.address for s in compose([], (), 0, mute, T0, 1).sends] == ["boss"]
    assert compose([], (), 0, inventory([device("a")], ()), T0, 1).sends == ()
