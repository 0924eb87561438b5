"""What simulated devices say is what the product understands: two writings of each dialect, held together."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anmin.community import to_inventory
from anmin.dialects import registry_of
from anmin.document import Document
from anmin.profiles import BUILT_IN
from anmin.settings import Settings, read
from devices.instant import SECOND
from devices.quantity import QUANTITIES, QuantityKind
from ingest.admit import Admission
from ingest.decode import decode
from ingest.message import Decoded, Ignored, Record, RecordKind, Rejected
from ingest.registry import DialectRegistry
from simulator.dialects.registry import DIALECTS
from simulator.town import COMMUNITY, Plan, town
from simulator.voice import Identity, Said, Values, Voice

NOW = 1_800_000_000 * SECOND
CASES = [(name, kind) for name, dialect in DIALECTS.items() for kind in dialect.models if kind != "gateway"]
CARRIED = ("gateway", "siren", "loudspeaker", "sounder", "valve")
RESOLUTION = {"temperature_c": 1.0, "water_level_mm": 10.0, "battery_percent": 1.0}
"""The coarsest of any dialect: whole degrees, centimetres, percents."""


def product() -> DialectRegistry:
    loaded = read(None, {}, {"dialects.tasmota_switches": ["Switch1=water_leak_alarm"]})
    assert isinstance(loaded.settings, Settings)
    return registry_of(loaded.settings, COMMUNITY, every=True)


def understood(registry: DialectRegistry, said: Iterable[Said]) -> list[Decoded]:
    found: list[Decoded] = []
    for number, one in enumerate(said, 1):
        assert not set(one.topic) & set("+#")
        record = Record(number, NOW, RecordKind.MESSAGE, "mqtt", one.topic, one.payload, retain=one.retained)
        decoded = decode(record, registry)
        assert not isinstance(decoded, Rejected), (one, decoded)
        if not isinstance(decoded, Ignored):
            found += decoded
    return found


def speaker(name: str, kind: str) -> tuple[Voice, str]:
    dialect = DIALECTS[name]
    address = dialect.address(f"{kind}-b1-101", 7)
    who = Identity(COMMUNITY, f"{kind}-b1-101", address, kind)
    return dialect.voice(who, random.Random(3)), address


def measured(data: st.DataObject, quantities: Iterable[str]) -> dict[str, float | bool]:
    values: dict[str, float | bool] = {}
    for name in quantities:
        known = QUANTITIES[name]
        if known.kind is QuantityKind.NUMBER:
            low, high = (
                max(known.low, -30.0 if name == "temperature_c" else 0.0),
                min(known.high, 80.0 if name == "temperature_c" else 5_000.0),
            )
            values[name] = round(data.draw(st.floats(low, high)))
        else:
            values[name] = data.draw(st.booleans())
    return values


def told(decoded: Iterable[Decoded], address: str) -> dict[str, float | None]:
    points: dict[str, float | None] = {}
    for one in decoded:
        assert one.address == address
        points |= {point.quantity: point.value for point in one.points}
    return points


def same(said: Values, points: dict[str, float | None]) -> None:
    for name, value in said.items():
        if name == "sos_alarm":
            continue
        assert name in points, (name, points)
        assert points[name] == pytest.approx(float(value or 0), abs=RESOLUTION.get(name, 0.01)), name


@pytest.mark.parametrize(("name", "kind"), CASES, ids=[f"{name}-{kind}" for name, kind in CASES])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_quantity_of_every_model_comes_through(name: str, kind: str, data: st.DataObject) -> None:
    voice, address = speaker(name, kind)
    registry = product()
    understood(registry, voice.online(NOW))
    values = measured(data, DIALECTS[name].models[kind].quantities)
    same(values, told(understood(registry, voice.reading(values, NOW)), address))


ALARMS = [
    (name, kind, quantity)
    for name, kind in CASES
    for quantity in DIALECTS[name].models[kind].quantities
    if quantity.endswith("_alarm")
] + [(name, "sos", "sos_alarm") for name in DIALECTS if "sos" in DIALECTS[name].models]


@pytest.mark.parametrize(("name", "kind", "quantity"), sorted(set(ALARMS)))
def test_an_alarm_is_an_alarm_and_its_end_its_end(name: str, kind: str, quantity: str) -> None:
    voice, address = speaker(name, kind)
    registry = product()
    understood(registry, voice.online(NOW))
    calm: dict[str, float | bool] = {
        one: 0.0 if QUANTITIES[one].kind is QuantityKind.NUMBER else False
        for one in (*DIALECTS[name].models[kind].quantities, quantity)
    }
    understood(registry, voice.reading(calm, NOW))
    points = told(understood(registry, voice.event(calm | {quantity: True}, NOW + SECOND)), address)
    assert points[quantity] == 1.0
    after = told(understood(registry, voice.reading(calm, NOW + 2 * SECOND)), address)
    assert after.get(quantity, 0.0) == 0.0


@pytest.mark.parametrize("name", ["native", "zigbee2mqtt", "shelly", "tasmota", "home_assistant"])
def test_presence_is_told_where_the_dialect_knows_it(name: str) -> None:
    kind = "water_leak"
    voice, address = speaker(name, kind)
    registry = product()
    assert [one.online for one in understood(registry, voice.online(NOW)) if one.online is not None] == [True]
    gone = understood(registry, voice.offline(NOW + SECOND))
    assert [(one.address, one.online) for one in gone] == [(address, False)]


@pytest.mark.parametrize("name", list(DIALECTS))
def test_what_a_town_says_is_known_to_its_own_community_file(name: str) -> None:
    kinds = [kind for kind in DIALECTS[name].models if kind not in CARRIED]
    plan = Plan(1, 2, 1, dict.fromkeys(kinds, 1), dialects=dict.fromkeys(kinds, (name,)))
    place = town(1, plan)
    inventory, findings = to_inventory(Document("town", place.document))
    assert findings == ()
    assert inventory is not None
    admission, registry = Admission(inventory), product()
    for sensor in place.sensors:
        who = Identity(COMMUNITY, sensor.id, sensor.address or sensor.id, sensor.kind)
        voice = DIALECTS[name].voice(who, random.Random(1))
        said = (*voice.online(NOW), *voice.event({"sos_alarm": True}, NOW))
        record = Record(1, NOW, RecordKind.MESSAGE, "m", "t", b"")
        heard = [admission.admit(record, one) for one in understood(registry, said)]
        assert {one.device_id for one in heard} == {sensor.id}
        profile = inventory.devices[sensor.id].profile
        assert profile == BUILT_IN[profile.id]
        assert profile.kind.value == sensor.kind
