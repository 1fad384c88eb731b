"""Lines and decision tables: dated data as constants and strict cases of a day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING

from yihu.rulebook.book import LineSpec, Rulebook, TableSpec
from yihu.rulebook.days import number_of
from yihu.rulebook.facts import CodeList
from yihu.rulebook.parse import BadText, Name
from yihu.rulebook.refusals import suggestion
from yihu.rulebook.tree import IdStarts, Type
from yihu.rulebook.typed import Typed, Typer

if TYPE_CHECKING:
    from yihu.rulebook.meaning import Meaning

#: More cells than this are not looked through for gaps and overlaps; such a table is refused.
MOST_CELLS = 200_000


# -- lines ----------------------------------------------------------------------------------------


def line_value(rulebook: Rulebook, name: str, on: date, meaning: Meaning, at: int) -> Typed:
    """A line's value on a day: a constant, or a strict case by its key. Raises BadText."""
    line = rulebook.lines.get(name)
    if line is None:
        near = suggestion(name, rulebook.lines).replace("“", "“line.")
        raise BadText(f"unknown line “line.{name}”", at, zh=f"未知标准“line.{name}”", near=near)
    kind = line_type(rulebook, line)
    step = line.on(on)
    if step is None or step.value is None:
        return meaning.typer.constant(kind, None)
    if not isinstance(step.value, Mapping):
        return _amount(meaning.typer, kind, step.value)
    return _keyed(meaning, line, kind, step.value, at)


def line_type(rulebook: Rulebook, line: LineSpec) -> Type:
    """Type of a line's value: money by its unit, whole only if every value ever was."""
    values = [v for _, step in line.steps for v in _values(step.value)]
    if line.unit.split("/")[0] == rulebook.money:
        cents = [Decimal(str(v)) * 100 for v in values]
        return Type.MONEY if all(c == int(c) for c in cents) else Type.MONEY_REAL
    if values and all(isinstance(v, date) for v in values):
        return Type.DATE
    return Type.REAL if any(isinstance(v, float) for v in values) else Type.WHOLE


def _values(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return [] if value is None else [value]


def _amount(typer: Typer, kind: Type, value: object) -> Typed:
    if kind is Type.DATE:
        assert isinstance(value, date)
        return typer.constant(kind, number_of(value))
    number = Decimal(str(value))
    if kind in (Type.MONEY, Type.MONEY_REAL):
        return typer.constant(
            kind, int(number * 100) if kind is Type.MONEY else float(number * 100)
        )
    return typer.constant(kind, int(number) if kind is Type.WHOLE else float(number))


def _keyed(
    meaning: Meaning, line: LineSpec, kind: Type, values: Mapping[str, object], at: int
) -> Typed:
    typer = meaning.typer
    rest = dict(values)
    star = rest.pop("*", None)
    otherwise = _amount(typer, kind, star) if star is not None else typer.constant(kind, None)
    level = meaning.level_named(line.by)
    arms = []
    if level is not None:
        for prefix in sorted(rest, key=len, reverse=True):
            node = meaning.make(IdStarts, Type.TRUTH, level, prefix)
            arms.append((meaning.seen(Typed(node), level, at), _amount(typer, kind, rest[prefix])))
    else:
        by = meaning.typed(Name(at, tuple(line.by.split("."))))
        for key, value in rest.items():
            arms.append((cell_condition(meaning, by, key, at), _amount(typer, kind, value)))
    return typer.choice(arms, otherwise, at)


# -- decision tables ------------------------------------------------------------------------------

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)")
_SIDE = re.compile(r"(<=|>=|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_PLUS = re.compile(r"(-?\d+(?:\.\d+)?)\+")


def table_value(rulebook: Rulebook, name: str, meaning: Meaning, at: int) -> Typed:
    """A decision table as one strict case. Raises BadText for gaps and overlaps."""
    table = rulebook.tables.get(name)
    if table is None:
        near = suggestion(name, rulebook.tables).replace("“", "“table.")
        raise BadText(
            f"unknown table “table.{name}”", at, zh=f"未知决策表“table.{name}”", near=near
        )
    keys = [meaning.seen(*_key_of(meaning, table, k, at), at) for k in table.keys]
    money = table.unit.split("/")[0] == rulebook.money
    kind = Type.MONEY if money else Type.REAL
    whole = all(re.fullmatch(r"-?\d+", row[-1].strip()) for row in table.rows)
    kind = Type.WHOLE if whole and not money else kind
    require_whole_table(table, keys, at)
    arms = []
    for row in table.rows:
        cells = [
            cell_condition(meaning, key, cell, at)
            for key, cell in zip(keys, row, strict=False)
            if cell.strip() != "*"
        ]
        condition = (
            meaning.typer.both("and", cells, at)
            if cells
            else meaning.typer.constant(Type.TRUTH, True)
        )
        arms.append((condition, _amount(meaning.typer, kind, row[-1].strip())))
    otherwise = (
        _amount(meaning.typer, kind, table.otherwise)
        if table.otherwise not in (None, "unknown")
        else meaning.typer.constant(kind, None)
    )
    return meaning.typer.choice(arms, otherwise, at)


def _key_of(meaning: Meaning, table: TableSpec, key: str, at: int) -> tuple[Typed, str]:
    name = Name(at, tuple(key.split(".")))
    return meaning.at_level(table.level, name.parts[-1], name, last=False), table.level


def cell_condition(meaning: Meaning, key: Typed, cell: str, at: int) -> Typed:
    """A cell as a condition on its key: a code, several with |, 3..5, >= 3, 3+, 是, 否."""
    typer, text = meaning.typer, cell.strip()
    if key.type is Type.TRUTH:
        if text not in ("是", "否", "yes", "no", "true", "false"):
            raise _bad_cell(text, "是 / 否", at)
        return key if text in ("是", "yes", "true") else typer.negated(key, at)
    if key.codes is not None:
        words = [typer.quoted(w.strip(), key, at) for w in text.split("|")]
        return typer.among(key, words, at)
    parts = [typer.compare(op, key, _plain(typer, n), at) for op, n in _sides(text, at)]
    return parts[0] if len(parts) == 1 else typer.both("and", parts, at)


def _plain(typer: Typer, number: str) -> Typed:
    if re.fullmatch(r"-?\d+", number):
        return typer.constant(Type.WHOLE, int(number), plain=True)
    return typer.constant(Type.REAL, float(number), plain=True)


def _sides(text: str, at: int) -> list[tuple[str, str]]:
    if match := _RANGE.fullmatch(text):
        return [(">=", match[1]), ("<=", match[2])]
    if match := _SIDE.fullmatch(text):
        return [(match[1], match[2])]
    if match := _PLUS.fullmatch(text):
        return [(">=", match[1])]
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return [("=", text)]
    raise _bad_cell(text, "3 / 3..5 / >= 3 / 3+", at)


def _bad_cell(text: str, expected: str, at: int) -> BadText:
    return BadText(
        f"the cell “{text}” is not understood; expected {expected} or *",
        at,
        zh=f"单元格“{text}”无法理解；应为 {expected} 或 *",
    )


def require_whole_table(table: TableSpec, keys: list[Typed], at: int) -> None:
    """Refuse gaps and overlaps: every possible combination of keys must meet one row.

    Numbers are tried at every written bound and between each two; codes and yes/no one by one.
    """
    columns = [[row[i].strip() for row in table.rows] for i in range(len(keys))]
    samples = [_samples(key, cells, at) for key, cells in zip(keys, columns, strict=True)]
    size = 1
    for values in samples:
        size *= len(values)
    if size > MOST_CELLS:
        raise BadText(
            f"the table has {size} cases; split it", at, zh=f"决策表有 {size} 种情形；请拆分"
        )
    for case in product(*samples):
        met = [n for n, row in enumerate(table.rows, 2) if _meets(keys, row, case, at)]
        if len(met) > 1 and not table.first:
            raise _table_fault(table, f"rows {met} overlap", f"第 {met} 行重叠", case, at)
        if not met and table.otherwise is None:
            raise _table_fault(table, "no row fits", "没有一行适用", case, at)


def _samples(key: Typed, cells: list[str], at: int) -> list[object]:
    if key.type is Type.TRUTH:
        return [True, False]
    if key.codes is not None:
        return list(range(len(key.codes.codes)))
    bounds = sorted({Decimal(n) for c in cells if c != "*" for _, n in _sides(c, at)})
    if not bounds:
        return [Decimal(0)]
    step = Decimal(1) if key.type is Type.WHOLE else Decimal("0.5")
    near = {b + d for b in bounds for d in (-step, Decimal(0), step)}
    if key.low is not None and key.type is Type.WHOLE:
        near = {n for n in near if n >= key.low} or near
    return sorted(near)  # type: ignore[return-value]


def _meets(keys: list[Typed], row: tuple[str, ...], case: tuple[object, ...], at: int) -> bool:
    return all(
        cell.strip() == "*" or _fits(key, cell.strip(), value, at)
        for key, cell, value in zip(keys, row, case, strict=False)
    )


def _fits(key: Typed, cell: str, value: object, at: int) -> bool:
    if key.type is Type.TRUTH:
        return value is (cell in ("是", "yes", "true"))
    if isinstance(key.codes, CodeList):
        return any(
            value == i
            for i, code in enumerate(key.codes.codes)
            if {code.key, code.label.zh} & {w.strip() for w in cell.split("|")}
        )
    assert isinstance(value, Decimal)
    tests = {
        "=": value.__eq__,
        "<": value.__lt__,
        "<=": value.__le__,
        ">": value.__gt__,
        ">=": value.__ge__,
    }
    return all(tests[op](Decimal(n)) is True for op, n in _sides(cell, at))


def _table_fault(table: TableSpec, why: str, zh: str, case: tuple[object, ...], at: int) -> BadText:
    shown = ", ".join(f"{k} = {v}" for k, v in zip(table.keys, case, strict=True))
    return BadText(
        f"table “{table.name}” ({table.where}): {why} for {shown}",
        at,
        zh=f"决策表“{table.name}”（{table.where}）：{shown} 时{zh}",
    )
