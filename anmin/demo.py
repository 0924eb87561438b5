"""The demonstration: the real service, a simulated community beside it, and a kitchen fire after 20 s."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from alerts.broadcasts.delivery import State
from alerts.incidents.state import Incident
from anmin.community import to_yaml
from anmin.demo_tale import Say, Tale
from anmin.i18n import t
from anmin.prepare import prepare
from anmin.view import IncidentView
from anmin.web.wording import Wording
from anmin.wiring import Running, service
from devices.instant import SECOND, Instant, rfc3339
from simulator.device import BrokerAddress
from simulator.kitchen import kitchen_fire
from simulator.play import Play, Stage
from simulator.provider import Message, Provider
from simulator.town import town

IGNITION_S = 20.0


async def demo(
    *, for_s: float | None, port: int, seed: int, language: str, stop: asyncio.Event, say: Say
) -> dict[str, Any]:
    """Run until `stop` is set or `for_s` seconds are over; what happened, as the JSON line has it."""
    key = secrets.token_bytes(24)
    with tempfile.TemporaryDirectory(prefix="anmin-demo-") as folder:
        play: Play | None = None
        tale: Tale | None = None

        async def ring(message: Message) -> None:
            if play is not None and tale is not None:
                tale.letter(message)
                await play.ring(message)

        provider = Provider(key, ring)
        await provider.start()
        try:
            place = town(seed)
            flags = _flags(Path(folder), to_yaml(place.document), key, provider.url, port)
            prepared = prepare(None, {}, flags)
            async with service(prepared.settings, prepared.inventory_body, prepared.rules_body) as running:
                assert running.broker is not None
                _welcome(running, language, say)
                user = running.broker.roles.devices
                broker = BrokerAddress(running.broker.host, running.broker.port, user.username, user.password)
                stage = Stage(broker, running.url, running.token, running.clock.now)
                play = Play(place, kitchen_fire(place.homes, seed, IGNITION_S), stage, provider, seed)
                offset = prepared.settings.site.utc_offset_for
                tale = Tale(Wording(language, running.view.inventory, offset), say)
                work = asyncio.create_task(play.run(), name="play")
                beside = [
                    asyncio.create_task(tale.follow(running.view), name="tale"),
                    *(asyncio.create_task(_watch(running, who), name="crew page") for who in place.crew),
                ]
                try:
                    await _until(stop, for_s, work)
                finally:
                    await provider.hang_up()
                    for task in (work, *beside):
                        task.cancel()
                    await asyncio.gather(work, *beside, return_exceptions=True)
                return summary(running, play, provider)
        finally:
            await provider.stop()


def summary(running: Running, play: Play, provider: Provider) -> dict[str, Any]:
    """The figures of one run, from what the outsider published and received and what the system shows."""
    seen = sorted(running.view.incidents.values(), key=lambda one: one.incident.opened_at)
    joined = {source for one in seen for source in one.incident.sources}
    told = Counter((d.recipient.channel, d.state.value) for one in seen for d in one.deliveries)
    channels: dict[str, dict[str, int]] = {}
    for (channel, state), number in sorted(told.items()):
        channels.setdefault(channel, {})[state] = number
    waits = sorted(_waits(seen, play.published_at))
    return {
        "readings": play.readings,
        "incidents": [_incident(running, one.incident) for one in seen],
        "broadcasts": sum(event.kind == "announced" for one in seen for event in one.timeline),
        "deliveries": channels,
        "latency_ms": {"p50": _quantile(waits, 0.5), "p99": _quantile(waits, 0.99)},
        "lost": len(play.accepted - joined),
        "duplicates": _duplicates(provider.received),
        "residents": Counter(reply.value for one in seen for _, reply in one.incident.replies),
        "sirens": len(set(play.sounding)),
        "broker": running.broker.grade if running.broker else "external",
    }


def _flags(folder: Path, community: str, key: bytes, gateway: str, port: int) -> dict[str, Any]:
    path = folder / "community.yaml"
    path.write_text(community, encoding="utf-8")
    return {
        "site.data_dir": str(folder / "data"),
        "site.community": str(path),
        "web.port": port,
        "webhook.secret": "whsec_" + base64.b64encode(key).decode(),
        "webhook.gateway": gateway,
        "webhook.allow_private": True,
        "logging.level": "warning",
    }


def _welcome(running: Running, language: str, say: Say) -> None:
    say(t("demo.where", language, url=running.url))
    if running.sign_in:
        say(t("demo.sign_in", language, url=running.sign_in))
    if running.broker is not None and running.broker.grade != "mosquitto":
        say(running.broker.note_zh if language == "zh" else running.broker.note_en)
    say(t("demo.fire", language, seconds=int(IGNITION_S)))


async def _watch(running: Running, member: str) -> None:
    """A member of the crew with the station's page open: calls appear there at once."""
    url = f"{running.url}/crew/events?responder_id={member}"
    headers = {"authorization": f"Bearer {running.token}"}
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url, headers=headers) as answer:
        async for _ in answer.content:
            pass


async def _until(stop: asyncio.Event, for_s: float | None, work: asyncio.Task[None]) -> None:
    """Until somebody stops it, the time is over, or the play breaks, which is an error to be seen."""
    waiting = asyncio.create_task(stop.wait())
    with suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            await asyncio.wait((waiting, work), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        work.result()


def _incident(running: Running, incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "hazard": incident.hazard.value,
        "place": running.view.inventory.tree.name(incident.place_id, "en"),
        "level": incident.peak.word,
        "stage": incident.stage.value,
        "stages": {stage.value: rfc3339(at) for stage, at in incident.stages},
        "sources": len(incident.sources),
    }


def _waits(seen: Iterable[IncidentView], published: dict[str, Instant]) -> Iterable[float]:
    """Per incident: from the publication of its first alarm event to its first hand-off, in ms."""
    for one in seen:
        handed = [e.at for e in one.timeline if e.kind == "delivered" and State(e.state).reached]
        known = [published[source] for source in one.incident.sources if source in published]
        if handed and known:
            yield (min(handed) - min(known)) / (SECOND / 1000)


def _quantile(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(len(values) * share))], 2) if values else None


def _duplicates(received: Iterable[Message]) -> int:
    """The same version of the same incident to the same recipient under two keys."""
    keys: dict[tuple[str, int, str], set[str]] = {}
    for message in received:
        data = message.data
        slot = (data["incident_id"], data["version"], json.dumps(data["recipient"]))
        keys.setdefault(slot, set()).add(message.key)
    return sum(len(found) - 1 for found in keys.values())
