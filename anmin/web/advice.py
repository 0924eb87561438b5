"""What residents read: the advice of their messages step by step, and the page's own sentences."""

from __future__ import annotations

import re

from alerts.broadcasts.advice import RESIDENT
from anmin.web.wording import begun
from devices.level import Hazard

_STEP = re.compile(r"；|; |(?<=\.) ")

TEXTS: dict[str, tuple[str, str]] = {
    "official": ("正式通知", "Official notice"),
    "drill": ("演练，不是真的", "Drill, not real"),
    "alert": ("您家的探测器报警，正在核实", "A detector in your home raised an alarm; it is being checked"),
    "do_now": ("现在请做", "Do this now"),
    "safe": ("我安全", "I am safe"),
    "help": ("我需要帮助", "I need help"),
    "got_safe": ("已收到：您安全。可以随时更改", "Received: you are safe. You can change it any time"),
    "got_help": (
        "已收到：您需要帮助。仍然紧急请拨打 119",
        "Received: you need help. If it stays urgent, call 119",
    ),
    "not_sent": (
        "没发出去。请再按一次，或打电话",
        "It was not sent. Press again or phone",
    ),
    "quiet": ("目前没有紧急情况", "There is no emergency now"),
    "not_known": (
        "数据中断，现在的情况不知道。有危险请拨打 119",
        "No current data: what is happening is not known. In danger, call 119",
    ),
    "over": ("已解除", "It is over"),
    "over_false": ("已更正：不是真的险情", "Corrected: it was not a real danger"),
    "phones": ("打电话", "Phone"),
    "fire_brigade": ("火警", "Fire"),
    "ambulance": ("急救", "Ambulance"),
    "updated": ("{at} 更新", "updated {at}"),
    "for_home": ("{place} 住户", "For {place}"),
    "other_language": ("English", "中文"),
    "no_page": ("这个链接无效。有危险请拨打 119", "This link is not valid. In danger, call 119"),
    "reload": ("刷新", "Refresh"),
}


def say(key: str, language: str, **fields: object) -> str:
    text = TEXTS[key][0 if language == "zh" else 1]
    return text.format(**fields) if fields else text


def steps(hazard: Hazard, language: str, *, act: bool) -> tuple[str, ...]:
    """Word for word what the messages say, for page and message must never advise two things.

    `act` is when it is to be taken as real; before that people look first.
    """
    known = RESIDENT[hazard]
    said = (known.act if act else known.check).said(language)
    return tuple(begun(step.rstrip(".")) for step in _STEP.split(said))
