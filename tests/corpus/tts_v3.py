"""The items of The Things Stack, each decoded on its topic; what is only a part is put into its message."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ingest.dialects.things_stack import ThingsStack
from ingest.message import Decoded
from tests.corpus.lorawan_labels import as_labelled

PASTED = "console_event_wrapped_recorded.json"
A_PART = "browan_tabs_water_leak_decoded.json"
NO_EUI = {"down_failed_doc.json": "app1@tenant1/dev1", A_PART: "corpus@ttn/leak-1"}


def check(item: dict[str, Any], path: Path) -> str:
    body = json.loads(path.read_bytes())
    topic, expect = item["topic"], dict(item["expect"])
    if path.name == PASTED:
        ids = body["data"]["end_device_ids"]
        topic = f"v3/{ids['application_ids']['application_id']}@ttn/devices/{ids['device_id']}/up"
    elif path.name == A_PART:
        topic, body = "v3/corpus@ttn/devices/leak-1/up", _whole(body, expect)
        expect["alarm"] = True  # bit 0 of the first byte
    said = _said(topic, body)
    ids = (body.get("data") or body)["end_device_ids"]
    assert said.address == NO_EUI.get(path.name, ids.get("dev_eui", "").lower()), said.address
    as_labelled(said, expect)
    if path.name == A_PART:
        assert dict(said.points)["battery_mv"] == 3600, said.points
    return ""


def _said(topic: str, body: dict[str, Any]) -> Decoded:
    dialect = ThingsStack()
    assert dialect.claims(topic), topic
    found = dialect.decode(topic, json.dumps(body).encode(), False)
    assert isinstance(found, tuple), found
    (said,) = found
    return said


def _whole(decoded: dict[str, Any], expect: dict[str, Any]) -> dict[str, Any]:
    """The message around a decoded payload, of the model that its source tells."""
    raw = bytes.fromhex(expect["raw_hex"])
    assert decoded["bytes"] == list(raw), "the label is of other bytes"
    up = {
        "f_port": decoded["port"],
        "frm_payload": base64.b64encode(raw).decode(),
        "decoded_payload": decoded,
        "version_ids": {"brand_id": "browan", "model_id": "tbwl100"},
    }
    return {"end_device_ids": {"device_id": "leak-1"}, "uplink_message": up}
