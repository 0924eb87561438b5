"""Facts as people say them."""

from __future__ import annotations

import pytest

from anmin.web.wording import Wording
from devices.instant import HOUR, MINUTE, SECOND
from devices.level import Hazard, Level
from rules.verdict import Evidence
from tests.support.web_view import HOME, NOW, inventory

ZH = Wording("zh", inventory(), 8 * HOUR)
EN = Wording("en", inventory(), -(3 * HOUR + 30 * MINUTE))


def test_times_are_local_and_say_their_offset() -> None:
    assert ZH.clock(NOW) == "14:02:11"
    assert ZH.iso(NOW) == "2026-11-23T14:02:11+08:00"
    assert ZH.clock(0) == "--:--:--"
    assert EN.day_clock(NOW) == "11-23 02:32:11"
    assert EN.iso(NOW) == "2026-11-23T02:32:11-03:30"


def test_a_span_never_runs_backwards() -> None:
    assert ZH.span(102 * SECOND) == "00:01:42"
    assert ZH.span(-SECOND) == "00:00:00"
    assert ZH.span(30 * HOUR) == "30:00:00"


@pytest.mark.parametrize(
    ("length", "said", "chinese"),
    [
        (-SECOND, "0 s", "0 秒"),
        (40 * SECOND, "40 s", "40 秒"),
        (119 * SECOND, "119 s", "119 秒"),
        (12 * MINUTE, "12 min", "12 分钟"),
        (3 * HOUR, "3 h", "3 小时"),
        (72 * HOUR, "3 d", "3 天"),
    ],
)
def test_rough_lengths_use_the_unit_people_would_use(length: int, said: str, chinese: str) -> None:
    assert (EN.roughly(length), ZH.roughly(length)) == (said, chinese)


def test_an_agreed_time_is_said_exactly() -> None:
    assert [EN.limit(length) for length in (MINUTE, 90 * SECOND, 5 * MINUTE)] == ["1 min", "90 s", "5 min"]


def test_channels_and_parts_have_words_and_unknown_ones_their_own_name() -> None:
    assert (ZH.channel("webhook"), ZH.channel("pigeon")) == ("消息网关", "pigeon")
    assert (EN.part("mqtt-alarm"), EN.part("x")) == ("alarm line", "x")
    assert ZH.trouble("channels", "crew, siren") == "消防站页面（无人打开）、声光警报器"
    assert ZH.trouble("disk", "low") == "空间不足"
    assert ZH.trouble("mqtt-alarm", "[Errno 111]") == "[Errno 111]"


def test_levels_are_roman_with_a_word_and_unknown_is_a_word_of_its_own() -> None:
    assert ZH.level(Level.CRITICAL) == "Ⅰ级 红"
    assert EN.level(Level.PREALARM) == "Level Ⅲ yellow"
    assert EN.level_short(Level.ALARM) == "Ⅱ orange"
    assert ZH.level(Level.UNKNOWN) == "未知"
    assert ZH.level(Level.CLEAR) == "正常"


def test_an_unknown_value_says_so_and_is_not_zero() -> None:
    assert ZH.value("gas_lel_percent", None) == "未知"
    assert ZH.value("gas_lel_percent", 0.0) == "0 %LEL"
    assert ZH.value("gas_lel_percent", 22.0) == "22 %LEL"
    assert EN.value("smoke_alarm", 0.0) == "no alarm"
    assert EN.value("tamper", 1.0) == "yes"
    assert EN.value("never_heard_of", 3.5) == "3.5"


def test_a_fact_names_what_was_measured() -> None:
    assert ZH.fact(Evidence("d", "smoke_alarm", 1.0, None, NOW, 1)) == "烟雾报警"
    assert ZH.fact(Evidence("d", "smoke_alarm", None, None, NOW, 1)) == "烟雾报警 未知"
    assert EN.fact(Evidence("d", "gas_lel_percent", 22.0, 10.0, NOW, 1)) == "combustible gas 22 %LEL"


def test_names_are_found_and_an_unknown_id_is_shown_as_it_is() -> None:
    assert ZH.person("wang") == "王芳"
    assert ZH.person("r-1203") == "赵敏"
    assert ZH.person("system") == "系统"
    assert ZH.person(HOME) == "3号楼2单元12层1203"
    assert ZH.person("somebody") == "somebody"
    assert EN.subject("smoke-1203") == "kitchen smoke"
    assert EN.subject("unknown:x/y") == "unknown:x/y"
    assert EN.station("station-1") == "Xingfuli micro station"
    assert EN.station("station-9") == "station-9"
    assert EN.community() == "Xingfuli Community"
    assert EN.hazard(Hazard.CO) == "Carbon monoxide"
