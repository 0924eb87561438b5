"""Hosts, origins, headers, and how often one may guess."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request

from anmin.web.app import application
from anmin.web.deps import WebDeps
from anmin.web.security import (
    Allowance,
    Guesses,
    bearer,
    host_allowed,
    host_of,
    is_loopback,
    origin_allowed,
    token_matches,
)
from devices.instant import SECOND
from tests.support.web import world
from tests.support.web_view import NOW


@pytest.mark.parametrize(
    ("authority", "host"),
    [("anmin.lan:80", "anmin.lan"), ("[::1]:8080", "::1"), ("Anmin.LAN.", "anmin.lan"), ("[", ""), ("", "")],
)
def test_the_host_of_an_authority(authority: str, host: str) -> None:
    assert host_of(authority) == host


def test_loopback_is_recognised() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(is_loopback, ("10.0.0.1", "localhost.evil.example", "")))


async def test_names_of_others_are_refused_and_addresses_are_not() -> None:
    async with world(public_url="https://anmin.example:8443", trusted_origins=("http://anmin.lan",)) as w:
        for good in ("localhost:1", "127.0.0.1", "192.168.1.9:8080", "anmin.example:8443", "ANMIN.lan"):
            assert host_allowed(w.deps, good), good
        for bad in ("evil.example", "anmin.example.evil.example", "", "["):
            assert not host_allowed(w.deps, bad), bad


def allowed(deps: WebDeps, **headers: str) -> bool:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request("POST", "/", {"Host": "127.0.0.1:8080", **sent}, app=application(deps))
    return origin_allowed(request)


async def test_only_pages_of_ours_may_ask_for_a_change() -> None:
    async with world() as w:
        deps = replace(w.deps, trusted_origins=("https://anmin.example",))
        assert allowed(deps, Origin="http://127.0.0.1:8080")
        assert allowed(deps, Origin="https://anmin.example")
        assert allowed(deps, Referer="http://127.0.0.1:8080/incidents/1")
        assert not allowed(deps)
        assert not allowed(deps, Origin="null")
        assert not allowed(deps, Origin="http://evil.example")
        assert not allowed(deps, Origin="http://127.0.0.1:9999")
        assert not allowed(deps, Origin="http://evil.example", Referer="http://127.0.0.1:8080/")
        assert not allowed(deps, Origin="http://127.0.0.1:8080", Sec_Fetch_Site="cross-site")
        assert not allowed(deps, Origin="http://127.0.0.1:8080", Sec_Fetch_Site="same-site")


def test_an_empty_expected_token_matches_nothing() -> None:
    assert not token_matches("", "")
    assert not token_matches("x", "")
    assert token_matches("x", "x")
    assert not token_matches("ü", "x")
    request = make_mocked_request("GET", "/", {"Authorization": "bearer  abc "})
    assert bearer(request) == "abc"
    assert bearer(make_mocked_request("GET", "/", {"Authorization": "Basic abc"})) == ""


def test_an_allowance_gives_a_burst_and_then_one_at_a_time() -> None:
    book = Allowance(3, 5 * SECOND)
    for _ in range(3):
        assert book.wait_for("k", NOW) == 0
        book.take("k", NOW)
    assert book.wait_for("k", NOW) == 5 * SECOND
    assert book.wait_for("other", NOW) == 0
    assert book.wait_for("k", NOW + 5 * SECOND) == 0
    book.take("k", NOW + 5 * SECOND)
    assert book.wait_for("k", NOW + 5 * SECOND) == 5 * SECOND


def test_an_allowance_forgets_rather_than_grow() -> None:
    book = Allowance(1, SECOND)
    for n in range(Allowance.MOST + 50):
        book.take(str(n), NOW)
    assert len(book._until) == Allowance.MOST


def test_ten_thousand_guesses_are_hardly_evaluated_and_the_owner_still_gets_in() -> None:
    guesses = Guesses(b"s" * 32)
    known = guesses.device_cookie("王芳")
    evaluated = sum(
        guesses.wait_for("王芳", f"10.0.{n % 50}.{n % 200}", "", NOW + n * SECOND // 100) == 0
        for n in range(10_000)
    )
    assert 1 <= evaluated <= 100
    tries = [guesses.wait_for("王芳", "10.0.0.1", "", NOW + 100 * SECOND) for _ in range(2)]
    assert tries[-1] > 0
    assert guesses.wait_for("王芳", "10.0.0.1", known, NOW + 100 * SECOND) == 0


def test_a_device_cookie_is_worth_nothing_for_another_account_or_when_forged() -> None:
    guesses = Guesses(b"s" * 32)
    other = guesses.device_cookie("李强")
    for _ in range(30):
        guesses.wait_for("王芳", "10.0.0.1", "", NOW)
    assert guesses.wait_for("王芳", "10.0.0.1", other, NOW) > 0
    assert guesses.wait_for("王芳", "10.0.0.1", "nonce.forged", NOW) > 0


async def test_every_answer_carries_the_headers_errors_and_streams_too() -> None:
    async with world() as w:
        headers = await w.signed_in()
        paths = (
            "/",
            "/nope",
            "/static/anmin.css",
            "/static/nope",
            "/api/v1/nope",
            "/healthz",
            "/r/x",
            "/sign-in",
        )
        for path in (*paths, "/events"):
            async with w.client.get(path, headers=headers) as answer:
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
                assert "unsafe" not in answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "same-origin"
                assert answer.headers["Cache-Control"] == "no-store"
                assert "Server" not in answer.headers


async def test_hsts_is_said_only_where_there_is_tls() -> None:
    async with world(public_url="https://anmin.example") as w:
        plain = await w.client.get("/healthz")
        secure = await w.client.get("/healthz", headers={"Host": "anmin.example"})
        assert "Strict-Transport-Security" not in plain.headers
        assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
