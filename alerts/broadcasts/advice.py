"""The words for what to do, per hazard and per kind of reader, in Chinese and English.

Our own wording of what fire brigades and gas suppliers tell households everywhere: stairs and closed doors;
stay in when the corridor is full of smoke; no switch, flame or phone in gas; out of the house for carbon
monoxide; never after the car into water.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from alerts.broadcasts.lexicon import Pair
from devices.level import Hazard


class Advice(NamedTuple):
    """What to do: while it is looked at, when it is to be taken as real, when it is over."""

    check: Pair
    act: Pair
    clear: Pair


RESIDENT: Final[Mapping[Hazard, Advice]] = {
    Hazard.FIRE: Advice(
        Pair(
            "先看一眼；有火或有烟，马上走楼梯离开，不乘电梯，随手关门，到室外打119；没有火情，请告诉值班室",
            "look first; with fire or smoke, leave by the stairs, not the lift, close doors, call 119 from "
            "outside; without, tell the duty room",
        ),
        Pair(
            "马上走楼梯离开，不乘电梯，随手关门，帮助老人、孩子和邻居；走廊有浓烟或走不了楼梯，就留在屋里，关门堵缝，"
            "到窗口呼救并打119",
            "leave now by the stairs, not the lift; close doors; help neighbours, children and the old. "
            "With smoke in the corridor, or if you cannot use stairs: stay in, seal the door, signal from a "
            "window, call 119",
        ),
        Pair(
            "可以返回，先开窗通风；再闻到烟味，马上离开并打119",
            "you may return; air the rooms first; if you smell smoke again, leave and call 119",
        ),
    ),
    Hazard.GAS: Advice(
        Pair(
            "不要开关电灯和电器，不用明火，不在屋里打电话；开窗，关燃气阀，走楼梯离开，不乘电梯，到室外再打电话",
            "touch no switch, no flames, no phone indoors; open windows, close the gas valve, leave by the "
            "stairs, not the lift, phone only from outside",
        ),
        Pair(
            "不要开关电灯和电器，不用明火，不在屋里打电话；开窗，走楼梯离开，不乘电梯，帮助走不了楼梯的人，到室外再打119",
            "touch no switch, no flames, no phone indoors; open windows, leave by the stairs, not the lift, "
            "help those who cannot use stairs, call 119 only from outside",
        ),
        Pair(
            "可以返回，先开窗通风；再闻到燃气味，马上离开，到室外再打电话",
            "you may return; air the rooms first; if you smell gas again, leave and phone from outside",
        ),
    ),
    Hazard.CO: Advice(
        Pair(
            "马上开窗，所有人到室外；不再用燃气和炭火；有人头晕、恶心或昏迷，打120",
            "open the windows, everybody out into the open air; no gas or charcoal; if anybody is dizzy, "
            "sick or unconscious, call 120",
        ),
        Pair(
            "马上开窗，所有人到室外，叫上邻居；不再用燃气和炭火；有人头晕、恶心或昏迷，打120",
            "open the windows, everybody out, call your neighbours; no gas or charcoal; if anybody is dizzy, "
            "sick or unconscious, call 120",
        ),
        Pair(
            "可以返回，先开窗通风；热水器或炉具请人检修后再用；再头晕马上到室外并打120",
            "you may return; air the rooms first; have the heater or stove checked before use; if dizzy "
            "again, go outside and call 120",
        ),
    ),
    Hazard.FLOOD: Advice(
        Pair(
            "不要进地下车库和低洼处，不要去取车",
            "keep out of the garage and low ground, do not fetch your car",
        ),
        Pair(
            "在楼上就留在楼上；离开地下车库和低洼处，不要去取车，不要驾车或步行涉水，不碰水里的电器",
            "if you are upstairs stay there; leave the garage and low ground; do not fetch cars, do not "
            "drive or walk through water, touch no appliance in water",
        ),
        Pair(
            "可以返回；泡过水的车和电器，检查以前不要启动",
            "you may return; do not start cars or appliances that stood in water before they are checked",
        ),
    ),
    Hazard.WATER_LEAK: Advice(
        Pair(
            "关上家里的水阀，不要碰湿的插座和电器，告诉值班室",
            "close your water valve, touch no wet socket or appliance, tell the duty room",
        ),
        Pair(
            "关上家里的水阀，不要碰湿的插座和电器，告诉值班室",
            "close your water valve, touch no wet socket or appliance, tell the duty room",
        ),
        Pair("可以恢复用水；再漏水请告诉值班室", "you may use water again; if it leaks, tell the duty room"),
    ),
    Hazard.ELECTRICAL: Advice(
        Pair(
            "不要碰冒烟、发烫的电器和电线，不要泼水；有火或有烟，走楼梯离开，不乘电梯，打119",
            "touch nothing that smokes or is hot, pour no water; with fire or smoke, leave by the stairs, "
            "not the lift, call 119",
        ),
        Pair(
            "不要碰冒烟、发烫的电器和电线，不要泼水；马上走楼梯离开，不乘电梯，随手关门，到室外打119；走廊有浓烟或走不了楼梯，"
            "就留在屋里，关门堵缝，到窗口呼救",
            "touch nothing that smokes or is hot, pour no water; leave now by the stairs, not the lift, "
            "close doors, call 119 from outside. With smoke in the corridor, or if you cannot use stairs: "
            "stay in, seal the door, signal from a window",
        ),
        Pair(
            "可以返回；有问题的电器和线路，修好以前不要用",
            "you may return; do not use the faulty appliance or line before it is repaired",
        ),
    ),
    Hazard.SOS: Advice(
        Pair(
            "工作人员正在赶来，请打电话或上门看看；有生命危险打120",
            "staff are on the way; please phone or go and look; if a life is in danger, call 120",
        ),
        Pair(
            "工作人员正在赶来，请打电话或上门看看；有生命危险打120",
            "staff are on the way; please phone or go and look; if a life is in danger, call 120",
        ),
        Pair("求助已处理，不用再做什么", "the call was answered; there is nothing more to do"),
    ),
}

_CHECK_FIRE = Pair(
    "马上核实（打电话、看监控、派人看）；属实点确认，误报点误报，说不清按真火处置并打119",
    "verify now by phone, camera or a person: confirm if real, dispute if false; in doubt treat it as fire, "
    "call 119",
)
_STAND_DOWN = Pair("收队，复位设备，写明处置结果", "stand down, reset the devices, record the outcome")

DUTY: Final[Mapping[Hazard, Advice]] = {
    Hazard.FIRE: Advice(
        _CHECK_FIRE,
        Pair(
            "打119，派微型消防站，组织疏散，先帮需协助住户，清点人数",
            "call 119, send the micro fire station, evacuate, help those who need assistance first, count",
        ),
        _STAND_DOWN,
    ),
    Hazard.GAS: Advice(
        Pair(
            "马上派人核实，敲门不按门铃，叫住户不动开关、不用明火；说不清按泄漏处置，打119和燃气公司",
            "send somebody to verify now, to knock and not to ring, tell the home to touch no switch and use "
            "no flame; in doubt treat it as a leak, call 119 and the gas supplier",
        ),
        Pair(
            "打119和燃气公司，禁止动开关和明火，组织疏散，敲门不按门铃，看住入口",
            "call 119 and the gas supplier, no switches, no flames, evacuate, knock and do not ring, guard "
            "the entrance",
        ),
        _STAND_DOWN,
    ),
    Hazard.CO: Advice(
        Pair(
            "马上打电话叫人开窗到室外；无人接听就上门，打120",
            "phone at once (windows open, everybody out); if nobody answers send somebody and call 120",
        ),
        Pair(
            "打120和119，叫所有人到室外，逐户敲门，清点人数",
            "call 120 and 119, everybody outside, knock at every door, count",
        ),
        _STAND_DOWN,
    ),
    Hazard.FLOOD: Advice(
        Pair(
            "马上看现场和监控，封住车库和低洼入口",
            "look at the place and cameras now, close the garage and low ways",
        ),
        Pair(
            "封住车库和低洼入口，叫停车辆，确认里面没有人，派人排水，有人被困打119",
            "close the garage and low ways, stop cars, make sure nobody is inside, pump; if anybody is "
            "trapped, call 119",
        ),
        _STAND_DOWN,
    ),
    Hazard.WATER_LEAK: Advice(
        Pair(
            "联系住户；联系不上，请物业关总阀", "phone the home; without an answer have the main valve closed"
        ),
        Pair(
            "联系住户，请物业关总阀，查看楼下",
            "phone the home, close the main valve, look at the floor below",
        ),
        _STAND_DOWN,
    ),
    Hazard.ELECTRICAL: Advice(
        Pair(
            "马上核实，请电工查这条线路；有火或有烟打119",
            "verify now, have an electrician look at the line; with fire or smoke call 119",
        ),
        Pair(
            "打119，请电工切断这条线路，派微型消防站，不许用水浇",
            "call 119, have an electrician cut the line, send the micro fire station, no water",
        ),
        _STAND_DOWN,
    ),
    Hazard.SOS: Advice(
        Pair(
            "马上打电话或上门；有生命危险打120",
            "phone or go there now; if a life is in danger, call 120",
        ),
        Pair(
            "派人上门，打120，通知家属",
            "send somebody, call 120, tell the family",
        ),
        _STAND_DOWN,
    ),
}

CREW: Final[Mapping[Hazard, Pair]] = {
    Hazard.FIRE: Pair(
        "点收到，带灭火器材马上到场，先喊人疏散，再灭小火，火大就退出等119",
        "accept, go now with extinguishers, get people out first, fight only a small fire, else wait for 119",
    ),
    Hazard.GAS: Pair(
        "点收到，马上到场，现场不用对讲机和手机，不动开关，不用明火，带检测仪，从室外关阀，疏散",
        "accept and go now; there no radio, phone, switch or flame; take a gas meter, close the valve from "
        "outside, evacuate",
    ),
    Hazard.CO: Pair(
        "点收到，马上到场，先开窗通风，戴呼吸器进入，救人到室外，打120",
        "accept, go now, air first, enter with breathing apparatus, bring people out, call 120",
    ),
    Hazard.FLOOD: Pair(
        "点收到，马上到场，拦住车和人，不下深水，架泵排水，有人被困打119",
        "accept, go now, stop cars and people, stay out of deep water, pump; if anybody is trapped, call 119",
    ),
    Hazard.WATER_LEAK: Pair(
        "点收到，到场关阀，注意触电", "accept, go and close the valve, beware of electric shock"
    ),
    Hazard.ELECTRICAL: Pair(
        "点收到，带干粉或二氧化碳灭火器马上到场，断电以前不用水",
        "accept, go now with powder or CO2 extinguishers, no water before the power is off",
    ),
    Hazard.SOS: Pair(
        "点收到，带急救包马上上门，有生命危险打120",
        "accept, go now with the first-aid kit; if a life is in danger, call 120",
    ),
}
CREW_BACK: Final = Pair("收队，清点人员和器材，归队", "stand down, count people and equipment, return")
PARTNER: Final = Pair("按联动预案处置", "act by your own response plan")
PARTNER_BACK: Final = Pair("解除联动", "end your response")
LOOK: Final = Pair(
    "查看现场和读数，暂不通知居民", "look at the place and the readings; residents are not told yet"
)
TAKE_OVER: Final = Pair("马上接手并确认收到；{do}", "take over and acknowledge now; {do}")
STAY: Final = Pair(
    "不用撤离，照常生活；如果看到险情，打119并告诉值班室",
    "no need to leave; if you see danger yourself, call 119 and tell the duty room",
)
RESET: Final = Pair("复位设备，查明误报原因", "reset the devices, find out why it was false")
ELSEWHERE: Final = Pair(
    "这里另有一起警情没有解除，按那条消息做", "another incident here is not over: do what its message says"
)
OTHER_ONE: Final = Pair("按另一条消息做", "do what the other message says")

SPOKEN: Final[Mapping[Hazard, Pair]] = {
    Hazard.FIRE: Pair(
        "请马上走楼梯离开，不要乘电梯，随手关门，帮助老人和孩子。走廊有浓烟，或者走不了楼梯，就留在屋里，关门堵缝，到窗口呼救",
        "Leave now by the stairs, not the lift. Close doors and help your neighbours. If the corridor is "
        "full of smoke, or you cannot use stairs, stay in, seal the door and signal from a window",
    ),
    Hazard.GAS: Pair(
        "不要碰任何开关，不要用明火，不要在屋里打电话。请开窗，走楼梯离开，不要乘电梯，到室外再打119",
        "Do not touch any switch. No flames, no phones indoors. Open windows, leave by the stairs, not the "
        "lift, and call 119 only from outside",
    ),
    Hazard.CO: Pair(
        "请马上打开窗户，所有人到室外，叫上邻居。不要再用燃气和炭火。有人头晕、恶心或者昏迷，请打120",
        "Open the windows now and go outside, everybody. Use no gas and no charcoal. If anybody is dizzy, "
        "sick or unconscious, call 120",
    ),
    Hazard.FLOOD: Pair(
        "请马上离开地下车库和低洼的地方。在楼上的，请留在楼上，不要去取车，不要驾车或者步行涉水，不要碰水里的电器",
        "Leave the garage and low ground now. If you are upstairs, stay there and do not fetch your car. Do "
        "not drive or walk through water, and touch no appliance in water",
    ),
    Hazard.WATER_LEAK: Pair(
        "请这一户关上家里的水阀，不要碰湿的插座和电器，需要帮助请马上告诉值班室",
        "Please close your water valve, touch no wet socket or appliance, and tell the duty room if you need "
        "any help",
    ),
    Hazard.ELECTRICAL: Pair(
        "不要碰冒烟或者发烫的电器，不要泼水。请马上走楼梯离开，不要乘电梯，随手关门，到室外再打119",
        "Touch nothing that smokes or is hot, and pour no water. Leave now by the stairs, not the lift, and "
        "call 119 from outside",
    ),
    Hazard.SOS: Pair(
        "工作人员正在赶来，请附近的住户上门看看，有生命危险请马上打120",
        "Staff are on the way. If you are near, please go and look. If a life is in danger, call 120 at once",
    ),
}
SPOKEN_OVER: Final = Pair(
    "请听从现场工作人员的安排。如果再发现险情，请马上到安全的地方，并打119。谢谢大家的配合",
    "Please follow the staff on the spot. If you notice danger again, go to a safe place at once and call "
    "119. Thank you",
)
