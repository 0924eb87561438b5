"""What the pages say of commands to devices."""

from __future__ import annotations

OPERATIONS: dict[str, tuple[str, str]] = {
    "operations": ("操作", "Commands"),
    "operations_why": (
        "指令一分钟内有效；设备自己确认才算执行。没有回执就是故障，请到现场",
        "A command is good for a minute, and done only when the device says so. "
        "Without an answer it is a trouble: go there",
    ),
    "operation_sure": (
        "我知道这有危险，现场已确认",
        "I know that this is dangerous and have checked on the spot",
    ),
    "operation_line": ("{who}：{action}，{progress}", "{who}: {action}, {progress}"),
    "declined_no_such_action": ("这台设备不接受这个指令", "This device does not take that command"),
    "declined_needs_confirmation": (
        "这个操作有危险，请先勾选确认",
        "This is dangerous: tick the box to confirm",
    ),
    "happened_operation_asked": ("{subject}：{action}", "{subject}: {action}"),
    "happened_operation_ended": ("{subject}：{action}，{progress}", "{subject}: {action}: {progress}"),
}
