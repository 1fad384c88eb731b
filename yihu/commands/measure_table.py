"""The measures as a table for people, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yihu.commands.speaking import width_of
from yihu.measure.names import NAMES

_SHARES = {"headcount", "gap", "severity", "relative_median_gap", "gini", "sen", "polarization"}
_PARTS = ("headcount", "gap", "severity")
_REASONS = {
    "missing_welfare": ("缺福利", "without welfare"),
    "missing_weight": ("缺权数", "without weight"),
    "negative_welfare": ("福利为负", "negative welfare"),
    "zero_welfare": ("福利为零（保留）", "zero welfare (kept)"),
}


def table_of(found: Mapping[str, Any], lang: str) -> str:
    """Lines of name, value and – where the design is known – the interval."""
    rows = [*_rows(found, lang)]
    left = max(width_of(name) for name, _ in rows)
    lines = [f"{name}{' ' * (left - width_of(name))}  {value}" for name, value in rows]
    return "\n".join([*lines, *_groups(found, lang)])


def _rows(found: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    errors = found.get("standard_errors", {}).get("of", {})
    for key, name in NAMES.items():
        value = found.get(key)
        if key not in found or isinstance(value, dict | list):
            continue
        shown = _shown(key, value, lang)
        if key in errors:
            shown += _interval(key, errors[key], lang)
        yield (name.zh if lang == "zh" else name.en), shown
    yield from _left_out(found["cleaning"], lang)


def _shown(key: str, value: Any, lang: str) -> str:
    if value is None:
        return "无法计算" if lang == "zh" else "not defined"
    if key in _SHARES:
        return f"{100 * value:.3f} %"
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 100 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _interval(key: str, error: Mapping[str, float], lang: str) -> str:
    scale, unit = (100, " %") if key in _SHARES else (1, "")
    low, high, se = (scale * error[part] for part in ("low", "high", "se"))
    if lang == "zh":
        return f"（标准误 {se:,.3f}{unit}；95% 区间 {low:,.3f}–{high:,.3f}{unit}）"
    return f"  (se {se:,.3f}{unit}; 95 % {low:,.3f}–{high:,.3f}{unit})"


def _left_out(cleaning: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    for key, names in _REASONS.items():
        if cleaning.get(key):
            name = names[0] if lang == "zh" else names[1]
            kept = key == "negative_welfare" and cleaning["negative"] == "keep"
            more = ("（保留）" if lang == "zh" else " (kept)") if kept else ""
            yield name + more, f"{cleaning[key]:,}"


def _groups(found: Mapping[str, Any], lang: str) -> list[str]:
    groups = found.get("by_group")
    if not groups:
        return []
    heads = [NAMES[part].zh if lang == "zh" else NAMES[part].en for part in _PARTS]
    rows = [["", *heads]]
    rows += [[label, *(_shown(p, part[p], lang) for p in _PARTS)] for label, part in groups.items()]
    widths = [max(width_of(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["", *("  ".join(_right(row, widths)) for row in rows)]


def _right(row: list[str], widths: list[int]) -> list[str]:
    first = row[0] + " " * (widths[0] - width_of(row[0]))
    rest = zip(row[1:], widths[1:], strict=True)
    return [first, *(" " * (w - width_of(cell)) + cell for cell, w in rest)]
