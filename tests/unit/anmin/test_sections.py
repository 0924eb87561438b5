"""Each section's own rules, and the numbers as the rest of the product takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from anmin.section import Section
from anmin.sections import SECTIONS, Alerts, Ledger, Log, Mqtt, Settings, Site, Web, Webhook
from devices.instant import HOUR, MINUTE, SECOND

KEY = "whsec_" + "QUFB" * 10


def refused(model: type[Section], **values: object) -> list[str]:
    try:
        section = model.model_validate(values)
    except ValidationError as error:
        return [fault["type"] for fault in error.errors()]
    return [trouble.code for trouble in section.troubles()]


def test_every_section_has_defaults_and_every_setting_a_description() -> None:
    assert set(SECTIONS) == set(Settings.model_fields)
    assert Settings().web.port == 8080
    bare = [
        name for model in SECTIONS.values() for name, f in model.model_fields.items() if not f.description
    ]
    assert bare == []


def test_lengths_come_in_microseconds_and_sizes_in_bytes() -> None:
    assert Alerts().verify_for == 60 * SECOND
    assert Alerts().tiers == (60 * SECOND, 180 * SECOND, 300 * SECOND)
    assert Alerts().acknowledged_for == 180 * SECOND
    assert Log(segment_mib=2).segment_bytes == 2 * 1024 * 1024
    assert Log().segment_for == HOUR
    assert Log().retention_for == 30 * 24 * HOUR
    assert Log(reserve_mib=3).reserve_bytes == 3 * 1024 * 1024
    assert Site(utc_offset="-03:30").utc_offset_for == -(3 * HOUR + 30 * MINUTE)
    assert Site().utc_offset_for == 8 * HOUR


def test_nobody_may_look_longer_than_90_seconds() -> None:
    assert refused(Alerts, verification_seconds=90) == []
    with pytest.raises(ValidationError, match="verification may not hold it back longer"):
        Alerts(verification_seconds=91)


@pytest.mark.parametrize("tiers", [(60, 60), (180, 60), (), (0, 60)])
def test_tiers_rise(tiers: tuple[int, ...]) -> None:
    assert refused(Alerts, escalation_seconds=tiers)


@pytest.mark.parametrize("url", ["http://x", "mqtt://", "broker:1883", "mqtt://me:word@broker"])
def test_a_broker_url_has_its_scheme_and_no_secret(url: str) -> None:
    assert refused(Mqtt, url=url) == ["value_error"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anmin:word@db:5432/anmin",
        "postgresql://anmin:p%40ss@db/anmin?sslmode=verify-full",
        "postgresql:///anmin?host=/run/postgresql",
        "",
    ],
)
def test_a_ledger_url_names_a_database_or_nothing(url: str) -> None:
    assert refused(Ledger, url=url) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://anmin:canary@db",
        "postgresql://anmin:canary@db:port/anmin",
        "postgresql://anmin:p@canary@db/anmin",
        "postgresql://anmin:1/canary@db/anmin",
        "mysql://anmin:canary@db/anmin",
        "canary",
    ],
)
def test_a_ledger_url_that_may_be_misread_is_refused_and_never_repeated(url: str) -> None:
    with pytest.raises(ValidationError, match="must look like postgresql://") as caught:
        Ledger.model_validate({"url": url})
    assert "canary" not in str(caught.value)


def test_the_schema_to_upgrade_from_is_a_number_as_the_refusal_says_it() -> None:
    assert refused(Ledger, upgrade_from="0001") == []
    assert refused(Ledger, upgrade_from="first")


def test_mqtt_without_tls_is_a_warning_except_on_loopback() -> None:
    (trouble,) = Mqtt(url="mqtt://10.0.0.5").troubles()
    assert (trouble.code, trouble.warning) == ("plain-mqtt", True)
    assert refused(Mqtt, url="mqtt://127.0.0.1:1883") == []
    assert refused(Mqtt, url="mqtts://10.0.0.5") == []


def test_tls_files_need_mqtts_and_each_other() -> None:
    assert refused(Mqtt, ca="ca.pem") == ["tls-without-mqtts"]
    assert refused(Mqtt, url="mqtts://b", cert="c.pem") == ["half-a-pair"]
    assert refused(Mqtt, url="mqtts://b", ca="a", cert="c", key="k") == []


@pytest.mark.parametrize("topic", ["", "a/#", "+", "/a", "a/", "$SYS", "a\0"])
def test_a_base_topic_can_be_subscribed_to(topic: str) -> None:
    assert refused(Mqtt, zigbee2mqtt=[topic]) == ["value_error"]


def test_protocol_may_be_written_as_a_number() -> None:
    assert Mqtt.model_validate({"protocol": 5}).protocol == "5"
    assert refused(Mqtt, protocol=3.1) == ["literal_error"]


def test_open_pages_without_https_are_a_warning() -> None:
    assert refused(Web, host="0.0.0.0") == ["plain-http"]
    assert refused(Web, host="0.0.0.0", public_url="https://board.example") == []


@pytest.mark.parametrize("origin", ["board.example", "https://board.example/path", "ftp://x"])
def test_an_origin_is_scheme_and_host(origin: str) -> None:
    assert refused(Web, trusted_origins=[origin]) == ["value_error"]


def test_partners_need_a_key_and_https() -> None:
    assert refused(Webhook, partners=["https://a.example/x"]) == ["no-secret"]
    assert refused(Webhook, partners=["http://a.example/x"], secret=KEY) == ["plain-partner"]
    assert refused(Webhook, partners=["http://a.example/x"], secret=KEY, allow_private=True) == []
    assert refused(Webhook, partners=["a.example"], secret=KEY) == ["value_error"]


@pytest.mark.parametrize("key", ["whsec_", "whsec_QUFB", KEY.removeprefix("whsec_"), "whsec_!!!!", "whsec_é"])
def test_a_signing_key_has_the_standard_form(key: str) -> None:
    assert refused(Webhook, secret=key) == ["value_error"]


def test_a_secret_does_not_show_in_the_settings_text() -> None:
    assert KEY not in repr(Webhook.model_validate({"secret": KEY}))


def test_a_secret_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("first\n")
    section = Mqtt(password_file=path)
    assert section.reveal("password") == "first"
    path.write_text("second\n")
    assert section.reveal("password") == "second"
    assert Mqtt.model_validate({"password": "x"}).reveal("password") == "x"
    assert Mqtt().reveal("password") is None


@pytest.mark.parametrize("offset", ["8", "+8:00", "+15:00", "08:00", "+08:60"])
def test_an_offset_is_written_whole(offset: str) -> None:
    assert refused(Site, utc_offset=offset) == ["value_error"]
