"""What sections of settings are made of: the form of a section, and checks of single values."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from alerts.operations.action import automatic
from anmin.dialect_words import plain_topics, tasmota_switches
from anmin.document import Where
from anmin.finding import Wrong
from devices.instant import HOUR
from ingest.dialects.cn_envelope import Topics

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


def base_topic(topic: str) -> str:
    if not topic or any(sign in topic for sign in "+#\0") or topic.strip("/") != topic or topic[0] == "$":
        zh = f"`{topic}` 不能作主题：不能有 + # $ 开头，首尾不能有 /"
        raise Wrong(
            "bad-topic", zh, f"`{topic}` is no base topic: no + or #, no $ in front, no / at the ends"
        )
    return topic


def host_name(name: str) -> str:
    """One level of a topic, or empty."""
    if set(name) & set("+#/\0") or name == "STATE":
        zh, en = f"`{name}` 不能作名称：不能有 + # /", f"`{name}` is no name of a host: no + # / in it"
        raise Wrong("bad-host", zh, en)
    return name


def origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        zh = f"`{url}` 应形如 https://board.example 或 http://192.168.1.5:8080"
        raise Wrong(
            "bad-origin", zh, f"`{url}` must look like https://board.example or http://192.168.1.5:8080"
        )
    return url.rstrip("/")


def web_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        zh = f"`{url}` 应以 https:// 或 http:// 开头"
        raise Wrong("bad-url", zh, f"`{url}` must begin with https:// or http://")
    return url


def history_url(url: str) -> str:
    return web_url(url) if url else url


def listen_at(text: str) -> str:
    """`127.0.0.1:5026`, `[::]:5026`, `*:5026`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        zh, en = f"`{text}` 应形如 0.0.0.0:5026", f"`{text}` must look like 0.0.0.0:5026"
        raise Wrong("bad-listen", zh, en)
    return text


def broker_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("mqtt", "mqtts") or not parts.hostname):
        zh = "应形如 mqtt://192.168.1.5:1883 或 mqtts://broker.example；留空则自带私有服务"
        en = "must look like mqtt://192.168.1.5:1883 or mqtts://broker.example; empty starts a private broker"
        raise Wrong("bad-url", zh, en)
    if parts.username or parts.password:
        zh = "地址里不能有用户名和密码，请用 username 和 password_file"
        raise Wrong("secret-in-url", zh, "no user name or password in a URL; use username and password_file")
    return url


def offset(text: str) -> str:
    if not re.fullmatch(r"[+-](0\d|1[0-4]):[0-5]\d", text):
        raise Wrong("bad-offset", f"`{text}` 应形如 +08:00", f"`{text}` must look like +08:00")
    return text


def signing_key(secret: SecretStr) -> SecretStr:
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


def ledger_url(url: SecretStr) -> SecretStr:
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


def window(seconds: int) -> int:
    if seconds > 90:
        zh = "单个报警的核实时间最长 90 秒：核实不得使报警的传递推迟更久（NFPA 72 第 26 章）"
        en = "people may look at a single alarm for 90 s at most: verification may not hold it back longer"
        raise Wrong("window-too-long", zh, f"{en} (NFPA 72, chapter 26)")
    return seconds


def rising(tiers: tuple[int, ...]) -> tuple[int, ...]:
    if not 1 <= len(tiers) <= 8:
        raise Wrong("tiers-count", "要有 1 至 8 级", "needs 1 to 8 tiers")
    if any(later <= earlier for earlier, later in zip((0, *tiers), tiers, strict=False)):
        zh, en = (
            "每一级的时间都要比前一级长，从 1 秒起",
            "each tier must come later than the one before, from 1 s",
        )
        raise Wrong("tiers-not-rising", zh, en)
    return tiers


def orders(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            automatic(text)
        except ValueError as error:
            zh = "写 `警情 设备 动作`，如 `gas valve close`；确认后才动的加 `confirmed`"
            raise Wrong("bad-order", f"{zh}（{error}）", str(error)) from None
    return texts


def switch_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return _tried(tasmota_switches, lines)


def plain_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return _tried(plain_topics, lines)


def topic_filters(filters: tuple[str, ...]) -> tuple[str, ...]:
    return _tried(lambda lines: Topics("", tuple(lines)), filters)


def _tried(read: Callable[[Iterable[str]], object], lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        read(lines)
    except ValueError as error:
        raise Wrong("bad-dialect", f"读不懂：{error}", str(error)) from None
    return lines


def version(value: Any) -> Any:
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
