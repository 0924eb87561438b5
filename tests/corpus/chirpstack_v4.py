"""The ChirpStack items, each decoded on its topic, then once more with its decoded object taken away."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ingest.dialects.chirpstack import ChirpStack
from ingest.message import Decoded, Reason, Rejected
from tests.corpus.lorawan_labels import as_labelled

NO_READER = "up_doc.json"


def check(item: dict[str, Any], path: Path) -> str:
    payload = path.read_bytes()
    body = json.loads(payload)
    if path.name == NO_READER:
        return _nobody_can_read(item, body)
    said = _said(item["topic"], body)
    assert said.address == item["topic"].split("/")[3], said.address
    as_labelled(said, item["expect"])
    if "kind" in item["expect"]:
        _by_bytes_alone(item, body, said)
    return ""


def _said(topic: str, body: dict[str, Any]) -> Decoded:
    found = ChirpStack().decode(topic, json.dumps(body).encode(), False)
    assert isinstance(found, tuple), found
    (said,) = found
    return said


def _by_bytes_alone(item: dict[str, Any], body: dict[str, Any], with_object: Decoded) -> None:
    raw = _said(item["topic"], body | {"object": None})
    assert raw.points == with_object.points, (raw.points, with_object.points)


def _nobody_can_read(item: dict[str, Any], body: dict[str, Any]) -> str:
    found = ChirpStack().decode(item["topic"], json.dumps(body).encode(), False)
    assert isinstance(found, Rejected), found
    assert (found.reason, found.address) == (Reason.UNSUPPORTED, "0101010101010101"), found
    assert base64.b64decode(body["data"]).hex() == item["expect"]["raw_hex"]
    as_labelled(_said(item["topic"], body | {"object": {"temperature": 1.0}}), item["expect"])
    return (
        "argued: one byte of a model nobody names is refused, or an unreadable detector would pass for alive"
    )
