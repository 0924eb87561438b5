"""Why a ledger cannot be used: what, where and what to do, in both languages and without passwords."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.engine import URL


class LedgerUnusable(Exception):
    """The setting, the file or the database is wrong; the start is refused. The text says what to do.

    `passes`: it may be over in a moment (the lock of a process that has just died), so it is worth waiting.
    """

    def __init__(self, en: str, zh: str = "", *, passes: bool = False) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh or en
        self.passes = passes


class ServerAway(LedgerUnusable):
    """The database server does not answer now; it may later."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh, passes=True)


class _Answer(NamedTuple):
    """What to do when libpq's or the server's words hold one of `words`."""

    words: tuple[str, ...]
    en: str
    zh: str


_NOT_BY_WAITING = (
    _Answer(
        ("password authentication", "no password supplied", "pg_hba.conf", "authentication failed"),
        "correct the user and the password in [ledger] url, or let them in by the server's pg_hba.conf",
        "请改正 [ledger] url 中的用户名和密码，或在服务器的 pg_hba.conf 中放行",
    ),
    _Answer(
        ("does not exist",),
        "have the administrator make role and database (CREATE DATABASE ... OWNER ... ENCODING 'UTF8')",
        "请由管理员创建角色和数据库（CREATE DATABASE ... OWNER ... ENCODING 'UTF8'）",
    ),
    _Answer(
        ("permission denied", "must be owner", "no schema has been selected"),
        "make the role of [ledger] url the owner of the database (ALTER DATABASE ... OWNER TO ...)",
        "请让 [ledger] url 中的角色成为数据库的所有者（ALTER DATABASE ... OWNER TO ...）",
    ),
    _Answer(
        ("SSL", "certificate", "invalid sslmode", "invalid connection option", "invalid URI"),
        "correct sslmode and the other options behind the `?` of [ledger] url",
        "请改正 [ledger] url 中 `?` 之后的 sslmode 等选项",
    ),
)
_AWAY = ("08", "53", "57")  # classes of SQLSTATE: connection, resources, intervention
_SAID = 300  # characters of a cause


def place_of(url: URL) -> str:
    """A ledger's address as people may see it: neither user nor password nor options."""
    if url.get_backend_name() == "sqlite":
        return repr(url)
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or url.query.get('host', 'localhost')}{port}/{url.database or ''}"


def refused(error: BaseException, where: str) -> LedgerUnusable:
    """What a failed connection or first statement means; what libpq says and nobody knows may pass."""
    cause = cause_of(error)
    for answer in _NOT_BY_WAITING:
        if any(word in cause for word in answer.words):
            return LedgerUnusable(
                f"{where}: the ledger's server refuses: {cause}; {answer.en}",
                f"{where}：账本服务器拒绝：{cause}；{answer.zh}",
            )
    if (state := getattr(getattr(error, "orig", None), "sqlstate", None)) and state[:2] not in _AWAY:
        return LedgerUnusable(
            f"{where}: the ledger cannot be opened: {cause}; see to the database, or restore a backup",
            f"{where}：账本无法打开：{cause}；请检查数据库，或从备份还原",
        )
    return ServerAway(
        f"{where}: the ledger's server does not answer: {cause}; start PostgreSQL, or correct [ledger] url",
        f"{where}：账本服务器没有应答：{cause}；请启动 PostgreSQL，或改正 [ledger] url",
    )


def cause_of(error: BaseException) -> str:
    """The driver's own words on one line, without the statement and its values."""
    said = str(getattr(error, "orig", None) or error)
    return " ".join(said.split()).removeprefix("connection failed: ")[:_SAID]
