"""Whatever is in a file, reading it ends with findings, never with an exception."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from anmin.canon import canonical, from_canonical
from anmin.community import difference, to_document, to_inventory
from anmin.document import read
from anmin.form import CommunityForm
from anmin.settings import describe
from anmin.settings import read as read_settings

EXAMPLE = (Path(__file__).parents[2] / "deploy" / "examples" / "community.yaml").read_text(encoding="utf-8")

KEYS = sorted(
    {*CommunityForm.model_fields, "id", "zh", "units", "floors", "per_floor", "profile", "place", "crew"}
)
WORDS = st.sampled_from(["b1", "xfl", "1-3", "native-smoke", "duty", "3 h", "", "a/b", "\u202e", "楼"])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, width=16) | WORDS
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)


def as_yaml(data: Any) -> str:
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, text)
    return text.getvalue()


@given(st.text(max_size=300))
def test_any_text_is_read_to_a_document(text: str) -> None:
    document = read(text, "f")
    assert document.ok or all(found.line >= 1 and found.column >= 1 for found in document.findings)


@given(st.text("ab:-[]{}*&!#|>'\"? \n\t,", max_size=60))
def test_any_play_of_signs_is_read_to_a_document(text: str) -> None:
    assert read(text, "f").name == "f"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_a_document(data: bytes) -> None:
    assert read(data, "f").name == "f"


@given(st.integers(0, len(EXAMPLE)), st.text(max_size=5), st.integers(0, 20))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_damage_to_a_good_file_is_survived(at: int, put: str, cut: int) -> None:
    inventory, findings = to_inventory(read(EXAMPLE[:at] + put + EXAMPLE[at + cut :], "f"))
    assert (inventory is None) == any(found.is_error for found in findings)


@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_data_is_an_inventory_or_says_why_not(data: dict[str, Any]) -> None:
    inventory, findings = to_inventory(read(as_yaml(data), "f"))
    assert (inventory is None) == any(found.is_error for found in findings)
    assert all(found.zh and found.en for found in findings)


PLACES = st.lists(st.integers(-2, 6).filter(bool), min_size=1, max_size=6, unique=True)


@given(PLACES, st.lists(st.integers(1, 30), max_size=4, unique=True), st.sampled_from(["crowded", "garage"]))
@settings(deadline=None)
def test_any_building_survives_export_and_storage(floors: list[int], doors: list[int], kind: str) -> None:
    data = {
        **{name: {"id": name[:3]} for name in ("county", "street", "community")},
        "buildings": [{"id": "b1", "units": [{"id": "u1", "floors": floors, "per_floor": doors}]}],
        "zones": [{"id": "z", "kind": kind}],
    }
    inventory, findings = to_inventory(read(as_yaml(data), "f"))
    assert inventory is not None, findings
    again, _ = to_inventory(read(to_document(inventory), "f"))
    assert again == inventory == from_canonical(canonical(inventory))
    assert difference(inventory, again) == ()


NAMES = st.sampled_from([f"ANMIN_{row.name.replace('.', '__').upper()}" for row in describe()])


@given(st.dictionaries(NAMES, st.text(max_size=12).filter(lambda text: "\0" not in text), max_size=4))
@settings(deadline=None)
def test_any_environment_is_settings_or_says_why_not(environ: dict[str, str]) -> None:
    loaded = read_settings(None, environ)
    assert (loaded.settings is None) == any(found.is_error for found in loaded.findings)
