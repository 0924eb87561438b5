"""The generated parts of docs/reference are what the code says today, and the code says everything."""

from __future__ import annotations

import pytest
import reference

from anmin.sections import SECTIONS
from anmin.settings import describe


@pytest.mark.parametrize("name", reference.PAGES)
def test_generated_page_is_up_to_date(name: str) -> None:
    written = (reference.REFERENCE / name).read_text(encoding="utf-8")
    assert written == reference.PAGES[name](), "run `make docs`"


def test_every_setting_is_documented() -> None:
    rows = {row.name: row for row in describe()}
    declared = {f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields}
    assert declared
    assert set(rows) == declared
    assert [name for name, row in rows.items() if len(row.description.split()) < 2] == []
    page = reference.settings()
    assert [name for name in declared if f"| `{name}` |" not in page] == []


def test_cell_with_a_bar_stays_one_cell() -> None:
    assert reference.line(("a | b", "c")) == "| a \\| b | c |"
