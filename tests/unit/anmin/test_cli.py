"""The commands as a person calls them: their words, their exit codes, and what they keep to themselves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from anmin import __version__, cli
from anmin.settings import describe
from tests.support.shell import COMMUNITY, anmin, site

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"
KEY = "whsec_" + "QUFB" * 10
QUIET = "[web]\nport = 0\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `anmin.toml` of this place is found by chance."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


# check ------------------------------------------------------------------------------------------------------


def test_check_of_good_files_says_so_and_is_0(tmp_path: Path) -> None:
    said = anmin("check", "--config", site(tmp_path, QUIET))
    assert (said.code, said.out) == (0, "nothing is wrong.\n")
    assert anmin("check", "-c", site(tmp_path, QUIET), LANG="zh_CN.UTF-8").out == "没有问题。\n"


def test_check_names_every_error_with_its_place_and_is_3(tmp_path: Path) -> None:
    config = site(tmp_path, "[web]\nport = -1\n", COMMUNITY + "zonez: []\n")
    said = anmin("check", "--config", config)
    assert said.code == 3
    assert f"{config}:4:" in said.err
    assert f"{tmp_path / 'community.yaml'}:12:" in said.err
    assert ": error: " in said.err
    assert ": 错误: " in anmin("check", "--config", config, LC_ALL="zh_CN.UTF-8").err


def test_check_as_json_has_every_field_of_every_finding(tmp_path: Path) -> None:
    said = anmin("check", "--json", "--config", site(tmp_path, "[web]\nport = -1\n"))
    assert said.code == 3
    (finding,) = [row for row in json.loads(said.out) if row["severity"] == "error"]
    assert finding.keys() == {"file", "line", "column", "severity", "code", "zh", "en"}
    assert (finding["line"], finding["file"]) == (4, str(tmp_path / "anmin.toml"))
    good = anmin("check", "--json", "--config", site(tmp_path, QUIET))
    assert good.code == 0
    assert {row["severity"] for row in json.loads(good.out)} <= {"note"}


def test_a_settings_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    said = anmin("check", "--config", tmp_path / "none.toml")
    assert said.code == 3
    assert "none.toml: error: there is no such file" in said.err


def test_the_settings_file_here_is_taken_without_being_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site(tmp_path, "[web]\nport = -1\n")
    monkeypatch.chdir(tmp_path)
    assert "anmin.toml:4:" in anmin("check").err


# config -----------------------------------------------------------------------------------------------------


def test_config_show_hides_secrets_and_says_where_each_value_is_from(tmp_path: Path) -> None:
    config = site(
        tmp_path, f'[web]\nport = 81\napi_token = "a-very-secret-token"\n[webhook]\nsecret = "{KEY}"\n'
    )
    said = anmin(
        "config", "show", "--config", config, ANMIN_MQTT__PASSWORD="hidden-too", ANMIN_MQTT__USERNAME="u"
    )
    assert said.code == 0
    everything = said.out + said.err
    assert not any(secret in everything for secret in (KEY, "a-very-secret-token", "hidden-too"))
    lines = said.out.splitlines()
    assert f"web.port = 81  # {config}:4" in lines
    assert f"web.api_token = ********  # {config}:5" in lines
    assert "mqtt.password = ********  # env:ANMIN_MQTT__PASSWORD" in lines
    assert "site.packs = true  # default" in lines
    assert len(lines) == len(list(describe()))


def test_config_show_of_broken_settings_names_the_errors_instead(tmp_path: Path) -> None:
    said = anmin("config", "show", "--config", site(tmp_path, "[web]\nport = -1\n"))
    assert said.code == 3
    assert "anmin.toml:4:" in said.err


def test_config_describe_has_every_setting() -> None:
    said = anmin("config", "describe")
    assert said.code == 0
    for row in describe():
        assert f"{row.name} ({row.type}) = {row.default}" in said.out
        assert row.description in said.out


# run and the rest -------------------------------------------------------------------------------------------


def test_run_with_broken_files_names_all_errors_and_is_3(tmp_path: Path) -> None:
    config = site(tmp_path, "[web]\nport = -1\n", COMMUNITY + "zonez: []\n")
    said = anmin("run", "--config", config)
    assert said.code == 3
    assert "anmin.toml:4:" in said.err
    assert "community.yaml:12:" in said.err
    assert not (tmp_path / "data").exists()


def test_version() -> None:
    assert anmin("--version") == (0, f"{__version__}\n", "")


def test_no_command_shows_which_there_are() -> None:
    said = anmin()
    assert said.code == 2
    words = said.out + said.err
    assert all(name in words for name in ("run", "demo", "check", "config", "rejects", "community", "replay"))


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_cannot_be_is_a_usage_error(port: str) -> None:
    assert anmin("demo", "--port", port).code == 2


def test_an_unknown_command_is_a_usage_error() -> None:
    assert anmin("fly").code == 2


def test_a_command_that_needs_a_running_service_ends_with_one_line_and_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through `main`, as it is installed."""
    config = site(tmp_path)
    for words in (["rejects", "list"], ["rejects", "show", "1"], ["rejects", "replay", "1"]):
        monkeypatch.setattr(sys, "argv", ["anmin", *words, "--config", str(config)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 4
        (line,) = capsys.readouterr().err.splitlines()
        assert line == f"anmin: no service is running on {tmp_path / 'data'}: start it with `anmin run`"
