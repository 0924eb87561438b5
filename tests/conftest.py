"""What holds for every test: the guards, and the ways to ask for a service of the machine."""

from __future__ import annotations

pytest_plugins = ["tests.support.guards", "tests.support.postgres", "tests.support.influx"]
