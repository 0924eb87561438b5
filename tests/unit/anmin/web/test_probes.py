"""Alive, ready, figures."""

from __future__ import annotations

from anmin.view import Health
from tests.support.web import world

PROXIED = {"X-Forwarded-For": "203.0.113.9"}


async def test_alive_needs_nobody() -> None:
    async with world() as w:
        assert (await w.client.get("/healthz")).status == 200


async def test_ready_is_refused_for_what_is_broken_and_not_for_what_is_unknown() -> None:
    async with world() as w:
        w.health.append(Health("sms", None, "never used"))
        assert (await w.client.get("/readyz")).status == 200
        w.health.append(Health("ledger", False, "disk full"))
        answer = await w.client.get("/readyz")
        assert answer.status == 503
        assert await answer.text() == "ledger: not ready\n"


async def test_details_are_for_this_machine_or_a_token() -> None:
    async with world(metrics_token="m") as w:
        w.health.append(Health("ledger", False, "disk full"))
        inside = await (await w.client.get("/readyz?verbose=1")).json()
        assert inside == {"ready": False, "parts": [{"name": "ledger", "ok": False, "detail": "disk full"}]}
        outside = await (await w.client.get("/readyz?verbose=1", headers=PROXIED)).json()
        assert outside["parts"][0]["detail"] == ""


async def test_figures_are_for_this_machine_or_a_token() -> None:
    async with world(metrics_token="m") as w:
        answer = await w.client.get("/metrics")
        assert await answer.text() == "anmin_up 1\n"
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert (await w.client.get("/metrics", headers=PROXIED)).status == 403
        assert (
            await w.client.get("/metrics", headers={**PROXIED, "Authorization": "Bearer m"})
        ).status == 200
