"""What each answer of a server means: taken, refused for ever with the original kept, or later."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from anmin.history.influx_store import InfluxHistory, InfluxTarget
from anmin.history.ports import HistoryAway, HistoryStore, Later, Stored
from anmin.history.sample import Step
from devices.instant import HOUR, SECOND
from tests.support import influx
from tests.support.history import NOON, around, sample
from tests.support.influx import InfluxStub
from tests.support.mosquitto import free_port
from tests.support.services import need


@pytest.fixture
async def store(stub: InfluxStub) -> AsyncIterator[InfluxHistory]:
    made = InfluxHistory(InfluxTarget(stub.url, "readings", org="house", token="word"), lambda: NOON, 2.0)
    yield made
    await made.close()


async def later(store: HistoryStore) -> Later:
    written = await store.write([sample(1), sample(2)])
    assert isinstance(written, Later)
    return written


async def test_write_names_bucket_organisation_precision_and_token(
    stub: InfluxStub, store: InfluxHistory
) -> None:
    assert await store.write([sample(1), sample(2)]) == Stored()
    (said,) = stub.said
    assert said.path == "/api/v2/write"
    assert said.query == {"org": "house", "bucket": "readings", "precision": "ns"}
    assert said.authorization == "Token word"
    assert len(said.lines) == 2


async def test_mode_1_writes_to_the_database_with_user_and_password(stub: InfluxStub) -> None:
    store = InfluxHistory(InfluxTarget(stub.url, "readings/month", "1", token="user:word"), lambda: NOON)
    written = await store.write([sample(1)])
    assert isinstance(written, Later)  # the stub is a 2.x server
    assert "mode" in written.problem
    assert stub.said[0].path == "/write"
    assert stub.said[0].query == {"db": "readings", "rp": "month", "precision": "ns"}
    assert stub.said[0].authorization == "Basic dXNlcjp3b3Jk"
    await store.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "token"),
        (403, "right to write"),
        (404, "create the bucket"),
        (429, "kept"),
        (500, "in trouble"),
        (503, "in trouble"),
        (301, "not of an InfluxDB"),
        (405, "not of an InfluxDB"),
        (202, "not of an InfluxDB"),
    ],
)
async def test_status_that_is_no_samples_fault_means_later(
    stub: InfluxStub, store: InfluxHistory, status: int, words: str
) -> None:
    stub.status, stub.message = status, "so it is"
    problem = (await later(store)).problem
    assert str(status) in problem
    assert words in problem
    assert words in await store.ready()


async def test_server_that_answers_a_ping_and_has_no_endpoint_is_not_ready(stub: InfluxStub) -> None:
    influx.ask(f"{stub.url}/ping", {})
    store = InfluxHistory(InfluxTarget(stub.url, "readings", "1"), lambda: NOON)
    assert "404" in await store.ready()
    await store.close()


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7 * SECOND),
        ("999999", HOUR),
        ("Mon, 21 Sep 2026 14:00:30 GMT", 30 * SECOND),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
async def test_retry_after_is_honoured(
    stub: InfluxStub, store: InfluxHistory, said: str, wait: int | None
) -> None:
    assert NOON == 1_789_999_200 * SECOND  # 2026-09-21 14:00 UTC, to which the date belongs
    stub.status, stub.headers = 429, {"Retry-After": said} if said else {}
    assert (await later(store)).wait_for == wait


async def test_one_bad_sample_is_refused_and_the_others_are_taken(
    stub: InfluxStub, store: InfluxHistory
) -> None:
    stub.poison = "sequence=13i"
    given = [sample(n, NOON + n) for n in range(50)]
    written = await store.write(given)
    assert isinstance(written, Stored)
    assert [one.sample for one in written.refused] == [given[13]]
    assert "unable to parse" in written.refused[0].why
    assert len(set(stub.taken)) == 49


@pytest.mark.parametrize("name", ["a\\", "a\nb", ""])
async def test_name_that_the_protocol_would_change_is_refused(
    stub: InfluxStub, store: InfluxHistory, name: str
) -> None:
    written = await store.write([sample(1, device=name), sample(2)])
    assert isinstance(written, Stored)
    assert [one.sample.sequence for one in written.refused] == [1]
    assert len(stub.taken) == 1


async def test_server_that_refuses_everything_takes_nothing_from_us(
    stub: InfluxStub, store: InfluxHistory
) -> None:
    stub.status, stub.message = 400, "no organisation"
    assert "refuses everything" in (await later(store)).problem
    assert len(stub.said) == 2  # the batch and the probe


async def test_batch_that_is_too_large_goes_in_parts(stub: InfluxStub, store: InfluxHistory) -> None:
    stub.most = 10
    assert await store.write([sample(n, NOON + n) for n in range(100)]) == Stored()
    assert len(set(stub.taken)) == 100
    stub.most = 0
    written = await store.write([sample(1), sample(2)])
    assert isinstance(written, Stored)
    assert [one.sample.sequence for one in written.refused] == [1, 2]


async def test_no_server_means_later() -> None:
    store = InfluxHistory(InfluxTarget(f"http://127.0.0.1:{free_port()}", "b"), lambda: NOON, 0.5)
    problem = (await later(store)).problem
    assert "no answer" in problem
    assert "url of [history]" in problem
    with pytest.raises(HistoryAway, match="no answer"):
        await store.summary(around(), Step(HOUR))
    await store.close()


async def test_question_to_a_server_without_query_raises_what_to_do(store: InfluxHistory) -> None:
    with pytest.raises(HistoryAway, match="404"):
        [one async for one in store.read(around())]


async def test_samples_of_more_than_a_page_in_one_millisecond_are_all_read(
    influx_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anmin.history import influx_store

    monkeypatch.setattr(influx_store, "_PAGE", 100)
    influx.statement(influx_url, "CREATE DATABASE crowded")
    store = InfluxHistory(InfluxTarget(influx_url, "crowded", "1"), lambda: NOON)
    given = [sample(n, NOON + n // 250 * 1000) for n in range(1, 1000)]
    assert await store.write(given) == Stored()
    assert [one async for one in store.read(around())] == given
    await store.close()


async def test_missing_database_is_reported_by_a_write_and_not_by_a_ping(influx_url: str) -> None:
    store = InfluxHistory(InfluxTarget(influx_url, "nowhere", "1"), lambda: NOON)
    influx.ask(f"{influx_url}/ping", {})
    assert "create the bucket" in await store.ready()
    with pytest.raises(HistoryAway, match="database not found"):
        await store.summary(around(), Step(HOUR))
    await store.close()


async def test_server_of_1_6_in_mode_2_is_reported(influx_url: str) -> None:
    store = InfluxHistory(InfluxTarget(influx_url, "history"), lambda: NOON)
    assert "mode of [history]" in await store.ready()
    await store.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate of one's own for 127.0.0.1, which is its own authority."""
    folder = tmp_path_factory.mktemp("authority")
    command = [
        str(need("openssl")),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
    ]
    command += ["-nodes", "-keyout", str(folder / "key.pem"), "-out", str(folder / "ca.pem"), "-days", "2"]
    command += ["-subj", "/CN=history", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


async def test_an_authority_of_ones_own_is_trusted_when_it_is_named(
    authority: Path, stub: InfluxStub
) -> None:
    url = stub.secure(authority / "ca.pem", authority / "key.pem")
    trusting = InfluxHistory(InfluxTarget(url, "b", org="o", ca=str(authority / "ca.pem")), lambda: NOON, 2.0)
    assert await trusting.ready() == ""
    assert await trusting.write([sample(1)]) == Stored()
    await trusting.close()
    stranger = InfluxHistory(InfluxTarget(url, "b", org="o"), lambda: NOON, 2.0)
    assert "ca_file of [history]" in await stranger.ready()
    await stranger.close()


async def test_a_missing_file_of_the_authority_is_said_and_nothing_is_sent(stub: InfluxStub) -> None:
    store = InfluxHistory(
        InfluxTarget("https://127.0.0.1:1", "b", org="o", ca="/none.pem"), lambda: NOON, 2.0
    )
    assert "no answer" in await store.ready()
    await store.close()
