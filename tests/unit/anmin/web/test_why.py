"""`GET /api/v1/devices/{id}/why`."""

from __future__ import annotations

from anmin.houses import VersionMissing
from anmin.why import BACK_FOR, NoSuchDevice, Why
from devices.instant import HOUR, Instant, Micros, rfc3339
from tests.support.web import world
from tests.support.web_view import NOW

TOKEN_HEADERS = {"Authorization": "Bearer t"}


class Asked:
    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, Instant, Micros]] = []
        self._error = error

    async def __call__(self, device_id: str, at: Instant, back_for: Micros) -> Why:
        self.asked.append((device_id, at, back_for))
        if self._error is not None:
            raise self._error
        return Why(device_id, at, records=7)


async def test_it_asks_for_now_and_two_days_unless_told_otherwise() -> None:
    asked = Asked()
    async with world(why=asked, api_token="t") as place:
        answer = await place.client.get("/api/v1/devices/smoke-1203/why", headers=TOKEN_HEADERS)
        body = await answer.json()
        at = rfc3339(NOW - HOUR)
        await place.client.get(
            "/api/v1/devices/smoke-1203/why", params={"at": at, "hours": "3"}, headers=TOKEN_HEADERS
        )
    assert (answer.status, body["device"], body["records"]) == (200, "smoke-1203", 7)
    assert asked.asked == [("smoke-1203", NOW, BACK_FOR), ("smoke-1203", NOW - HOUR, 3 * HOUR)]


async def test_who_is_nobody_is_told_nothing() -> None:
    async with world(why=Asked()) as place:
        answer = await place.client.get("/api/v1/devices/smoke-1203/why")
    assert answer.status == 401


async def test_what_cannot_be_answered_says_why() -> None:
    for error, status in ((NoSuchDevice("x"), 404), (VersionMissing("rules", "then"), 409)):
        async with world(why=Asked(error), api_token="t") as place:
            answer = await place.client.get("/api/v1/devices/x/why", headers=TOKEN_HEADERS)
        assert answer.status == status
    for query in ({"at": "soon"}, {"hours": "0"}, {"hours": "99999"}, {"when": "now"}):
        async with world(why=Asked(), api_token="t") as place:
            answer = await place.client.get("/api/v1/devices/x/why", params=query, headers=TOKEN_HEADERS)
        assert answer.status == 400
    async with world(api_token="t") as place:
        answer = await place.client.get("/api/v1/devices/x/why", headers=TOKEN_HEADERS)
    assert answer.status == 404


async def test_how_rules_on_trial_compare() -> None:
    async with world(api_token="t", shadow=lambda: {"both": 3}) as place:
        answer = await place.client.get("/api/v1/rules/shadow", headers=TOKEN_HEADERS)
        body = await answer.json()
        nobody = await place.client.get("/api/v1/rules/shadow")
    assert (answer.status, body, nobody.status) == (200, {"both": 3}, 401)
    async with world(api_token="t") as place:
        answer = await place.client.get("/api/v1/rules/shadow", headers=TOKEN_HEADERS)
    assert answer.status == 404
