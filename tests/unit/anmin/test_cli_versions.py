"""What `anmin rules status` shows; the commands against a service: tests/service/test_rule_versions.py."""

from __future__ import annotations

import pytest

from anmin import cli_versions

REPORT = {
    "readings": 5,
    "from": "A",
    "to": "B",
    "alerts": {"heat": [1, 2]},
    "only_after": 1,
    "only_before": 0,
    "silenced": [{"at": "A", "of": "smoke-1", "rule": "heat", "place": "p", "level": "alarm"}],
}
PROPOSAL = {"by": "sun", "at": "T", "reason": "steam", "state": "tested", "share": 1.0, "report": REPORT}
BODY = {
    "active": "aaa",
    "former": "bbb",
    "draft": "ccc",
    "difference": {"added": [], "removed": ["x"], "changed": ["heat"], "guarding_lives": ["heat"]},
    "proposal": {**PROPOSAL, "error": ""},
}


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, "heat: 1 > 2"),
        ({}, "A  smoke-1  heat"),
        ({"proposal": {**PROPOSAL, "state": "testing", "share": 0.25}}, "25 % done"),
        ({"proposal": {**PROPOSAL, "state": "failed", "error": "away"}}, "away"),
        ({"proposal": {**PROPOSAL, "report": None}}, "no history"),
        ({"proposal": {**PROPOSAL, "report": {**REPORT, "from": None}}}, "no readings"),
        ({"proposal": None}, "Changed: heat  (guards lives)"),
        ({"draft": None}, "No change waits"),
    ],
)
def test_every_state_is_said_in_words(
    change: dict[str, object], shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli_versions._tell(BODY | change, False)
    out = capsys.readouterr().out
    assert shown in out
    assert "In force: aaa" in out
