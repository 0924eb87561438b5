"""Every recorded or documented message of a real device is understood as it should be, or argued."""

from __future__ import annotations

from tests.corpus import FOLDERS, rows
from tests.support.services import need


def test_every_item_that_a_dialect_reads_is_right_or_argued() -> None:
    found = list(rows(need("shared data")))
    assert len([row for row in found if row.folder != "gb26875"]) == 114
    assert len([row for row in found if row.folder == "gb26875"]) == 29
    assert {row.folder for row in found} == {*FOLDERS, "gb26875"}
    assert not [row for row in found if row.wrong]
