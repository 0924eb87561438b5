"""The page of one device: its papers, and what the duty staff do to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from anmin.accounts import Role
from anmin.dates import instant_of
from devices.instant import DAY
from devices.inventory import Inventory
from devices.level import Level
from rules.account import Account
from rules.gauge import Gauge, What
from rules.hold import Standing
from rules.judge import Last
from tests.support.clerk import Clerk
from tests.support.rulebook import pack
from tests.support.web import World, world

PAGE = "/devices/smoke-1203"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world() as made:
        yield made


async def post(w: World, headers: dict[str, str], **form: str) -> tuple[int, str]:
    answer = await w.client.post(f"{PAGE}/registry", data=form, headers=headers, allow_redirects=False)
    return answer.status, await answer.text()


async def test_its_papers_are_shown_and_what_is_not_known_says_so(w: World) -> None:
    headers = await w.signed_in()
    text = await (await w.client.get(PAGE, headers=headers)).text()
    assert "没有记录" in text
    device = w.view.inventory.devices["smoke-1203"]
    profile = replace(device.profile, lasts_for=365 * DAY)
    known = replace(
        device, profile=profile, serial="SN-7", installed_at=instant_of("2026-01-31"), via="smoke-1403"
    )
    w.view.inventory = Inventory.of(
        "xfl", "v2", w.view.inventory.tree.places.values(), [known, w.view.inventory.devices["smoke-1403"]]
    )
    w.view.devices.clear()
    text = await (await w.client.get(PAGE, headers=headers)).text()
    for said in ("SN-7", "2026-01-31", "2027-01-31", "/devices/smoke-1403"):
        assert said in text, said


async def test_it_moves_with_its_history(w: World) -> None:
    headers = await w.signed_in()
    assert (await post(w, headers, verb="move", place="garage"))[0] == 303
    assert w.view.inventory.devices["smoke-1203"].place_id == "garage"
    clerk = w.deps.registrar
    assert isinstance(clerk, Clerk)
    assert clerk.names == ["wang"]


async def test_what_is_wrong_is_said_on_the_page(w: World) -> None:
    headers = await w.signed_in()
    status, text = await post(w, headers, verb="move", place="nowhere")
    assert status == 422
    assert "没有地点 `nowhere`" in text
    for form in ({"verb": "date", "installed": "soon"}, {"verb": "explode"}, {"verb": "mode", "mode": "off"}):
        assert (await post(w, headers, **form))[0] == 422, form
    assert w.view.inventory.devices["smoke-1203"].place_id != "nowhere"


async def test_another_device_takes_its_place(w: World) -> None:
    headers = await w.signed_in()
    form = {"verb": "replace", "dialect": "zigbee2mqtt", "address": "new smoke", "profile": "heiman-hs1sa"}
    assert (await post(w, headers, **form, serial="S2", installed="2026-11-20"))[0] == 303
    device = w.view.inventory.devices["smoke-1203"]
    assert (device.address, device.profile.id, device.serial) == ("new smoke", "heiman-hs1sa", "S2")
    assert device.installed_at == instant_of("2026-11-20")


async def test_it_is_retired_only_when_one_is_sure_and_its_page_stays(w: World) -> None:
    headers = await w.signed_in()
    assert (await post(w, headers, verb="retire"))[0] == 422
    assert (await post(w, headers, verb="retire", sure="yes"))[0] == 303
    assert "smoke-1203" not in w.view.inventory.devices
    answer = await w.client.get(PAGE, headers=headers)
    text = await answer.text()
    assert answer.status == 200
    assert "已停用" in text
    assert "registry_move" not in text
    assert 'name="verb"' not in text
    assert (await post(w, headers, verb="move", place="garage"))[0] == 404


async def test_crew_see_it_and_change_nothing(w: World) -> None:
    headers = await w.signed_in(Role.CREW, "zhou")
    text = await (await w.client.get(PAGE, headers=headers)).text()
    assert 'name="verb"' not in text
    assert (await post(w, headers, verb="move", place="garage"))[0] == 403
    assert (await w.client.get("/devices/nobody", headers=headers)).status == 404


async def test_the_rules_say_where_they_stand_and_how_far_they_are_from_more() -> None:
    asked: list[tuple[str, Last]] = []

    def standing(device_id: str, last: Last) -> tuple[Account, ...]:
        asked.append((device_id, last))
        near = Gauge(What.VALUE, "temperature_c", 41.0, 57, Level.ALARM)
        calm, unheard = pack("fire").rules[3], pack("fire").rules[0]
        return (
            Account(unheard, device_id, Standing(), (), ("gas_alarm",)),
            Account(calm, device_id, Standing(Level.CLEAR), (near,), ("temperature_c",)),
        )

    async with world(standing=standing) as w:
        headers = await w.signed_in()
        text = await (await w.client.get(PAGE, headers=headers)).text()
    assert "达到 57 °C 为报警，还差 16 °C" in text
    assert text.index("fire.temperature") < text.index("fire.smoke")
    assert "没有收到过 `gas_alarm`" in text
    assert asked[0][0] == "smoke-1203"
