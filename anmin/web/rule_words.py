"""What the page of the rules says."""

from __future__ import annotations

RULES: dict[str, tuple[str, str]] = {
    "rules": ("规则", "Rules"),
    "rules_active": ("生效版本", "In force"),
    "rules_former": ("上一版本", "The version before"),
    "rules_number": ("{n} 条规则", "{n} rules"),
    "rules_back": ("退回上一版本", "Go back to the version before"),
    "rules_back_why": (
        "立即生效，一个人就可以；现在的版本留作草稿",
        "In force at once, by one person; the present version stays as a draft",
    ),
    "rules_waits": ("等待的改动", "A change that waits"),
    "rules_none": (
        "没有改动在等待。改规则文件并重启服务后，涉及生命安全的改动会在这里等第二个人",
        "No change waits. After the rule files were changed and the service restarted, a change of rules "
        "that guard lives waits here for a second person",
    ),
    "rules_added": ("新增", "Added"),
    "rules_removed": ("删除", "Removed"),
    "rules_changed": ("修改", "Changed"),
    "rules_grave": ("涉及生命安全", "guards lives"),
    "rules_reason": ("为什么改", "Why"),
    "rules_propose": ("提出并用最近三十天的数据回测", "Propose, and test it on the last thirty days"),
    "rules_proposed": ("{name} 提出，{at}：{reason}", "Proposed by {name}, {at}: {reason}"),
    "rules_testing": ("正在回测，已完成 {share}", "Being tested, {share} done"),
    "rules_failed": ("回测失败：{error}。请再提出一次", "The test failed: {error}. Propose it again"),
    "rules_no_history": (
        "没有历史数据可供回测（[history] 已关闭）",
        "There is no history to test it on ([history] is off)",
    ),
    "rules_tested": (
        "用 {from_} 至 {to} 的 {n} 个读数回测",
        "Tested on {n} readings from {from_} to {to}",
    ),
    "rules_empty": ("最近三十天没有读数", "There are no readings of the last thirty days"),
    "rules_text": ("规则原文", "As it is written"),
    "rules_rule": ("规则", "Rule"),
    "rules_before": ("现在", "Now"),
    "rules_after": ("改后", "After"),
    "rules_alerts": ("告警次数", "Alerts"),
    "rules_incidents": ("事件总数", "Incidents in all"),
    "rules_only_after": ("只有改后才有的告警：{n}", "Alerts that only the change raises: {n}"),
    "rules_only_before": ("改后不再有的告警：{n}", "Alerts that the change no longer raises: {n}"),
    "rules_silenced": (
        "这些过去的报警改后不会再报（{n} 次）",
        "These alarms of the past would not be told any more ({n})",
    ),
    "rules_silence_meant": (
        "我看过这些报警，确实不该再报",
        "I have seen them: they are meant to be silent",
    ),
    "rules_refused_silences": (
        "改后会有过去的报警不再报：看过名单并确认后才能同意",
        "alarms of the past would not be told any more: see the list, and say that it is meant",
    ),
    "rules_approve": ("同意，立即生效", "Approve: in force at once"),
    "rules_withdraw": ("撤回", "Withdraw"),
    "rules_other_person": (
        "要由提出者以外的人同意",
        "Somebody other than the one who proposed it has to approve",
    ),
    "rules_refused_no_draft": ("没有等待的改动", "no change waits"),
    "rules_refused_no_proposal": ("这项改动还没有人提出", "nobody has proposed the change"),
    "rules_refused_same_person": (
        "提出的人不能自己同意，请另一个人来",
        "who proposed it cannot approve it: ask somebody else",
    ),
    "rules_refused_not_tested": ("回测还没有完成", "the test is not finished"),
    "rules_refused_no_former": ("没有上一版本", "there is no version before"),
    "rules_refused_testing": ("正在回测，请等它完成", "a test is running: wait for its end"),
    "rules_refused_password": ("姓名或密码不对", "name or password is wrong"),
    "rules_refused_no_name": ("要写明是谁", "say who asks"),
    "rules_refused_full": ("磁盘已满，未生效", "the disk is full: it is not in force"),
}
