"""The doormen: hosts, origins, and failures that are clear and tell nothing."""

from __future__ import annotations

import pytest

from anmin.web.app import application
from devices.instant import MINUTE
from tests.support.web import world
from tests.support.web_view import FIRE


class Everybody:
    """A door for pushes that has a secret for each platform and takes nothing."""

    def secrets(self, platform: str) -> tuple[str, ...]:
        return ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)

    async def take(self, platform: str, device: str, payload: bytes) -> None:
        raise AssertionError(platform)


async def test_a_name_that_is_not_ours_is_misdirected() -> None:
    async with world() as w:
        answer = await w.client.get("/healthz", headers={"Host": "evil.example"})
        assert answer.status == 421
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_no_change_is_possible_from_another_site_whatever_the_route() -> None:
    async with world(webhook_secrets=(b"x",), push=Everybody()) as w:
        cookie = {"Cookie": (await w.signed_in())["Cookie"]}
        routes = [r for r in application(w.deps).router.routes() if r.method == "POST" and r.resource]
        paths = [r.resource.canonical for r in routes if r.resource]
        assert len(paths) >= 7
        for path in paths:
            url = path.replace("{incident_id}", FIRE).replace("{token}", "t").replace("{platform}", "tuya")
            for origin in ({}, {"Origin": "null"}, {"Origin": "https://evil.example"}):
                answer = await w.client.post(url, data={"verb": "acknowledge"}, headers={**cookie, **origin})
                assert answer.status in (401, 403), (url, origin)
        assert w.asked == []


async def test_nothing_changes_by_looking() -> None:
    async with world() as w:
        headers = await w.signed_in()
        for path in ("/sign-out", "/welcome", f"/incidents/{FIRE}/actions"):
            assert (await w.client.get(path, headers=headers)).status in (404, 405)
        assert (await w.client.get("/", headers=headers)).status == 200


async def test_a_bug_is_a_clear_page_without_its_insides(capsys: pytest.CaptureFixture[str]) -> None:
    async with world() as w:
        w.answers = [RuntimeError("secret detail"), RuntimeError("secret detail")]
        headers = await w.signed_in()
        answer = await w.client.post(f"/incidents/{FIRE}/actions", data={"verb": "confirm"}, headers=headers)
        assert answer.status == 500
        assert "secret detail" not in await answer.text()
        machine = await w.client.post(
            f"/api/v1/incidents/{FIRE}/actions", json={"verb": "confirm"}, headers=headers
        )
        assert machine.content_type == "application/problem+json"
        assert "secret detail" not in await machine.text()
        assert "request_failed" in capsys.readouterr().out


async def test_a_full_disk_is_said_and_blinds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world() as w:
        w.answers = [OSError(28, "No space left")]
        headers = await w.signed_in()
        answer = await w.client.post(f"/incidents/{FIRE}/actions", data={"verb": "confirm"}, headers=headers)
        assert answer.status == 503
        assert "没有执行" in await answer.text()

        async def full(work: object) -> None:
            raise OSError(28, "No space left")

        monkeypatch.setattr(w.accounts._ledger, "write", full)
        w.clock[0] += 2 * MINUTE
        assert (await w.client.get("/", headers=headers)).status == 200


async def test_bodies_that_are_no_form_or_too_large_are_the_senders_fault() -> None:
    async with world() as w:
        url, headers = f"/incidents/{FIRE}/actions", await w.signed_in()
        for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "application/octet-stream"):
            answer = await w.client.post(url, data=b"\xff\xfe--", headers={**headers, "Content-Type": kind})
            assert answer.status == 400, kind
        odd = {**headers, "Content-Type": "application/x-www-form-urlencoded; charset=no-such"}
        assert (await w.client.post(url, data=b"verb=%ff", headers=odd)).status == 400
        assert (await w.client.post(url, data={"verb": "x" * 70_000}, headers=headers)).status == 413
        assert w.asked == []


async def test_failures_speak_the_readers_language() -> None:
    async with world() as w:
        answer = await w.client.get("/nope", headers={"Accept-Language": "en-GB"})
        assert "There is no such page" in await answer.text()
        wrong = await w.client.delete("/", headers={**w.origin, "Accept-Language": "zh"})
        assert wrong.status == 405
        assert "这里不能这样请求" in await wrong.text()


async def test_static_files_are_served_and_nothing_beside_them() -> None:
    async with world() as w:
        assert (await w.client.get("/static/live.js")).content_type.endswith("/javascript")
        assert (await w.client.get("/favicon.ico")).content_type == "image/svg+xml"
        for path in ("/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
            assert (await w.client.get(path)).status in (403, 404), path
