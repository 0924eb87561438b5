"""CSV and XLSX files as tables of text."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook

from anmin.workbook import MOST_BYTES, NoTable, read, to_csv, to_xlsx

TABLE = [["编号", "地址", "日期"], ["a", "+odd", "2026-05-31"], ["b", "=1+1", ""], ["301", "x,y\n z", "'q"]]


@pytest.mark.parametrize("write", [to_csv, to_xlsx])
def test_a_table_that_is_written_reads_back(write: object) -> None:
    content = write(TABLE)  # type: ignore[operator] # both take a table
    assert read(content) == TABLE


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_save_it(coding: str, separator: str) -> None:
    text = f"编号{separator}位置\r\na{separator}3号楼\r\n"
    assert read(text.encode(coding)) == [["编号", "位置"], ["a", "3号楼"]]


def test_cells_of_a_workbook_are_text_as_people_meant_it() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    day = datetime(2026, 5, 31)  # noqa: DTZ001 # spreadsheets know no zones
    sheet.append(["id", 301, 301.0, 2.5])
    sheet.append([None, day, True, "x"])
    sheet.append([None] * 4)
    content = io.BytesIO()
    book.save(content)
    assert read(content.getvalue()) == [["id", "301", "301", "2.5"], ["", "2026-05-31", "True", "x"]]


def test_what_begins_like_a_formula_is_not_run() -> None:
    assert b"'=1+1" in to_csv(TABLE)
    sheet = load_workbook(io.BytesIO(to_xlsx(TABLE))).worksheets[0]
    assert sheet["B3"].value == "'=1+1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0old", "xls"),
        (b"PK\x03\x04 broken", "cannot be read"),
        (b"a\x00b", "no text"),
        (b"\xff\xff\xfe\xfd\x80", "no text"),
        (b'a,"b\n', "cannot be read"),
        (b"x" * (MOST_BYTES + 1), "larger"),
        (b"a\n" * 50_001, "rows"),
    ],
)
def test_what_is_no_table_says_so(content: bytes, said: str) -> None:
    with pytest.raises(NoTable, match=said) as caught:
        read(content)
    assert caught.value.zh
