"""anmin.section: a secret is read anew from its file, and values that cannot be meant say what would do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from anmin import section
from anmin.finding import Wrong
from anmin.sections import History


def test_a_secret_in_a_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    kept = History(token_file=file)
    assert kept.reveal("token") == "one"
    file.write_text("two\n")
    assert kept.reveal("token") == "two"
    assert History(token=SecretStr("here")).reveal("token") == "here"
    assert History().reveal("token") is None


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (section.base_topic, "a/+"),
        (section.origin, "board.example"),
        (section.host_name, "a/b"),
        (section.host_name, "STATE"),
        (section.web_url, "ftp://x"),
        (section.history_url, "influx:8086"),
        (section.broker_url, "tcp://x"),
        (section.broker_url, "mqtt://user:word@x"),
        (section.offset, "8"),
        (section.window, 91),
        (section.rising, (60, 60)),
        (section.switch_lines, ("Switch1",)),
        (section.plain_lines, ("x leak",)),
        (section.topic_filters, ("a/#/b",)),
    ],
)
def test_what_cannot_be_meant_is_told_in_both_languages(check: Callable[[Any], Any], value: object) -> None:
    with pytest.raises(Wrong) as told:
        check(value)
    assert told.value.zh
    assert told.value.en


def test_what_is_right_stays_as_it_is() -> None:
    assert section.history_url("") == ""
    assert section.history_url("http://127.0.0.1:8086") == "http://127.0.0.1:8086"
    assert section.plain_lines(("x leak=fault",)) == ("x leak=fault",)
    assert section.topic_filters(("/sys/+/#",)) == ("/sys/+/#",)
