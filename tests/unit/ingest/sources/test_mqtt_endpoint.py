"""Endpoints, and refusals in words for a person."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import aiomqtt
import pytest
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ingest.sources.mqtt_endpoint import MqttEndpoint, Tls, describe, tls_context

_AT = MqttEndpoint("broker.example", 8883, "anmin-alarm", username="anmin", password="secret-word")
_TAKEN = ReasonCode(PacketTypes.DISCONNECT, "Session taken over")


@pytest.mark.parametrize("name", ["", "a/b", "a+", "#"])
def test_a_client_id_that_is_no_topic_level_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="client id"):
        MqttEndpoint("h", 1, name)


@pytest.mark.parametrize("most", [20, 70_000])
def test_a_receive_maximum_that_brokers_overrun_is_refused(most: int) -> None:
    with pytest.raises(ValueError, match="1000 to 65535"):
        MqttEndpoint("h", 1, "a", receive_maximum=most)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(), "nothing listens on broker.example:8883"),
        (socket.gaierror(), "the name 'broker.example' is not known"),
        (TimeoutError(), "does not answer"),
        (ssl.SSLCertVerificationError(), "is not trusted"),
        (ssl.SSLError(1, "wrong version"), "TLS with broker.example:8883 failed"),
        (FileNotFoundError(), "a certificate file"),
        (MqttConnectError(5), "refuses user 'anmin', client 'anmin-alarm'"),
        (aiomqtt.MqttCodeError(_TAKEN), "another client took the session 'anmin-alarm'"),
        (aiomqtt.MqttCodeError(128, "Unexpected disconnection"), "broker stopped, network failed"),
        (aiomqtt.MqttError("something else"), "something else"),
    ],
)
def test_every_refusal_names_the_broker_and_the_cause(error: Exception, said: str) -> None:
    words = describe(error, _AT)
    assert said in words
    assert "broker.example" in words
    assert "secret-word" not in words


def test_the_operating_system_s_error_is_found_beneath_aiomqtt_s() -> None:
    with pytest.raises(aiomqtt.MqttError) as caught:
        _fail_as_aiomqtt_does()
    assert "nothing listens" in describe(caught.value, _AT)


def _fail_as_aiomqtt_does() -> None:
    try:
        raise ConnectionRefusedError(111, "refused")
    except OSError as cause:
        raise aiomqtt.MqttError(str(cause)) from None


def test_a_missing_certificate_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tls_context(Tls(ca=str(tmp_path / "none.pem")))


def test_a_password_is_not_shown() -> None:
    assert "secret-word" not in repr(_AT)
