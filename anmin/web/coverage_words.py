"""What the pages say of coverage."""

from __future__ import annotations

COVERAGE: dict[str, tuple[str, str]] = {
    "coverage": ("覆盖", "Coverage"),
    "coverage_why": (
        "只有证明过的才算数：有消息、测试过、在使用期内、没有故障。没有证明的一律算缺口",
        "Only what is proved counts: heard from, tested, within its life, without a trouble. "
        "Whatever is not proved is a gap",
    ),
    "coverage_good": ("有证明", "Proved"),
    "coverage_heard": ("有消息", "Heard"),
    "coverage_tested": ("测试过", "Tested"),
    "coverage_in_date": ("在期", "In date"),
    "coverage_sound": ("无故障", "Sound"),
    "coverage_equipped": ("户有设备", "Homes equipped"),
    "coverage_reachable": ("户可通知", "Homes reachable"),
    "coverage_hazards": ("防什么", "Against"),
    "coverage_gaps": ("缺口", "Gaps"),
    "coverage_gap": ("缺口", "gap"),
    "coverage_none": ("没有缺口", "No gap"),
    "coverage_more": ("还有 {n} 处，见 CSV", "{n} more: see the CSV"),
}
