"""How the command line finds the running service: by a file in the data directory that only we can read."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple


class NotRunning(ConnectionError):
    """No service answers for this data directory."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"no service is running on {self.folder}: start it with `anmin run`"


class Answered(NamedTuple):
    """Status and JSON body."""

    status: int
    body: dict[str, Any]


def ask(folder: Path, path: str, *, method: str = "GET", body: object = None) -> Answered:
    """One request to the service that owns the folder. Raises NotRunning."""
    try:
        door = json.loads((folder / "running.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise NotRunning(folder) from None
    request = urllib.request.Request(  # noqa: S310 our own service on loopback
        door["url"] + path,
        method=method,
        data=json.dumps(body).encode() if body is not None else None,
        headers={"authorization": f"Bearer {door['token']}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 as above
            return Answered(response.status, json.load(response))
    except urllib.error.HTTPError as error:
        return Answered(error.code, json.load(error))
    except (urllib.error.URLError, TimeoutError):
        raise NotRunning(folder) from None
