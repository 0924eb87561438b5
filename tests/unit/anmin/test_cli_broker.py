"""`anmin broker init` and `anmin device credentials` as an integrator types them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from anmin.backends.broker_site import SiteBroker
from tests.support.shell import Said, anmin, site


class Desk:
    """One settings file and one folder for the broker."""

    def __init__(self, folder: Path) -> None:
        self.config = site(folder)
        self.folder = folder / "broker"

    def init(self, *words: str) -> Said:
        return anmin("broker", "init", *words, "--folder", self.folder, "--config", self.config)

    def credentials(self, *words: str) -> Said:
        return anmin("device", "credentials", *words, "--folder", self.folder, "--config", self.config)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def rows(said: Said) -> dict[str, str]:
    return {row["username"]: row["password"] for row in csv.DictReader(io.StringIO(said.out))}


def test_init_says_how_to_start_it_and_what_the_settings_need(desk: Desk) -> None:
    said = desk.init("--host", "192.168.1.5", "--port", "8884")
    assert said.code == 0, said.err
    assert said.out == f"mosquitto -c {desk.folder / 'mosquitto.conf'}\n"
    assert "mqtts://192.168.1.5:8884" in said.err
    assert 'url = "mqtt://127.0.0.1:1883"' in said.err
    again = desk.init("--host", "192.168.1.5")
    assert (again.code, "holds a broker already" in again.err) == (1, True)


def test_every_native_device_gets_a_password_once_and_a_new_one_only_when_asked(desk: Desk) -> None:
    desk.init("--host", "broker.example")
    first = rows(desk.credentials("--all"))
    assert set(first) == {"siren-b1", "smoke-101"}  # the others speak through a gateway
    name = next(iter(first))
    assert desk.credentials("--all").code == 1  # nobody is left without
    refused = desk.credentials(name)
    assert (refused.code, "--rotate" in refused.err) == (1, True)
    new = json.loads(desk.credentials(name, "--rotate", "--json").out)
    assert new[name] != first[name]
    assert desk.credentials(name, "--revoke").code == 0
    assert name not in SiteBroker(desk.folder).users()


def test_a_gateway_gets_its_own_topics_and_never_ours(desk: Desk) -> None:
    desk.init("--host", "broker.example")
    assert set(rows(desk.credentials("--gateway", "zigbee=zigbee2mqtt/#"))) == {"zigbee"}
    assert SiteBroker(desk.folder).users()["zigbee"].topics == ("zigbee2mqtt/#",)
    for greedy in ("zigbee=#", "zigbee=anmin/c/#", "zigbee=+/x", "zigbee"):
        assert desk.credentials("--gateway", greedy).code == 1


def test_unknown_devices_are_named_all_at_once_and_nothing_is_issued(desk: Desk) -> None:
    desk.init("--host", "broker.example")
    said = desk.credentials("nobody", "no-one")
    assert (said.code, "nobody, no-one" in said.err) == (1, True)
    assert set(SiteBroker(desk.folder).users()) == {"anmin"}


def test_without_a_broker_it_is_said_how_to_make_one(desk: Desk) -> None:
    said = desk.credentials("--all")
    assert (said.code, "anmin broker init" in said.err) == (1, True)
