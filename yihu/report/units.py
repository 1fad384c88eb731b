"""Units as people read them, for pages and reports: see `rulebook.units`."""

from __future__ import annotations

from yihu.rulebook.units import unit_text

__all__ = ["unit_text"]
