"""Which pushes are believed: by OneNET's signature or Standard Webhooks; no hostile input raises."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from typing import Any

import pytest

from devices.instant import DAY, SECOND, parse_rfc3339
from ingest.push import (
    PLATFORMS,
    Accepted,
    Challenge,
    Refused,
    Verdict,
    onenet_signature,
    verify,
    webhook_signature,
)

NOW = parse_rfc3339("2026-11-23T06:00:00Z")
TOKEN, OLD = "0123456789abcdef", "fedcba9876543210"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = NOW // 1000
MESSAGE = f'{{"type":1,"dev_id":2016617,"ds_id":"3300_0_5700","at":{AT},"value":1}}'


def pushed(message: str, token: str = TOKEN, **others: Any) -> bytes:
    nonce = others.pop("nonce", "abcdefgh")
    signed = json.dumps({"msg_signature": onenet_signature(token, nonce, message), "nonce": nonce, **others})
    return f'{{"msg":{message},{signed[1:]}'.encode()


def onenet(body: bytes, *secrets: str) -> Verdict:
    return verify("onenet", secrets or (TOKEN,), "POST", {}, {}, body, NOW)


def headers(
    body: bytes, key: str = KEY, webhook_id: str = "msg_1", stamp: int = NOW // SECOND
) -> dict[str, str]:
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": "v1,AAAA " + webhook_signature(key, webhook_id, str(stamp), body),
    }


def relayed(body: bytes, sent: dict[str, str], *secrets: str) -> Verdict:
    return verify("ctwing", secrets or (KEY,), "POST", {}, sent, body, NOW)


# OneNET -----------------------------------------------------------------------------------------------------


def test_the_signature_is_base64_of_md5_over_token_nonce_and_message() -> None:
    made = hashlib.md5(b"tokennoncemsg", usedforsecurity=False).digest()
    assert onenet_signature("token", "nonce", "msg") == base64.b64encode(made).decode()


def test_a_platform_that_asks_for_us_is_answered_with_its_own_text() -> None:
    nonce = next(n for n in map(str, range(999)) if "+" in onenet_signature(TOKEN, n, "hello"))
    query = {"msg": "hello", "nonce": nonce, "signature": onenet_signature(TOKEN, nonce, "hello")}
    spaced = {**query, "signature": query["signature"].replace("+", " ")}
    for one in (query, spaced):
        assert verify("onenet", (TOKEN,), "GET", one, {}, b"", NOW) == Challenge("hello")
    for name, value in (("msg", "hallo"), ("nonce", "9"), ("signature", ""), ("msg", ""), ("msg", "x" * 300)):
        assert isinstance(verify("onenet", (TOKEN,), "GET", {**query, name: value}, {}, b"", NOW), Refused)


def test_a_push_is_believed_by_the_message_as_it_is_written() -> None:
    spaced = MESSAGE.replace(":", " : ").replace(",", ",\n ")
    for message in (MESSAGE, spaced, f"[{MESSAGE}, {MESSAGE}]"):
        found = onenet(pushed(message))
        assert isinstance(found, Accepted), found
        assert (found.payload, found.device) == (pushed(message), "")
    other = MESSAGE.replace('"value":1', '"value":0')
    forged = pushed(MESSAGE).replace(MESSAGE.encode(), other.encode())
    assert onenet(forged) == Refused("the signature is not of our token")


def test_a_message_as_text_is_believed_by_the_text() -> None:
    body = {"msg": MESSAGE, "nonce": "n", "signature": onenet_signature(TOKEN, "n", MESSAGE), "id": "1"}
    assert isinstance(onenet(json.dumps(body).encode()), Accepted)
    assert isinstance(onenet(json.dumps({**body, "msg": MESSAGE + " "}).encode()), Refused)


def test_two_tokens_are_believed_while_one_is_changed() -> None:
    assert isinstance(onenet(pushed(MESSAGE, OLD), TOKEN, OLD), Accepted)
    assert isinstance(onenet(pushed(MESSAGE, OLD), TOKEN), Refused)


def test_what_was_sent_again_has_the_same_token_and_anything_else_another() -> None:
    tokens = {
        one.token
        for body in (
            pushed(MESSAGE),
            pushed(MESSAGE, time=1),
            pushed(MESSAGE, nonce="other"),
            pushed(f"[{MESSAGE}]"),
        )
        if isinstance(one := onenet(body), Accepted)
    }
    assert len(tokens) == 3


def test_a_captured_push_is_not_believed_after_a_day_and_a_clock_that_is_behind_refuses_nothing() -> None:
    body = pushed(MESSAGE)
    for after, believed in ((-400 * DAY, True), (0, True), (DAY - SECOND, True), (DAY + SECOND, False)):
        found = verify("onenet", (TOKEN,), "POST", {}, {}, body, NOW + after)
        assert isinstance(found, Accepted) is believed, after
    assert isinstance(onenet(pushed('{"type":1,"dev_id":1,"ds_id":"a"}')), Accepted)


# Standard Webhooks ------------------------------------------------------------------------------------------


def test_the_webhook_signature_is_that_of_the_standard() -> None:
    made = webhook_signature(KEY, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_push_is_believed_for_five_minutes() -> None:
    for aside, believed in ((0, True), (300, True), (-300, True), (301, False), (-301, False)):
        found = relayed(b"{}", headers(b"{}", stamp=NOW // SECOND + aside))
        assert isinstance(found, Accepted) is believed, aside


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_push_without_one_of_the_headers_is_refused(name: str) -> None:
    for value in ("", "x", "x" * 5000):
        assert isinstance(relayed(b"{}", {**headers(b"{}"), name: value}), Refused)


def test_a_forged_body_key_or_method_is_refused() -> None:
    other = "whsec_" + base64.b64encode(b"k" * 24).decode()
    assert isinstance(relayed(b'{"a":1}', headers(b"{}")), Refused)
    assert isinstance(relayed(b"{}", headers(b"{}", other)), Refused)
    assert isinstance(relayed(b"{}", headers(b"{}", other), KEY, other), Accepted)
    assert isinstance(verify("ctwing", (KEY,), "GET", {}, headers(b"{}"), b"{}", NOW), Refused)


def test_a_secret_that_is_no_key_lets_nobody_in() -> None:
    assert isinstance(relayed(b"{}", headers(b"{}"), "whsec_!"), Refused)
    assert isinstance(relayed(b"{}", {**headers(b"{}"), "webhook-signature": ""}, "whsec_!"), Refused)
    for platform in (*PLATFORMS, "unknown"):
        for method in ("GET", "POST"):
            assert isinstance(verify(platform, ("",), method, {}, headers(b"{}"), b"{}", NOW), Refused)


def test_a_device_is_named_by_the_signed_id_alone() -> None:
    for webhook_id, device in (
        ("msg_1", ""),
        ("ywbj-1/8f3a", "ywbj-1"),
        ("a/b/c", "a"),
        ("+/1", ""),
        ("$SYS/1", ""),
        ("a\x01/1", ""),
        ("/1", ""),
    ):
        found = relayed(b"{}", headers(b"{}", webhook_id=webhook_id))
        assert isinstance(found, Accepted)
        assert found.device == device, webhook_id


def test_the_same_id_with_another_body_is_another_push() -> None:
    one, again, other = (relayed(body, headers(body)) for body in (b"{}", b"{}", b"[]"))
    assert isinstance(one, Accepted)
    assert isinstance(other, Accepted)
    assert one == again
    assert one.token != other.token


# Hostile ----------------------------------------------------------------------------------------------------


def test_no_bytes_and_no_headers_raise() -> None:
    dice = random.Random(7)
    good = pushed(MESSAGE)
    for _ in range(3000):
        body = bytearray(good)
        for _ in range(dice.randrange(1, 6)):
            place = dice.randrange(len(body))
            body[place : place + dice.randrange(3)] = bytes(
                dice.randrange(256) for _ in range(dice.randrange(3))
            )
        found = onenet(bytes(body))
        assert isinstance(found, Refused) or json.loads(bytes(body))["msg"] == json.loads(MESSAGE)
        noise = "".join(chr(dice.randrange(1, 0xFFFF)) for _ in range(dice.randrange(40)))
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            relayed(bytes(body), {**headers(b"{}"), name: noise})
        verify("onenet", (TOKEN,), "GET", {"msg": noise, "nonce": noise, "signature": noise}, {}, b"", NOW)
    assert isinstance(onenet(b'{"msg":' + b"[" * 60_000 + b"]" * 5_000), Refused)


def test_a_push_cut_at_any_length_is_refused() -> None:
    good = pushed(MESSAGE)
    assert all(isinstance(onenet(good[:length]), Refused) for length in range(len(good)))
