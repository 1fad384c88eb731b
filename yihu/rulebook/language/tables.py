"""Cells of decision tables, and whether a table's rows meet every case exactly once."""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, product

from yihu.rulebook.book import TableSpec
from yihu.rulebook.language.kinds import MONIES, Typed
from yihu.rulebook.language.parse import BadText
from yihu.rulebook.tree import Type

YES = ("是", "yes", "true")
NO = ("否", "no", "false")
#: More cases than this are not looked through for gaps and overlaps; such a table is refused.
MOST_CASES = 200_000
#: Rows of a table: every reader tries them one after the other.
MOST_ROWS = 500
_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})")
_SIDE = re.compile(rf"(<=|>=|<|>|=)\s*({_NUMBER})")
_HOLDS = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PLUS = re.compile(rf"({_NUMBER})\+")


def sides(text: str, at: int) -> list[tuple[str, str]]:
    """A cell about a number as comparisons with numbers. Raises BadText.

    >>> sides("3..5", 0)
    [('>=', '3'), ('<=', '5')]
    """
    if match := _RANGE.fullmatch(text):
        return [(">=", match[1]), ("<=", match[2])]
    if match := _SIDE.fullmatch(text):
        return [(match[1], match[2])]
    if match := _PLUS.fullmatch(text):
        return [(">=", match[1])]
    if re.fullmatch(_NUMBER, text):
        return [("=", text)]
    raise bad_cell(text, "3 / 3..5 / >= 3 / 3+", at)


def bad_cell(text: str, expected: str, at: int) -> BadText:
    """The refusal of a cell."""
    return BadText(
        f"the cell “{text}” is not understood; expected {expected} or *",
        at,
        zh=f"单元格“{text}”无法理解；应为 {expected} 或 *",
    )


def require_few_rows(table: TableSpec, at: int) -> None:
    """Refuse a table of more rows than readers should try for everybody."""
    if len(table.rows) > MOST_ROWS:
        raise BadText(
            f"the table has {len(table.rows)} rows; at most {MOST_ROWS}, split it",
            at,
            zh=f"决策表有 {len(table.rows)} 行，最多 {MOST_ROWS} 行；请拆分",
        )


def require_whole(table: TableSpec, keys: list[Typed], at: int) -> None:
    """Refuse gaps and overlaps: every possible combination of keys must meet one row.

    Numbers are tried at every written bound, between each two and beyond the last, as far as the
    key may go; codes and yes/no one by one.
    """
    columns = [tuple(row[i].strip() for row in table.rows) for i in range(len(keys))]
    samples = tuple(_samples(key, column, at) for key, column in zip(keys, columns, strict=True))
    size = 1
    for tried in samples:
        size *= len(tried)
    if size > MOST_CASES:
        raise BadText(
            f"the table has {size} cases; split it", at, zh=f"决策表有 {size} 种情形；请拆分"
        )
    fault = _fault(table, samples)
    if fault is None:
        return
    rows, case = fault
    shown = ", ".join(f"{k} = {v}" for k, v in zip(table.keys, case, strict=True))
    why, why_zh = (
        (f"rows {rows} overlap", f"第 {rows} 行重叠") if rows else ("no row fits", "没有一行适用")
    )
    raise BadText(
        f"table “{table.name}” ({table.where}): {why} for {shown}",
        at,
        zh=f"决策表“{table.name}”（{table.where}）：{shown} 时{why_zh}",
    )


Limits = list[tuple[str, Decimal]]  # comparisons that all hold; "*" has none
Sample = tuple[str, int]  # how it is shown, and the rows it fits as one bit each


def _samples(key: Typed, cells: tuple[str, ...], at: int) -> tuple[Sample, ...]:
    """Values of a key to be tried, each with the rows whose cell it fits."""
    if key.type is Type.TRUTH:
        return tuple((words[0], _bits(cells, words)) for words in (YES, NO))
    if key.codes is not None:
        return tuple(
            (code.key, _bits(cells, (code.key, code.label.zh))) for code in key.codes.codes
        )
    limits = [[] if c == "*" else [(op, Decimal(n)) for op, n in sides(c, at)] for c in cells]
    return tuple((str(n), _number_bits(limits, n)) for n in _numbers_tried(key, limits))


def _bits(cells: tuple[str, ...], words: tuple[str, ...]) -> int:
    found = 0
    for row, cell in enumerate(cells):
        if cell == "*" or {word.strip() for word in cell.split("|")} & {*words}:
            found |= 1 << row
    return found


def _number_bits(cells: list[Limits], number: Decimal) -> int:
    found = 0
    for row, limits in enumerate(cells):
        if all(_HOLDS[op](number, limit) for op, limit in limits):
            found |= 1 << row
    return found


def _numbers_tried(key: Typed, written: list[Limits]) -> list[Decimal]:
    limits = sorted({number for cell in written for _, number in cell})
    unit = 100 if key.type in MONIES else 1
    low, high = Decimal(key.low) / unit, Decimal(key.high) / unit
    if not limits:
        return [low]
    if key.type in (Type.WHOLE, Type.MONEY):
        step = Decimal(1) / unit
        tried = {limit + move for limit in limits for move in (-step, Decimal(0), step)}
    else:
        tried = {*limits, limits[0] - 1, limits[-1] + 1}
        tried |= {(a + b) / 2 for a, b in pairwise(limits)}
    return sorted({min(max(number, low), high) for number in tried})


@lru_cache(maxsize=200)
def _fault(
    table: TableSpec, samples: tuple[tuple[Sample, ...], ...]
) -> tuple[list[int], tuple[str, ...]] | None:
    """The first case that meets several rows (numbered as in the sheet) or none."""
    every = (1 << len(table.rows)) - 1
    for case in product(*samples):
        met = every
        for _, rows in case:
            met &= rows
        several = met & (met - 1)
        if (several and not table.first) or (not met and table.otherwise is None):
            numbers = [row + 2 for row in range(len(table.rows)) if met >> row & 1]
            return numbers, tuple(shown for shown, _ in case)
    return None
