"""The native voice: its counters, what it insists on, what it obeys."""

from __future__ import annotations

import json
import random
from typing import Any

from devices.instant import MINUTE, SECOND, rfc3339
from simulator.dialects.native import NATIVE, Native
from simulator.voice import Identity, Said

NOW = 1_800_000_000 * SECOND


def voice() -> Native:
    return Native(Identity("c", "siren-1", "siren-1", "siren", boot=4), random.Random(1))


def body(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said.payload)
    return found


def test_every_message_has_the_next_number_of_its_boot() -> None:
    one = voice()
    numbers = [body(one.reading({}, NOW)[0])["seq"] for _ in range(3)]
    assert (numbers, body(one.reading({}, NOW)[0])["boot"]) == ([1, 2, 3], 4)


def test_an_event_is_said_again_word_for_word_until_its_answer() -> None:
    one = voice()
    (said,) = one.event({"smoke_alarm": True}, NOW)
    assert one.again(NOW) == (said,) == one.again(NOW + MINUTE)
    one.hear("anmin/c/siren-1/ack", b'{"id":"another","ok":true}', NOW)
    assert one.again(NOW) == (said,)
    one.hear("anmin/c/siren-1/ack", json.dumps({"id": body(said)["id"], "ok": True}).encode(), NOW)
    assert one.again(NOW) == ()
    assert one.accepted == {body(said)["id"]}


def test_a_command_is_obeyed_once_and_an_expired_one_never() -> None:
    one = voice()

    def told(**more: str) -> dict[str, Any]:
        (result,) = one.hear("anmin/c/siren-1/command", json.dumps({"id": "c1", **more}).encode(), NOW)
        return body(result)

    assert told(expires_at=rfc3339(NOW + SECOND))["done"] is True
    assert told(expires_at=rfc3339(NOW - SECOND))["done"] is True  # the same id: the same result
    late = json.dumps({"id": "c2", "expires_at": rfc3339(NOW - SECOND)}).encode()
    assert body(one.hear("anmin/c/siren-1/command", late, NOW)[0])["detail"] == "expired"
    assert one.hear("anmin/c/siren-1/command", b"nonsense", NOW) == ()
    assert one.hear("anmin/c/other/command", b'{"id":"c3"}', NOW) == ()


def test_what_could_not_be_said_is_history_afterwards_and_presence_is_not() -> None:
    one = voice()
    (event,) = one.event({"smoke_alarm": True}, NOW)
    late = one.late(event)
    assert late is not None
    assert body(late)["backfill"] is True
    assert one.again(NOW) == (late,)
    assert one.late(one.online(NOW)[0]) is None


def test_it_says_when_it_is_tested_or_not_warm_yet() -> None:
    one = voice()
    assert "test" not in body(one.reading({}, NOW)[0])
    one.testing = one.warming = True
    said = body(one.reading({}, NOW)[0])
    assert (said["test"], said["warmup"]) == (True, True)
    assert one.online(NOW)[0].retained


def test_its_address_is_its_id() -> None:
    assert NATIVE.address("smoke-1", 5) == "smoke-1"
