"""The report as one self-contained HTML page: figures, tables and charts in both languages.

Parts are plain data; the template draws them. Charts are ECharts options whose texts may be
`{"zh": …, "en": …}`; the page swaps them with its language, without the network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

HERE = Path(__file__).parent
GOOD, BAD, OPEN, BLUE = "#1b7f5c", "#b42d3b", "#e0a93b", "#1f5fa8"
FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in both languages."""

    zh: str
    en: str


def plain(text: object) -> Words:
    """The same in both languages: a number, a name."""
    return Words(str(text), str(text))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; number: set right; mark: ok, bad, open or nothing."""

    text: Words
    number: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings and rows of cells."""

    heads: list[Cell]
    rows: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number with a phrase below it."""

    value: str
    text: Words
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A chart, a table or sentences below a title. size: s3 … s8 of twelve, or all."""

    title: Words
    size: str = ""
    option: str = ""
    height: str = ""
    table: Table | None = None
    sentences: dict[str, list[str]] | None = None
    note: Words | None = None
    tone: str = ""


@dataclass(slots=True)
class Part:
    """A section of the report."""

    title: Words
    lead: Words
    figures: list[Figure] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


def option(spec: dict[str, Any]) -> str:
    """A chart's options as JSON; the template escapes it into an attribute."""
    whole = {
        "textStyle": {"fontFamily": FONT, "fontSize": 13},
        "animation": False,
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 8, "containLabel": True},
        "aria": {"enabled": True},
        **spec,
    }
    return json.dumps(whole, ensure_ascii=False)


def html(head: dict[str, Words], parts: list[Part], *, lang: str = "zh") -> str:
    """The whole page. Raises FileNotFoundError where the chart library was not built."""
    folder = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(["j2", "html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = (HERE / "assets" / "echarts.min.js").read_text(encoding="utf-8")
    page = folder.get_template("report.html.j2")
    return page.render(head=head, parts=parts, lang=lang, echarts=charts)


def stacked(
    names: list[Words], series: list[tuple[Words, str, list[float]]], *, unit: str = ""
) -> str:
    """Lying bars in parts: one bar for each name, one colour for each series."""
    return option(
        {
            "legend": {"top": 0, "left": 0, "itemWidth": 14},
            "tooltip": {
                "trigger": "axis",
                "axisPointer": {"type": "shadow"},
                "renderMode": "richText",
            },
            "xAxis": {
                "type": "value",
                "max": 100 if unit == "%" else None,
                "axisLabel": {"formatter": "{value}" + unit},
            },
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [_words(n) for n in names],
                "axisLabel": {"width": 210, "overflow": "truncate"},
                "axisTick": {"show": False},
            },
            "series": [
                {
                    "type": "bar",
                    "stack": "all",
                    "name": _words(name),
                    "data": values,
                    "itemStyle": {"color": colour},
                    "barMaxWidth": 22,
                }
                for name, colour, values in series
            ],
        }
    )


def _words(text: Words) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
