"""The MQTT source against a real mosquitto that is killed, frozen, unreachable or hostile."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiomqtt
import pytest

from ingest.message import Lane
from ingest.ports import Incoming, SourceDown
from ingest.sources.mqtt import MqttEndpoint, MqttSource, Tls
from tests.support.mosquitto import Mosquitto, free_port, running


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


class Consumer:
    """A source at work; acknowledges everything unless told otherwise."""

    def __init__(
        self, endpoint: MqttEndpoint, *, acknowledge: bool = True, stuck_after_s: float = 30.0
    ) -> None:
        self.source = MqttSource(
            "test",
            Lane.ALARM,
            endpoint,
            ["t/#"],
            lambda: 1,
            jitter=lambda most: most / 4,
            stuck_after_s=stuck_after_s,
        )
        self.acknowledge = acknowledge
        self.got: list[Incoming] = []

    def deliver(self, incoming: Incoming) -> None:
        self.got.append(incoming)
        if self.acknowledge and incoming.acknowledge:
            incoming.acknowledge()

    async def until(self, count: int, within_s: float = 8.0) -> None:
        await _until(lambda: len(self.got) >= count, within_s)

    @property
    def payloads(self) -> list[bytes]:
        return [incoming.message.payload for incoming in self.got]


async def _until(true: Callable[[], bool], within_s: float = 8.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 what is waited for is another process
            await asyncio.sleep(0.01)


@asynccontextmanager
async def consuming(consumer: Consumer) -> AsyncIterator[Consumer]:
    task = asyncio.create_task(consumer.source.run(consumer.deliver))
    try:
        yield consumer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _endpoint(broker: Mosquitto) -> MqttEndpoint:
    return MqttEndpoint(broker.host, broker.port, "anmin-test")


async def _publish(broker: Mosquitto, payloads: list[bytes], topic: str = "t/x") -> None:
    async with aiomqtt.Client(broker.host, broker.port) as client:
        for payload in payloads:
            await client.publish(topic, payload, qos=1)


_FIFTY = [str(number).encode() for number in range(50)]


async def test_what_was_sent_while_we_were_away_arrives_whole_in_order_and_marked(broker: Mosquitto) -> None:
    async with consuming(Consumer(_endpoint(broker))) as first:
        await first.source.first_connect(5)
        await first.source.caught_up()
    await _publish(broker, _FIFTY)
    async with consuming(Consumer(_endpoint(broker))) as second:
        await second.source.first_connect(5)
        await second.source.caught_up()
        await _publish(broker, [b"live"])
        await second.until(51)
    assert second.payloads == [*_FIFTY, b"live"]
    assert [incoming.message.queued for incoming in second.got] == [True] * 50 + [False]


_CHILD = """
    import asyncio, sys
    from ingest.message import Lane
    from ingest.sources.mqtt import MqttEndpoint, MqttSource

    def deliver(incoming):
        if int(incoming.message.payload) < 20:
            incoming.acknowledge()
        print(incoming.message.payload.decode(), flush=True)

    source = MqttSource("t", Lane.ALARM, MqttEndpoint(sys.argv[1], int(sys.argv[2]), "anmin-test"), ["t/#"],
                        lambda: 1, on_state=lambda up, _: print("up", flush=True))
    asyncio.run(source.run(deliver))
"""


async def test_a_killed_process_loses_nothing_that_it_had_not_acknowledged(broker: Mosquitto) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(_CHILD),
        broker.host,
        str(broker.port),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    async with asyncio.timeout(10):
        while b"up" not in await child.stdout.readline():
            pass
        await _publish(broker, _FIFTY)
        while (await child.stdout.readline()).strip() != b"49":
            pass
    child.kill()
    await child.communicate()
    async with consuming(Consumer(_endpoint(broker))) as after:
        await after.source.first_connect(5)
        await after.source.caught_up()
    assert set(after.payloads) >= set(_FIFTY[20:])
    assert after.payloads == sorted(after.payloads, key=int)
    assert all(incoming.message.queued for incoming in after.got)
    assert len(after.got) < 50


async def test_comes_back_after_the_broker_was_killed_and_misses_nothing(broker: Mosquitto) -> None:
    async with consuming(Consumer(_endpoint(broker))) as consumer:
        await consumer.source.first_connect(5)
        await consumer.source.caught_up()
        await _publish(broker, [b"before"])
        await consumer.until(1)
        await asyncio.to_thread(broker.save)
        broker.kill()
        await _until(lambda: not consumer.source.connected)
        with pytest.raises(SourceDown):
            await consumer.source.publish("t/y", b"lost")
        await asyncio.to_thread(broker.start)
        await _publish(broker, [b"after"])
        await consumer.until(2)
        assert consumer.payloads == [b"before", b"after"]
        await consumer.source.publish("elsewhere", b"works again")


async def test_receipts_of_a_lost_connection_acknowledge_nothing_on_the_next(broker: Mosquitto) -> None:
    async with consuming(Consumer(_endpoint(broker), acknowledge=False)) as consumer:
        await consumer.source.first_connect(5)
        await consumer.source.caught_up()
        await _publish(broker, [b"one"])
        await consumer.until(1)
        await asyncio.to_thread(broker.save)
        broker.kill()
        await asyncio.to_thread(broker.start)
        await consumer.until(2)
        for_the_old = consumer.got[0].acknowledge
        assert for_the_old is not None
        for_the_old()
        await asyncio.sleep(0.1)
        assert consumer.source.unacknowledged == 1
        assert consumer.got[1].message.dup
        assert consumer.got[1].message.queued


async def test_a_stuck_message_is_asked_for_again_on_a_new_connection(broker: Mosquitto) -> None:
    async with consuming(Consumer(_endpoint(broker), acknowledge=False, stuck_after_s=0.4)) as consumer:
        await consumer.source.first_connect(5)
        await _publish(broker, [b"one"])
        await consumer.until(1)
        consumer.acknowledge = True
        await consumer.until(2)
        await asyncio.sleep(0.6)
        assert consumer.payloads == [b"one", b"one"]
        assert consumer.source.unacknowledged == 0


async def test_waits_for_a_broker_that_is_not_there_yet(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path)
    try:
        async with consuming(Consumer(_endpoint(broker))) as consumer:
            with pytest.raises(SourceDown, match=f"nothing listens on 127.0.0.1:{broker.port}"):
                await consumer.source.first_connect(0.3)
            await asyncio.to_thread(broker.start)
            await consumer.source.first_connect(5)
    finally:
        broker.stop()


async def test_a_broker_that_hangs_is_left_and_found_again(broker: Mosquitto) -> None:
    endpoint = replace(_endpoint(broker), keepalive=1)
    async with consuming(Consumer(endpoint)) as consumer:
        await consumer.source.first_connect(5)
        broker.freeze()
        await _until(lambda: not consumer.source.connected)
        broker.thaw()
        await _until(lambda: consumer.source.connected)
        await _publish(broker, [b"again"])
        await consumer.until(1)


async def test_another_client_under_our_name_is_outlived(broker: Mosquitto) -> None:
    """mosquitto 2.0 closes the elder without a word; the elder must not touch what became of its socket."""
    async with consuming(Consumer(_endpoint(broker))) as consumer:
        await consumer.source.first_connect(5)
        async with aiomqtt.Client(broker.host, broker.port, identifier="anmin-test"):
            await _until(lambda: "broke" in consumer.source.trouble)
        await _until(lambda: consumer.source.connected)
        await _publish(broker, [b"still here"])
        await consumer.until(1)


@asynccontextmanager
async def _playing_broker(then: bytes) -> AsyncIterator[MqttEndpoint]:
    """Takes a client and its two subscriptions, and then says only this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"\x20\x03\x00\x00\x00")
        subscribe = await reader.read(1000)
        writer.write(b"\x90\x05" + subscribe[2:4] + b"\x00\x01\x01" + then)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield MqttEndpoint("127.0.0.1", server.sockets[0].getsockname()[1], "anmin-test")


async def test_a_broker_that_says_nonsense_is_left_and_does_not_stop_us() -> None:
    told: list[str] = []
    async with _playing_broker(b"\x32\x03\x00\x09a") as endpoint:
        source = MqttSource(
            "test", Lane.ALARM, endpoint, ["t/#"], lambda: 1, on_state=lambda _, why: told.append(why)
        )
        task = asyncio.create_task(source.run(lambda _: None))
        await _until(lambda: sum("not MQTT" in why for why in told) == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_bug_of_ours_in_taking_a_message_ends_the_run() -> None:
    def deliver(incoming: Incoming) -> None:
        raise ZeroDivisionError(incoming.message.topic)

    async with _playing_broker(b"\x30\x05\x00\x01a\x00x") as endpoint:
        with pytest.raises(ZeroDivisionError, match="a"):
            await asyncio.wait_for(Consumer(endpoint).source.run(deliver), 5)


async def test_a_host_that_is_no_name_is_said_clearly() -> None:
    async with consuming(Consumer(MqttEndpoint("a..b", 1883, "anmin-test"))) as consumer:
        with pytest.raises(SourceDown, match=r"the name 'a\.\.b' is not known"):
            await consumer.source.first_connect(0.5)


async def test_a_wrong_password_is_said_clearly(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    for protocol in ("5", "3.1.1"):
        folder = tmp_path / protocol
        folder.mkdir()
        with running(folder, "allow_anonymous false", f"password_file {passwords}") as broker:
            endpoint = replace(_endpoint(broker), username="anmin", password="wrong", protocol=protocol)
            async with consuming(Consumer(endpoint)) as consumer:
                with pytest.raises(SourceDown, match=r"refuses user 'anmin'.*check name and password"):
                    await consumer.source.first_connect(0.5)


async def test_a_megabyte_passes_as_it_is(broker: Mosquitto) -> None:
    payload = bytes(range(256)) * 4096
    async with consuming(Consumer(_endpoint(broker))) as consumer:
        await consumer.source.first_connect(5)
        await _publish(broker, [b"small", payload, b"small"])
        await consumer.until(3)
    assert consumer.payloads == [b"small", payload, b"small"]


async def test_qos_0_and_a_reader_of_many_messages(broker: Mosquitto) -> None:
    payloads = [b"%06d" % number + b"x" * (number % 700) for number in range(5_000)]
    async with consuming(Consumer(_endpoint(broker))) as consumer:
        await consumer.source.first_connect(5)
        await consumer.source.caught_up()
        async with aiomqtt.Client(broker.host, broker.port) as client:
            for payload in payloads:
                await client.publish("t/x", payload, qos=0)
            await consumer.until(5_000)
    assert consumer.payloads == payloads
    assert all(incoming.acknowledge is None for incoming in consumer.got)


async def test_the_event_loop_stays_free_while_a_backlog_drains(broker: Mosquitto) -> None:
    async with consuming(Consumer(_endpoint(broker))) as first:
        await first.source.first_connect(5)
    async with aiomqtt.Client(broker.host, broker.port, max_inflight_messages=500) as client:
        client.pending_calls_threshold = 10_000
        await asyncio.gather(*(client.publish("t/x", b"x" * 240, qos=1) for _ in range(5_000)))
    loop = asyncio.get_running_loop()
    longest, last = 0.0, loop.time()
    async with consuming(Consumer(_endpoint(broker))) as second:
        async with asyncio.timeout(8):
            while len(second.got) < 5_000:
                await asyncio.sleep(0)
                now = loop.time()
                longest, last = max(longest, now - last), now
    assert longest < 0.2


async def test_speaks_tls_and_trusts_its_own_ca_only(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    await asyncio.to_thread(_make_certificates, tmp_path)
    port = free_port()
    extra = (f"listener {port} 127.0.0.1", f"certfile {tmp_path}/b.pem", f"keyfile {tmp_path}/b.key")
    with running(tmp_path, *extra) as broker:
        known = MqttEndpoint("127.0.0.1", port, "anmin-tls", tls=Tls(ca=str(tmp_path / "ca.pem")))
        async with consuming(Consumer(known)) as consumer:
            await consumer.source.first_connect(5)
            await consumer.source.caught_up()
            await _publish(broker, [b"x" * 20_000, *_FIFTY])
            await consumer.until(51)
        assert consumer.payloads == [b"x" * 20_000, *_FIFTY]
        for stranger, said in ((Tls(), "is not trusted"), (Tls(ca=str(tmp_path / "no.pem")), "is missing")):
            async with consuming(Consumer(replace(known, tls=stranger))) as refused:
                with pytest.raises(SourceDown, match=said):
                    await refused.source.first_connect(0.5)


def _make_certificates(folder: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test ca")
    openssl("req", *curve, "-keyout", "b.key", "-out", "b.csr", "-subj", "/CN=127.0.0.1")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san")
    openssl("x509", "-req", "-in", "b.csr", "-out", "b.pem", *signing)
