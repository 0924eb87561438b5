"""Settings from a file, the environment and flags: all problems at once, each with its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from anmin.settings import DEFAULT, Loaded, SettingsInvalid, describe, load, read, show

EXAMPLE = Path(__file__).parents[3] / "deploy" / "examples" / "anmin.toml"
KEY = "whsec_" + "QUFB" * 10


def loaded(tmp_path: Path, text: str, **environ: str) -> Loaded:
    path = tmp_path / "anmin.toml"
    path.write_text(text)
    path.chmod(0o600)
    return read(path, environ)


def places(found: Loaded) -> list[tuple[int, int, str]]:
    return [(f.line, f.column, f.code) for f in found.findings]


def test_an_empty_file_is_the_defaults_beside_it(tmp_path: Path) -> None:
    found = loaded(tmp_path, "")
    assert found.settings is not None
    assert found.settings.site.data_dir == tmp_path / "anmin-data"
    assert found.settings.site.community == tmp_path / "community.yaml"
    assert found.findings == ()


def test_without_a_file_the_defaults_are_beside_the_process() -> None:
    assert load(None, {}).site.data_dir == Path("anmin-data")


def test_a_flag_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    path = tmp_path / "anmin.toml"
    path.write_text("[web]\nport = 1\nhost = '::1'\n[log]\nsegment_mib = 7\n")
    environ = {"ANMIN_WEB__PORT": "2", "ANMIN_LOG__SEGMENT_MIB": "8"}
    found = read(path, environ, {"web.port": 3, "log.segment_mib": None})
    assert found.settings is not None
    assert (found.settings.web.port, found.settings.log.segment_mib, found.settings.web.host) == (3, 8, "::1")
    assert str(found.origins["web", "port"]) == "flag:web.port"
    assert str(found.origins["log", "segment_mib"]) == "env:ANMIN_LOG__SEGMENT_MIB"
    assert str(found.origins["web", "host"]) == f"{path}:3"


def test_every_problem_is_told_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = """[sitee]
x = 1
[web]
  port = "x"
hots = "a"
[mqtt]
client_id = "a b"
ca = "x"
[alerts]
verification_seconds = 120
escalation_seconds = [60, "soon"]
"""
    found = loaded(tmp_path, text, ANMIN_LOG__RETENTION_DAYS="0", ANMIN_WEB__PROT="1")
    assert found.settings is None
    assert places(found) == [
        (1, 2, "unknown-section"),
        (4, 3, "int-parsing"),
        (5, 1, "unknown-key"),
        (7, 1, "string-pattern-mismatch"),
        (8, 1, "tls-without-mqtts"),
        (10, 1, "window-too-long"),
        (11, 1, "int-parsing"),
        (0, 0, "greater-than-equal"),
        (0, 0, "unknown-key"),
    ]
    assert [f.file for f in found.findings][-2:] == ["env:ANMIN_LOG__RETENTION_DAYS", "env:ANMIN_WEB__PROT"]
    assert all(f.zh != f.en for f in found.findings)


def test_what_follows_from_another_mistake_is_not_told_again(tmp_path: Path) -> None:
    text = (
        '[mqtt]\nurl = "http://x"\nca = "x"\n[webhook]\npartners = ["https://a.example"]\nsecret = "weak"\n'
    )
    assert places(loaded(tmp_path, text)) == [(2, 1, "bad-url"), (6, 1, "bad-secret")]


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[wbe]\n[web]\nprot = 1\n", ANMIN_MQTT__URI="x")
    said = " ".join(f.en for f in found.findings)
    for near in ("`web`", "`port`", "`mqtt.url`"):
        assert f"did you mean {near}?" in said


def test_load_raises_all_problems(tmp_path: Path) -> None:
    path = tmp_path / "anmin.toml"
    path.write_text("[web]\nport = -1\nhots = 1\n")
    with pytest.raises(SettingsInvalid) as caught:
        load(path, {})
    assert len(caught.value.problems) == 2
    assert f"{path}:2:1: error: `port` must be at least 0" in str(caught.value)


def test_a_missing_or_broken_file_is_a_problem(tmp_path: Path) -> None:
    assert [f.code for f in read(tmp_path / "none.toml", {}).findings] == ["no-such-file"]
    assert [f.code for f in read(tmp_path, {}).findings] == ["cannot-read"]
    assert places(loaded(tmp_path, "[web]\nport =\n")) == [(2, 7, "toml")]


def test_a_section_must_be_a_table(tmp_path: Path) -> None:
    assert places(loaded(tmp_path, "web = 3\n")) == [(1, 1, "not-a-table")]


def test_lists_come_from_one_text(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "", ANMIN_MQTT__ZIGBEE2MQTT="a, b/c", ANMIN_ALERTS__ESCALATION_SECONDS="[30, 90]"
    )
    assert found.settings is not None
    assert found.settings.mqtt.zigbee2mqtt == ("a", "b/c")
    assert found.settings.alerts.escalation_seconds == (30, 90)
    assert loaded(tmp_path, "", ANMIN_MQTT__ZIGBEE2MQTT="[x").settings is None


def test_variables_of_others_are_left_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", ANMIN_SHARED="x", ANMIN_CONFIG="y", PATH="z").findings == ()


def test_paths_in_the_file_start_from_its_folder(tmp_path: Path) -> None:
    text = '[site]\nrules = ["own.yaml", "/etc/r.yaml"]\n[mqtt]\nurl="mqtts://b"\nca = "ca.pem"\n'
    found = loaded(tmp_path, text, ANMIN_SITE__COMMUNITY="here.yaml")
    assert found.settings is not None
    assert found.settings.site.rules == (tmp_path / "own.yaml", Path("/etc/r.yaml"))
    assert found.settings.site.community == Path("here.yaml")
    assert found.settings.mqtt.ca == tmp_path / "ca.pem"


@pytest.mark.parametrize(("mode", "code"), [(0o600, []), (0o640, ["warning"]), (0o604, ["error"])])
def test_a_secret_file_that_others_can_read_is_told(tmp_path: Path, mode: int, code: list[str]) -> None:
    secret = tmp_path / "pw"
    secret.write_text("word\n")
    secret.chmod(mode)
    found = loaded(tmp_path, "", ANMIN_MQTT__PASSWORD_FILE=str(secret))
    assert [f.severity.value for f in found.findings] == code
    if found.settings is not None:
        assert found.settings.mqtt.reveal("password") == "word"


def test_a_secret_file_must_be_there_and_hold_something(tmp_path: Path) -> None:
    (tmp_path / "empty").touch(0o600)
    (tmp_path / "weak").write_text("whsec_weak")
    (tmp_path / "weak").chmod(0o600)
    text = (
        '[mqtt]\npassword_file = "none"\n[web]\napi_token_file = "empty"\n[webhook]\nsecret_file = "weak"\n'
        '[ledger]\nurl_file = "weak"\n'
    )
    found = loaded(tmp_path, text)
    said = [(2, 1, "secret-file"), (4, 1, "secret-empty"), (6, 1, "bad-secret"), (8, 1, "bad-url")]
    assert places(found) == said
    assert "weak" not in found.findings[2].en


def test_a_secret_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("b")
    (tmp_path / "pw").chmod(0o600)
    text = '[mqtt]\npassword = "a"\npassword_file = "pw"\n'
    assert (3, 1, "two-secrets") in places(loaded(tmp_path, text))
    found = loaded(tmp_path, '[mqtt]\npassword_file = "none"\n', ANMIN_MQTT__PASSWORD="a")
    assert found.settings is not None, "a higher layer replaces the lower, in whichever form"
    assert found.settings.mqtt.reveal("password") == "a"


def test_an_open_secret_in_an_open_file_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "anmin.toml"
    path.write_text('[mqtt]\npassword = "a"\n')
    path.chmod(0o644)
    (found,) = read(path, {}).findings
    assert (found.line, found.code, found.severity.value) == (2, "secret-exposed", "warning")


def test_no_secret_is_ever_repeated(tmp_path: Path) -> None:
    text = '[mqtt]\npassword = ["canary-1"]\n[web]\nmetrics_token = {a = "canary-2"}\n'
    found = loaded(tmp_path, text, ANMIN_WEBHOOK__SECRET="canary-3")
    said = repr(found) + "".join(f.zh + f.en for f in found.findings)
    assert "canary" not in said
    url = "postgresql://anmin:canary-5@db/anmin"
    good = loaded(tmp_path, "", ANMIN_MQTT__PASSWORD="canary-4", ANMIN_LEDGER__URL=url)
    assert good.settings is not None
    assert "canary" not in repr(good) + "".join(map(str, show(good)))


def test_show_tells_where_each_value_came_from(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[web]\nport = 90\n", ANMIN_MQTT__PASSWORD="a")
    rows = {name: (value, str(origin)) for name, value, origin in show(found)}
    assert rows["web.port"] == ("90", f"{tmp_path / 'anmin.toml'}:2")
    assert rows["mqtt.password"] == ("********", "env:ANMIN_MQTT__PASSWORD")
    assert rows["site.packs"] == ("true", str(DEFAULT))
    assert list(rows) == [row.name for row in describe()]
    assert list(show(loaded(tmp_path, "[web]\nport = -1\n"))) == []


def test_each_setting_is_described_with_type_and_default() -> None:
    rows = {row.name: row for row in describe()}
    assert rows["web.port"].type == "integer 0..65535"
    assert rows["logging.level"].type == "debug | info | warning | error"
    assert rows["mqtt.password"].type == "secret"
    assert rows["site.rules"].type == "list of path"
    assert rows["alerts.verification_seconds"][1:3] == ("integer 1..90", "60")
    assert all(row.description.endswith(".") for row in rows.values())


def test_the_example_names_every_setting_with_its_default() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    found = read(EXAMPLE, {})
    assert found.findings == ()
    data = tomllib.loads(text)
    for row in describe():
        section, key = row.name.split(".")
        if row.type == "secret":
            continue
        assert f"{key} =" in text, f"{row.name} is not in {EXAMPLE.name}"
        if key in data[section]:
            given = data[section][key]
            shown = str(given).lower() if isinstance(given, bool) else str(given).replace("'", "")
            assert shown == row.default, row.name
