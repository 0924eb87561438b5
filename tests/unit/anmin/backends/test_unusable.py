"""What a server's refusal means and what to do, in both languages; a password never comes along."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from anmin.backends.unusable import LedgerUnusable, ServerAway, cause_of, place_of, refused

HOST = 'connection failed: connection to server at "10.0.0.5", port 5432 failed: '
WHERE = "postgresql://db/anmin"


def failed(said: str) -> OperationalError:
    return OperationalError("SELECT secret", {"word": "secret"}, Exception(said))


@pytest.mark.parametrize(
    "said",
    [
        "Connection refused\n\tIs the server running on that host?",
        "timeout expired",
        "FATAL:  the database system is starting up",
        "FATAL:  sorry, too many clients already",
        "致命错误：没有人懂得这句话",
    ],
)
def test_what_time_may_mend_is_a_server_that_is_away(said: str) -> None:
    why = refused(failed(HOST + said), WHERE)
    assert isinstance(why, ServerAway)
    assert why.passes


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ('FATAL:  password authentication failed for user "anmin"', "correct the user", "请改正"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9"', "pg_hba.conf", "pg_hba.conf"),
        ('FATAL:  database "anmin" does not exist', "CREATE DATABASE", "CREATE DATABASE"),
        ("permission denied for schema public", "owner of the database", "所有者"),
        ("server does not support SSL, but SSL was required", "sslmode", "sslmode"),
    ],
)
def test_what_time_does_not_mend_says_what_to_do(said: str, en: str, zh: str) -> None:
    why = refused(failed(HOST + said), WHERE)
    assert not isinstance(why, ServerAway)
    assert not why.passes
    assert str(why).startswith(f"{WHERE}: the ledger's server refuses: connection to server at")
    assert en in str(why).rpartition(";")[2]
    assert why.zh.startswith(f"{WHERE}：账本服务器拒绝：")
    assert zh in why.zh.rpartition("；")[2]


def test_a_cause_is_one_line_of_the_driver_without_statement_and_values() -> None:
    cause = cause_of(failed("connection failed: gone\n\tfor ever"))
    assert cause == "gone for ever"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://anmin:word@db:5433/a?password=word", "postgresql://db:5433/a"),
        ("postgresql+psycopg:///a?host=/run/postgresql", "postgresql:///run/postgresql/a"),
        ("sqlite:////var/lib/anmin/ledger.db", "sqlite:////var/lib/anmin/ledger.db"),
    ],
)
def test_a_place_is_shown_without_user_password_and_options(url: str, shown: str) -> None:
    assert place_of(make_url(url)) == shown


def test_without_chinese_words_the_english_ones_serve() -> None:
    assert LedgerUnusable("no such driver").zh == "no such driver"
