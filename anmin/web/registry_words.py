"""What the pages say about the registry: the inbox, device lists, labels, what can be done to a device."""

from __future__ import annotations

REGISTRY: dict[str, tuple[str, str]] = {
    "inbox": ("未登记的设备", "Devices that nobody registered"),
    "inbox_why": (
        "它们发来过消息，但没有登记；它们的报警算在整个社区。登记后，报警会说出是哪一户",
        "They spoke and are not registered; an alarm of theirs counts for the whole community. "
        "Once registered it names the place",
    ),
    "inbox_none": ("没有未登记的设备在说话", "No device speaks that is not registered"),
    "inbox_link": ("未登记的设备：{n}", "Devices that nobody registered: {n}"),
    "inbox_long": (
        "它的地址太长，没有整个保存：写进设备表再导入",
        "Its address is too long to be kept: write it into a device list and import that",
    ),
    "claim": ("登记", "Register"),
    "claim_heard": ("它说过", "It said"),
    "claim_id_hint": ("不填则按类型和位置编", "made from kind and place unless told"),
    "claim_place_hint": ("3号楼2单元12层1203", "b3.u2.f12.1203"),
    "out_of_date": ("寿命到", "Service life ends"),
    "calibration_due": ("下次校准", "Calibration due"),
    "proved": ("上次证明能报警", "Last proved to work"),
    "never_proved": ("从未", "never"),
    "no_date": ("没有记录", "not recorded"),
    "registry": ("登记信息", "Registration"),
    "registry_move": ("换位置", "Move"),
    "registry_move_why": ("编号和历史不变", "Its id and its history stay"),
    "registry_replace": ("换新机", "Replace"),
    "registry_replace_why": (
        "新设备装在原处：编号和历史不变，地址和日期用新的",
        "Another device in its place: id and history stay, address and dates are the new one's",
    ),
    "registry_date": ("改日期", "Change the dates"),
    "registry_mode_test": ("转为测试", "Put under test"),
    "registry_mode_live": ("转为运行", "Put into service"),
    "registry_mode_why": (
        "测试中的设备，报警只作演练，不通知任何人",
        "An alarm of a device under test is a drill and reaches nobody",
    ),
    "registry_retire": ("停用", "Retire"),
    "registry_retire_why": (
        "不再监测，地址可以再用；名字和历史保留，不能恢复为同一编号",
        "It is watched no more and its address is free; name and history stay, the id is never used again",
    ),
    "registry_sure": ("确定停用这台设备", "Yes, retire this device"),
    "registry_same": ("没有变化", "Nothing changed"),
    "registry_wrong": ("没有执行：", "Not done:"),
    "retired_since": ("已停用，自 {at}", "Retired since {at}"),
    "import": ("导入设备表", "Import a device list"),
    "import_why": (
        "CSV 或 .xlsx，每行一台设备。先检查，看到会变什么，再确认。已有编号的行表示这台设备以后的样子",
        "CSV or .xlsx, a row a device. It is checked first and shows what it would change. "
        "A row with the id of a known device says what that is to be from now on",
    ),
    "import_file": ("文件", "File"),
    "import_check": ("检查", "Check"),
    "import_apply": ("确认导入", "Take it over"),
    "import_faults": ("{n} 处错误，没有导入", "{n} errors, nothing was taken over"),
    "import_changes": ("会有 {n} 处变化", "{n} changes"),
    "import_same": ("和现在一样，没有变化", "The same as now: nothing would change"),
    "import_done": ("已导入：{n} 处变化", "Taken over: {n} changes"),
    "import_danger": ("会减少保护", "less protection than before"),
    "row": ("行", "Row"),
    "table_template": ("空表", "Empty list"),
    "table_now": ("现有设备表", "List of the devices of now"),
    "labels": ("标签", "Labels"),
    "labels_why": (
        "打印后贴在设备上；扫码打开它的页面",
        "Print and stick them on; the code opens the device's page",
    ),
    "print": ("打印（Ctrl+P）", "Print with Ctrl+P"),
}
