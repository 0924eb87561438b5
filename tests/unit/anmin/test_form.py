"""The shapes of the community file: ranges, lengths, contacts, names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from anmin.finding import Wrong
from anmin.form import (
    BuildingForm,
    CommunityForm,
    DeviceForm,
    FloorForm,
    PersonForm,
    ProfileForm,
    ResidentForm,
    RetiredForm,
    StationForm,
    ThresholdForm,
    UnitForm,
    ZoneForm,
)
from anmin.profiles import BUILT_IN
from devices.device import DeviceKind
from devices.instant import HOUR, MINUTE, SECOND
from devices.quantity import QUANTITIES
from devices.resident import Contact, Need
from devices.station import Role

FORMS: tuple[type[BaseModel], ...] = (
    BuildingForm,
    CommunityForm,
    DeviceForm,
    FloorForm,
    PersonForm,
    ProfileForm,
    ResidentForm,
    RetiredForm,
    StationForm,
    ThresholdForm,
    UnitForm,
    ZoneForm,
)


def wrong(error: ValidationError) -> list[str]:
    found = []
    for fault in error.errors():
        cause = fault.get("ctx", {}).get("error")
        found.append(cause.code if isinstance(cause, Wrong) else fault["type"])
    return found


@pytest.mark.parametrize(
    ("given", "floors"),
    [
        (3, (3,)),
        ("3", (3,)),
        ("1-4", (1, 2, 3, 4)),
        ("-2-2", (-2, -1, 1, 2)),
        ("-2 to -1", (-2, -1)),
        ("1..2", (1, 2)),
        ("1至3", (1, 2, 3)),
        (["1-2", 5], (1, 2, 5)),
    ],
)
def test_floors_are_numbers_and_runs_without_a_zero(given: Any, floors: tuple[int, ...]) -> None:
    assert FloorForm.model_validate({"floor": given}).floor == floors


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("15-1", "floor-order"),
        ("0", "no-zero"),
        ("ground", "bad-range"),
        (True, "bad-range"),
        (1.5, "bad-range"),
        ("1-999", "too-many"),
        (["1-3", 2], "twice"),
    ],
)
def test_a_wrong_run_says_which_way(given: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FloorForm.model_validate({"floor": given})
    assert wrong(caught.value) == [code]


def test_a_unit_takes_one_run_or_a_list_of_floors() -> None:
    unit = UnitForm.model_validate({"id": "u1", "floors": "1-3", "per_floor": "1-2"})
    assert [floor.floor for floor in unit.floors] == [(1, 2, 3)]
    assert unit.per_floor == (1, 2)
    mixed = {"id": "u1", "floors": [{"floor": 1, "households": ["shop", {"id": "1b", "zh": "店"}]}, "2-3"]}
    floors = UnitForm.model_validate(mixed).floors
    assert [home.id for home in floors[0].households or ()] == ["shop", "1b"]
    assert floors[1].floor == (2, 3)


def test_door_numbers_count_from_one() -> None:
    with pytest.raises(ValidationError) as caught:
        UnitForm.model_validate({"id": "u1", "per_floor": [-1]})
    assert wrong(caught.value) == ["bad-range"]


@pytest.mark.parametrize("id_", ["", "b 1", "b.1", "楼", "-b", "a/b", "a+", "x" * 65])
def test_an_id_is_plain(id_: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BuildingForm.model_validate({"id": id_})
    assert wrong(caught.value) == ["bad-id"]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00", "a\u202eb", "a\u200bb"])
def test_a_name_holds_nothing_invisible(name: str) -> None:
    with pytest.raises(ValidationError):
        BuildingForm.model_validate({"id": "b1", "zh": name})
    assert BuildingForm.model_validate({"id": "b1", "zh": " 3号楼 "}).zh == "3号楼"


@pytest.mark.parametrize(
    ("text", "length"), [("90 s", 90 * SECOND), ("5min", 5 * MINUTE), ("1 d", 24 * HOUR)]
)
def test_a_length_has_its_unit(text: str, length: int) -> None:
    form = {"id": "p", "kind": "smoke", "quantities": ["smoke_alarm"], "reports_every": text}
    assert ProfileForm.model_validate(form).reports_every == length


@pytest.mark.parametrize("text", [60, "60", "0 s", "1.5 h", "5 minutes", "-1 s"])
def test_a_length_without_a_unit_is_refused(text: Any) -> None:
    form = {"id": "p", "kind": "smoke", "quantities": ["smoke_alarm"], "reports_every": text}
    with pytest.raises(ValidationError) as caught:
        ProfileForm.model_validate(form)
    assert wrong(caught.value) == ["bad-length"]


def test_contacts_keep_their_order() -> None:
    given = {"household": "x", "name": "王", "contacts": [{"webhook": "https://a"}, {"console": 12}]}
    form = ResidentForm.model_validate(given | {"needs": ["deaf"], "languages": ["en", "zh"]})
    assert form.contacts == (Contact("webhook", "https://a"), Contact("console", "12"))
    assert (form.needs, form.languages) == ((Need.DEAF,), ("en", "zh"))


@pytest.mark.parametrize(
    "contact", ["console", {}, {"a": "b", "c": "d"}, {"a": None}, {"a": [1]}, {"a": True}]
)
def test_a_contact_is_one_channel_and_one_address(contact: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        PersonForm.model_validate({"id": "a", "name": "a", "role": "duty", "contacts": [contact]})
    assert wrong(caught.value) == ["bad-contact"]


@pytest.mark.parametrize(
    ("model", "given", "where"),
    [
        (ZoneForm, {"id": "z", "kind": "cellar"}, ("kind",)),
        (DeviceForm, {"id": "d", "profile": "p", "mode": "off"}, ("mode",)),
        (PersonForm, {"id": "a", "name": "a", "role": "chief"}, ("role",)),
        (ResidentForm, {"household": "h", "name": "n", "languages": []}, ("languages",)),
        (StationForm, {"id": "s", "place": "p", "crew": [{"id": "a"}]}, ("crew", 0, "name")),
    ],
)
def test_a_wrong_word_is_found_where_it_stands(
    model: Any, given: dict[str, Any], where: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(given)
    assert caught.value.errors()[0]["loc"] == where


def test_the_reference_documents_every_key_model_and_quantity() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "community.md").read_text(encoding="utf-8")
    keys = {key for form in FORMS for key in form.model_fields}
    words = keys | set(BUILT_IN) | set(QUANTITIES) | set(DeviceKind) | set(Need) | set(Role)
    assert [word for word in sorted(words) if f"`{word}`" not in text and f"role: {word}`" not in text] == []
