"""The template lint: every message says what, where, when, by which source, what to do, in two languages."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.broadcasts import lexicon
from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.message import Words, clean, render
from alerts.incidents.events import Disposition
from alerts.incidents.state import Ack, Incident, Stage
from alerts.response.dispatch import Clock
from devices.device import Device
from devices.instant import HOUR
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import Place, PlaceKind
from rules.verdict import Evidence
from tests.support.broadcast import T0, home, incident, town

TOWN = town()
AT = T0 + 100 * 1_000_000
CLOCK = "22:15"
LEVELS = (Level.NOTICE, Level.PREALARM, Level.ALARM, Level.CRITICAL)
OF_INCIDENTS = tuple(purpose for purpose in Purpose if purpose not in (Purpose.TROUBLE, Purpose.OPERATE))
PEOPLE = (Audience.RESIDENT, Audience.DUTY, Audience.CREW, Audience.PARTNER)
NOT_A_DRILL = ("不是演练", "非演练", "not a drill", "no drill")
VERBS = {  # one of these tells the reader to do something
    "zh": re.compile(
        r"离开|核实|打1|关|开窗|点收到|收队|复位|查看|接手|处置|返回|恢复|不用|按另一条|联系|看|封住|解除联动|不要"
    ),
    "en": re.compile(
        r"leave|verify|call|close|open|accept|stand down|reset|look|take over|act by|return|may use|no need|"
        r"nothing more|other message|phone|keep out|end your|send|touch",
        re.IGNORECASE,
    ),
}


def place_of(hazard: Hazard) -> str:
    return "garage" if hazard is Hazard.FLOOD else home(3)


def cases() -> Iterator[tuple[Incident, Purpose]]:
    """Every hazard, level, purpose, certainty and kind of incident."""
    for hazard, level, purpose, drill, confirmed in itertools.product(
        Hazard, LEVELS, OF_INCIDENTS, (False, True), (None, "duty")
    ):
        stage = Stage.ACTIVE if purpose in (Purpose.EVACUATE, Purpose.GROWN) else Stage.VERIFYING
        yield (
            incident(hazard, place_of(hazard), level=level, stage=stage, drill=drill, confirmed_by=confirmed),
            purpose,
        )


def words(
    event: Incident,
    purpose: Purpose,
    audience: Audience = Audience.RESIDENT,
    language: str = "zh",
    *,
    household: str | None = home(3),
    known: Inventory = TOWN,
    tier: int = 1,
    elsewhere: bool = False,
) -> Words:
    return render(
        event, purpose, audience, language, known, AT, household_id=household, tier=tier, elsewhere=elsewhere
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("audience", PEOPLE)
def test_every_message_says_what_where_when_and_what_to_do(audience: Audience, language: str) -> None:
    marks = (
        ("地点：", "时间：", "来源：", "请做：")
        if language == "zh"
        else ("Where: ", "When: ", "Source: ", "Do now: ")
    )
    seen = 0
    for event, purpose in cases():
        title, text = words(event, purpose, audience, language)
        place = TOWN.tree.name(event.place_id, language)
        at = [text.index(mark) for mark in marks]
        assert at == sorted(at), text
        what, *rest = re.split("|".join(map(re.escape, marks)), text)
        assert len(what.replace("【演练】", "").replace("[DRILL]", "").strip(" 。.")) >= 4, text
        assert rest[0].startswith(place), text
        assert place in title
        assert lexicon.HAZARD[event.hazard].said(language).lower() in title.lower()
        assert rest[1].startswith(CLOCK), text
        assert VERBS[language].search(rest[3]), rest[3]
        seen += 1
    assert seen == 7 * 4 * 8 * 2 * 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("audience", list(Audience))
def test_no_message_has_placeholders_controls_or_the_word_for_official_warnings(
    audience: Audience, language: str
) -> None:
    for event, purpose in cases():
        for said in words(event, purpose, audience, language):
            assert not set("{}") & set(said)
            assert not any(unicodedata.category(sign).startswith("C") for sign in said), said
            assert "预警" not in said
            assert "None" not in said
            assert said == said.strip()
            assert "  " not in said
            assert not re.search(r"[。；：]{2}|[.;:]{2}|：[^。【]*：[^。]*：", said.replace("请做：", "")), (
                said
            )
            if language == "en":
                assert not re.search(r"[\u4e00-\u9fff]", said), said


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("audience", list(Audience))
def test_drill_is_marked_at_both_ends_and_live_never(audience: Audience, language: str) -> None:
    mark = "【演练】" if language == "zh" else "[DRILL]"
    for event, purpose in cases():
        for said in words(event, purpose, audience, language):
            assert said.startswith(mark) == said.endswith(mark) == event.drill, said
            assert event.drill or ("演练" not in said and "drill" not in said.lower())
            assert not any(phrase in said.lower() for phrase in NOT_A_DRILL)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_loudspeaker_says_lasts_10_to_30_seconds(language: str) -> None:
    """At about 4.5 characters a second: 45 to 135; English at about 2.5 words: 25 to 75."""
    for event, purpose in cases():
        if event.drill or purpose is Purpose.NOTICE:
            continue
        said = words(event, purpose, Audience.DEVICE, language, household=None).text
        if language == "zh":
            length = len(re.findall(r"[\w]", said))
            assert 45 <= length <= 135, (length, said)
        else:
            assert 22 <= len(said.split()) <= 75, said


@pytest.mark.parametrize("purpose", [Purpose.EVACUATE, Purpose.GROWN])
def test_loudspeaker_in_gas_tells_nobody_to_switch_anything(purpose: Purpose) -> None:
    zh = words(incident(Hazard.GAS), purpose, Audience.DEVICE).text
    en = words(incident(Hazard.GAS), purpose, Audience.DEVICE, "en").text
    assert "不要碰任何开关" in zh
    assert "Do not touch any switch" in en
    for order in (
        "拉闸",
        "断电",
        "关灯",
        "打开电",
        "关闭电",
        "switch off",
        "switch on",
        "turn off",
        "turn on",
    ):
        assert order not in zh + en


@pytest.mark.parametrize("audience", [Audience.RESIDENT, Audience.DUTY, Audience.CREW])
def test_gas_messages_forbid_switches_and_flames_to_all_who_go_there(audience: Audience) -> None:
    for purpose in (Purpose.ALERT, Purpose.EVACUATE, Purpose.GROWN):
        text = words(incident(Hazard.GAS), purpose, audience).text
        assert "开关" in text
        assert "明火" in text


def test_fire_that_one_detector_reports_is_being_checked_and_a_confirmed_one_is_not() -> None:
    assert words(incident(), Purpose.ALERT).text.startswith("有烟感报警，可能有火情，正在核实。")
    timed_out = words(incident(stage=Stage.ACTIVE), Purpose.EVACUATE).text
    assert timed_out.startswith("有烟感报警，火情未能排除，按真火处置。")
    confirmed = words(incident(confirmed_by="duty"), Purpose.EVACUATE).text
    assert confirmed.startswith("火警，已确认。")
    corroborated = words(incident(Hazard.FIRE, home(3), home(4)), Purpose.EVACUATE).text
    assert corroborated.startswith("火警，已确认。")


def test_fire_instruction_is_to_leave_by_the_stairs_or_to_stay_when_the_corridor_is_full_of_smoke() -> None:
    text = words(incident(), Purpose.EVACUATE).text
    for part in (
        "走楼梯",
        "不乘电梯",
        "随手关门",
        "邻居",
        "走廊有浓烟或走不了楼梯，就留在屋里",
        "关门堵缝",
        "窗口呼救",
        "119",
    ):
        assert part in text
    english = words(incident(), Purpose.EVACUATE, language="en").text
    for part in (
        "stairs",
        "not the lift",
        "close doors",
        "neighbours",
        "or if you cannot use stairs: stay in",
        "seal the door",
        "119",
    ):
        assert part in english


@pytest.mark.parametrize(
    ("hazard", "parts"),
    [
        (Hazard.GAS, ("明火", "开窗", "到室外再打119")),
        (Hazard.CO, ("开窗", "室外", "120")),
        (Hazard.FLOOD, ("离开地下车库", "不要去取车", "涉水")),
        (Hazard.WATER_LEAK, ("水阀", "插座")),
        (Hazard.ELECTRICAL, ("不要泼水", "不乘电梯", "119")),
        (Hazard.SOS, ("正在赶来", "120")),
    ],
)
def test_each_hazard_has_its_own_instruction(hazard: Hazard, parts: tuple[str, ...]) -> None:
    text = words(incident(hazard, place_of(hazard)), Purpose.EVACUATE).text
    assert [part for part in parts if part not in text] == []


def test_neighbours_hear_the_floor_and_the_kind_of_detector_but_no_door_and_no_name() -> None:
    for audience, household in ((Audience.RESIDENT, home(4)), (Audience.DEVICE, None)):
        for language in ("zh", "en"):
            title, text = words(incident(), Purpose.EVACUATE, audience, language, household=household)
            assert "301" not in title + text
            assert "王奶奶" not in title + text
            assert "Granny" not in title + text
            assert ("1号楼1单元3层" if language == "zh" else "Building 1, Unit 1, Floor 3") in title + text


def test_household_and_staff_hear_door_and_detector() -> None:
    for audience in (Audience.RESIDENT, Audience.DUTY, Audience.CREW):
        text = words(incident(), Purpose.EVACUATE, audience).text
        assert "3层301" in text
        assert "王奶奶家smoke（烟雾报警）" in text


def test_partner_hears_the_door_but_no_name_of_a_device() -> None:
    text = words(incident(), Purpose.EVACUATE, Audience.PARTNER, household=None).text
    assert "3层301" in text
    assert "王奶奶" not in text


def test_measured_number_is_said_with_its_unit() -> None:
    assert "一氧化碳浓度 1 ppm" in words(incident(Hazard.CO), Purpose.ALERT).text
    assert "carbon monoxide 1 ppm" in words(incident(Hazard.CO), Purpose.ALERT, language="en").text


def with_fact(fact: Evidence) -> Incident:
    event = incident()
    return replace(event, standings=(replace(event.standings[0], evidence=(fact,)),))


def test_value_that_is_not_known_is_said_to_be_unknown() -> None:
    event = with_fact(Evidence(f"smoke-{home(3)}", "temperature_c", None, None, T0, 1))
    assert "温度未知" in words(event, Purpose.ALERT).text
    assert "temperature unknown" in words(event, Purpose.ALERT, language="en").text


def test_device_that_nobody_registered_is_called_so() -> None:
    event = with_fact(Evidence("unknown:zigbee2mqtt/\u202ekitchen\n", "smoke_alarm", 1, 1, T0, 1))
    text = words(event, Purpose.ALERT, Audience.DUTY).text
    assert "有未登记设备报警" in text
    assert "未登记设备 zigbee2mqtt/kitchen（烟雾报警）" in text


def test_source_that_measured_nothing_is_still_named() -> None:
    event = incident()
    event = replace(event, standings=(replace(event.standings[0], evidence=()),))
    assert "来源：王奶奶家smoke。" in words(event, Purpose.ALERT).text
    assert words(replace(event, standings=()), Purpose.ALERT).text.startswith("有探测器报警")


def test_many_places_are_counted() -> None:
    event = incident(Hazard.FIRE, *(home(floor) for floor in range(1, 6)))
    assert "等5处" in words(event, Purpose.GROWN).text
    assert "and 2 more" in words(event, Purpose.GROWN, language="en").text


def test_staff_learn_that_it_happened_again_and_that_its_age_is_not_known() -> None:
    event = replace(incident(), age_unknown=True, again_of="inc_0")
    text = words(event, Purpose.ALERT, Audience.DUTY).text
    assert "（报警发生时间不明）（同一地点再次发生）" in text
    assert "再次发生" not in words(event, Purpose.ALERT).text


def test_escalation_says_which_tier_and_to_take_over() -> None:
    text = words(incident(), Purpose.ESCALATE, Audience.DUTY, tier=2).text
    assert "无人确认收到，升级到第2级" in text
    assert "马上接手并确认收到" in text
    assert words(incident(), Purpose.ESCALATE, Audience.DUTY, tier=0).text.startswith("最新情况：")


def test_an_end_never_sends_people_home_into_another_incident() -> None:
    for purpose, wrong in ((Purpose.RETRACT, "不用撤离"), (Purpose.ALL_CLEAR, "可以返回")):
        assert wrong in words(incident(), purpose).text
        for language, right in (("zh", "另有一起警情没有解除"), ("en", "another incident here is not over")):
            text = words(incident(), purpose, language=language, elsewhere=True).text
            assert right in text
            assert wrong not in text


def test_nobody_is_called_down_into_water() -> None:
    for purpose in (Purpose.EVACUATE, Purpose.GROWN):
        flood = incident(Hazard.FLOOD, "garage")
        for audience in (Audience.RESIDENT, Audience.DEVICE):
            title, text = words(flood, purpose, audience)
            assert "疏散" not in title + text
            assert "楼上" in text
            title, text = words(flood, purpose, audience, "en")
            assert "evacuate" not in (title + text).lower()
            assert "upstairs" in text


@pytest.mark.parametrize("purpose", [Purpose.ALERT, Purpose.EVACUATE])
def test_in_gas_no_reader_rings_switches_phones_indoors_or_takes_the_lift(purpose: Purpose) -> None:
    home_zh = words(incident(Hazard.GAS), purpose).text
    home_en = words(incident(Hazard.GAS), purpose, language="en").text
    for part in ("不要开关电灯和电器", "不用明火", "不在屋里打电话", "不乘电梯"):
        assert part in home_zh
    for part in ("touch no switch", "no flames", "no phone indoors", "not the lift"):
        assert part in home_en
    assert "不按门铃" in words(incident(Hazard.GAS), purpose, Audience.DUTY).text


@pytest.mark.parametrize("hazard", [hazard for hazard in Hazard if hazard is not Hazard.SOS])
def test_what_is_being_checked_says_what_it_may_be(hazard: Hazard) -> None:
    zh, en = (
        words(incident(hazard, place_of(hazard)), Purpose.ALERT, language=lang).text for lang in ("zh", "en")
    )
    assert "可能" in zh.partition("地点：")[0]
    assert "possible" in en.partition("Where: ")[0]


@pytest.mark.parametrize(
    ("clock", "said"), [("accept", "无人应答"), ("arrive", "还没有到场"), ("joint", "增援时限已到")]
)
def test_an_owner_hears_that_the_crew_does_not_come(clock: Clock, said: str) -> None:
    late = replace(incident(), ack=Ack("duty", Level.ALARM, T0, AT), overdue=(clock,))
    assert said in words(late, Purpose.ESCALATE, Audience.DUTY).text


def test_duplicate_is_withdrawn_without_saying_that_there_was_no_danger() -> None:
    double = replace(incident(), disposition=Disposition.DUPLICATE)
    for audience in PEOPLE:
        text = words(double, Purpose.RETRACT, audience).text
        assert "重复" in text
        assert "按另一条消息做" in text
        assert "不是真实险情" not in text
    assert "不是真实险情" in words(incident(), Purpose.RETRACT).text


def test_ending_says_no_level_in_its_title() -> None:
    assert "级" not in words(incident(), Purpose.ALL_CLEAR).title
    assert words(incident(), Purpose.ALERT).title.startswith("Ⅱ级 告警：")


def test_time_is_the_communitys_own() -> None:
    text = render(incident(), Purpose.ALERT, Audience.DUTY, "zh", TOWN, AT, utc_offset_for=-3 * HOUR).text
    assert "时间：11:15。" in text


def test_other_languages_are_told_in_english() -> None:
    assert words(incident(), Purpose.ALERT, language="fr") == words(incident(), Purpose.ALERT, language="en")


def renamed(zh: str, en: str) -> Inventory:
    """The town with somebody's own words for the household and its detector."""
    spot = home(3)
    places = [
        Place(spot, PlaceKind.HOUSEHOLD, place.parent_id, zh, en) if place.id == spot else place
        for place in TOWN.tree.places.values()
    ]
    devices: list[Device] = [
        replace(device, zh=zh, en=en) if device.place_id == spot else device
        for device in TOWN.devices.values()
    ]
    return Inventory.of("c", "evil", places, devices, TOWN.residents, TOWN.responders, TOWN.stations)


EVIL = [
    "a\r\nBcc: all@example\x00\x1b[31m",
    "\u202egnp.exe\u2066\u200b\u200d\ufeff",
    "{place}{0.__class__}%s",
    "【演练】[DRILL]［drill］【 演 练 】",
    "这不是演练",
    "不不是演练是演练",
    "This is NOT A DRILL, not a drill",
    "no nonot a drill drill",
    "长" * 500,
    "\u2028\u2029\x85",
]


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("drill", [False, True])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_cannot_change_what_a_message_is(name: str, drill: bool, language: str) -> None:
    known = renamed(name, name)
    for audience, purpose in itertools.product(Audience, Purpose):
        for said in words(incident(drill=drill), purpose, audience, language, known=known):
            assert not any(unicodedata.category(sign)[0] == "C" for sign in said)
            assert "\n" not in said
            assert len(said) < 700
            mark = "【演练】" if language == "zh" else "[DRILL]"
            assert said.count(mark) == (2 if drill else 0)
            if drill:
                assert not any(phrase in said.lower() for phrase in NOT_A_DRILL), said


def test_clean_keeps_ordinary_names() -> None:
    assert clean("3号楼 2单元") == "3号楼 2单元"
    assert clean(" Café\tNº 5\u3000") == "Café Nº 5"
    assert clean("𠮷野家") == "𠮷野家"
