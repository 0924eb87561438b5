"""Tables as files: CSV in the encodings that spreadsheets save, and XLSX."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 64
_FORMULA = ("=", "+", "-", "@")
_UNPACKED_BYTES = 64 * 1024 * 1024

Table = list[list[str]]


class NoTable(ValueError):
    """What the file is not, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def read(content: bytes) -> Table:
    """The cells of a CSV file or of the first sheet of an XLSX file, as text. Raises NoTable."""
    if len(content) > MOST_BYTES:
        raise NoTable(f"文件超过 {MOST_BYTES >> 20} MiB", f"the file is larger than {MOST_BYTES >> 20} MiB")
    table = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    if len(table) > MOST_ROWS:
        raise NoTable(f"超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows")
    return table


def _csv(content: bytes) -> Table:
    if content[:4] == b"\xd0\xcf\x11\xe0":
        zh = "这是旧的 .xls 文件：请另存为 .xlsx 或 CSV"
        raise NoTable(zh, "this is an old .xls file: save it as .xlsx or CSV")
    text = _text(content)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return [[_own(cell) for cell in row[:MOST_COLUMNS]] for row in rows]
    except csv.Error as error:
        raise NoTable(f"CSV 读不了：{error}", f"this CSV cannot be read: {error}") from None


def _text(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, and what Chinese spreadsheets save."""
    codings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for coding in codings:
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    zh = "不是文本：请存成 CSV（UTF-8）或 .xlsx"
    raise NoTable(zh, "this is no text: save it as CSV (UTF-8) or .xlsx")


def _xlsx(content: bytes) -> Table:
    from openpyxl import load_workbook  # only who imports a list pays for it

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > _UNPACKED_BYTES:
                raise NoTable("表太大", "the workbook is too large when unpacked")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except NoTable:
        raise
    except Exception as error:  # whatever a damaged file makes a parser say
        raise NoTable(f".xlsx 读不了：{error}", f"this .xlsx cannot be read: {error}") from None
    sheet = book.worksheets[0] if book.worksheets else None
    if sheet is None:
        raise NoTable("没有工作表", "there is no sheet")
    rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    table = [[_cell(value) for value in row] for row in rows]
    while table and not any(table[-1]):
        table.pop()
    width = max((number for row in table for number, cell in enumerate(row, 1) if cell), default=0)
    return [row[:width] for row in table]


def _cell(value: Any) -> str:
    """A number that somebody typed as a name is that name: 301, not 301.0."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _own(str(value))


def to_csv(table: Sequence[Sequence[str]]) -> bytes:
    """With the mark that makes spreadsheets read it as UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in table])
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(table: Sequence[Sequence[str]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("devices")
    sheet.freeze_panes = "A2"
    for row in table:
        sheet.append([_harmless(cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula (CSV injection)."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell


def _own(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
