"""anmin.section_push: secrets strong enough, never repeated, and fields that name quantities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from anmin.dialects import registry_of
from anmin.section_push import Push, keys_trouble, token_trouble
from anmin.settings import Loaded, load, read
from ingest.message import Decoded

TOKEN = "0123456789abcdef"
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def reading(**flags: Any) -> Loaded:
    return read(None, {}, {f"push.{name}": value for name, value in flags.items()})


def test_nobody_may_push_until_a_secret_is_set() -> None:
    assert load(None, {}).push.platforms == ()
    found = load(None, {"ANMIN_PUSH__ONENET": TOKEN, "ANMIN_PUSH__CN_GATEWAYS": KEY})
    assert found.push.platforms == ("onenet", "cn_gateways")


def test_the_dialect_of_who_may_push_is_used_without_being_named() -> None:
    assert "tuya" not in registry_of(load(None, {}), "c").names
    assert registry_of(load(None, {"ANMIN_PUSH__TUYA": KEY}), "c").named("tuya") is not None


@pytest.mark.parametrize("text", ["", " ", "short", "x" * 15, f"{TOKEN} short", "密" * 20])
def test_a_weak_token_is_refused_and_not_repeated(text: str) -> None:
    trouble = token_trouble(text)
    assert trouble is not None
    assert "16" in trouble.en
    if text.strip():
        found = reading(onenet=text)
        assert found.settings is None
        assert not any(text in f"{one.zh}{one.en}" for one in found.findings)


def test_tokens_and_keys_may_be_two() -> None:
    assert token_trouble(f"{TOKEN} {TOKEN[::-1]}") is None
    assert keys_trouble(f"{KEY}\n{KEY}") is None


@pytest.mark.parametrize("text", ["", "whsec_!", KEY.removeprefix("whsec_"), f"{KEY} x"])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    assert keys_trouble(text) is not None
    if text:
        assert reading(ctwing=text).settings is None


def test_a_file_is_checked_like_the_value_itself(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(TOKEN)
    file.chmod(0o600)
    assert reading(onenet_file=str(file)).settings is not None
    assert [one.code for one in reading(tuya_file=str(file)).findings] == ["bad-secret"]
    file.chmod(0o644)
    assert "secret-exposed" in [one.code for one in reading(onenet_file=str(file)).findings]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("onenet", "is none of"),
        ("nobody a=smoke_alarm", "platforms: onenet"),
        ("onenet a=", "is none of"),
        ("onenet a=smoke", "no quantity 'smoke'"),
        ("onenet a=water_level_mm*x", "no factor"),
        ("onenet a=smoke_alarm*2", "yes or no"),
    ],
)
def test_a_line_that_means_nothing_is_refused_with_what_to_do(line: str, part: str) -> None:
    found = reading(fields=[line])
    assert found.settings is None
    assert part in found.findings[0].en


def test_fields_reach_the_dialect() -> None:
    line = "onenet A相 电流=residual_current_ma*1000"
    settings = load(None, {}, {"push.onenet": TOKEN, "push.fields": [line]})
    assert Push.secrets[0] == "onenet"
    dialect = registry_of(settings, "c").named("onenet")
    assert dialect is not None
    body = '{"msg":{"type":1,"dev_id":1,"ds_id":"A相 电流","value":0.3}}'
    found = dialect.decode("push/onenet", body.encode(), False)
    assert isinstance(found, tuple)
    assert isinstance(found[0], Decoded)
    assert found[0].points == (("residual_current_ma", 300.0),)
