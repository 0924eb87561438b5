"""JSON: what is read, what is asked for, and what providers may say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alerts.broadcasts.delivery import State
from alerts.incidents.command import Accept, Acknowledge, Declined, Respond
from alerts.incidents.events import Reply
from anmin.accounts import Role
from anmin.web.api import plain, problem, signature, webhook_secret
from devices.instant import SECOND
from devices.level import Level
from tests.support.web import World, world
from tests.support.web_view import FIRE, HOME, NOW

SECRET = b"webhook secret bytes"
TOKEN = {"Authorization": "Bearer sim-token"}


def actions(incident_id: str = FIRE) -> str:
    return f"/api/v1/incidents/{incident_id}/actions"


async def problem_of(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    body = await answer.json(content_type=None)
    assert body["status"] == answer.status
    return answer.status, body["code"]


async def test_nobody_reads_without_a_session_or_a_token() -> None:
    async with world(api_token="sim-token") as w:
        for path in ("/api/v1/incidents", f"/api/v1/incidents/{FIRE}", "/api/v1/devices"):
            assert await problem_of(await w.client.get(path)) == (401, "not_signed_in")
            wrong = {"Authorization": "Bearer wrong"}
            assert (await w.client.get(path, headers=wrong)).status == 401
            assert (await w.client.get(path, headers=TOKEN)).status == 200


async def test_incidents_are_listed_with_words_and_utc_times() -> None:
    async with world() as w:
        headers = await w.signed_in()
        body = await (await w.client.get("/api/v1/incidents?state=open", headers=headers)).json()
        assert [item["id"] for item in body["items"]] == [FIRE, "inc_02FLOOD"]
        first = body["items"][0]
        assert first["peak"] == "critical"
        assert first["opened_at"] == "2026-11-23T06:00:29.000Z"
        assert first["stages"]["active"] == "2026-11-23T06:01:09.000Z"
        assert first["replies"]["b3-u2-f11-1103"] == "help"
        assert first["standings"][0]["evidence"][0]["limit"] == 0.15
        everything = await (await w.client.get("/api/v1/incidents", headers=headers)).json()
        assert len(everything["items"]) == 3


async def test_one_incident_comes_with_its_timeline_and_deliveries() -> None:
    async with world() as w:
        headers = await w.signed_in()
        body = await (await w.client.get(f"/api/v1/incidents/{FIRE}", headers=headers)).json()
        assert body["timeline"][0]["kind"] == "opened"
        assert {each["state"] for each in body["deliveries"]} == {"delivered", "seen", "handed_off", "failed"}
        missing = await w.client.get("/api/v1/incidents/nope", headers=headers)
        assert await problem_of(missing) == (404, "no_such_incident")


async def test_a_device_nobody_heard_is_unknown() -> None:
    async with world() as w:
        body = await (await w.client.get("/api/v1/devices", headers=await w.signed_in())).json()
        found = {item["id"]: item for item in body["items"]}
        assert found["smoke-test"]["liveness"] == "unknown"
        assert found["smoke-test"]["heard_at"] is None
        assert found["smoke-1203"]["latest"]["battery_percent"]["value"] is None


async def test_the_token_speaks_for_crew_and_residents() -> None:
    async with world(api_token="sim-token") as w:
        body = {"verb": "accept", "by": "li", "via": "crew"}
        answer = await w.client.post(actions(), json=body, headers=TOKEN)
        assert await answer.json() == {"incident_id": FIRE, "stage": "active"}
        body = {"verb": "respond", "by": HOME, "via": "resident", "household_id": HOME, "reply": "safe"}
        assert (await w.client.post(actions(), json=body, headers=TOKEN)).status == 200
        assert w.asked == [
            Accept(incident_id=FIRE, by="li", via="crew"),
            Respond(incident_id=FIRE, by=HOME, via="resident", household_id=HOME, reply=Reply.SAFE),
        ]
        nameless = await w.client.post(actions(), json={"verb": "accept"}, headers=TOKEN)
        assert await problem_of(nameless) == (403, "not_allowed")


async def test_a_session_speaks_for_itself_only() -> None:
    async with world() as w:
        headers = await w.signed_in()
        assert (await w.client.post(actions(), json={"verb": "acknowledge"}, headers=headers)).status == 200
        assert w.asked == [Acknowledge(incident_id=FIRE, by="wang")]
        for body in ({"verb": "acknowledge", "by": "li"}, {"verb": "respond", "reply": "safe"}):
            assert (await w.client.post(actions(), json=body, headers=headers)).status == 403
        crew = await w.signed_in(Role.CREW, "li")
        closing = {"verb": "close", "disposition": "real"}
        assert (await w.client.post(actions(), json=closing, headers=crew)).status == 403
        assert len(w.asked) == 1


async def test_a_session_needs_the_origin_and_the_token_does_not() -> None:
    async with world(api_token="sim-token") as w:
        cookie = {"Cookie": (await w.signed_in())["Cookie"]}
        refused = await w.client.post(actions(), json={"verb": "acknowledge"}, headers=cookie)
        assert await problem_of(refused) == (403, "http_403")
        assert w.asked == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"verb":1}',
        '{"verb":"x","extra":1}',
        '{"verb":"explode","by":"x"}',
        '{"verb":"close","by":"x"}',
    ],
)
async def test_bad_bodies_are_400_and_ask_for_nothing(body: str) -> None:
    async with world(api_token="sim-token") as w:
        answer = await w.client.post(actions(), data=body, headers=TOKEN)
        assert await problem_of(answer) == (400, "invalid")
        assert w.asked == []


async def test_a_refusal_keeps_its_code() -> None:
    async with world(api_token="sim-token") as w:
        w.answers = [Declined("not_in_stage", "no"), Declined("no_such_incident", "no")]
        body = {"verb": "accept", "by": "li"}
        for expected in ((409, "not_in_stage"), (404, "no_such_incident")):
            assert await problem_of(await w.client.post(actions(), json=body, headers=TOKEN)) == expected


def test_the_signature_is_that_of_standard_webhooks() -> None:
    secret = webhook_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    given = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(ValueError, match="whsec_"):
        webhook_secret("whsec_!")


async def receipt(w: World, body: str, secret: bytes = SECRET, age: int = 0, **headers: str) -> int:
    stamp = str((NOW - age * SECOND) // SECOND)
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,AAAA {signature(secret, 'msg_1', stamp, body.encode())}",
    }
    sent = {**signed, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return (await w.client.post("/api/v1/receipts", data=body, headers=sent)).status


async def test_a_provider_says_what_became_of_a_send() -> None:
    async with world(webhook_secrets=(b"old secret", SECRET)) as w:
        assert await receipt(w, json.dumps({"key": "k1", "state": "delivered"})) == 202
        assert await receipt(w, json.dumps({"key": "k1", "state": "seen", "more": 1})) == 202
        assert await receipt(w, json.dumps({"key": "unknown", "state": "seen"})) == 404
        assert w.received == [("k1", State.DELIVERED), ("k1", State.SEEN), ("unknown", State.SEEN)]


async def test_an_unsigned_old_or_odd_receipt_is_refused() -> None:
    async with world(webhook_secrets=(SECRET,)) as w:
        good = json.dumps({"key": "k1", "state": "delivered"})
        assert await receipt(w, good, secret=b"wrong") == 401
        assert await receipt(w, good, age=301) == 401
        assert await receipt(w, good, age=-301) == 401
        assert await receipt(w, good, webhook_signature="") == 401
        assert await receipt(w, good, webhook_timestamp="x") == 401
        assert await receipt(w, json.dumps({"key": "k1", "state": "failed"})) == 400
        assert await receipt(w, "{") == 400
        assert w.received == []


async def test_without_a_secret_no_receipt_is_believed() -> None:
    async with world() as w:
        assert await receipt(w, json.dumps({"key": "k1", "state": "seen"}), secret=b"") == 401


def test_values_become_json_with_words_and_times() -> None:
    assert plain(Level.UNKNOWN) == "unknown"
    assert plain({"x": 1}) == {"x": 1}
    assert plain(NOW, "opened_at") == "2026-11-23T06:02:11.000Z"
    assert plain(None, "closed_at") is None
    assert plain((1, Level.ALARM)) == [1, "alarm"]


def test_a_problem_says_its_code_twice_and_its_status() -> None:
    answer = problem(409, "closed", "it is closed")
    assert answer.status == 409
    assert json.loads(answer.text or "")["type"] == "/docs/errors/closed"
