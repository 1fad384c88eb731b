"""What kinds of rules are called, those that decide about people first."""

from __future__ import annotations

from yihu.rulebook.facts import Text

#: In the order in which they are shown.
KINDS = {
    "exit": Text("退出", "exit"),
    "inclusion": Text("纳入", "inclusion"),
    "risk": Text("风险", "risk"),
    "deprivation": Text("匮乏", "deprivation"),
    "assurance": Text("保障", "assurance"),
    "entitlement": Text("待遇", "entitlement"),
    "inspection": Text("督查", "inspection"),
    "quality": Text("数据质量", "data quality"),
}
