"""The command line as a person calls it, and whole services, within this process."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog
from typer.testing import CliRunner

from anmin.cli import app

COMMUNITY = """county: {id: a, zh: 县, en: County}
street: {id: b, zh: 街道, en: Street}
community: {id: c, zh: 社区, en: Community}
buildings:
  - id: b1
    units: [{id: u1, floors: "1", per_floor: [1]}]
devices:
  - {id: smoke-101, profile: native-smoke, place: b1.u1.f1.101}
  - {id: siren-b1, profile: native-siren, place: b1}
staff:
  - {id: duty, name: 王芳, role: duty, contacts: [{console: duty}]}
"""


class Said(NamedTuple):
    """Exit code, what programs read, what people read."""

    code: int
    out: str
    err: str


def anmin(*words: str | Path, **environ: str) -> Said:
    """Run a command. An exception that would be a traceback is raised."""
    settings: Mapping[str, str] = {"LANG": "en_US.UTF-8", "LC_ALL": "", "COLUMNS": "200"} | environ
    found = CliRunner().invoke(app, [str(word) for word in words], env=settings)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Said(found.exit_code, found.stdout, found.stderr)


def site(folder: Path, toml: str = "", community: str = COMMUNITY) -> Path:
    """A settings file with a community beside it; its data directory is `folder/data`."""
    (folder / "community.yaml").write_text(community, encoding="utf-8")
    config = folder / "anmin.toml"
    config.write_text(f'[site]\ndata_dir = "data"\n{toml}', encoding="utf-8")
    config.chmod(0o600)
    return config


@contextmanager
def process_as_before() -> Iterator[None]:
    """What a service sets for its whole process is taken back at the end."""
    yield
    gc.unfreeze()
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if getattr(handler, "anmin", False):
            root.removeHandler(handler)
            handler.close()
    logging.raiseExceptions = True
    structlog.reset_defaults()
