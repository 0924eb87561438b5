"""What can be set: each setting with its type, unit, default and what it is for, section by section."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from anmin.section import (
    DAY,
    LOOPBACK,
    MIB,
    Seconds,
    Section,
    Text,
    Trouble,
    base_topic,
    broker_url,
    history_url,
    host_name,
    ledger_url,
    listen_at,
    offset,
    orders,
    origin,
    plain_lines,
    rising,
    signing_key,
    switch_lines,
    topic_filters,
    version,
    web_url,
    window,
)
from anmin.section_push import Push
from devices.instant import MINUTE, SECOND, Micros
from ingest.dialects.cn_gateways import TOPICS


class Site(Section):
    """Where things are, and what the people speak."""

    data_dir: Path = Field(
        default=Path("anmin-data"), description="Folder of everything that is kept; one process at a time."
    )
    community: Path = Field(
        default=Path("community.yaml"), description="The community file: places, devices, people."
    )
    rules: tuple[Path, ...] = Field(
        default=(), description="Rule files of your own, read after the shipped packs."
    )
    second_person: bool = Field(
        default=True,
        description="Changed rules that guard lives wait until one person has proposed them and another one "
        "approved (`anmin rules status`).",
    )
    shadow: tuple[Path, ...] = Field(
        default=(),
        description="Rule files on trial, read after all others: they run beside and tell nobody "
        "(`anmin rules shadow`).",
    )
    packs: bool = Field(default=True, description="Use the shipped rule packs.")
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of the pages until a person chooses."
    )
    utc_offset: Annotated[str, AfterValidator(offset)] = Field(
        default="+08:00", description="Local time as people read it, from UTC; all that is stored is UTC."
    )

    @property
    def utc_offset_for(self) -> Micros:
        hours, minutes = self.utc_offset[1:].split(":")
        return (int(hours) * 60 + int(minutes)) * MINUTE * (-1 if self.utc_offset[0] == "-" else 1)


class Mqtt(Section):
    """The broker that the devices speak to."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)

    url: Annotated[str, AfterValidator(broker_url)] = Field(
        default="",
        description="mqtt://host:1883 or mqtts://host:8883; empty starts a private broker on loopback.",
    )
    username: Text | None = Field(default=None, description="User name at the broker.")
    password: SecretStr | None = Field(default=None, description="Password at the broker; better in a file.")
    password_file: Path | None = Field(
        default=None, description="File that holds the password, read by its owner only."
    )
    ca: Path | None = Field(
        default=None, description="Certificate of the broker's authority (PEM), for mqtts."
    )
    cert: Path | None = Field(
        default=None, description="Our own certificate (PEM), where the broker asks for one."
    )
    key: Path | None = Field(default=None, description="Private key of our own certificate (PEM).")
    protocol: Annotated[Literal["5", "3.1.1"], BeforeValidator(version)] = Field(
        default="5", description="MQTT version that the broker speaks."
    )
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")] = Field(
        default="anmin",
        description="Client id, different for each instance at one broker; the lane is added to it.",
    )
    zigbee2mqtt: tuple[Annotated[str, AfterValidator(base_topic)], ...] = Field(
        default=("zigbee2mqtt",), description="Base topics of Zigbee2MQTT; an empty list listens to none."
    )

    def troubles(self) -> Iterator[Trouble]:
        if not self.url.startswith("mqtts://"):
            for name in ("ca", "cert", "key"):
                if getattr(self, name) is not None:
                    zh, en = "只用于 mqtts:// 地址", "only works with an mqtts:// url"
                    yield Trouble(
                        (name,), "tls-without-mqtts", f"`{name}` {zh}", f"`{name}` {en}", unless="url"
                    )
        for name, other in (("cert", "key"), ("key", "cert")):
            if getattr(self, name) is not None and getattr(self, other) is None:
                zh, en = f"有 `{name}` 就要有 `{other}`", f"`{name}` needs `{other}` beside it"
                yield Trouble((name,), "half-a-pair", zh, en)
        if self.url.startswith("mqtt://") and urlsplit(self.url).hostname not in LOOPBACK:
            zh = "与服务之间未加密：网络上的人能看到并伪造报警；可改用 mqtts://"
            en = "not encrypted: whoever is on the network can read and forge alarms; use mqtts:// if you can"
            yield Trouble(("url",), "plain-mqtt", zh, en, warning=True)


DialectName: TypeAlias = Literal[
    "home_assistant",
    "chirpstack",
    "things_stack",
    "shelly",
    "tasmota",
    "sparkplug",
    "gb26875",
    "onenet",
    "ctwing",
    "aliyun",
    "tuya",
    "cn_gateways",
    "plain",
]


class Dialects(Section):
    """Which foreign devices are listened to, beside our own and Zigbee2MQTT; docs/reference/dialects.md."""

    use: tuple[DialectName, ...] = Field(
        default=(), description="Names of dialects to listen to; each costs subscriptions at the broker."
    )
    home_assistant_prefix: Annotated[str, AfterValidator(base_topic)] = Field(
        default="homeassistant", description="Where devices announce themselves to Home Assistant."
    )
    home_assistant_topics: tuple[Text, ...] = Field(
        default=("esphome/#",), description="Topics on which announced devices speak."
    )
    chirpstack_application: Text = Field(
        default="", description="Application id of ChirpStack; empty listens to all of them."
    )
    shelly_prefixes: tuple[Text, ...] = Field(
        default=(), description="Topic prefixes of Shelly devices that are not called shelly..."
    )
    tasmota_full_topic: Text = Field(
        default="%prefix%/%topic%/", description="FullTopic as it is set in the devices."
    )
    tasmota_switches: Annotated[tuple[Text, ...], AfterValidator(switch_lines)] = Field(
        default=(), description="What dry contacts mean: Switch1=water_leak_alarm, or garage/Switch1=fault."
    )
    sparkplug_groups: tuple[Text, ...] = Field(
        default=(), description="Groups of Sparkplug B that are listened to; an empty list is all of them."
    )
    sparkplug_host: Annotated[str, AfterValidator(host_name)] = Field(
        default="",
        description="Name of our host application; edge nodes learn on STATE whether it listens.",
    )
    gb26875_listen: Annotated[str, AfterValidator(listen_at)] = Field(
        default="127.0.0.1:5026",
        description="TCP and UDP address for fire transmission devices (GB/T 26875.3); no passwords there.",
    )
    gb26875_believes_test: bool = Field(
        default=False,
        description="Believe the test bit of states without an alarm; many devices set it always.",
    )
    aliyun_topics: Annotated[tuple[Text, ...], AfterValidator(topic_filters)] = Field(
        default=(), description="Topics at the broker where Alink is spoken: /sys/+/+/thing/event/+/post."
    )
    cn_gateways_topics: Annotated[tuple[Text, ...], AfterValidator(topic_filters)] = Field(
        default=TOPICS, description="Topics at the broker on which Chinese gateways speak."
    )
    plain: Annotated[tuple[Text, ...], AfterValidator(plain_lines)] = Field(
        default=(), description="A line for each topic of your own: house/+/data leak=water_leak_alarm."
    )

    def troubles(self) -> Iterator[Trouble]:
        for name in ("plain", "tasmota_switches", "shelly_prefixes"):
            if getattr(self, name) and name.partition("_")[0] not in self.use:
                zh = f"`{name}` 无效：`use` 里没有 {name.partition('_')[0]}"
                en = f"`{name}` has no effect: `use` does not name {name.partition('_')[0]}"
                yield Trouble((name,), "dialect-not-used", zh, en, warning=True)


class Homeassistant(Section):
    """What Home Assistant is shown of us; docs/howto/home-assistant.md."""

    publish: bool = Field(
        default=False, description="Announce the community and its devices to Home Assistant."
    )
    prefix: Annotated[str, AfterValidator(base_topic)] = Field(
        default="homeassistant", description="Where Home Assistant looks for announcements."
    )
    state_topic: Annotated[str, AfterValidator(base_topic)] = Field(
        default="anmin/-/homeassistant", description="Below it, what the announced entities say."
    )


class History(Section):
    """Where readings are kept: files in the data directory, or InfluxDB."""

    secrets: ClassVar[tuple[str, ...]] = ("token",)

    enabled: bool = Field(default=True, description="Keep every accepted reading.")
    url: Annotated[str, AfterValidator(history_url)] = Field(
        default="",
        description="Address of InfluxDB or what takes its writes; empty keeps SQLite files of a day each.",
    )
    mode: Literal["2", "1"] = Field(
        default="2", description="2 writes to /api/v2/write, 1 to /write (InfluxDB 1.x)."
    )
    bucket: Text = Field(default="anmin", description="Bucket; for 1.x the database, or database/retention.")
    org: Text = Field(default="", description="Organisation (2.x).")
    token: SecretStr | None = Field(
        default=None, description="Token; for 1.x user:password. Better in a file."
    )
    token_file: Path | None = Field(default=None, description="File that holds the token.")
    ca_file: Path | None = Field(
        default=None,
        description="Certificate of the server's authority (PEM), for https with one of its own.",
    )
    retention_days: int = Field(
        default=400, ge=1, le=36_500, description="Days that files are kept; a server has its own retention."
    )

    def troubles(self) -> Iterator[Trouble]:
        if self.url and self.mode == "2" and not self.org:
            zh, en = "InfluxDB 2 需要 `org`", "InfluxDB 2 needs `org`"
            yield Trouble(("url",), "no-org", zh, en, warning=True)
        if self.ca_file is not None and not self.url.startswith("https://"):
            zh, en = "`ca_file` 只用于 https:// 地址", "`ca_file` only works with an https:// url"
            yield Trouble(("ca_file",), "tls-without-https", zh, en, unless="url")


class Web(Section):
    """The pages."""

    secrets: ClassVar[tuple[str, ...]] = ("metrics_token", "api_token")

    host: Text = Field(
        default="127.0.0.1", description="Address to listen on; 0.0.0.0 lets the whole network in."
    )
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port; 0 takes any free one.")
    public_url: Annotated[str, AfterValidator(web_url)] | None = Field(
        default=None,
        description="How people reach the pages, for the links in messages; default from host and port.",
    )
    trusted_origins: tuple[Annotated[str, AfterValidator(origin)], ...] = Field(
        default=(), description="Further origins from which forms are taken, where a proxy stands in front."
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Bearer token for /metrics from elsewhere than loopback; without one it is refused.",
    )
    metrics_token_file: Path | None = Field(default=None, description="File that holds the metrics token.")
    api_token: SecretStr | None = Field(
        default=None, description="Bearer token of the interface for other programs; without one it is off."
    )
    api_token_file: Path | None = Field(default=None, description="File that holds that token.")

    def troubles(self) -> Iterator[Trouble]:
        if self.host not in LOOPBACK and not (self.public_url or "").startswith("https://"):
            zh = "页面对网络开放但没有 https：请在前面放一个带证书的代理，并填写 public_url"
            en = "the pages are open to the network without https: put a proxy with a certificate in front"
            yield Trouble(("host",), "plain-http", zh, f"{en} and set public_url", warning=True)


class Webhook(Section):
    """Other systems that are told (Standard Webhooks)."""

    secrets: ClassVar[tuple[str, ...]] = ("secret",)

    partners: tuple[Annotated[str, AfterValidator(web_url)], ...] = Field(
        default=(), description="Addresses that are told of every incident; never any resident's data."
    )
    secret: Annotated[SecretStr, AfterValidator(signing_key)] | None = Field(
        default=None, description="whsec_ key that signs what is sent; better in a file."
    )
    secret_file: Path | None = Field(default=None, description="File that holds the whsec_ key.")
    gateway: Annotated[str, AfterValidator(web_url)] | None = Field(
        default=None,
        description="Address that carries messages to contacts which are no url (numbers): an SMS gateway.",
    )
    allow_private: bool = Field(
        default=False,
        description="Also send to private addresses and by plain http (a system in the same building).",
    )

    def troubles(self) -> Iterator[Trouble]:
        if self.partners and self.secret is None and self.secret_file is None:
            zh, en = (
                "有 `partners` 就要有签名密钥 `secret_file`",
                "`partners` need a signing key: set `secret_file`",
            )
            yield Trouble(("partners",), "no-secret", zh, en, unless="secret")
        for number, url in enumerate(self.partners):
            if url.startswith("http://") and not self.allow_private:
                zh = f"`{url}` 未加密：请用 https://，或在同一建筑内设 allow_private = true"
                en = f"`{url}` is not encrypted: use https://, or allow_private = true within one building"
                yield Trouble(("partners", number), "plain-partner", zh, en)


class Log(Section):
    """The one ordered log of everything that came in."""

    segment_mib: int = Field(
        default=64, ge=1, le=4096, description="Size at which a new segment is begun, in MiB."
    )
    segment_minutes: int = Field(
        default=60, ge=1, le=1440, description="Age at which a new segment is begun, in minutes."
    )
    retention_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="How long sealed segments are kept, in days; what is needed stays longer.",
    )
    reserve_mib: int = Field(
        default=8,
        ge=1,
        le=10240,
        description="Space held back so that alarms can be written on a full disk, in MiB.",
    )

    @property
    def segment_bytes(self) -> int:
        return self.segment_mib * MIB

    @property
    def segment_for(self) -> Micros:
        return self.segment_minutes * MINUTE

    @property
    def retention_for(self) -> Micros:
        return self.retention_days * DAY

    @property
    def reserve_bytes(self) -> int:
        return self.reserve_mib * MIB


class Ledger(Section):
    """Where incidents, what was sent, and accounts are kept."""

    secrets: ClassVar[tuple[str, ...]] = ("url",)

    url: Annotated[SecretStr, AfterValidator(ledger_url)] | None = Field(
        default=None,
        description="postgresql://user:password@host:5432/database; empty is SQLite in the data directory.",
    )
    url_file: Path | None = Field(
        default=None, description="File that holds the url, read by its owner only: better with a password."
    )
    upgrade_from: Annotated[str, Field(pattern=r"^([0-9]{4})?$")] = Field(
        default="",
        description="Schema of a PostgreSQL ledger that was backed up by pg_dump and may now be upgraded.",
    )


class Logging(Section):
    """What the process says about itself."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is written."
    )
    format: Literal["auto", "json", "human"] = Field(
        default="auto",
        description="Form on the terminal: human on a terminal and JSON elsewhere, unless told.",
    )
    file_mib: int = Field(
        default=10, ge=1, le=1024, description="Size at which logs/anmin.log is rotated, in MiB."
    )
    files: int = Field(default=5, ge=1, le=100, description="How many rotated files are kept.")


class Alerts(Section):
    """How long people may look, and when the next ones are told."""

    verification_seconds: Annotated[int, Field(ge=1), AfterValidator(window)] = Field(
        default=60,
        description="How long people may look at a single alarm before the building is told, in s.",
        json_schema_extra={"maximum": 90},
    )
    escalation_seconds: Annotated[tuple[Seconds, ...], AfterValidator(rising)] = Field(
        default=(60, 180, 300), description="When each next tier is told that nobody acknowledged, in s."
    )
    acknowledgement_seconds: Annotated[int, Field(ge=30, le=3600)] = Field(
        default=180, description="How long an acknowledgement holds without progress, in s."
    )
    automatic: Annotated[tuple[str, ...], AfterValidator(orders)] = Field(
        default=(),
        description="What devices do by themselves on an alarm: `HAZARD KIND ACTION`, as `gas valve close`; "
        "with `confirmed` only once it is confirmed, as `fire lift recall confirmed`.",
    )

    @property
    def verify_for(self) -> Micros:
        return self.verification_seconds * SECOND

    @property
    def tiers(self) -> tuple[Micros, ...]:
        return tuple(seconds * SECOND for seconds in self.escalation_seconds)

    @property
    def acknowledged_for(self) -> Micros:
        return self.acknowledgement_seconds * SECOND


class Settings(BaseModel):
    """The whole tree. Every section has defaults, so that an empty file is a valid one."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    site: Site = Field(default_factory=Site)
    mqtt: Mqtt = Field(default_factory=Mqtt)
    dialects: Dialects = Field(default_factory=Dialects)
    web: Web = Field(default_factory=Web)
    webhook: Webhook = Field(default_factory=Webhook)
    push: Push = Field(default_factory=Push)
    log: Log = Field(default_factory=Log)
    ledger: Ledger = Field(default_factory=Ledger)
    history: History = Field(default_factory=History)
    homeassistant: Homeassistant = Field(default_factory=Homeassistant)
    logging: Logging = Field(default_factory=Logging)
    alerts: Alerts = Field(default_factory=Alerts)


SECTIONS: dict[str, type[Section]] = {
    "site": Site,
    "mqtt": Mqtt,
    "dialects": Dialects,
    "web": Web,
    "webhook": Webhook,
    "push": Push,
    "log": Log,
    "ledger": Ledger,
    "history": History,
    "homeassistant": Homeassistant,
    "logging": Logging,
    "alerts": Alerts,
}
