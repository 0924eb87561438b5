from __future__ import annotations

import json
from dataclasses import replace

import pytest

from alerts.broadcasts.broadcast import Audience, Broadcast, DrillSend, LiveSend, Purpose, Recipient, send_key
from alerts.broadcasts.compose import compose
from alerts.incidents.state import Incident, Stage
from devices.instant import HOUR, MINUTE
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.resident import Contact
from tests.support.broadcast import T0, home, incident, town

TOWN = town()
PARTNERS = (Contact("webhook", "https://partner.example/hook"),)


def composed(
    event: Incident,
    purpose: Purpose = Purpose.EVACUATE,
    *,
    version: int = 1,
    tier: int = 0,
    told: tuple[Recipient, ...] = (),
    known: Inventory = TOWN,
) -> Broadcast:
    return compose(event, purpose, known, T0, version=version, tier=tier, told=told, partners=PARTNERS)


def to(broadcast: Broadcast, name: str) -> LiveSend | DrillSend:
    return next(send for send in broadcast.sends if send.recipient.id == name)


def test_one_send_for_each_recipient_keyed_by_incident_version_recipient_and_channel() -> None:
    sent = composed(incident(), version=3)
    assert (sent.incident_id, sent.version, sent.purpose, sent.drill) == ("inc_1", 3, Purpose.EVACUATE, False)
    assert to(sent, "duty").key == send_key("inc_1", 3, "duty", "console")
    assert len({send.key for send in sent.sends}) == len(sent.sends) > 10


def test_two_addresses_on_one_channel_have_their_own_keys_always_the_same() -> None:
    people = [
        replace(person, contacts=(Contact("sms", "1"), Contact("sms", "2")))
        for person in TOWN.residents
        if person.household_id == home(3)
    ]
    known = Inventory.of("c", "v", TOWN.tree.places.values(), TOWN.devices.values(), people)
    first, second = (composed(incident(), Purpose.ALERT, known=known) for _ in range(2))
    keys = {s.recipient.address: s.key for s in first.sends if s.recipient.household_id}
    assert len(set(keys.values())) == 2
    assert keys["1"] == send_key("inc_1", 1, f"r-{home(3)}", "sms")
    assert [send.key for send in first.sends] == [send.key for send in second.sends]


def test_another_version_has_other_keys() -> None:
    one, two = composed(incident(), version=1), composed(incident(), version=2)
    assert {send.key for send in one.sends}.isdisjoint(send.key for send in two.sends)


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("hazard", list(Hazard))
def test_drill_makes_drill_sends_only_and_live_only_live_ones(hazard: Hazard, purpose: Purpose) -> None:
    told = tuple(send.recipient for send in composed(incident(hazard), Purpose.ALERT).sends)
    for drill, kind in ((True, DrillSend), (False, LiveSend)):
        sent = composed(incident(hazard, drill=drill), purpose, told=told)
        assert sent.drill is drill
        assert sent.sends
        assert {type(send) for send in sent.sends} == {kind}
        for send in sent.sends:
            assert send.title.startswith("【演练】") is drill
            assert send.text.startswith("【演练】") is drill
            assert send.text.endswith(("【演练】", "[DRILL]")) is drill


@pytest.mark.parametrize(
    ("purpose", "minutes", "urgent"),
    [
        (Purpose.NOTICE, 10, False),
        (Purpose.ALERT, 10, True),
        (Purpose.EVACUATE, 10, True),
        (Purpose.GROWN, 10, True),
        (Purpose.ESCALATE, 5, True),
        (Purpose.ALL_CLEAR, 30, True),
        (Purpose.RETRACT, 30, True),
    ],
)
def test_each_purpose_has_its_deadline(purpose: Purpose, minutes: int, urgent: bool) -> None:
    told = tuple(send.recipient for send in composed(incident()).sends)
    for send in composed(incident(), purpose, told=told).sends:
        assert (send.created_at, send.deadline_at, send.urgent) == (T0, T0 + minutes * MINUTE, urgent)


def test_reader_is_told_in_all_languages_it_reads() -> None:
    send = to(composed(incident(), Purpose.ALERT), f"r-{home(3)}")
    chinese, english = send.text.split("\n")
    assert chinese.startswith("有烟感报警")
    assert english.startswith("Alarm from the smoke detector")
    assert (
        send.title
        == "Ⅱ级 告警：火警 1号楼1单元3层301 / Level Ⅱ Alert: fire alarm, Building 1, Unit 1, Floor 3, 301"
    )


def test_reader_of_a_language_we_do_not_have_is_told_in_english_once() -> None:
    person = next(person for person in TOWN.residents if person.household_id == home(3))
    known = replace(TOWN, _by_household={home(3): (replace(person, languages=("fr", "de")),)})
    text = to(composed(incident(), Purpose.ALERT, known=known), f"r-{home(3)}").text
    assert text.startswith("Alarm from")
    assert "\n" not in text


def test_machine_data_says_what_and_where_without_anybodys_data() -> None:
    send = to(composed(incident(), Purpose.ALERT), "partner:partner.example")
    assert json.loads(send.data) == {
        "v": 1,
        "incident_id": "inc_1",
        "hazard": "fire",
        "level": "alarm",
        "place_id": home(3),
        "place": {"zh": "1号楼1单元3层301", "en": "Building 1, Unit 1, Floor 3, 301"},
        "purpose": "alert",
        "version": 1,
        "drill": False,
        "at": "2026-09-21T14:13:20.000Z",
    }
    assert send.recipient.audience is Audience.PARTNER
    assert send.recipient.household_id is None


def test_machine_data_of_neighbours_names_the_floor() -> None:
    sent = composed(incident())
    assert json.loads(to(sent, f"r-{home(4)}").data)["place_id"] == "b1.u1.f3"
    assert json.loads(to(sent, f"r-{home(3)}").data)["place_id"] == home(3)
    assert "301" not in to(sent, f"r-{home(4)}").title


def test_siren_sounds_loudspeaker_speaks_and_sounder_wakes() -> None:
    sent = composed(incident(stage=Stage.ACTIVE))
    siren, speaker, sounder = (
        json.loads(to(sent, name).data) for name in ("siren-b1", "speaker-b1", "sounder")
    )
    assert siren == {"action": "sound", "pattern": "evacuate", "text": "", "incident_id": "inc_1"}
    assert (speaker["action"], speaker["pattern"]) == ("speak", "evacuate")
    assert speaker["text"].startswith("居民请注意。1号楼1单元3层，有烟感报警，火情未能排除")
    assert (sounder["action"], sounder["pattern"]) == ("sound", "alarm")
    assert to(sent, "sounder").text.endswith("清点人数。"), "the officer reads what the duty staff read"


def test_devices_are_stopped_by_an_ending_and_told_by_which_incident() -> None:
    told = tuple(send.recipient for send in composed(incident()).sends)
    for purpose in (Purpose.ALL_CLEAR, Purpose.RETRACT):
        sent = composed(incident(), purpose, told=told)
        for name in ("siren-b1", "speaker-b1", "sounder"):
            command = json.loads(to(sent, name).data)
            assert (command["action"], command["incident_id"]) == ("stop", "inc_1")


def test_drill_and_low_levels_have_their_own_tones() -> None:
    drill = composed(incident(drill=True))
    assert json.loads(to(drill, "siren-b1").data)["pattern"] == "drill"
    low = composed(incident(level=Level.PREALARM), Purpose.ESCALATE)
    assert json.loads(to(low, "sounder").data)["pattern"] == "attention"


def test_ending_reaches_exactly_who_was_told() -> None:
    told = tuple(send.recipient for send in composed(incident()).sends)
    ended = composed(
        incident(), Purpose.ALL_CLEAR, told=told, known=Inventory.of("c", "x", TOWN.tree.places.values(), ())
    )
    assert tuple(send.recipient for send in ended.sends) == told


def test_place_that_is_no_longer_known_does_not_stop_a_message() -> None:
    gone = replace(incident(), place_id="gone", standings=())
    send = to(composed(gone), "duty")
    assert json.loads(send.data)["place"]["zh"] == "幸福里社区"
    assert "地点：幸福里社区" in send.text


def test_offset_from_utc_reaches_the_text() -> None:
    sent = compose(incident(), Purpose.ALERT, TOWN, T0, version=1, utc_offset_for=HOUR)
    assert "时间：15:13。" in to(sent, "duty").text


def test_composing_twice_gives_the_same_bytes() -> None:
    assert composed(incident()) == composed(incident(), known=town())
