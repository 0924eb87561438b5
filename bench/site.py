"""The house that is measured: a stair for every household that will raise an alarm, telemetry beside them."""

from __future__ import annotations

import json
from pathlib import Path

STAIRS = 20
SECRET = "whsec_" + "QUJD" * 8


def write(folder: Path, *, broker: int, gateway: int, homes: int, devices: int, history: str) -> Path:
    """Settings and community; the path of the settings.

    One stair per household makes every alarm an incident of its own, never a growing one. Its own people have
    a webhook contact, which the gateway stamps; the duty officer has a file. `history`: what stands below
    that heading.
    """
    (folder / "community.yaml").write_text(json.dumps(_community(homes, devices)), "utf-8")
    settings = folder / "anmin.toml"
    settings.write_text(
        f'[site]\ndata_dir = "data"\n[mqtt]\nurl = "mqtt://127.0.0.1:{broker}"\n[web]\nport = 0\n'
        f'[webhook]\nsecret = "{SECRET}"\ngateway = "http://127.0.0.1:{gateway}/"\nallow_private = true\n'
        f'[history]\n{history}\n[logging]\nlevel = "error"\n',
        "utf-8",
    )
    settings.chmod(0o600)
    return settings


def _community(homes: int, devices: int) -> dict[str, object]:
    places = [f"b{n // STAIRS}.u{n % STAIRS}.f1.101" for n in range(homes)]
    named = {"zh": "测试", "en": "Bench"}
    smoke = [{"id": f"smoke-{n}", "profile": "native-smoke", "place": at} for n, at in enumerate(places)]
    heat = [{"id": f"heat-{n}", "profile": "native-heat", "place": "garage"} for n in range(devices)]
    stairs = [{"id": f"u{number}", "floors": "1", "per_floor": [1]} for number in range(STAIRS)]
    return {
        "county": {"id": "county", **named},
        "street": {"id": "street", **named},
        "community": {"id": "bench", **named},
        "buildings": [{"id": f"b{n}", "units": stairs} for n in range(homes // STAIRS + 1)],
        "zones": [{"id": "garage", "kind": "garage", **named}],
        "devices": smoke + heat,
        "residents": [
            {"household": place, "name": "住户", "contacts": [{"webhook": f"smoke-{n}"}]}
            for n, place in enumerate(places)
        ],
        "staff": [{"id": "duty", "name": "值班", "role": "duty", "contacts": [{"file": "duty"}]}],
    }
