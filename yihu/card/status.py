"""Register statuses and what they are called, in the order people think of them."""

from __future__ import annotations

#: status → Chinese and English
STATUSES = {
    "poor": ("贫困户", "Poor"),
    "exited": ("已脱贫", "Exited"),
    "unstable": ("脱贫不稳定户", "Unstable exit"),
    "marginal": ("边缘易致贫户", "Marginal"),
    "sudden": ("突发严重困难户", "Sudden hardship"),
    "general": ("一般农户", "General"),
}
