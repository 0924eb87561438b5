"""The service, but it waits two seconds for its broker, not a minute: `python -m tests.support.impatient`."""

from __future__ import annotations

from anmin import wiring
from anmin.__main__ import main

WITHIN_S = 2.0

if __name__ == "__main__":
    wiring.BROKER_WITHIN_S = WITHIN_S
    main()
