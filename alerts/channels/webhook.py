"""Webhooks out, after Standard Webhooks 1.0: signed, with an id that stays the same when it is sent again.

The far end is a partner's system or a gateway that carries messages to people (SMS, voice). See
docs/reference/webhooks.md for what it receives and what its answers mean.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from alerts.broadcasts.broadcast import Audience, LiveSend, Recipient, Send
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent
from alerts.channels.egress import NotAllowed, guarded, objection
from alerts.channels.gate import NOT_LIVE, is_live, one_line
from devices.instant import SECOND, Instant, Micros, instant, rfc3339

TIMEOUT_S = 10.0
LONGEST_WAIT: Micros = 60 * SECOND
"""A far end that asks for more patience gets this much: the next tier is told after 60 s."""
READ_LIMIT: Final = 512
"""Bytes of an answer that are read, and only of one that is not 2xx, to say why."""
PER_HOST: Final = 20
TRY_AGAIN: Final = frozenset({408, 425, 429})

_SECRET = re.compile(r"whsec_([A-Za-z0-9+/]+={0,2})")


def key_of(secret: str) -> bytes:
    """The key in a `whsec_` secret. Raises ValueError, which never repeats the secret."""
    found = _SECRET.fullmatch(secret)
    if found is None:
        raise ValueError("a webhook secret is whsec_ and base64")
    try:
        return base64.b64decode(found[1], validate=True)
    except ValueError:
        raise ValueError("a webhook secret is whsec_ and base64") from None


def signature(keys: Sequence[bytes], message_id: str, stamp: int, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one for each key, with spaces between."""
    signed = f"{message_id}.{stamp}.".encode() + body
    macs = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return " ".join(f"v1,{mac}" for mac in macs)


def retry_after(value: str | None, now: Instant) -> Micros | None:
    """The wait that a `Retry-After` asks for, in seconds or as a date; None when it says nothing usable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * SECOND, LONGEST_WAIT)
    try:
        until = instant(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, min(until - now, LONGEST_WAIT))


class WebhookChannel:
    """Posts to the recipient's own URL, or to `gateway` when the address is something else, as a number.

    `secrets` sign side by side while one replaces the other. `allow_private` also allows private addresses
    and plain http, for a system in the same building. Redirects are not followed. `link` gives the page on
    which a resident answers; None where there is none.
    """

    idempotent = True

    def __init__(
        self,
        secrets: Sequence[str],
        now: Callable[[], Instant],
        *,
        gateway: str | None = None,
        allow_private: bool = False,
        timeout_s: float = TIMEOUT_S,
        name: str = "webhook",
        resolver: AbstractResolver | None = None,
        link: Callable[[Recipient], str | None] | None = None,
    ) -> None:
        if not secrets:
            raise ValueError("a webhook channel needs a secret to sign with")
        self.name = name
        self._keys = tuple(key_of(secret) for secret in secrets)
        self._now = now
        self._gateway = gateway
        self._allow_private = allow_private
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._timeout_s = timeout_s
        self._resolver = resolver
        self._link = link
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> WebhookChannel:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what is kept open; a later send opens it anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, send: LiveSend) -> Outcome:
        if not is_live(send):
            return NOT_LIVE
        target = self._target(send.recipient.address)
        if isinstance(target, Refused):
            return target
        try:
            return await self._post(target, send)
        except TimeoutError:
            return Retry(f"no answer in {self._timeout_s:g} s")
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, NotAllowed):
                return Refused(str(error.os_error))
            return Retry(f"not connected: {one_line(error.os_error)}")
        except (aiohttp.InvalidURL, UnicodeError) as error:  # UnicodeError: a name that IDNA cannot encode
            return Refused(f"not a usable address: {one_line(error)}")
        except (aiohttp.ClientError, OSError) as error:
            return Retry(f"{type(error).__name__}: {one_line(error)}")

    def _target(self, address: str) -> URL | Refused:
        text = address if re.match("https?://", address) else self._gateway
        if text is None:
            return Refused("the address is no URL, and no gateway is set up")
        try:
            url = URL(text)
        except ValueError:
            return Refused("the address cannot be read as a URL")
        bad = objection(url, private=self._allow_private)
        return Refused(f"the address is not allowed: {bad}") if bad else url

    async def _post(self, url: URL, send: Send) -> Outcome:
        body = payload(send, self._reply_url(send.recipient))
        now = self._now()
        headers = {
            "content-type": "application/json",
            "user-agent": "anmin",
            "webhook-id": send.key,
            "webhook-timestamp": str(now // SECOND),
            "webhook-signature": signature(self._keys, send.key, now // SECOND, body),
        }
        async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as response:
            return await self._outcome(response)

    def _reply_url(self, who: Recipient) -> str | None:
        """Residents only: whoever holds the link answers for the household."""
        return self._link(who) if self._link and who.audience is Audience.RESIDENT else None

    async def _outcome(self, response: aiohttp.ClientResponse) -> Outcome:
        """The status line decides; what follows it is at most read to say why not."""
        status = response.status
        if 200 <= status < 300:
            return Sent(str(status))
        if 300 <= status < 400:
            return Refused(f"{status}: it has moved; set the address that it really has")
        why = f"{status} {await _reason(response)}".strip()
        if status in TRY_AGAIN or status >= 500:
            return Retry(why, retry_after(response.headers.get("retry-after"), self._now()))
        return Refused(why)

    def _open(self) -> aiohttp.ClientSession:
        """One session for all; hosts have their own limits, so that one that hangs delays no other."""
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0,
                limit_per_host=PER_HOST,
                resolver=self._resolver,
                socket_factory=guarded(private=self._allow_private),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


def payload(send: Send, reply_url: str | None = None) -> bytes:
    """`type`, `timestamp`, `data`: what happened, for whom, and the words. A partner gets nobody's data."""
    who = send.recipient
    data = json.loads(send.data) | {
        "recipient": who.id,
        "audience": who.audience.value,
        "languages": who.languages,
        "title": send.title,
        "text": send.text,
        "deadline_at": rfc3339(send.deadline_at),
    }
    if who.audience is not Audience.PARTNER:
        data["address"] = who.address
    if who.household_id is not None:
        data["household"] = who.household_id
    if reply_url is not None:
        data["reply_url"] = reply_url
    body = {
        "type": f"incident.{send.purpose.value}",
        "timestamp": rfc3339(send.created_at),
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


async def _reason(response: aiohttp.ClientResponse) -> str:
    try:
        return one_line((await response.content.read(READ_LIMIT)).decode("utf-8", "replace"))
    except (aiohttp.ClientError, OSError):
        return ""
