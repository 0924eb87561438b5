"""ingest.dialects.sparkplug: topics, births, deaths, lost messages, and trap 29 in all its parts."""

from __future__ import annotations

import random

import pytest

from anmin.codec import dump, load
from ingest.dialects import sparkplug_memory
from ingest.dialects.sparkplug import Sparkplug
from ingest.dialects.sparkplug_memory import Kept
from ingest.dialects.sparkplug_session import AGAIN_ANSWERED, AGAIN_UNANSWERED, ASKS
from ingest.dialects.sparkplug_wire import rebirth
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Remembering, Subscription
from ingest.sources.mqtt import overlapping
from tests.support.sparkplug import AT, flag, metric, payload

ASK = (("spBv1.0/g/NCMD/e", rebirth(AT)),)
SMOKE = metric(name="Smoke/Alarm", alias=10, datatype=11, boolean=False)
ALARM = metric(alias=10, boolean=True)
CLEAR = metric(alias=10, boolean=False)
NOTHING = b"\x0a\xff"


class Broker:
    """Brings messages of one node, `g/e`, each with the next number unless told otherwise."""

    def __init__(self, dialect: Sparkplug | None = None) -> None:
        self.dialect = dialect or Sparkplug()
        self.seq = 0

    def say(
        self, kind: str, *metrics: bytes, device: str = "", seq: int | None = None, raw: bytes = b""
    ) -> object:
        number = self.seq if seq is None else seq
        if kind != "NDEATH":
            self.seq = (number + 1) % 256
        data = raw or payload(*metrics, seq=None if kind == "NDEATH" else number)
        place = f"e/{device}" if device else "e"
        return self.dialect.decode(f"spBv1.0/g/{kind}/{place}", data, False)

    def hears(self, kind: str, *metrics: bytes, device: str = "", seq: int | None = None) -> Decoded:
        found = self.say(kind, *metrics, device=device, seq=seq)
        assert isinstance(found, tuple), found
        (one,) = found
        assert isinstance(one, Decoded)
        return one

    def births(self, *devices: str, bd_seq: int = 7) -> None:
        self.hears("NBIRTH", metric(name="bdSeq", datatype=8, long=bd_seq), SMOKE, seq=0)
        for one in devices:
            self.hears("DBIRTH", SMOKE, device=one)


@pytest.fixture
def broker() -> Broker:
    made = Broker()
    made.births("d")
    return made


# Topics -----------------------------------------------------------------------------------------------------


def test_what_nodes_publish_is_heard_and_commands_are_not() -> None:
    filters = Sparkplug(("a", "b", "a")).subscriptions()
    assert len(filters) == 12
    assert filters[0] == Subscription("spBv1.0/a/NBIRTH/#", Lane.TELEMETRY)
    assert not any("CMD" in one.topic_filter for one in filters)
    assert Sparkplug().subscriptions()[-1] == Subscription("spBv1.0/+/DDATA/#", Lane.TELEMETRY)
    assert overlapping([one.topic_filter for one in filters]) is None


@pytest.mark.parametrize("wrong", ["", "+", "#", "a/b", "a\0", "STATE"])
def test_group_or_host_that_is_no_level_is_an_error(wrong: str) -> None:
    with pytest.raises(ValueError, match="group or host"):
        Sparkplug((wrong,))
    with pytest.raises(ValueError, match="group or host"):
        Sparkplug(host=wrong)


def test_only_our_groups_are_claimed() -> None:
    topics = (
        "spBv1.0/g/NDATA/e",
        "spBv1.0/h/NDATA/e",
        "spBv1.0/STATE/x",
        "STATE/x",
        "STATE/x/y",
        "spBv1.0/g",
        "g/e",
    )
    assert [Sparkplug(("g",)).claims(topic) for topic in topics] == [
        True,
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    assert [Sparkplug().claims(topic) for topic in topics] == [True, True, True, True, False, False, False]
    found = Sparkplug(("g",)).decode("spBv1.0/h/NDATA/e", payload(seq=1), False)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


@pytest.mark.parametrize(
    ("topic", "data", "why"),
    [
        ("spBv1.0/STATE/anmin", b'{"online":false,"timestamp":1}', "our own host application is offline"),
        ("spBv1.0/STATE/x", b'{"online":true}', "the host application x is online"),
        ("STATE/x", b"OFFLINE", "the host application x is offline"),
        ("STATE/x", b"\xff", "the host application x is in a state that we cannot read"),
        ("spBv1.0/g/NCMD/e", b"\xff", "a command to an edge node, ours or another host's"),
        ("spBv1.0/g/DCMD/e/d", b"", "a command to an edge node, ours or another host's"),
    ],
)
def test_hosts_and_commands_are_ignored(topic: str, data: bytes, why: str) -> None:
    assert Sparkplug().decode(topic, data, True) == Ignored(why)


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("NRECORD/e", Reason.UNSUPPORTED),
        ("NDATA", Reason.MALFORMED),
        ("NDATA/", Reason.MALFORMED),
        ("NDATA/e/d/x", Reason.MALFORMED),
        ("DDATA/e", Reason.MALFORMED),
        ("DBIRTH/e", Reason.MALFORMED),
        ("NBIRTH/e/d", Reason.MALFORMED),
        ("NDEATH/e/d", Reason.MALFORMED),
        ("NDATA/e\n", Reason.MALFORMED),
        ("NDATA/" + "e" * 300, Reason.MALFORMED),
    ],
)
def test_topic_that_names_no_node_or_device_is_refused(topic: str, reason: Reason) -> None:
    found = Sparkplug().decode(f"spBv1.0/g/{topic}", payload(seq=0), False)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect) == (reason, "sparkplug")


def test_bytes_that_are_no_payload_are_refused_with_their_address() -> None:
    found = Sparkplug().decode("spBv1.0/g/DDATA/e/d", b"", False)
    assert isinstance(found, Rejected)
    assert (found.reason, found.address) == (Reason.MALFORMED, "g/e/d")
    assert found.detail.startswith("DDATA: ")


# Births and data --------------------------------------------------------------------------------------------


def test_birth_tells_names_values_and_presence() -> None:
    born = Broker().hears("NBIRTH", metric(name="bdSeq", datatype=8, long=1), SMOKE, seq=0)
    assert born == Decoded(
        "sparkplug", "g/e", (Point("smoke_alarm", 0.0),), AT * 1000, online=True, cached=True
    )


def test_birth_without_a_word_of_our_concern_was_heard() -> None:
    """Admission takes presence without values for hearsay, not for a sign of life."""
    assert Broker().hears("NBIRTH", metric(name="Speed", int=1), seq=0).online is None


def test_data_by_alias_after_the_birth(broker: Broker) -> None:
    one = broker.hears("DDATA", ALARM, device="d")
    assert (one.address, one.points) == ("g/e/d", (Point("smoke_alarm", 1.0),))
    assert (one.asks, one.notes, one.message_id, one.boot, one.online) == ((), (), None, None, None)
    assert broker.hears("NDATA", ALARM).address == "g/e"


def test_ndata_with_a_device_level_is_the_devices(broker: Broker) -> None:
    """By the device's own names, else by those of its node."""
    one = broker.hears("NDATA", ALARM, device="d")
    assert (one.address, one.points, one.asks) == ("g/e/d", (Point("smoke_alarm", 1.0),), ())
    other = broker.hears("NDATA", ALARM, device="never born")
    assert (other.address, other.points, other.asks) == ("g/e/never born", (Point("smoke_alarm", 1.0),), ())


def test_quantity_that_the_next_birth_does_not_tell_is_unknown(broker: Broker) -> None:
    broker.say("NBIRTH", metric(name="bdSeq", datatype=8, long=7), SMOKE, seq=0)
    born = broker.hears("DBIRTH", flag("Tamper", True), device="d")
    assert dict(born.points) == {"tamper": 1.0, "smoke_alarm": None}


def test_quantity_that_the_next_birth_only_tells_the_past_of_is_unknown(broker: Broker) -> None:
    past = metric(name="Smoke/Alarm", datatype=11, timestamp=AT - 9, is_historical=1, boolean=False)
    found = broker.say("DBIRTH", past, device="d")
    assert isinstance(found, tuple)
    assert [(one.backfill, one.points) for one in found] == [
        (True, (Point("smoke_alarm", 0.0),)),
        (False, (Point("smoke_alarm", None),)),
    ]


def test_birth_whose_metric_comes_twice_ends_with_the_second(broker: Broker) -> None:
    found = broker.say("DBIRTH", SMOKE, flag("Tamper", False), SMOKE, device="d")
    assert isinstance(found, tuple)
    assert [dict(one.points) for one in found] == [{"smoke_alarm": 0.0, "tamper": 0.0}, {"smoke_alarm": 0.0}]


def test_names_of_a_device_end_with_the_next_birth_of_its_node(broker: Broker) -> None:
    broker.births()
    one = broker.hears("DDATA", ALARM, device="d")
    assert (one.points, one.asks) == ((), ASK)


def test_second_of_two_numbers_that_say_the_same_is_told_and_passed_over(broker: Broker) -> None:
    temperatures = [metric(name=f"{n}/Temperature", alias=n, datatype=9, float=float(n)) for n in (1, 2)]
    born = broker.hears("DBIRTH", *temperatures, device="t")
    assert dict(born.points) == {"temperature_c": 1.0}
    assert born.notes == ("2/Temperature: another metric says the same, which is read instead",)
    assert broker.hears("DDATA", metric(alias=2, float=5.0), device="t").points == ()


def test_what_the_broker_kept_changes_nothing(broker: Broker) -> None:
    """Births, data and deaths are not retained; what is there all the same is of unknown age."""
    dialect = broker.dialect
    dialect.drain()
    for kind, place in (("NBIRTH", "e"), ("DBIRTH", "e/d"), ("NDATA", "e"), ("DDATA", "e/d")):
        found = dialect.decode(f"spBv1.0/g/{kind}/{place}", payload(flag("Smoke", True), CLEAR, seq=99), True)
        assert isinstance(found, tuple)
        assert (found[0].points, found[0].asks, found[0].online) == ((Point("smoke_alarm", 1.0),), (), None)
        assert isinstance(dialect.decode(f"spBv1.0/g/{kind}/{place}", NOTHING, True), Rejected)
    for kind, place in (("NDEATH", "e"), ("DDEATH", "e/d")):
        data = payload(metric(name="bdSeq", long=7))
        assert isinstance(dialect.decode(f"spBv1.0/g/{kind}/{place}", data, True), Ignored)
    assert isinstance(dialect.decode("spBv1.0/g/DDATA/e", b"", True), Rejected)
    assert dialect.drain() == []
    assert broker.hears("DDATA", ALARM, device="d").asks == ()


# Trap 29 ----------------------------------------------------------------------------------------------------


def test_trap_29_alias_before_birth_asks_for_a_rebirth_and_guesses_nothing() -> None:
    one = Broker().hears("DDATA", ALARM, device="d", seq=9)
    assert (one.address, one.points, one.asks) == ("g/e/d", (), ASK)
    assert one.notes == ("asked for a rebirth", "alias 10 is in no birth that we heard")


def test_trap_29_alias_that_no_birth_told_asks_as_well(broker: Broker) -> None:
    assert broker.hears("DDATA", metric(alias=99, boolean=True), device="d").asks == ASK


def test_trap_29_named_data_before_birth_is_read_and_asks() -> None:
    one = Broker().hears("DDATA", flag("Smoke/Alarm", True), device="d", seq=9)
    assert (one.points, one.asks) == ((Point("smoke_alarm", 1.0),), ASK)


def test_trap_29_named_data_of_a_device_that_was_not_born_asks(broker: Broker) -> None:
    one = broker.hears("DDATA", flag("Smoke/Alarm", True), device="new")
    assert (one.points, one.asks) == ((Point("smoke_alarm", 1.0),), ASK)


def test_trap_29_gap_asks_once_and_the_values_count(broker: Broker) -> None:
    broker.hears("NDATA")
    one = broker.hears("DDATA", ALARM, device="d", seq=5)
    assert one.notes == ("number 5 came where 3 was due: messages were lost", "asked for a rebirth")
    assert (one.points, one.asks) == ((Point("smoke_alarm", 1.0),), ASK)
    again = broker.hears("DDATA", CLEAR, device="d", seq=9)
    assert again.notes == ("number 9 came where 6 was due: messages were lost",)
    assert again.asks == ()


def test_trap_29_gap_after_the_birth_that_was_asked_for_is_another(broker: Broker) -> None:
    assert broker.hears("NDATA", seq=5).asks == ASK
    broker.births("d")
    assert broker.hears("NDATA").asks == ()
    assert broker.hears("NDATA", seq=50).asks == ASK


def test_trap_29_node_that_does_not_answer_is_asked_again_after_some_messages(broker: Broker) -> None:
    asks = [bool(broker.hears("NDATA", seq=n).asks) for n in (9, *range(10, 10 + 2 * AGAIN_UNANSWERED))]
    assert [n for n, one in enumerate(asks) if one] == [0, AGAIN_UNANSWERED, 2 * AGAIN_UNANSWERED]


def test_trap_29_node_that_never_tells_a_name_is_not_asked_without_end() -> None:
    """Every rebirth is answered, and the device is never born."""
    broker, asks = Broker(), 0
    for _ in range(AGAIN_ANSWERED):
        if broker.hears("DDATA", ALARM, device="d").asks:
            asks += 1
            broker.births()
    assert asks == ASKS


def test_trap_29_wrap_is_no_gap(broker: Broker) -> None:
    notes = [broker.hears("NDATA").notes for _ in range(600)]
    assert set(notes) == {()}


def test_trap_29_number_0_is_absent_on_the_wire(broker: Broker) -> None:
    while broker.seq != 0:
        broker.hears("NDATA")
    found = broker.say("NDATA", raw=payload(CLEAR))
    assert isinstance(found, tuple)
    assert (found[0].asks, found[0].notes) == ((), ())
    assert broker.hears("DDATA", ALARM, device="d", seq=1).asks == ()


def test_trap_29_one_row_of_numbers_for_the_node_and_its_devices(broker: Broker) -> None:
    for kind, device in (
        ("NDATA", ""),
        ("DDATA", "d"),
        ("DBIRTH", "c"),
        ("DDATA", "c"),
        ("DDEATH", "c"),
        ("NDATA", ""),
    ):
        assert broker.hears(kind, SMOKE, device=device).asks == (), kind
    assert broker.dialect.decode("spBv1.0/g/NDATA/other", payload(seq=3), False)
    assert broker.hears("NDATA").asks == ()


@pytest.mark.parametrize(
    ("kind", "device"), [("NDATA", ""), ("DDATA", "d"), ("DBIRTH", "c"), ("DDEATH", "c"), ("DDATA", "d/x")]
)
def test_trap_29_message_that_cannot_be_read_takes_a_number(broker: Broker, kind: str, device: str) -> None:
    assert isinstance(broker.say(kind, device=device, raw=NOTHING), Rejected)
    assert broker.hears("NDATA", ALARM).asks == ()


def test_trap_29_birth_that_cannot_be_read_makes_the_names_void(broker: Broker) -> None:
    assert isinstance(broker.say("NBIRTH", seq=0, raw=NOTHING), Rejected)
    one = broker.hears("NDATA", ALARM)
    assert (one.points, one.asks) == ((), ASK)
    assert "lost" not in one.notes[0]


def test_trap_29_stale_death_is_ignored_and_takes_no_number(broker: Broker) -> None:
    found = broker.say("NDEATH", metric(name="bdSeq", datatype=8, long=0))
    assert found == Ignored("the death of another session (bdSeq 0, the birth's is 7)")
    assert isinstance(broker.say("NDEATH", raw=payload(seq=0)), Ignored)
    assert isinstance(broker.say("NDEATH", raw=NOTHING), Rejected)
    assert broker.hears("DDATA", ALARM, device="d").asks == ()


def test_trap_29_null_metric_is_unknown_never_clear(broker: Broker) -> None:
    one = broker.hears("DDATA", metric(alias=10, datatype=11, is_null=1), device="d")
    assert one.points == (Point("smoke_alarm", None),)


def test_trap_29_history_is_history(broker: Broker) -> None:
    one = broker.hears("DDATA", metric(alias=10, timestamp=AT - 9, is_historical=1, boolean=True), device="d")
    assert (one.backfill, one.device_at, one.points) == (True, (AT - 9) * 1000, (Point("smoke_alarm", 1.0),))


# Deaths -----------------------------------------------------------------------------------------------------


def test_death_of_a_node_is_that_of_all_its_devices(broker: Broker) -> None:
    broker.hears("DBIRTH", flag("Tamper", True), device="c")
    found = broker.say("NDEATH", metric(name="bdSeq", datatype=8, long=7))
    assert found == (
        Decoded("sparkplug", "g/e", (Point("smoke_alarm", None),), online=False),
        Decoded("sparkplug", "g/e/c", (Point("tamper", None),), online=False),
        Decoded("sparkplug", "g/e/d", (Point("smoke_alarm", None),), online=False),
    )
    assert isinstance(broker.say("NDEATH", metric(name="bdSeq", datatype=8, long=7)), Ignored)
    assert broker.hears("DDATA", ALARM, device="d").asks == ASK


def test_death_of_a_node_takes_devices_that_its_last_birth_did_not_bring_back(broker: Broker) -> None:
    broker.births()
    found = broker.say("NDEATH", metric(name="bdSeq", datatype=8, long=7))
    assert isinstance(found, tuple)
    assert [one.address for one in found] == ["g/e", "g/e/d"]


def test_death_of_a_node_that_was_not_born_is_ignored() -> None:
    broker = Broker()
    broker.hears("NDATA", SMOKE, seq=3)
    assert broker.say("NDEATH", metric(name="bdSeq", long=0)) == Ignored(
        "the death of a node whose birth we did not hear"
    )


def test_death_and_birth_without_a_session_belong_together() -> None:
    broker = Broker()
    broker.hears("NBIRTH", SMOKE, seq=0)
    assert isinstance(broker.say("NDEATH", raw=payload()), tuple)


def test_death_of_a_device(broker: Broker) -> None:
    dead = broker.hears("DDEATH", device="d")
    assert dead == Decoded("sparkplug", "g/e/d", (Point("smoke_alarm", None),), online=False)
    assert broker.hears("DDEATH", device="stranger") == Decoded("sparkplug", "g/e/stranger", online=False)
    assert broker.hears("DDATA", ALARM, device="d").asks == ASK


# Memory -----------------------------------------------------------------------------------------------------


def test_device_beyond_the_bounds_is_told_and_read_by_name(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparkplug_memory, "MAX_TOGETHER", 1)
    born = broker.hears("DBIRTH", flag("Smoke", True), device="c")
    assert born.points == (Point("smoke_alarm", 1.0),)
    assert born.notes == ("too many devices are known: what this one says by number cannot be read",)


def test_metrics_beyond_the_bounds_are_told(broker: Broker) -> None:
    many = [metric(name=f"{n}/Leak", alias=n, datatype=11, boolean=False) for n in range(300)]
    born = broker.hears("DBIRTH", *many, device="c")
    assert born.notes == ("it has more metrics of our concern than are read",)


def test_dialect_remembers() -> None:
    assert isinstance(Sparkplug(), Remembering)


def test_same_messages_lead_to_the_same_answers_across_every_restart() -> None:
    """One dialect hears all; the other starts anew from a snapshot before every message."""
    dice, steady = random.Random(8), Sparkplug()
    kept: dict[str, str] = {}
    for topic, data, retain in _traffic(dice, 1_500):
        fresh = Sparkplug()
        fresh.restore((key, load(Kept, text)) for key, text in kept.items())
        assert fresh.decode(topic, data, retain) == steady.decode(topic, data, retain)
        for key, value in fresh.drain():
            kept.pop(key, None)
            if value is not None:
                kept[key] = dump(value)
    assert len(kept) > 5


def _traffic(dice: random.Random, count: int) -> list[tuple[str, bytes, bool]]:
    rows: dict[int, int] = {}
    said = []
    for _ in range(count):
        (kind,) = dice.choices(
            ("DDATA", "NDATA", "DBIRTH", "NBIRTH", "DDEATH", "NDEATH"), (60, 20, 8, 4, 1, 1)
        )
        node = dice.randrange(2)
        topic = f"spBv1.0/g/{kind}/e{node}" + ("" if kind.startswith("N") else f"/d{dice.randrange(2)}")
        rows[node] = 0 if kind == "NBIRTH" else rows.get(node, 0) + (dice.random() < 0.97)
        data = payload(*_zones(dice, kind), seq=rows[node] % 256)
        said.append((topic, NOTHING if dice.random() < 0.02 else data, dice.random() < 0.02))
    return said


def _zones(dice: random.Random, kind: str) -> list[bytes]:
    """All of them in a birth, some by their numbers in data."""
    if kind == "NDEATH":
        return [metric(name="bdSeq", datatype=8, long=dice.randrange(2))]
    if kind.endswith("DATA"):
        wet = dice.random() < 0.3
        return [metric(alias=alias, boolean=wet) for alias in dice.sample(range(4), dice.randrange(3))]
    names = [metric(name=f"Zone {n}/Leak", alias=n, datatype=11, boolean=False) for n in range(3)]
    return [metric(name="bdSeq", datatype=8, long=dice.randrange(2)), *names]


def test_random_bytes_and_mutations_never_raise() -> None:
    dice, dialect, said = random.Random(1), Sparkplug(), 0
    for topic, data, retain in _traffic(dice, 3_000):
        mutated = bytearray(data)
        for _ in range(dice.randrange(4)):
            mutated[dice.randrange(len(mutated))] = dice.randrange(256)
        whole = bytes(mutated[: dice.randrange(len(mutated) + 1)]) if dice.random() < 0.3 else bytes(mutated)
        found = dialect.decode(topic, whole, retain)
        assert isinstance(found, (tuple, Rejected, Ignored))
        said += isinstance(found, tuple)
        for one in found if isinstance(found, tuple) else ():
            assert len(one.notes) <= 8
            assert one.address
    assert 500 < said < 3_000


def test_truncated_at_every_byte_never_raises(broker: Broker) -> None:
    data = payload(SMOKE, metric(alias=11, datatype=9, timestamp=AT, float=1.0), seq=3)
    found = [broker.dialect.decode("spBv1.0/g/DDATA/e/d", data[:n], False) for n in range(len(data))]
    assert all(isinstance(one, (tuple, Rejected)) for one in found)
    assert sum(isinstance(one, Rejected) for one in found) > len(data) * 0.8
