"""The figures of the desk as a table in both languages, against the limits set for a county."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = Mapping[str, Any]
COUNTY = 347_162


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing. limit is set for a county; None where none is set."""

    zh: str
    en: str
    unit: str
    take: Callable[[Figures], Any]
    limit: float | None = None


def _pages(name: str, zh: str, en: str, limit: float) -> tuple[Row, ...]:
    def taken(how: str, figure: str) -> Callable[[Figures], Any]:
        return lambda found: found["pages"][name][how][figure]

    return (
        Row(f"{zh}，50人不停地点，p95", f"{en}, 50 without pause, p95", "ms",
            taken("no pause", "p95_ms"), limit),
        Row(f"{zh}，50人各停1秒，p95", f"{en}, 50 with 1 s pause, p95", "ms",
            taken("pause 1", "p95_ms"), limit),
        Row(f"{zh}，50人各停5秒，p95", f"{en}, 50 with 5 s pause, p95", "ms",
            taken("pause 5", "p95_ms"), limit),
        Row(f"{zh}，一人，p95", f"{en}, one alone, p95", "ms", taken("alone", "p95_ms"), limit),
        Row(f"{zh}，每次核·毫秒", f"{en}, core of the server, each", "ms",
            taken("no pause", "core_ms")),
        Row(f"{zh}，每秒", f"{en}, per second", "/s", taken("no pause", "per_second")),
    )  # fmt: skip


def _sheet(people: int, form: str) -> tuple[Row, ...]:
    def taken(figure: str) -> Callable[[Figures], Any]:
        return lambda found: found["imports"][f"{people} {form}"][figure]

    zh, en = f"导入{people:,}人 {form}", f"import of {people:,} people, {form}"
    return (
        # The limit of 60 s is set for 50,000 rows.
        Row(f"{zh}，试算", f"{en}, dry run", "s", taken("dry_s"), 60 if people <= 50_000 else None),
        Row(f"{zh}，试算，核·秒", f"{en}, dry run, core", "s", taken("dry_core_s")),
        Row(f"{zh}，试算并写入", f"{en}, dry run and written", "s", taken("write_s")),
        Row(f"{zh}，同上，核·秒", f"{en}, the same, core", "s", taken("write_core_s")),
        Row(f"{zh}，内存", f"{en}, memory", "MB", taken("write_mb")),
        Row(f"{zh}，每人核·毫秒", f"{en}, core a person", "ms", taken("core_ms_a_person")),
    )


ROWS: tuple[Row, ...] = (
    Row("户", "households", "", lambda found: found["households"]),
    Row("册中记录", "entries in the books", "", lambda found: found["entries"]),
    *_pages("household page", "户页面", "household page", 200),
    *_pages("search", "搜索", "search", 200),
    *_pages("append an entry", "写入一条", "append an entry", 200),
    Row("全县体检（读、判、写）", "check of all, read to written", "s",
        lambda found: found["check"]["seconds"], 10),
    Row("全县体检，内存", "check of all, memory", "MB", lambda found: found["check"]["peak_mb"]),
    Row("由册重建全部户卡", "rebuild of all cards", "s",
        lambda found: found["rebuild"]["seconds"], 120),
    Row("当日快照（Parquet）", "snapshot of the day", "s",
        lambda found: found["snapshot"]["seconds"], 60),
    Row("由册重建，内存", "rebuild, memory", "MB", lambda found: found["rebuild"]["peak_mb"]),
)  # fmt: skip


def shown(console: Console, sizes: Mapping[int, Figures]) -> None:
    """One column a size; what misses its limit at county size is red."""
    people = sorted(sizes)
    table = Table(title="县级工作台 · the county desk", title_justify="left")
    table.add_column("")
    table.add_column("")
    for size in people:
        table.add_column(f"{size:,}", justify="right")
    if len(people) > 1:
        table.add_column(f"× {people[-1] / people[0]:.0f}", justify="right")
    table.add_column("limit", justify="right")
    sheets = (each for size, form in _imports(sizes) for each in _sheet(size, form))
    for row in (*ROWS, *_every(sizes), *sheets):
        cells = [_value(row, sizes[size]) for size in people]
        if any(cell is not None for cell in cells):
            table.add_row(row.zh, row.en, *_texts(row, cells, people), _limit(row))
    console.print(table)


def _every(sizes: Mapping[int, Figures]) -> tuple[Row, ...]:
    """Every page for one person, the slowest first; the limit is that of the desk."""
    last = sizes[max(sizes)].get("every", {})
    order = sorted(last, key=lambda path: -last[path]["p95_ms"])

    def p95(path: str) -> Callable[[Figures], Any]:
        return lambda found: found["every"][path]["p95_ms"]

    return tuple(Row(path, "p95", "ms", p95(path), 300) for path in order)


def _imports(sizes: Mapping[int, Figures]) -> list[tuple[int, str]]:
    found = {key for size in sizes.values() for key in size.get("imports", {})}
    return sorted((int(key.split()[0]), key.split()[1]) for key in found)


def _value(row: Row, figures: Figures) -> float | None:
    try:
        return float(row.take(figures))
    except KeyError:
        return None


def _texts(row: Row, cells: list[float | None], people: list[int]) -> list[str]:
    made = []
    for cell, size in zip(cells, people, strict=True):
        text = "–" if cell is None else f"{cell:,.{0 if cell >= 100 else 1}f}"
        late = row.limit is not None and cell is not None and cell > row.limit
        made.append(f"[red]{text}[/red]" if late and size >= COUNTY * 0.9 else text)
    if len(people) > 1:
        first, last = cells[0], cells[-1]
        made.append(f"{last / first:.1f}" if first and last else "")
    return made


def _limit(row: Row) -> str:
    return "" if row.limit is None else f"{row.limit:g} {row.unit}"
