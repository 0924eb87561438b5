"""Commands to devices over HTTP and from a device's page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from alerts.incidents.command import Declined, Done
from alerts.operations.command import Operate
from alerts.operations.operation import Operation, Progress
from anmin.accounts import Role
from anmin.web.operating import actions_of
from devices.device import DeviceKind
from tests.support.web import World, world

TOKEN = {"Authorization": "Bearer the-token"}
PATH = "/api/v1/devices/smoke-1203"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token") as made:
        yield made


async def test_a_command_is_asked_for_and_accepted(w: World) -> None:
    w.answers.append(Done("key1", "asked"))
    body = {"action": "mute", "confirmed": True, "by": "li", "incident_id": "inc_1"}
    answer = await w.client.post(f"{PATH}/operate", json=body, headers=TOKEN)
    assert (answer.status, await answer.json()) == (202, {"operation_id": "key1", "progress": "asked"})
    wanted = Operate(
        device_id="smoke-1203", action="mute", by="li", incident_id="inc_1", confirmed=True, via="api"
    )
    assert w.asked == [wanted]


@pytest.mark.parametrize(
    ("code", "status"), [("needs_confirmation", 409), ("no_such_action", 409), ("no_such_device", 404)]
)
async def test_what_is_declined_says_why(w: World, code: str, status: int) -> None:
    w.answers.append(Declined(code, "because"))
    answer = await w.client.post(f"{PATH}/operate", json={"action": "mute"}, headers=TOKEN)
    assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_its_newest_commands_are_listed_and_shown(w: World) -> None:
    now = w.clock[0]
    told = Operation(
        "k1", "smoke-1203", 1, "self_test", "wang", "", now, now + 60, Progress.DONE, now, "passed"
    )
    later = replace(told, id="k2", progress=Progress.EXPIRED, detail="")
    seen = w.view.devices["smoke-1203"]
    w.view.devices["smoke-1203"] = replace(seen, operations=(told, later))
    answer = await w.client.get(f"{PATH}/operations", headers=TOKEN)
    assert [(one["id"], one["progress"]) for one in (await answer.json())["items"]] == [
        ("k2", "expired"),
        ("k1", "done"),
    ]
    text = await (await w.client.get("/devices/smoke-1203", headers=await w.signed_in())).text()
    assert text.index("没有回执") < text.index("设备确认已执行")
    assert "passed" in text
    assert (await w.client.get("/api/v1/devices/x/operations", headers=TOKEN)).status == 404


async def test_a_button_of_the_page_asks_and_what_is_dangerous_needs_a_tick(w: World) -> None:
    headers = await w.signed_in()
    page = await (await w.client.get("/devices/smoke-1203", headers=headers)).text()
    assert page.count('action="/devices/smoke-1203/operate"') == 2
    assert page.count('name="sure"') >= 1
    url = "/devices/smoke-1203/operate"
    answer = await w.client.post(url, data={"action": "self_test"}, headers=headers, allow_redirects=False)
    assert answer.headers["Location"] == "/devices/smoke-1203#operations"
    assert w.asked[-1] == Operate(device_id="smoke-1203", action="self_test", by="wang")
    w.answers.append(Declined("needs_confirmation", ""))
    answer = await w.client.post(url, data={"action": "mute"}, headers=headers)
    assert (answer.status, "勾选" in await answer.text()) == (409, True)
    await w.client.post(url, data={"action": "mute", "sure": "yes"}, headers=headers)
    assert w.asked[-1] == Operate(device_id="smoke-1203", action="mute", by="wang", confirmed=True)
    assert (await w.client.post("/devices/x/operate", data={}, headers=headers)).status == 404


async def test_only_the_duty_staff_move_anything(w: World) -> None:
    crew = await w.signed_in(Role.CREW, "zhou")
    assert (await w.client.post(f"{PATH}/operate", json={"action": "mute"}, headers=crew)).status == 403
    assert (await w.client.post(f"{PATH}/operate", json={"action": "mute"}, headers=w.origin)).status == 401
    assert (await w.client.post(f"{PATH}/operate", json={"what": 1}, headers=TOKEN)).status == 400
    assert w.asked == []


async def test_nothing_is_offered_where_it_cannot_be_proved(w: World) -> None:
    device = w.view.inventory.devices["smoke-1203"]
    assert device.kind is DeviceKind.SMOKE
    assert [one.word for one in actions_of(device)] == ["mute", "self_test"]
    assert actions_of(replace(device, dialect="zigbee2mqtt")) == ()
    assert actions_of(w.view.inventory.devices["water-garage"]) == ()
