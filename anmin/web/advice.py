"""What residents read: plain sentences, what to do first, in both languages. At most three steps."""

from __future__ import annotations

from devices.level import Hazard

STEPS: dict[Hazard, tuple[tuple[str, str], ...]] = {
    Hazard.FIRE: (
        ("马上走楼梯下楼，不坐电梯", "Leave now by the stairs, not by the lift"),
        ("烟大就关门，用湿布堵门缝", "If there is heavy smoke, stay in, close the door, block the gap"),
        ("到楼外集合点，不要回去拿东西", "Go to the assembly point, do not go back"),
    ),
    Hazard.GAS: (
        ("不要开关电灯和电器", "Do not touch any light or switch"),
        ("开窗，关燃气阀", "Open windows, close the gas valve"),
        ("走楼梯下楼，到外面再打电话", "Leave by the stairs, phone only outside"),
    ),
    Hazard.CO: (
        ("马上开窗", "Open the windows at once"),
        ("所有人到室外", "Everybody goes outside"),
        ("头晕恶心打 120", "If dizzy or sick, call 120"),
    ),
    Hazard.FLOOD: (
        ("到高的楼层去", "Go to a higher floor"),
        ("不要进地下车库", "Keep out of the basement and garage"),
        ("不要碰水里的电器", "Do not touch appliances in water"),
    ),
    Hazard.WATER_LEAK: (
        ("关家里的水阀", "Close your water valve"),
        ("不要碰湿的插座", "Do not touch wet sockets"),
    ),
    Hazard.ELECTRICAL: (
        ("不要碰冒烟的电器", "Do not touch anything that smokes"),
        ("能安全做到就拉总闸", "Switch off the mains if that is safe"),
        ("走楼梯下楼", "Leave by the stairs"),
    ),
    Hazard.SOS: (("有人求助，工作人员正在赶来", "Somebody called for help, staff are on the way"),),
}

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
