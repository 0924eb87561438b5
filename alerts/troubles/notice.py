"""What the duty staff are told of troubles: one message for all that is new, due again or over."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from alerts.broadcasts.audience import WATCHERS
from alerts.broadcasts.broadcast import Audience, Broadcast, LiveSend, Purpose, Recipient, send_key
from alerts.broadcasts.lexicon import Pair
from alerts.broadcasts.message import clean
from alerts.troubles.kind import TroubleKind
from devices.instant import HOUR, Instant, Micros, rfc3339
from devices.inventory import Inventory
from devices.station import Responder

TROUBLES: Final = "troubles"
"""Stands where a send names its incident: a newer notice replaces one that has not left yet."""
WITHIN: Final[Micros] = HOUR
SHOWN: Final = 5
"""So many are named; the others are counted."""

KINDS: Final = {
    TroubleKind.AREA: Pair("大面积失联（停电或断网）", "many devices lost at once (power or network)"),
    TroubleKind.LOST: Pair("失联", "lost contact"),
    TroubleKind.FAULT: Pair("故障", "fault"),
    TroubleKind.TAMPER: Pair("被拆动", "tampered with"),
    TroubleKind.BATTERY: Pair("电量低", "battery low"),
    TroubleKind.END_OF_LIFE: Pair("自报寿命到期", "says that its life is over"),
    TroubleKind.EXPIRED: Pair("过了使用期限", "past its service life"),
    TroubleKind.MUTED: Pair("一直处于消音", "left muted"),
    TroubleKind.COMMAND: Pair("指令没有执行或没有回执", "a command was not done or not confirmed"),
    TroubleKind.IMPLAUSIBLE: Pair("读数不可能", "readings that cannot be"),
    TroubleKind.STUCK: Pair("读数多日不变", "a reading that has not moved for days"),
    TroubleKind.STALE: Pair("有一项读数不再上报", "no longer says one of its readings"),
    TroubleKind.TEST_DUE: Pair("该测试了", "due for a test"),
    TroubleKind.CALIBRATION_DUE: Pair("该校准了", "due for calibration"),
}


class Line(NamedTuple):
    """One trouble. `folded`: how many devices it stands for beside its own."""

    kind: TroubleKind
    subject: str
    place_id: str
    folded: int


def compose(
    due: Sequence[Line],
    over: Sequence[Line],
    standing: int,
    inventory: Inventory,
    at: Instant,
    version: int,
) -> Broadcast:
    """Who watches is told: the duty staff, and where none can be reached the next tier. Never a resident."""
    sends = []
    for person in _watchers(inventory):
        said = [_words(due, over, standing, inventory, _language(one)) for one in person.languages or ("zh",)]
        text = "\n".join(dict.fromkeys(said))
        for contact in person.contacts:
            who = Recipient(person.id, Audience.DUTY, contact.channel, contact.address, person.languages)
            key = send_key(TROUBLES, version, person.id, f"{contact.channel}\x1f{contact.address}")
            title = "设备故障" if _language((person.languages or ("zh",))[0]) == "zh" else "Device troubles"
            data = _data(due, over, standing, at, version)
            sends.append(
                LiveSend(
                    key, TROUBLES, version, Purpose.TROUBLE, who, title, text, data, at, at + WITHIN, False
                )
            )
    return Broadcast(TROUBLES, version, Purpose.TROUBLE, False, tuple(sends))


def _watchers(inventory: Inventory) -> tuple[Responder, ...]:
    for role in WATCHERS:
        found = tuple(person for person in inventory.with_role(role) if person.contacts)
        if found:
            return found
    return ()


def _language(language: str) -> str:
    return "zh" if language == "zh" else "en"


def _words(
    due: Sequence[Line], over: Sequence[Line], standing: int, inventory: Inventory, language: str
) -> str:
    """`【设备】烟感 3号楼2单元1203：失联。…另有 4 处。现有 6 处故障。`"""
    zh = language == "zh"
    parts = [*_listed(due, inventory, language)]
    if over:
        gone = (
            "；".join(_names(over, inventory, language))
            if zh
            else "; ".join(_names(over, inventory, language))
        )
        parts.append(f"已恢复：{gone}" if zh else f"Back to normal: {gone}")
    if zh:
        return f"【设备】{'。'.join(parts)}。现有 {standing} 处设备故障。"
    return f"[Devices] {'. '.join(parts)}. {standing} device troubles stand."


def _listed(lines: Sequence[Line], inventory: Inventory, language: str) -> Iterable[str]:
    """The first few by name, worst kinds first; the rest as counts by kind."""
    order = list(TroubleKind)
    ranked = sorted(lines, key=lambda line: order.index(line.kind))
    yield from _names(ranked[:SHOWN], inventory, language)
    rest = Counter(line.kind for line in ranked[SHOWN:])
    if rest:
        counted = [f"{KINDS[kind].said(language)} {number}" for kind, number in rest.items()]
        yield f"另有：{'、'.join(counted)}" if language == "zh" else f"And: {', '.join(counted)}"


def _names(lines: Sequence[Line], inventory: Inventory, language: str) -> list[str]:
    return [_name(line, inventory, language) for line in lines[: 2 * SHOWN]]


def _name(line: Line, inventory: Inventory, language: str) -> str:
    device, tree = inventory.devices.get(line.subject), inventory.tree
    place = clean(tree.name(line.place_id, language)) if line.place_id in tree.places else ""
    what = KINDS[line.kind].said(language)
    label = clean(device.name(language)) if device else (line.subject if not place else "")
    where = " ".join(part for part in (place, label) if part)
    zh = language == "zh"
    number = (f"，共 {line.folded} 台" if zh else f", {line.folded} devices") if line.folded else ""
    return f"{where}{'：' if zh else ': '}{what}{number}"


def _data(due: Sequence[Line], over: Sequence[Line], standing: int, at: Instant, version: int) -> str:
    facts = {
        "v": 1,
        "purpose": Purpose.TROUBLE.value,
        "version": version,
        "at": rfc3339(at),
        "standing": standing,
        "troubles": [_fact(line) for line in due[:100]],
        "over": [_fact(line) for line in over[:100]],
    }
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def _fact(line: Line) -> dict[str, object]:
    return {
        "kind": line.kind.value,
        "subject": line.subject,
        "place_id": line.place_id,
        "devices": line.folded,
    }
