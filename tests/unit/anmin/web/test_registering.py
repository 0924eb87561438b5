"""The inbox, device lists and labels, as pages and as the interface of `anmin device`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import FormData

from anmin import workbook
from anmin.accounts import Role
from anmin.view import StrangerView
from anmin.web.registering import FIELDS, VERBS, work_of
from tests.support.web import World, world

TOKEN = {"Authorization": "Bearer the-token"}
KEY = "unknown:zigbee2mqtt:0x00158d00012f"


@pytest.fixture
async def w() -> AsyncIterator[World]:
    async with world(api_token="the-token") as made:
        yield made


async def api(w: World, path: str, body: object) -> tuple[int, dict[str, Any]]:
    answer = await w.client.post(path, json=body, headers=TOKEN | {"Accept-Language": "en"})
    return answer.status, await answer.json()


# The inbox --------------------------------------------------------------------------------------------------


async def test_who_speaks_unregistered_is_listed_with_what_it_likely_is(w: World) -> None:
    answer = await w.client.get("/api/v1/inbox", headers=TOKEN)
    (item,) = (await answer.json())["items"]
    assert (item["id"], item["dialect"], item["address"]) == (KEY, "zigbee2mqtt", "0x00158d00012f")
    assert item["suggested"] == "daily-smoke"
    assert (await w.client.get("/api/v1/inbox")).status == 401


async def test_it_is_registered_in_one_step(w: World) -> None:
    headers = await w.signed_in()
    page = await (await w.client.get("/inbox", headers=headers)).text()
    assert "<option selected>daily-smoke</option>" in page
    form = {"key": KEY, "profile": "daily-smoke", "place": "garage"}
    answer = await w.client.post("/inbox", data=form, headers=headers, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/devices/smoke-garage")
    made = w.view.inventory.devices["smoke-garage"]
    assert (made.dialect, made.address, made.place_id) == ("zigbee2mqtt", "0x00158d00012f", "garage")


async def test_what_is_wrong_with_a_claim_is_said_and_what_was_typed_stays(w: World) -> None:
    headers = await w.signed_in()
    form = {"key": KEY, "profile": "daily-smoke", "place": "7号楼", "serial": "SN-9"}
    answer = await w.client.post("/inbox", data=form, headers=headers)
    text = await answer.text()
    assert answer.status == 422
    assert "没有地点 `7号楼`" in text
    assert 'value="SN-9"' in text
    gone = await w.client.post("/inbox", data=form | {"key": "unknown:native:x"}, headers=headers)
    assert gone.status == 404


async def test_an_address_that_was_too_long_is_for_a_list(w: World) -> None:
    w.view.inbox = {"unknown:tasmota:aaa~1": StrangerView("tasmota", "", w.clock[0], {})}
    headers = await w.signed_in()
    text = await (await w.client.get("/inbox", headers=headers)).text()
    assert "太长" in text
    assert 'name="key"' not in text
    w.view.inbox = {}
    assert "没有未登记的设备" in await (await w.client.get("/inbox", headers=headers)).text()


# Lists ------------------------------------------------------------------------------------------------------


def rows(*given: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"id": name, "profile": profile, "place": place} for name, profile, place in given]


async def test_a_list_is_tried_and_then_taken_over(w: World) -> None:
    wanted = rows(("g1", "native-gas", "b3-u2-f12-1203"), ("smoke-1403", "native-smoke", "garage"))
    status, said = await api(w, "/api/v1/devices", {"rows": wanted, "trial": True})
    assert (status, said["applied"]) == (200, False)
    assert {one["id"]: one["dangerous"] for one in said["changes"]} == {"g1": False, "smoke-1403": True}
    assert "g1" not in w.view.inventory.devices
    assert (await api(w, "/api/v1/devices", {"rows": wanted, "by": "li"}))[1]["applied"] is True
    assert w.view.inventory.devices["smoke-1403"].place_id == "garage"


async def test_every_error_of_a_list_is_told_and_no_row_of_it_is_taken(w: World) -> None:
    wanted = rows(("g1", "native-gas", "garage"), ("g2", "no-model", "garage"), ("g 3", "native-gas", "x"))
    status, said = await api(w, "/api/v1/devices", {"rows": wanted})
    assert (status, said["code"]) == (422, "not_fit")
    assert [(one["row"], one["field"]) for one in said["errors"]] == [(2, "profile"), (3, "place"), (3, "id")]
    assert "there is no profile `no-model`" in said["errors"][0]["detail"]
    assert "g1" not in w.view.inventory.devices


@pytest.mark.parametrize("body", [{}, {"rows": [{"id": 1}]}, {"rows": [], "what": 1}, []])
async def test_what_is_no_list_is_refused(w: World, body: object) -> None:
    assert (await api(w, "/api/v1/devices", body))[0] == 400


async def test_a_large_list_fits(w: World) -> None:
    wanted = rows(*((f"g{number}", "native-gas", "garage") for number in range(2000)))
    assert (await api(w, "/api/v1/devices", {"rows": wanted}))[0] == 200
    assert len(w.view.inventory.devices) == 2004


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_devices_of_now_as_a_file_are_no_change(w: World, form: str) -> None:
    headers = await w.signed_in()
    content = await (await w.client.get(f"/registry/table?format={form}", headers=headers)).read()
    assert len(workbook.read(content)) == 1 + len(w.view.inventory.devices)
    sent = FormData()
    sent.add_field("file", content, filename=f"d.{form}")
    text = await (await w.client.post("/registry/import", data=sent, headers=headers)).text()
    assert "没有变化" in text
    empty = await (await w.client.get(f"/api/v1/registry/table?empty=1&format={form}", headers=TOKEN)).read()
    assert [len(row) for row in workbook.read(empty)] == [len(FIELDS)]


async def test_a_file_is_checked_shown_and_taken_over(w: World) -> None:
    headers = await w.signed_in()
    content = "编号,型号,位置\ng1,native-gas,5号楼地下车库\n".encode("gb18030")
    sent = FormData()
    sent.add_field("file", content, filename="d.csv")
    text = await (await w.client.post("/registry/import", data=sent, headers=headers)).text()
    assert "会有 1 处变化" in text
    assert "g1" not in w.view.inventory.devices
    kept = text.partition('name="rows" value="')[2].partition('"')[0].replace("&#34;", '"')
    sent = FormData()
    sent.add_field("rows", kept, content_type="text/plain")
    text = await (await w.client.post("/registry/import", data=sent, headers=headers)).text()
    assert "已导入：1 处变化" in text
    assert w.view.inventory.devices["g1"].place_id == "garage"


async def test_a_file_that_is_wrong_is_told_cell_by_cell(w: World) -> None:
    headers = await w.signed_in()
    for content, words in (
        (b"profile,place,installed\nnative-gas,garage,soon\n,garage,\n", ("2 处错误", "行 2", "行 3")),
        (b"\xd0\xcf\x11\xe0", (".xls",)),
        (b"", ("1 处错误",)),
    ):
        sent = FormData()
        sent.add_field("file", content, filename="d.csv")
        answer = await w.client.post("/registry/import", data=sent, headers=headers)
        text = await answer.text()
        assert answer.status == 422, content
        assert [word for word in words if word not in text] == []
    for sent in (FormData({"rows": "x"}), FormData({"other": "x"})):
        assert (await w.client.post("/registry/import", data=sent, headers=headers)).status == 400


# One device -------------------------------------------------------------------------------------------------


async def test_the_interface_moves_replaces_and_retires(w: World) -> None:
    path = "/api/v1/devices/smoke-1403/registry"
    assert (await api(w, path, {"verb": "move", "place": "garage", "by": "li"}))[0] == 200
    assert w.view.inventory.devices["smoke-1403"].place_id == "garage"
    assert (await api(w, path, {"verb": "replace", "address": "n2"}))[0] == 200
    assert (await api(w, path, {"verb": "retire"}))[1]["changes"][0]["action"] == "removed"
    status, said = await api(w, path, {"verb": "retire"})
    assert (status, said["errors"][0]["field"]) == (404, "id")
    assert (await api(w, path, {"verb": "sell"}))[0] == 422
    assert (await api(w, path, {"verb": "move", "room": 3}))[0] == 400


def test_every_verb_is_known() -> None:
    given = {"place": "x", "address": "y", "mode": "test"}
    for verb in VERBS:
        assert callable(work_of("a", {"verb": verb, **given}, 0)), verb


async def test_only_the_duty_staff_and_the_token_change_anything(w: World) -> None:
    crew = await w.signed_in(Role.CREW, "zhou")
    body = {"rows": rows(("g1", "native-gas", "garage"))}
    assert (await w.client.post("/api/v1/devices", json=body, headers=crew)).status == 403
    assert (await w.client.post("/api/v1/devices", json=body, headers=w.origin)).status == 401
    assert (await w.client.get("/inbox", headers=crew)).status == 403
    staff = await w.signed_in()
    assert (await w.client.post("/api/v1/devices", json=body, headers=staff)).status == 200


async def test_without_a_registrar_nothing_is_pretended() -> None:
    async with world(api_token="the-token", registrar=None) as bare:
        assert (await api(bare, "/api/v1/devices", {"rows": rows(("a", "native-gas", "garage"))}))[0] == 503


# Labels -----------------------------------------------------------------------------------------------------


async def test_labels_open_the_devices_page(w: World) -> None:
    headers = await w.signed_in()
    text = await (await w.client.get("/registry/labels?place=b3", headers=headers)).text()
    assert text.count("<svg") == len(
        [one for one in w.view.inventory.devices.values() if "b3" in one.place_id]
    )
    assert "smoke-1403" in text
    assert "water-garage" not in text
    assert (await w.client.get("/registry/labels?place=nowhere", headers=headers)).status == 404
