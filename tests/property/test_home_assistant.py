"""Nothing that Home Assistant is told names a household, a resident or a door, whatever happens to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.incidents.state import Incident, Stage
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage as TroubleStage
from alerts.troubles.trouble import Trouble
from anmin.community import to_inventory, to_yaml
from anmin.document import read
from anmin.homeassistant.announcements import Terms, cards
from anmin.homeassistant.states import community_state, device_state
from anmin.view import DeviceView, IncidentView, TroubleView, View
from anmin.words import WORDS
from devices.device import DeviceKind
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.liveness import Liveness
from devices.place import PlaceKind
from simulator.town import town

SECRET = b"s" * 32
PRIVATE = (PlaceKind.HOUSEHOLD, PlaceKind.FLOOR)


@cache
def community(seed: int) -> Inventory:
    inventory, _ = to_inventory(read(to_yaml(town(seed).document).encode(), "town.yaml"))
    assert inventory is not None
    return inventory


def texts(value: Any) -> Iterator[str]:
    """Every text and key in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


@cache
def private(seed: int) -> frozenset[str]:
    known = community(seed)
    inner = [place for place in known.tree.places.values() if place.kind in PRIVATE]
    names = {name for place in inner for name in (place.id, place.zh, place.en)}
    names |= {name for one in known.devices.values() for name in (one.id, one.address, one.zh, one.en)}
    for person in known.residents:
        names |= {person.id, person.name, *(contact.address for contact in person.contacts)}
    names -= {"", *(word for kind in DeviceKind for word in WORDS[f"kind.{kind.value}"])}
    return frozenset(names)


def given_away(seed: int, text: str) -> list[str]:
    """The private names in a text. A number within a longer number is another one."""
    return [name for name in private(seed) if name in text and re.search(_apart(name), text)]


def _apart(name: str) -> str:
    before = r"(?<!\d)" if name[0].isdigit() else ""
    return before + re.escape(name) + (r"(?!\d)" if name[-1].isdigit() else "")


@settings(deadline=None, max_examples=30)
@given(data=st.data(), seed=st.integers(0, 3), language=st.sampled_from(["zh", "en"]))
def test_no_name_and_no_door_leaves_the_house(data: st.DataObject, seed: int, language: str) -> None:
    known = community(seed)
    shown = View(known)
    places, devices = sorted(known.tree.places), sorted(known.devices)
    for number in range(data.draw(st.integers(0, 4))):
        name, place = f"inc_{number}", data.draw(st.sampled_from(places))
        hazard, level = data.draw(st.sampled_from(Hazard)), data.draw(st.sampled_from(Level))
        stage = data.draw(st.sampled_from(Stage))
        incident = Incident(name, hazard, place, number, stage=stage, peak=level, vouched_by="赵敏")
        shown.incidents[name] = IncidentView(incident, (), ())
    for number, subject in enumerate(data.draw(st.lists(st.sampled_from(devices), max_size=5))):
        kind = data.draw(st.sampled_from(TroubleKind))
        place_id = known.devices[subject].place_id
        trouble = Trouble(f"t{number}", kind, subject, place_id, 0, TroubleStage.STANDING)
        shown.troubles[trouble.id] = TroubleView(trouble, 0)
        shown.devices[subject] = DeviceView(
            known.devices[subject], data.draw(st.sampled_from(Liveness)), 0, troubles=(trouble.id,)
        )
    said = [community_state(shown, language), *map(device_state, shown.devices.values())]
    topics = []
    for card in cards(known, Terms("homeassistant", "anmin/-/homeassistant", language, SECRET)):
        topics += [card.config_topic, card.state_topic]
        said.append(card.config)
    said_as_text = (text for payload in said for text in texts(json.loads(payload)))
    assert given_away(seed, "\n".join((*topics, *said_as_text))) == []


def test_the_check_would_find_a_name() -> None:
    known = community(1)
    home = next(place for place in known.tree.places.values() if place.kind is PlaceKind.HOUSEHOLD)
    for name in (known.residents[0].name, home.zh, f"smoke detector {home.en} x", next(iter(known.devices))):
        assert given_away(1, f"an {name}!")
