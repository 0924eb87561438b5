"""Device lists as offices keep them: a row a device, headings in either language, every error by its cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from anmin.dates import date_of, instant_of
from anmin.finding import meant
from anmin.registry import Draft, Fault, Wanted
from devices.device import Device, DeviceMode
from devices.instant import Instant
from devices.inventory import Inventory


class Column(NamedTuple):
    """`key` is the field's name in files, forms and the interface; people read `zh` or `en`."""

    key: str
    zh: str
    en: str


COLUMNS: Final = (
    Column("id", "编号", "id"),
    Column("profile", "型号", "profile"),
    Column("place", "位置", "place"),
    Column("dialect", "协议", "dialect"),
    Column("address", "地址", "address"),
    Column("zh", "中文名", "Chinese name"),
    Column("en", "英文名", "English name"),
    Column("via", "网关", "gateway"),
    Column("serial", "序列号", "serial number"),
    Column("installed", "安装日期", "installed"),
    Column("expires", "失效日期", "expires"),
    Column("calibrated", "校准日期", "calibrated"),
    Column("mode", "模式", "mode"),
)
NEEDED: Final = ("profile", "place")
_MODES: Final = {"": "live", "运行": "live", "测试": "test"}


class CellFault(NamedTuple):
    """`row` as a spreadsheet counts, from 1; `column` is the heading, "" of a whole row."""

    row: int
    column: str
    fault: Fault


class Row(NamedTuple):
    number: int
    wanted: Wanted


def read(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[CellFault]]:
    """What a table wants, and every cell of it that cannot be read. The first row that is not empty names
    the columns."""
    filled = [(number, row) for number, row in enumerate(table, 1) if any(cell.strip() for cell in row)]
    if not filled:
        zh, en = "表是空的", "the table is empty"
        return [], [CellFault(1, "", Fault("", "empty", zh, en))]
    (top, heading), *body = filled
    keys, faults = _keys(top, heading)
    rows: list[Row] = []
    for number, cells in body:
        fields = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key}
        wanted, wrong = wanted_of(fields)
        faults += [CellFault(number, one.field, one) for one in wrong]
        rows.append(Row(number, wanted))
    return rows, faults


def _keys(number: int, heading: Sequence[str]) -> tuple[list[str], list[CellFault]]:
    known = {_plain(name): column.key for column in COLUMNS for name in column}
    keys = [known.get(_plain(cell), "") for cell in heading]
    faults = []
    for key, cell in zip(keys, heading, strict=True):
        if not key and cell.strip():
            zh, en = meant(cell.strip(), [name for column in COLUMNS for name in column])
            said = Fault(
                cell, "unknown_column", f"没有 `{cell}` 这一列{zh}", f"there is no column `{cell}`{en}"
            )
            faults.append(CellFault(number, cell, said))
        elif key and keys.count(key) > 1:
            said = Fault(key, "twice", f"`{cell}` 有两列", f"two columns are `{cell}`")
            faults.append(CellFault(number, key, said))
    for key in NEEDED:
        if key not in keys:
            zh, en = next((column.zh, column.en) for column in COLUMNS if column.key == key)
            said = Fault(key, "missing", f"缺少 `{zh}` 列", f"the column `{en}` is missing")
            faults.append(CellFault(number, key, said))
    return keys, faults


def _plain(heading: str) -> str:
    return heading.strip().casefold().replace("_", " ")


def wanted_of(fields: Mapping[str, str]) -> tuple[Wanted, list[Fault]]:
    """A device as it is written: in a row, a form or a request."""
    faults: list[Fault] = []
    dates = {key: _date(key, fields.get(key, ""), faults) for key in ("installed", "expires", "calibrated")}
    mode = fields.get("mode", "").casefold()
    mode = _MODES.get(mode, mode)
    if mode not in {each.value for each in DeviceMode}:
        zh, en = "模式是 live（运行）或 test（测试）", "the mode is live or test"
        faults.append(Fault("mode", "unknown", zh, en))
        mode = DeviceMode.LIVE.value
    for key in NEEDED:
        if not fields.get(key):
            faults.append(Fault(key, "missing", "不能为空", "must not be empty"))
    wanted = Wanted(
        profile=fields.get("profile", ""),
        place=fields.get("place", ""),
        dialect=fields.get("dialect", "") or "native",
        address=fields.get("address", ""),
        id=fields.get("id", ""),
        zh=fields.get("zh", ""),
        en=fields.get("en", ""),
        mode=DeviceMode(mode),
        via=fields.get("via", ""),
        serial=fields.get("serial", ""),
        installed_at=dates["installed"],
        expires_at=dates["expires"],
        calibrated_at=dates["calibrated"],
    )
    return wanted, faults


def _date(key: str, text: str, faults: list[Fault]) -> Instant | None:
    if not text:
        return None
    at = instant_of(text.partition(" ")[0] if text.endswith(":00") else text)  # a spreadsheet adds 00:00:00
    if at is None:
        zh, en = f"`{text}` 不是日期：写 2026-05-31", f"`{text}` is no date: write 2026-05-31"
        faults.append(Fault(key, "bad_date", zh, en))
    return at


def put(draft: Draft, rows: Iterable[Row]) -> list[CellFault]:
    """Every row into the draft; gateways before what is heard through them. Faults in the table's order."""
    faults = []
    for number, wanted in sorted(rows, key=lambda row: bool(row.wanted.via)):
        faults += [CellFault(number, one.field, one) for one in draft.put(wanted)]
    return sorted(faults, key=lambda one: one.row)


def write(inventory: Inventory, language: str) -> list[list[str]]:
    """The devices of now as a table that reads back as the same."""
    return [heading(language), *(_row(device) for device in inventory.devices.values())]


def heading(language: str) -> list[str]:
    return [column.zh if language == "zh" else column.en for column in COLUMNS]


def fields_of(wanted: Wanted) -> dict[str, str]:
    """As it is written; `wanted_of` reads it back."""
    dates = {
        "installed": wanted.installed_at,
        "expires": wanted.expires_at,
        "calibrated": wanted.calibrated_at,
    }
    texts = {column.key: str(getattr(wanted, column.key)) for column in COLUMNS if column.key not in dates}
    return texts | {key: "" if at is None else date_of(at) for key, at in dates.items()}


def _row(device: Device) -> list[str]:
    dates = (device.installed_at, device.expires_at, device.calibrated_at)
    return [
        device.id,
        device.profile.id,
        device.place_id,
        device.dialect,
        device.address,
        device.zh,
        device.en,
        device.via or "",
        device.serial,
        *("" if at is None else date_of(at) for at in dates),
        device.mode.value,
    ]
