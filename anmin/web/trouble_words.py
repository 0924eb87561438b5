"""What the pages say of troubles: what each is, and what to do about it."""

from __future__ import annotations

_DO: dict[str, tuple[str, str]] = {
    "area": (
        "查这一片的供电和网络；期间这里的报警可能到不了，请加强巡查",
        "Check power and network there; until it is back alarms from there may not arrive, so patrol",
    ),
    "lost": (
        "查电池、供电和信号；在恢复之前，这里等于没有这台设备",
        "Check battery, power and signal; until it is back this place is without it",
    ),
    "fault": (
        "联系维保单位；在修好之前，不要依靠它",
        "Call maintenance; do not rely on it until it is repaired",
    ),
    "tamper": ("到现场看是否被拆下或遮挡", "Go and see whether it was taken down or covered"),
    "battery": (
        "一周内换电池，型号见设备底部",
        "Change the battery within a week; its type is on the device",
    ),
    "end_of_life": ("更换整机", "Replace the device"),
    "expired": ("更换整机，并在登记里写上新的日期", "Replace the device and record the new dates"),
    "muted": ("确认没有危险后取消消音", "End the silence once there is no danger"),
    "command": ("到现场手动操作，并检查线路和供电", "Operate it by hand on the spot; check wiring and power"),
    "implausible": (
        "读数不作依据；检查安装和接线",
        "Its readings are not used; check how it is mounted and wired",
    ),
    "stuck": ("按测试键；没有反应就更换", "Press its test button; replace it when nothing changes"),
    "stale": (
        "重启或重新配对；它的其他读数仍然有效",
        "Restart or pair it again; its other readings still count",
    ),
    "test_due": (
        "在设备页点“现场测试”，一分钟内按测试键",
        "Start a test on its page and press its button within a minute",
    ),
    "calibration_due": ("预约校准，完成后写上日期", "Have it calibrated and record the date"),
}

TROUBLES: dict[str, tuple[str, str]] = {
    "troubles": ("设备故障", "Device troubles"),
    "count_troubles": ("设备故障", "Device troubles"),
    "troubles_none": ("没有已知的设备故障", "No trouble of a device is known"),
    "troubles_blind": (
        "有 {n} 台设备从未报到，它们好不好没有人知道",
        "{n} devices were never heard: nobody knows how they are",
    ),
    "troubles_filtered": ("只看：{what}", "Only: {what}"),
    "troubles_all": ("全部", "all"),
    "trouble_for": ("共 {n} 台", "{n} devices"),
    "trouble_since": ("自 {at}", "since {at}"),
    "trouble_owner": ("{name} 在处理，到 {until} 再提醒", "{name} sees to it; told again {until}"),
    "trouble_nobody": ("没有人处理", "nobody sees to it"),
    "trouble_own": ("我来处理", "I see to it"),
    "trouble_own_all": ("这 {n} 处都由我处理", "I see to all {n}"),
    "trouble_ending": ("刚恢复，再看一会儿", "gone, being watched"),
    "declined_no_such_trouble": ("已经恢复，或者没有这一处", "It is over, or there never was one"),
    "walk": ("现场测试", "Test on foot"),
    "walk_why": (
        "点开始后一分钟内按设备的测试键。这一分钟里它的报警不通知任何人；一分钟后仍在报警，就按真的报警处理",
        "Press its test button within a minute of starting. For that minute its alarm reaches nobody; "
        "if it still alarms after it, that is a real alarm",
    ),
    "walk_start": ("开始测试", "Start the test"),
    "walk_running": ("请按测试键，还有 {span}", "Press its test button: {span} left"),
    "walk_heard": ("收到了，测试通过；结束前还有 {span}", "It was heard: passed. The test ends in {span}"),
    "walk_passed": ("测试通过，{at}", "Passed at {at}"),
    "walk_failed": (
        "没有收到，测试不通过，{at}：查电池和信号，再试一次",
        "Not heard at {at}: check battery and signal, try again",
    ),
    "declined_under_way": ("正在测试", "It is being tested already"),
    "declined_no_button": (
        "这台设备不会报警，不用按键测试",
        "This device cannot raise an alarm and has no test button",
    ),
    "declined_no_such_device": ("没有这台设备", "There is no such device"),
    **{f"trouble_do_{kind}": pair for kind, pair in _DO.items()},
}
