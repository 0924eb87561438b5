"""What can be set: each setting with its type, unit, default and what it is for, section by section."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from anmin.dialect_words import plain_topics, tasmota_switches
from anmin.document import Where
from anmin.finding import Wrong
from devices.instant import HOUR, MINUTE, SECOND, Micros

MIB = 1024 * 1024
DAY = 24 * HOUR
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Trouble(NamedTuple):
    """Something wrong with values that are right one by one; `where` is the key within its section."""

    where: Where
    code: str
    zh: str
    en: str
    warning: bool = False
    unless: str = ""  # the key whose own fault already says it


def _base_topic(topic: str) -> str:
    if not topic or any(sign in topic for sign in "+#\0") or topic.strip("/") != topic or topic[0] == "$":
        zh = f"`{topic}` 不能作主题：不能有 + # $ 开头，首尾不能有 /"
        raise Wrong(
            "bad-topic", zh, f"`{topic}` is no base topic: no + or #, no $ in front, no / at the ends"
        )
    return topic


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        zh = f"`{url}` 应形如 https://board.example 或 http://192.168.1.5:8080"
        raise Wrong(
            "bad-origin", zh, f"`{url}` must look like https://board.example or http://192.168.1.5:8080"
        )
    return url.rstrip("/")


def _web_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        zh = f"`{url}` 应以 https:// 或 http:// 开头"
        raise Wrong("bad-url", zh, f"`{url}` must begin with https:// or http://")
    return url


def _broker_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("mqtt", "mqtts") or not parts.hostname):
        zh = "应形如 mqtt://192.168.1.5:1883 或 mqtts://broker.example；留空则自带私有服务"
        en = "must look like mqtt://192.168.1.5:1883 or mqtts://broker.example; empty starts a private broker"
        raise Wrong("bad-url", zh, en)
    if parts.username or parts.password:
        zh = "地址里不能有用户名和密码，请用 username 和 password_file"
        raise Wrong("secret-in-url", zh, "no user name or password in a URL; use username and password_file")
    return url


def _offset(text: str) -> str:
    if not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", text):
        raise Wrong("bad-offset", f"`{text}` 应形如 +08:00", f"`{text}` must look like +08:00")
    return text


def _signing_key(secret: SecretStr) -> SecretStr:
    if bad := signing_key_trouble(secret.get_secret_value()):
        raise bad
    return secret


def signing_key_trouble(text: str) -> Wrong | None:
    """Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes. The text itself is never repeated."""
    try:
        size = len(base64.b64decode(text.removeprefix("whsec_"), validate=True))
    except ValueError:
        size = 0
    if text.startswith("whsec_") and 24 <= size <= 64:
        return None
    zh = "webhook 密钥应是 whsec_ 加 24 至 64 字节的 base64（`openssl rand -base64 32`）"
    en = "a webhook secret is whsec_ and the base64 of 24 to 64 bytes (`openssl rand -base64 32`)"
    return Wrong("bad-secret", zh, en)


def _ledger_url(url: SecretStr) -> SecretStr:
    if bad := ledger_url_trouble(url.get_secret_value()):
        raise bad
    return url


def ledger_url_trouble(text: str) -> Wrong | None:
    """`postgresql://user:password@host:5432/database`, or empty. The text itself is never repeated."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:  # no number
        parts = urlsplit("")
    whole = parts.scheme == "postgresql" and parts.path.strip("/")
    if not text or (whole and "@" not in parts.path and parts.netloc.count("@") <= 1):
        return None
    zh = "应形如 postgresql://用户:密码@主机:5432/数据库（密码里的 @ : / 写成 %40 %3A %2F）；"
    en = "must look like postgresql://user:password@host:5432/database (@ : / in a password: %40 %3A %2F); "
    return Wrong("bad-url", f"{zh}留空则用数据目录里的 SQLite", f"{en}empty is SQLite in the data directory")


def _window(seconds: int) -> int:
    if seconds > 90:
        zh = "单个报警的核实时间最长 90 秒：核实不得使报警的传递推迟更久（NFPA 72 第 26 章）"
        en = "people may look at a single alarm for 90 s at most: verification may not hold it back longer"
        raise Wrong("window-too-long", zh, f"{en} (NFPA 72, chapter 26)")
    return seconds


def _rising(tiers: tuple[int, ...]) -> tuple[int, ...]:
    if not 1 <= len(tiers) <= 8:
        raise Wrong("tiers-count", "要有 1 至 8 级", "needs 1 to 8 tiers")
    if any(later <= earlier for earlier, later in zip((0, *tiers), tiers, strict=False)):
        zh, en = (
            "每一级的时间都要比前一级长，从 1 秒起",
            "each tier must come later than the one before, from 1 s",
        )
        raise Wrong("tiers-not-rising", zh, en)
    return tiers


def _switches(lines: tuple[str, ...]) -> tuple[str, ...]:
    return _tried(tasmota_switches, lines)


def _plain(lines: tuple[str, ...]) -> tuple[str, ...]:
    return _tried(plain_topics, lines)


def _tried(read: Callable[[Iterable[str]], object], lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        read(lines)
    except ValueError as error:
        raise Wrong("bad-dialect", f"读不懂：{error}", str(error)) from None
    return lines


def _version(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text: TypeAlias = Annotated[str, Field(max_length=500)]
Seconds: TypeAlias = Annotated[int, Field(ge=1, le=86400)]


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    secrets: ClassVar[tuple[str, ...]] = ()

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong between this section's values."""
        yield from ()

    def reveal(self, name: str) -> str | None:
        """The secret as it is now: a file is read anew each time, so that it is changed without a restart.

        Raises OSError when the file cannot be read; the caller keeps the last one that worked.
        """
        if (path := getattr(self, f"{name}_file")) is not None:
            return Path(path).read_text(encoding="utf-8").strip()
        value: SecretStr | None = getattr(self, name)
        return None if value is None else value.get_secret_value()


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
    packs: bool = Field(default=True, description="Use the shipped rule packs.")
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of the pages until a person chooses."
    )
    utc_offset: Annotated[str, AfterValidator(_offset)] = Field(
        default="+08:00", description="Local time as people read it, from UTC; all that is stored is UTC."
    )

    @property
    def utc_offset_for(self) -> Micros:
        hours, minutes = self.utc_offset[1:].split(":")
        return (int(hours) * 60 + int(minutes)) * MINUTE * (-1 if self.utc_offset[0] == "-" else 1)


class Mqtt(Section):
    """The broker that the devices speak to."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)

    url: Annotated[str, AfterValidator(_broker_url)] = Field(
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
    protocol: Annotated[Literal["5", "3.1.1"], BeforeValidator(_version)] = Field(
        default="5", description="MQTT version that the broker speaks."
    )
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")] = Field(
        default="anmin",
        description="Client id, different for each instance at one broker; the lane is added to it.",
    )
    zigbee2mqtt: tuple[Annotated[str, AfterValidator(_base_topic)], ...] = Field(
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


DialectName: TypeAlias = Literal["home_assistant", "shelly", "tasmota", "plain"]


class Dialects(Section):
    """Which foreign devices are listened to, beside our own and Zigbee2MQTT; docs/reference/dialects.md."""

    use: tuple[DialectName, ...] = Field(
        default=(), description="Names of dialects to listen to; each costs subscriptions at the broker."
    )
    home_assistant_prefix: Annotated[str, AfterValidator(_base_topic)] = Field(
        default="homeassistant", description="Where devices announce themselves to Home Assistant."
    )
    home_assistant_topics: tuple[Text, ...] = Field(
        default=("esphome/#",), description="Topics on which announced devices speak."
    )
    shelly_prefixes: tuple[Text, ...] = Field(
        default=(), description="Topic prefixes of Shelly devices that are not called shelly..."
    )
    tasmota_full_topic: Text = Field(
        default="%prefix%/%topic%/", description="FullTopic as it is set in the devices."
    )
    tasmota_switches: Annotated[tuple[Text, ...], AfterValidator(_switches)] = Field(
        default=(), description="What dry contacts mean: Switch1=water_leak_alarm, or garage/Switch1=fault."
    )
    plain: Annotated[tuple[Text, ...], AfterValidator(_plain)] = Field(
        default=(), description="A line for each topic of your own: house/+/data leak=water_leak_alarm."
    )

    def troubles(self) -> Iterator[Trouble]:
        for name in ("plain", "tasmota_switches", "shelly_prefixes"):
            if getattr(self, name) and name.partition("_")[0] not in self.use:
                zh = f"`{name}` 无效：`use` 里没有 {name.partition('_')[0]}"
                en = f"`{name}` has no effect: `use` does not name {name.partition('_')[0]}"
                yield Trouble((name,), "dialect-not-used", zh, en, warning=True)


class Web(Section):
    """The pages."""

    secrets: ClassVar[tuple[str, ...]] = ("metrics_token", "api_token")

    host: Text = Field(
        default="127.0.0.1", description="Address to listen on; 0.0.0.0 lets the whole network in."
    )
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port; 0 takes any free one.")
    public_url: Annotated[str, AfterValidator(_web_url)] | None = Field(
        default=None,
        description="How people reach the pages, for the links in messages; default from host and port.",
    )
    trusted_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
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

    partners: tuple[Annotated[str, AfterValidator(_web_url)], ...] = Field(
        default=(), description="Addresses that are told of every incident; never any resident's data."
    )
    secret: Annotated[SecretStr, AfterValidator(_signing_key)] | None = Field(
        default=None, description="whsec_ key that signs what is sent; better in a file."
    )
    secret_file: Path | None = Field(default=None, description="File that holds the whsec_ key.")
    gateway: Annotated[str, AfterValidator(_web_url)] | None = Field(
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

    url: Annotated[SecretStr, AfterValidator(_ledger_url)] | None = Field(
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

    verification_seconds: Annotated[int, Field(ge=1), AfterValidator(_window)] = Field(
        default=60,
        description="How long people may look at a single alarm before the building is told, in s.",
        json_schema_extra={"maximum": 90},
    )
    escalation_seconds: Annotated[tuple[Seconds, ...], AfterValidator(_rising)] = Field(
        default=(60, 180, 300), description="When each next tier is told that nobody acknowledged, in s."
    )
    acknowledgement_seconds: Annotated[int, Field(ge=30, le=3600)] = Field(
        default=180, description="How long an acknowledgement holds without progress, in s."
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
    log: Log = Field(default_factory=Log)
    ledger: Ledger = Field(default_factory=Ledger)
    logging: Logging = Field(default_factory=Logging)
    alerts: Alerts = Field(default_factory=Alerts)


SECTIONS: dict[str, type[Section]] = {
    "site": Site,
    "mqtt": Mqtt,
    "dialects": Dialects,
    "web": Web,
    "webhook": Webhook,
    "log": Log,
    "ledger": Ledger,
    "logging": Logging,
    "alerts": Alerts,
}
