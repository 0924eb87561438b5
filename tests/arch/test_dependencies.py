"""Runtime dependencies: each imported by the product, each with its line in ADR 2, and none beside them."""

from __future__ import annotations

import re
import tomllib

from tests.arch.tree import PRODUCT, ROOT, imported, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORT_NAME = {
    "argon2-cffi": "argon2",
    "influxdb-client": "influxdb_client",
    "paho-mqtt": "paho",
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
    "ruamel-yaml": "ruamel",
}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in requirements}


REQUIRED = names(PROJECT["dependencies"])
DECLARED = REQUIRED.union(*map(names, PROJECT["optional-dependencies"].values()))


def used() -> set[str]:
    return {name.partition(".")[0] for module in modules(*PRODUCT) for _, name in imported(module.tree)}


def test_every_dependency_is_imported() -> None:
    known = used()
    idle = {name for name in DECLARED if IMPORT_NAME.get(name, name) not in known}
    assert idle == set()


def test_every_dependency_is_justified() -> None:
    text = (ROOT / "docs/adr/0002-runtime-dependencies.md").read_text(encoding="utf-8")
    justified = set(re.findall(r"^\| ([a-z][\w-]*)(?: \(extra `\w+`\))? \| \w", text, re.M)) - {"package"}
    assert justified == DECLARED
