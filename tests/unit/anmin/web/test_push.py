"""anmin.web.push: who is let in, what is answered when, and that the same push twice is one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse

from anmin.web import asking, push
from anmin.web.push import Doorkeeper, Taken
from devices.instant import DAY, MINUTE, SECOND
from ingest.ports import LogBroken, LogFull
from ingest.push import Refused, onenet_signature, webhook_signature
from tests.support.web import World, world
from tests.support.web_view import NOW

TOKEN = "0123456789abcdef"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = f'{{"type":1,"dev_id":7,"ds_id":"smoke_alarm","at":{NOW // 1000},"value":1}}'


class FakePushes:
    """Secrets of two platforms, and what was taken; `gate` holds the commit back."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, bytes]] = []
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: OSError | None = None

    def secrets(self, platform: str) -> tuple[str, ...]:
        return {"onenet": (TOKEN,), "ctwing": (KEY,)}.get(platform, ())

    async def take(self, platform: str, device: str, payload: bytes) -> None:
        self.asked.set()
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.taken.append((platform, device, payload))


def onenet(message: str = MESSAGE, token: str = TOKEN) -> bytes:
    signed = onenet_signature(token, "n", message)
    return f'{{"msg":{message},"nonce":"n","msg_signature":"{signed}"}}'.encode()


def signed(body: bytes, webhook_id: str = "msg_1", stamp: int = NOW // SECOND) -> dict[str, str]:
    return {
        "Webhook-Id": webhook_id,
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": webhook_signature(KEY, webhook_id, str(stamp), body),
    }


async def post(w: World, platform: str, body: bytes, headers: dict[str, str] | None = None) -> ClientResponse:
    return await w.client.post(f"/push/{platform}", data=body, headers=headers)


async def test_a_genuine_push_is_taken_and_answered_without_a_page_of_ours() -> None:
    pushes = FakePushes()
    async with world(push=pushes) as w:
        answer = await post(w, "onenet", onenet())
        assert (answer.status, await answer.text()) == (200, "ok")
        assert (await post(w, "ctwing", b"{}", signed(b"{}", "smoke-1/a"))).status == 200
    assert pushes.taken == [("onenet", "", onenet()), ("ctwing", "smoke-1", b"{}")]


async def test_the_platform_is_told_that_we_are_there() -> None:
    query = {"msg": "hello", "nonce": "n", "signature": onenet_signature(TOKEN, "n", "hello")}
    async with world(push=FakePushes()) as w:
        answer = await w.client.get("/push/onenet", params=query)
        assert (answer.status, await answer.text(), answer.content_type) == (200, "hello", "text/plain")
        assert (await w.client.get("/push/onenet", params={**query, "nonce": "m"})).status == 401
        assert (await w.client.get("/push/ctwing", params=query)).status == 401


async def test_a_platform_without_a_secret_is_not_there() -> None:
    async with world(push=FakePushes()) as w:
        for platform in ("tuya", "unknown", "onenet%2Fx"):
            assert (await post(w, platform, onenet())).status == 404, platform
            assert (await w.client.get(f"/push/{platform}")).status == 404
    async with world() as w:
        assert (await post(w, "onenet", onenet())).status == 404


async def test_200_is_said_only_after_the_commit() -> None:
    pushes = FakePushes()
    pushes.gate.clear()
    async with world(push=pushes) as w:
        asked = asyncio.create_task(post(w, "onenet", onenet()))
        await pushes.asked.wait()
        await asyncio.sleep(0.05)
        assert not asked.done()
        pushes.gate.set()
        assert (await asked).status == 200


@pytest.mark.parametrize("error", [LogFull("no space"), LogBroken("gone")])
async def test_a_log_that_is_full_or_away_is_503_and_the_next_try_is_taken(error: OSError) -> None:
    pushes = FakePushes()
    pushes.error = error
    async with world(push=pushes) as w:
        answer = await post(w, "onenet", onenet())
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        pushes.error = None
        assert (await post(w, "onenet", onenet())).status == 200
    assert len(pushes.taken) == 1


async def test_a_commit_that_takes_too_long_is_503_and_still_has_one_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "TAKEN_WITHIN_S", 0.05)
    pushes = FakePushes()
    pushes.gate.clear()
    async with world(push=pushes) as w:
        assert (await post(w, "onenet", onenet())).status == 503
        pushes.gate.set()
        await asyncio.sleep(0.05)
        assert (await post(w, "onenet", onenet())).status == 200
    assert len(pushes.taken) == 1


async def test_the_same_push_twice_is_taken_once_and_both_are_told_200() -> None:
    pushes = FakePushes()
    async with world(push=pushes) as w:
        for n in range(3):
            assert (await post(w, "onenet", onenet())).status == 200
            later = signed(b"{}", stamp=NOW // SECOND + n)
            assert (await post(w, "ctwing", b"{}", later)).status == 200
        assert (await post(w, "ctwing", b"{}", signed(b"{}", "msg_2"))).status == 200
    assert [platform for platform, _, _ in pushes.taken] == ["onenet", "ctwing", "ctwing"]


async def test_forged_and_old_pushes_are_401_and_leave_nothing() -> None:
    pushes = FakePushes()
    async with world(push=pushes) as w:
        assert (await post(w, "onenet", onenet(token="x" * 16))).status == 401
        assert (await post(w, "onenet", onenet().replace(b'"value":1', b'"value":0'))).status == 401
        assert (await post(w, "ctwing", b"{}")).status == 401
        assert (await post(w, "ctwing", b"[]", signed(b"{}"))).status == 401
        w.clock[0] = NOW + 5 * MINUTE + SECOND
        assert (await post(w, "ctwing", b"{}", signed(b"{}"))).status == 401
        w.clock[0] = NOW + DAY + SECOND
        assert (await post(w, "onenet", onenet())).status == 401
    assert pushes.taken == []


async def test_who_guesses_is_slowed_down_and_a_right_signature_passes_all_the_same() -> None:
    async with world(push=FakePushes()) as w:
        codes = [(await post(w, "onenet", onenet(token="x" * 16))).status for _ in range(12)]
        assert codes == [401] * 10 + [429] * 2
        slowed = await post(w, "onenet", onenet(token="x" * 16))
        assert int(slowed.headers["Retry-After"]) >= 1
        assert (await post(w, "onenet", onenet())).status == 200


async def test_a_body_is_limited_in_size_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "BODY_WITHIN_S", 0.1)

    async def slowly() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with world(push=FakePushes()) as w:
        assert (await post(w, "onenet", b"x" * (64 * 1024 + 1))).status == 413
        assert (await w.client.post("/push/onenet", data=slowly())).status == 408


async def test_no_body_and_no_header_is_500() -> None:
    odd: tuple[Any, ...] = (b"", b"\xff", b"{}", b"[]", b'{"msg":1,"msg_signature":1}', b'{"msg":1' * 99)
    async with world(push=FakePushes()) as w:
        for body in (*odd, json.dumps({"msg": {}, "msg_signature": "\ud83d"}).encode()):
            for platform in ("onenet", "ctwing"):
                headers = {"Webhook-Id": "é", "Webhook-Timestamp": "1" * 99, "Webhook-Signature": "é"}
                assert (await post(w, platform, body, headers)).status in (401, 429), body


def test_what_was_taken_is_remembered_for_a_day_and_memory_is_bounded() -> None:
    taken = Taken()
    taken.add("a", 0)
    assert taken.holds("a", DAY - 1)
    assert not taken.holds("a", DAY)
    for n in range(Taken.MOST):
        taken.add(str(n), 1)
    assert not taken.holds("a", 1)
    assert taken.holds("0", 1)


def test_the_first_refusal_and_the_recovery_are_told_and_nothing_between(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keeper = Doorkeeper(b"s" * 32)
    for refused in (None, Refused("why"), Refused("why"), None, None):
        keeper.told("onenet", refused)
    said = capsys.readouterr().out
    assert (said.count("push_refused"), said.count("push_believed_again")) == (1, 1)
