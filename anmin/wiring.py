"""The composition root: one straight line from the data directory to the first page, and back."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from aiohttp import web as http

from alerts.broadcasts.broadcast import Recipient
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.channels.shut import ShutChannel
from alerts.channels.siren import Results
from alerts.channels.webhook import WebhookChannel
from anmin import __version__, codec, houses
from anmin.accounts import Accounts
from anmin.backends.broker import RunningBroker, start_private_broker
from anmin.backends.ledger import Ledger
from anmin.backends.log import Limits, SqliteLog
from anmin.backends.outbox import open_sends, void_leases
from anmin.backends.postgres import PAUSES_S
from anmin.backends.projection import cursor, timelines
from anmin.backends.schema import outbox
from anmin.books import Books
from anmin.chores import housekeeping, replies, steps
from anmin.clock import Clock, ScaledClock
from anmin.codec import dump
from anmin.dialects import connections, registry_of
from anmin.dispatcher import Dispatcher
from anmin.folder import DataFolder
from anmin.historian import NAME as HISTORY
from anmin.history.ports import HistoryStore
from anmin.homeassistant.publisher import publisher
from anmin.house import House, Terms
from anmin.intake import Intake
from anmin.keeping import open_history, open_ledger
from anmin.monitor import CAUGHT_UP, START, Monitor
from anmin.pipeline import Pipeline
from anmin.portrait import Portrait
from anmin.pushes import Pushes
from anmin.registrar import Registrar
from anmin.rejects import Rejects
from anmin.rule_keeper import RuleKeeper
from anmin.rule_trial import try_out
from anmin.settings import Settings
from anmin.shadow import Shadow
from anmin.snapshot import SnapshotStore
from anmin.sparkplug_host import SparkplugHost
from anmin.telemetry import Metrics, configure
from anmin.view import View
from anmin.vitals import Vitals
from anmin.ways import ways_out
from anmin.web.api import webhook_secret
from anmin.web.app import PresenceBook, WebDeps, application
from anmin.web.deps import TakeReceipt
from anmin.web.resident import household_token
from anmin.why import Asked
from anmin.why import why as asked_why
from devices.instant import SECOND, Instant
from ingest.message import CommandResult, Lane, RecordKind
from ingest.ports import Entry
from ingest.registry import DialectRegistry
from ingest.sources.gb26875 import Gb26875Source
from ingest.sources.mqtt import MqttEndpoint, MqttSource, Tls
from ingest.sources.replay import ReplaySource
from rules.account import Account
from rules.judge import Last
from rules.spec import RuleSet
from rules.tuning import check as check_tunings

log = structlog.get_logger("anmin.wiring")

BROKER_WITHIN_S = 60.0
EXIT_DISK = 4
SWITCH_S = 0.0005
"""An alarm passes from thread to thread four times; each may wait this long for the interpreter, not 5 ms."""
COLLECT = (50_000, 20, 100)
"""Python's own (700, 10, 10) looks for cycles a hundred times a second under load, and finds none."""
PAGES_END_S = 2.0
"""At a stop, requests that are under way get so long; somebody who sends slowly must not hold it up."""


class PortTaken(OSError):
    """The pages cannot listen where they are told to."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(host, port, error)
        self.host = host
        self.port = port
        self.error = error

    def __str__(self) -> str:
        return (
            f"cannot listen on {self.host}:{self.port} ({self.error.strerror or self.error}): "
            "stop what listens there, or set another [web] port"
        )


@dataclass(frozen=True, slots=True)
class Running:
    """What is up: for the command line, the demonstration and tests."""

    url: str
    sign_in: str | None
    broker: RunningBroker | None
    view: View
    pipeline: Pipeline
    metrics: Metrics
    clock: Clock | ScaledClock
    house: House
    token: str

    @property
    def taken(self) -> int:
        """How many messages have been dealt with."""
        counted = self.metrics.registry.restricted_registry(["anmin_ingest_messages_total"])
        return int(sum(sample.value for metric in counted.collect() for sample in metric.samples))


@asynccontextmanager
async def service(
    settings: Settings,
    inventory_body: str,
    rules_body: str,
    *,
    accept_history: bool = False,
    scaled: ScaledClock | None = None,
    recording: ReplaySource | None = None,
    shadow: RuleSet | None = None,
) -> AsyncIterator[Running]:
    """Everything started, in order; stopped in the other order. Raises what cannot be started with.

    `inventory_body` (canonical text) is imported at the first start, after which the ledger wins;
    `rules_body` is what is to be in force from now on. A replay uses what was. `scaled`: a clock for
    recordings, in an empty data directory of its own. `recording`: heard instead of a broker, while every
    way out is shut. `shadow`: rules that run beside and tell nobody.
    """
    async with AsyncExitStack() as stack:
        # The folder, the clock, the log.
        folder = DataFolder(settings.site.data_dir, reserve_bytes=settings.log.reserve_bytes)
        stack.callback(folder.close)
        configure(settings.logging.level, settings.logging.format, folder.room("logs"))
        clock: Clock | ScaledClock = scaled or Clock()
        records = SqliteLog(
            folder.log,
            clock=lambda: clock.now(),
            reserve=folder.reserve,
            broken=_die,
            limits=Limits(roll_bytes=settings.log.segment_bytes, roll_for=settings.log.segment_for),
        )
        stack.push_async_callback(records.close)
        clock = scaled or Clock(not_before=records.last_at)

        def until(at: Instant) -> float:
            """Real seconds until an instant."""
            return (at - clock.now()) / SECOND / (scaled.speed if scaled else 1.0)

        # The ledger, and what was in force.
        ledger = await asyncio.to_thread(
            open_ledger,
            settings,
            folder,
            at=clock.now(),
            broken=_die,
            reserve=folder.reserve,
            pauses=PAUSES_S,
        )
        stack.push_async_callback(ledger.close)
        snapshots = SnapshotStore(folder.snapshot)
        stack.push_async_callback(snapshots.close)
        stored = await houses.active_community(ledger)
        if stored is not None and stored != inventory_body:
            log.warning("community_file_differs", do="anmin community import, to see and take over")
        rulekeeper = RuleKeeper(ledger, clock.now, two=settings.site.second_person and not scaled)
        rules_body = await rulekeeper.begin(rules_body)
        stack.push_async_callback(rulekeeper.close)
        present = houses.build(stored or inventory_body, rules_body, _terms(settings))

        for tuning, _, why in check_tunings(present.rules, present.inventory):
            log.warning("threshold_without_effect", of=tuning.of, rule=tuning.rule_id, why=why)

        # The pure core, as it was.
        kept = snapshots.load()
        store, historian = open_history(settings, folder, ledger, clock.now)
        if historian is not None:
            confirmed = await ledger.read(lambda c: cursor(c, HISTORY))
            await historian.begin(kept.sequence if kept else 0, records.last, confirmed)
            stack.push_async_callback(historian.close)
        books = Books(ledger, snapshots, clock.now, historian)
        was = await houses.named(ledger, kept.versions["house"]) if kept else present
        dialects = registry_of(settings, present.inventory.community_id)
        monitor = Monitor(was, dialects)
        found = await books.recover(monitor, records, kept, accept=accept_history)
        log.info("recovered", snapshot=found.snapshot, cursor=found.cursor, last=found.last)

        # The picture, the ways out, the writer.
        codec.prepare()
        view = View(monitor.house.inventory)
        metrics = Metrics()
        metrics.set("build_info", 1, version=__version__)
        presence = PresenceBook()
        results = Results()
        secret = _secret(folder.root / "secret")
        token = settings.web.reveal("api_token") or secrets.token_urlsafe(32)
        outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        sources: list[MqttSource | ReplaySource | Gb26875Source] = []

        async def publish(topic: str, payload: bytes) -> None:
            await sources[0].publish(topic, payload)

        def report(outcome: SendOutcome) -> None:
            entry = Entry(RecordKind.OUTCOME, "dispatcher", outcome.key, dump(outcome).encode())
            records.post(entry, Lane.ALARM)

        def reply_page(who: Recipient) -> str | None:
            """The household's own page; asked for only once we listen."""
            base = str(settings.web.public_url or origin).rstrip("/")
            return f"{base}/r/{household_token(secret, who.household_id)}" if who.household_id else None

        live, drill = ways_out(
            settings, folder.room("outbox"), clock.now, publish, results, presence, view, reply_page
        )
        for way in live.values():
            if isinstance(way, WebhookChannel):
                stack.push_async_callback(way.close)
        if recording is not None:
            live = {name: ShutChannel(name) for name in live}
        dispatcher = Dispatcher(ledger, live, drill, report, clock.now, until, secrets.SystemRandom().random)
        vitals = Vitals(
            folder,
            records,
            ledger,
            dispatcher,
            sources,
            clock,
            metrics,
            view,
            lambda: pipeline.handled,
            historian,
        )
        portrait = Portrait(view, monitor, clock.now, vitals.health)

        def resolve(result: CommandResult) -> None:
            results.resolve(*result)

        def reply(topic: str, payload: bytes) -> None:
            outgoing.put_nowait((topic, payload))

        trial = None
        if shadow is not None:
            trial = Shadow(shadow, lambda: monitor.house.inventory, folder.root / "shadow.jsonl")
        pipeline = Pipeline(
            monitor,
            records,
            ledger,
            books,
            dispatcher,
            portrait,
            reply,
            resolve,
            clock.now,
            until,
            metrics,
            tuple(one for one in (historian, trial) if one is not None),
        )

        # Forward from the ledger's cursor, now with effects; then what was left to send.
        records.start(pipeline.committed)
        await pipeline.catch_up(found.cursor)
        now = clock.now()
        await ledger.write(lambda c: void_leases(c, now))
        dispatcher.resume(await ledger.read(open_sends))
        names = list(monitor.desk.incidents)
        portrait.recall(await ledger.read(lambda c: timelines(c, names)))
        tasks = await stack.enter_async_context(_tasks())
        tasks(pipeline.run(), "pipeline")
        await records.append(Entry(RecordKind.EPOCH, "clock", START, b""), Lane.ALARM)
        if kept is None or houses.signature(monitor.house) != houses.signature(present):
            await houses.keep(ledger, present, rules_body, clock.now())
            await records.append(houses.entry(present), Lane.ALARM)

        # The pages.
        accounts = Accounts(ledger)
        registrar = Registrar(ledger, records, lambda: monitor.house, pipeline.reached, clock.now)
        rulekeeper.connect(
            None if store is None else partial(_tried, lambda: monitor.house, store, clock.now),
            registrar.rules,
        )
        take, unread = _receipts(ledger, records), Rejects(ledger, records, clock.now)
        origin, runner = await _pages(
            settings,
            view,
            pipeline,
            accounts,
            clock,
            metrics,
            vitals,
            presence,
            secret,
            token,
            take,
            unread,
            store,
            Pushes(settings.push, records),
            registrar,
            rulekeeper,
            partial(asked_why, records, ledger, lambda known: registry_of(settings, known.community_id)),
            monitor.standing,
            trial,
            frozenset(live),
        )
        stack.push_async_callback(pipeline.finish)
        stack.push_async_callback(runner.cleanup)  # first: no command comes after the last snapshot
        link = await accounts.first_link("operator", settings.site.language, clock.now())

        # The broker and the sources; then time may run.
        broker = None
        if not settings.mqtt.url and recording is None:
            broker = await start_private_broker(folder.room("broker"))
            stack.push_async_callback(broker.stop)
            view.demo_grade = "" if broker.grade == "mosquitto" else broker.note_en
        sources += [recording] if recording else _sources(settings, broker, dialects, clock)
        if not recording and "gb26875" in settings.dialects.use:
            sources.append(_transmitters(settings, clock))
        intake = Intake(records)
        outer = await stack.enter_async_context(_tasks())
        for source in sources:
            outer(source.run(intake.door(source.name, source.lane)), source.name)
        for source in sources:
            await source.first_connect(BROKER_WITHIN_S)
        await asyncio.gather(*(source.caught_up() for source in sources))
        await records.append(Entry(RecordKind.EPOCH, "clock", CAUGHT_UP, b""), Lane.ALARM)
        outer(dispatcher.run(), "dispatcher")
        outer(replies(outgoing, sources), "replies")
        if recording is None:
            endpoint = _endpoint(settings, broker, "homeassistant")
            outer(publisher(settings, view, secret, endpoint, folder.root).run(), "home assistant")
            if "sparkplug" in settings.dialects.use and (name := settings.dialects.sparkplug_host):
                endpoint = _endpoint(settings, broker, "sparkplug")
                host = SparkplugHost(name, endpoint, lambda: all(s.connected for s in sources), clock.now)
                outer(host.run(), "sparkplug host")
        tasks(portrait.run(), "portrait")
        if historian is not None:
            tasks(historian.run(), "history")
        tasks(housekeeping(settings, records, books, ledger, store, clock.now), "housekeeping")
        if isinstance(clock, Clock):
            tasks(steps(clock, records), "clock steps")
        tasks(vitals.run(), "vitals")
        door = folder.root / "running.json"
        _announce(door, origin, token)
        stack.callback(door.unlink, missing_ok=True)
        sign_in = f"{origin}/sign-in/link?token={link}" if link else None
        stack.callback(ledger.leave)
        sys.setswitchinterval(SWITCH_S)
        gc.collect()
        gc.set_threshold(*COLLECT)
        gc.freeze()  # what is loaded now stays: a full collection would pause for tens of milliseconds
        yield Running(origin, sign_in, broker, view, pipeline, metrics, clock, present, token)


def _die(error: OSError) -> None:
    """What is on disk is unknown: not one acknowledgement more, and the supervisor starts us anew."""
    log.critical("disk_broken", error=str(error))
    os._exit(EXIT_DISK)


def _announce(path: Path, origin: str, token: str) -> None:
    """Where the command line finds us; whoever can read the data directory may act for us."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": origin, "token": token, "pid": os.getpid()}, file)


def _terms(settings: Settings) -> Terms:
    alerts = settings.alerts
    return Terms(
        alerts.verify_for,
        alerts.tiers,
        alerts.acknowledged_for,
        settings.webhook.partners,
        settings.site.utc_offset_for,
        alerts.automatic,
    )


def _tried(
    house: Callable[[], House],
    store: HistoryStore,
    now: Callable[[], Instant],
    old: str,
    new: str,
    told: Callable[[float], None],
) -> dict[str, Any]:
    """Changed rules on the last thirty days of this service."""
    return try_out(house(), old, new, store, now(), told)


def _secret(path: Path) -> bytes:
    """The key behind household links; made at the first start, readable by its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()


def _sources(
    settings: Settings, broker: RunningBroker | None, dialects: DialectRegistry, clock: Clock | ScaledClock
) -> list[MqttSource]:
    """Alarms and their answers on one connection, everything else on another, or on several."""
    made: list[MqttSource] = []
    for lane, topics in connections(dialects):
        before = sum(source.lane is lane for source in made)
        name = f"{lane.value}-{before + 1}" if before else lane.value
        endpoint = _endpoint(settings, broker, name)
        made.append(MqttSource(f"mqtt-{name}", lane, endpoint, topics, clock.now))
    return made


def _transmitters(settings: Settings, clock: Clock | ScaledClock) -> Gb26875Source:
    host, _, port = settings.dialects.gb26875_listen.rpartition(":")
    offset_for = settings.site.utc_offset_for
    return Gb26875Source("gb26875", host.strip("[]"), int(port), clock.now, utc_offset_for=offset_for)


def _endpoint(settings: Settings, broker: RunningBroker | None, name: str) -> MqttEndpoint:
    mqtt = settings.mqtt
    client_id = f"{mqtt.client_id}-{name}"
    if broker is not None:
        user = broker.roles.service
        protocol: Literal["5", "3.1.1"] = "5" if broker.grade == "mosquitto" else "3.1.1"
        return MqttEndpoint(
            broker.host, broker.port, client_id, user.username, user.password, protocol=protocol
        )
    address = urlsplit(mqtt.url)
    secure = address.scheme == "mqtts"
    paths = (str(path) if path else None for path in (mqtt.ca, mqtt.cert, mqtt.key))
    return MqttEndpoint(
        address.hostname or "127.0.0.1",
        address.port or (8883 if secure else 1883),
        client_id,
        mqtt.username,
        mqtt.reveal("password"),
        tls=Tls(*paths) if secure else None,
        protocol=mqtt.protocol,
    )


def _receipts(ledger: Ledger, records: SqliteLog) -> TakeReceipt:
    """What a provider says of a send goes through the log like everything else."""

    async def take(key: str, state: State) -> bool:
        query = outbox.select().where(outbox.c.key == key)
        row = await ledger.read(lambda c: c.execute(query).mappings().one_or_none())
        if row is None:
            return False
        said = SendOutcome(row["incident_id"], key, row["recipient"], row["channel"], state)
        entry = Entry(RecordKind.OUTCOME, "receipt", key, dump(said).encode())
        await records.append(entry, Lane.ALARM)
        return True

    return take


async def _pages(  # the composition root hands over everything once
    settings: Settings,
    view: View,
    pipeline: Pipeline,
    accounts: Accounts,
    clock: Clock | ScaledClock,
    metrics: Metrics,
    vitals: Vitals,
    presence: PresenceBook,
    secret: bytes,
    token: str,
    receipts: TakeReceipt,
    rejects: Rejects,
    history: HistoryStore | None,
    pushes: Pushes,
    registrar: Registrar,
    rulekeeper: RuleKeeper,
    why: Asked,
    standing: Callable[[str, Last], tuple[Account, ...]],
    trial: Shadow | None,
    channels: frozenset[str],
) -> tuple[str, http.AppRunner]:
    """Listen; returns the origin that people open."""

    web = settings.web
    webhook_key = settings.webhook.reveal("secret")
    deps = WebDeps(
        view=view,
        ask=pipeline.ask,
        accounts=accounts,
        now=clock.now,
        metrics=metrics.text,
        ready=vitals.ready,
        receipts=receipts,
        rejects=rejects,
        history=history,
        push=pushes,
        registrar=registrar,
        rules=rulekeeper,
        why=why,
        standing=standing,
        shadow=trial.body if trial is not None else None,
        channels=channels,
        crew_present=presence,
        secret=secret,
        host=web.host,
        port=web.port,
        public_url=str(web.public_url or ""),
        trusted_origins=web.trusted_origins,
        metrics_token=web.reveal("metrics_token") or "",
        api_token=token,
        webhook_secrets=(webhook_secret(webhook_key),) if webhook_key else (),
        language=settings.site.language,
        utc_offset_for=settings.site.utc_offset_for,
    )
    runner = http.AppRunner(application(deps), access_log=None, shutdown_timeout=PAGES_END_S)
    await runner.setup()
    try:
        await http.TCPSite(runner, web.host, web.port).start()
    except OSError as error:
        await runner.cleanup()
        raise PortTaken(web.host, web.port, error) from error
    return _origin(web.host, runner.addresses[0][1]), runner


def _origin(host: str, port: int) -> str:
    """Where a browser on this machine finds us."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@asynccontextmanager
async def _tasks() -> AsyncIterator[Callable[[Coroutine[object, object, None], str], None]]:
    """Named background tasks; one that fails brings the service down, for none is dispensable."""
    async with asyncio.TaskGroup() as group:
        started: list[asyncio.Task[None]] = []

        def start(work: Coroutine[object, object, None], name: str) -> None:
            started.append(group.create_task(work, name=name))

        try:
            yield start
        finally:
            for task in started:
                task.cancel()
