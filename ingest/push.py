"""Whether a push of a platform is genuine: OneNET's own signature, Standard Webhooks for all others.

OneNET signs with MD5 over its token, which is all that it offers. The other platforms sign nothing that can
be checked here: whoever passes their messages on signs with a `whsec_` key (HMAC-SHA256 over id, time, body).
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b, md5
from json import JSONDecoder
from typing import Any, Final, NamedTuple, TypeAlias

from devices.instant import DAY, MINUTE, SECOND, Instant, Micros
from ingest.device_time import device_time
from ingest.strict_json import NotStrict, parse

ONENET: Final = "onenet"
PLATFORMS: Final = (ONENET, "ctwing", "aliyun", "tuya", "cn_gateways")
SIGNED_FOR: Final[Micros] = 5 * MINUTE
REPEATED_FOR: Final[Micros] = DAY
"""What OneNET says is older was sent long ago: its signature has no time, so anybody may send it again."""
_LONGEST: Final = 256
_KEY: Final = "whsec_"
_FORBIDDEN: Final = frozenset("+#/$\0")
_SCAN: Final = JSONDecoder(strict=False)
_SPACE: Final = " \t\r\n"


class Accepted(NamedTuple):
    """Genuine. `device` is "" where the signed part names none; `token` is the same for the same push."""

    payload: bytes
    device: str
    token: str


class Refused(NamedTuple):
    """Not to be believed, and what to do."""

    reason: str


class Challenge(NamedTuple):
    """The platform asks whether we are there and know the token: this text is the answer."""

    answer: str


Verdict: TypeAlias = Accepted | Refused | Challenge


def verify(
    platform: str,
    secrets: Sequence[str],
    method: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    now: Instant,
) -> Verdict:
    """`secrets`: any of them may have signed, so that they can change. Names of headers are in lower case."""
    if platform not in PLATFORMS or not any(secrets):
        return Refused("no secret is set for this platform")
    if platform == ONENET:
        return _challenge(secrets, query) if method == "GET" else _onenet(secrets, body, now)
    if method != "POST":
        return Refused("this platform pushes by POST")
    return _webhook(secrets, headers, body, now)


# OneNET -----------------------------------------------------------------------------------------------------


def onenet_signature(token: str, nonce: str, message: str) -> str:
    digest = md5(f"{token}{nonce}{message}".encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return b64encode(digest).decode()


def _challenge(secrets: Sequence[str], query: Mapping[str, str]) -> Verdict:
    message, nonce = query.get("msg", ""), query.get("nonce", "")
    given = query.get("signature", "").replace(" ", "+")  # a plus in a query is a space
    if not message or max(len(message), len(nonce), len(given)) > _LONGEST:
        return Refused("msg, nonce and signature are needed")
    if not _is_signed(secrets, nonce, (message,), given):
        return Refused("the signature is not of our token")
    return Challenge(message)


def _onenet(secrets: Sequence[str], body: bytes, now: Instant) -> Verdict:
    """The signature is over `msg` as it is written in the body; of a text, over the text."""
    try:
        whole = parse(body)
    except NotStrict as odd:
        return Refused(odd.detail)
    given = whole.get("msg_signature", whole.get("signature")) if isinstance(whole, dict) else None
    if not isinstance(given, str) or "msg" not in whole or len(given) > _LONGEST:
        return Refused("msg, nonce and msg_signature are needed; encrypted pushes are not read")
    nonce = str(whole.get("nonce", ""))
    message = whole["msg"] if isinstance(whole["msg"], str) else _written(body.decode(), "msg")
    if not _is_signed(secrets, nonce, (message,), given):
        return Refused("the signature is not of our token")
    newest = max(_times(message), default=None)
    if newest is not None and newest < now - REPEATED_FOR:
        return Refused("it is older than a day: sent again by somebody, or our clock is wrong")
    return Accepted(body, "", _token(nonce.encode("utf-8", "surrogatepass"), message.encode()))


def _is_signed(secrets: Sequence[str], nonce: str, messages: Sequence[str], given: str) -> bool:
    made = [onenet_signature(secret, nonce, one) for secret in secrets if secret for one in messages]
    return any(hmac.compare_digest(one.encode(), given.encode("utf-8", "replace")) for one in made)


def _written(text: str, wanted: str) -> str:
    """The value of a key of an object as it stands in its text. The text was parsed before, so it is JSON."""
    place = _after(text, text.index("{") + 1)
    while text[place] != "}":
        key, place = _SCAN.raw_decode(text, place)
        start = _after(text, _after(text, place) + 1)
        _, place = _SCAN.raw_decode(text, start)
        if key == wanted:
            return text[start:place]
        place = _after(text, place)
        place = _after(text, place + 1) if text[place] == "," else place
    return ""


def _after(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place


def _times(message: str) -> list[Instant]:
    try:
        found: Any = parse(message.encode("utf-8", "surrogatepass"))
    except NotStrict:
        return []
    parts = found if isinstance(found, list) else [found]
    said = [device_time(one.get("at")) for one in parts if isinstance(one, dict)]
    return [at for at in said if at]


# Standard Webhooks ------------------------------------------------------------------------------------------


def webhook_signature(secret: str, webhook_id: str, stamp: str, body: bytes) -> str:
    """`v1,<base64>`. Raises ValueError for a secret that is not `whsec_` and base64."""
    key = b64decode(secret.removeprefix(_KEY), validate=True)
    mac = hmac.digest(key, f"{webhook_id}.{stamp}.".encode("utf-8", "surrogatepass") + body, "sha256")
    return f"v1,{b64encode(mac).decode()}"


def _webhook(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: Instant) -> Verdict:
    """Signed within five minutes of now; the same again within them has the same token."""
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not webhook_id or len(webhook_id) > _LONGEST or len(given) > 8 * _LONGEST:
        return Refused("webhook-id, webhook-timestamp and webhook-signature are needed")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return Refused("webhook-timestamp: seconds since 1970 are needed")
    if abs(now - int(stamp) * SECOND) > SIGNED_FOR:
        return Refused("it was signed more than five minutes ago or ahead: are both clocks right?")
    made = [one for secret in secrets if (one := _made(secret, webhook_id, stamp, body))]
    each = [one.encode("utf-8", "replace") for one in given.split()]
    if not any(hmac.compare_digest(one.encode(), other) for one in made for other in each):
        return Refused("the signature is not of our secret")
    return Accepted(body, _device(webhook_id), _token(webhook_id.encode("utf-8", "surrogatepass"), body))


def _made(secret: str, webhook_id: str, stamp: str, body: bytes) -> str:
    try:
        return webhook_signature(secret, webhook_id, stamp, body) if secret else ""
    except (ValueError, binascii.Error):
        return ""


def _device(webhook_id: str) -> str:
    """`ywbj-1/8f3a`: where the body names no device, the signed id may, before its slash."""
    device, slash, _ = webhook_id.partition("/")
    return device if slash and device.isprintable() and not _FORBIDDEN & set(device) else ""


def _token(name: bytes, body: bytes) -> str:
    return blake2b(body, digest_size=16, key=blake2b(name, digest_size=16).digest()).hexdigest()
