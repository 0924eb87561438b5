"""Everything that is fuzzed, by name."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from anmin.dialects import MAKE, registry_of
from bench.messages import TALKS, settings
from bench.messages_cn import Message, Talk
from ingest.registry import Dialect, Remembering
from tests.fuzz import parts, planted
from tests.fuzz.judge import Run
from tests.fuzz.talks import TalkTarget

FOLDERS: Final[Mapping[str, str]] = {
    "zigbee2mqtt": "zigbee2mqtt",
    "home_assistant": "homeassistant",
    "chirpstack": "chirpstack_v4",
    "things_stack": "tts_v3",
    "tasmota": "tasmota",
    "shelly": "shelly_gen2",
    "sparkplug": "sparkplug_b",
    "plain": "generic_mqtt",
}
_OTHERS: Final = "cn_platforms"
"""The recorded messages of dialects that are not among FOLDERS."""
_INGEST: Final = Path(__file__).resolve().parents[2] / "ingest"
_LORAWAN: Final = (".", ("dialects/chirpstack", "dialects/things_stack", "lorawan/*"))
_SOURCES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "native": (".", ("native*",)),
    **dict.fromkeys(("chirpstack", "things_stack", "lorawan"), _LORAWAN),
    **{name: ("dialects", (name, "cn_*")) for name in ("onenet", "ctwing", "aliyun", "tuya", "cn_gateways")},
    "template": ("dialects", ("home_assistant_path",)),
    **dict.fromkeys(("strict_json", "times", "plain"), ("dialects", ("plain",))),
}
_QUOTED: Final = re.compile(r'"([^"\\\n{}]{2,400})"')
_WORD: Final = 40
_OWN: Final = frozenset({"native", "gb26875"})
_LONGEST: Final = 8192

SETTINGS: Final = settings()
DIALECTS: Final = registry_of(SETTINGS, None, every=True).names


class Target(NamedTuple):
    run: Run
    seeds: Callable[[], Iterable[bytes]]


_PARTS: Final[Mapping[str, Target]] = {
    "lorawan": Target(parts.lorawan, parts.lorawan_seeds),
    "gb26875_frames": Target(parts.gb26875_frames, parts.frame_seeds),
    "gb26875_bodies": Target(parts.gb26875_bodies, parts.body_seeds),
    "template": Target(parts.template, parts.template_seeds),
    "strict_json": Target(parts.strict_json, parts.json_seeds),
    "times": Target(parts.times, parts.time_seeds),
}
NAMES: Final = (*DIALECTS, *_PARTS)
PLANTED: Final[Mapping[str, Target]] = {
    "planted_fault": Target(planted.fails, lambda: (b"S",)),
    "planted_delay": Target(planted.is_slow, lambda: (b"S",)),
}


def target(name: str, data: Path | None) -> Target:
    """`data`: the folder of recorded messages, where there is one."""
    part = _PARTS.get(name) or PLANTED.get(name)
    if part is not None:
        return part
    recorded = list(_recorded(name, data)) if data is not None else []
    made = TalkTarget(name, _maker(name), TALKS.get(name, Talk(())), [one.topic for one in recorded])
    return Target(made.run, lambda: (*made.seeds(), *(made.input((one,)) for one in recorded)))


def words(name: str) -> Iterator[str]:
    """Every text in quotes in the modules of a decoder: names that no coverage leads to, for it is not seen
    which key a table is asked for."""
    folder, patterns = _SOURCES.get(name, ("dialects", (f"{name.partition('_')[0]}*", name + "*")))
    for path in sorted({path for one in patterns for path in (_INGEST / folder).glob(f"{one}.py")}):
        for text in _QUOTED.findall(path.read_text("utf-8")):
            yield from (text, *text.split()) if len(text) <= _WORD else text.split()


def _maker(name: str) -> Callable[[], Dialect]:
    """A dialect that remembers nothing is made once."""
    found = registry_of(SETTINGS, None, every=True).named(name)
    assert found is not None, name
    return (lambda: MAKE[name](SETTINGS)) if isinstance(found, Remembering) else (lambda: found)


def _recorded(name: str, data: Path) -> Iterator[Message]:
    folder = data / "payloads" / FOLDERS.get(name, _OTHERS)
    index = folder / "index.jsonl"
    if name in _OWN or not index.is_file():
        return
    for line in index.read_text("utf-8").splitlines():
        item = json.loads(line)
        path = folder / item["file"]
        payload = base64.b64decode(path.read_bytes()) if path.suffix == ".b64" else path.read_bytes()
        if path.suffix == ".jsonl":
            payload = payload.splitlines()[0]
        if len(payload) <= _LONGEST and path.suffix != ".csv":
            payload = payload if path.suffix == ".b64" else payload.strip()
            yield Message(item["topic"] if name in FOLDERS else f"push/{name}", payload)
