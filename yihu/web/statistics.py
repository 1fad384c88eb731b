"""Statistics: stock and flow by year, incidence, incomes, causes, guarantees, places by year.

Every figure is computed from the books, for any day, as far as the reader reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode

from yihu.access.scope import REACHED, Scope
from yihu.book import dictionary
from yihu.check.counted import counts_for
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.statistics import queries
from yihu.statistics.indicators import BASE_DAY, Figure, Figures, cause_words
from yihu.statistics.sums import Count2
from yihu.web import figures_kept
from yihu.web.days import require_no_day_ahead
from yihu.web.exports import places_of, small_table
from yihu.web.figures_kept import summed, sums_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import chart_json, label, said

#: Two worries, three guarantees and water, by the names of their rules; shown where they are.
GUARANTEES = ("food_assured", "clothes_assured", "battle_education", "battle_medical",
              "battle_housing", "battle_water")  # fmt: skip
WORDS = ("holds", "fails", "unknown")
#: How the names of figures begin that say what is sensitive of few: why they are poor, what they
#: live on.
CLOSE = ("cause_", "rural_income_", "registered_income_")
Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page: name for its file, title, headings, rows, and what is drawn of it."""

    name: str
    title: str
    heads: list[str]
    rows: Rows
    chart: dict[str, Any] | None = None
    note: str = ""

    @property
    def shown(self) -> Rows:
        """The rows as they are read, each number of a column with as many decimals."""
        return [list(row) for row in zip(*map(_alike, zip(*self.rows, strict=True)), strict=True)]

    @property
    def option(self) -> str:
        """The chart for its data block."""
        return chart_json(self.chart) if self.chart else ""


def _alike(column: Sequence[Any]) -> list[Any]:
    places = max((_decimals(each) for each in column if isinstance(each, float)), default=0)
    return [f"{each:.{places}f}" if isinstance(each, float) else each for each in column]


def _decimals(number: float) -> int:
    """How many decimals it has; 12.0 has none."""
    return len(str(number).partition(".")[2].rstrip("0"))


def reach_of(scope: Scope, place: Place | None) -> Callable[[type[Any]], QuerySet[Any]]:
    """The rows of a table a worker reaches, in one place if one is given."""

    def reach(model: type[Any]) -> QuerySet[Any]:
        rows = scope.of(model)
        if place is None:
            return rows
        return rows.filter(within(place.path, REACHED[model.__name__][0].split()[0]))

    return reach


def chosen_day(request: DeskRequest) -> date:
    """The day asked for. Raises Problem (desk.no_such_day, desk.day_ahead)."""
    given = request.GET.get("on", "")
    try:
        found = date.fromisoformat(given) if given else request.at.today
    except ValueError:
        raise Problem("desk.no_such_day", found=given[:20]) from None
    require_no_day_ahead(found, request.at.today)
    return found


def chosen_place(request: DeskRequest) -> Place | None:
    """The place asked for. Raises Problem (access.not_yours)."""
    code = request.GET.get("place", "")
    return request.scope.one(Place, code=code) if code else None


@signed_in
def statistics(request: DeskRequest) -> HttpResponseBase:
    """The page, or one of its tables as a file."""
    on, place = chosen_day(request), chosen_place(request)
    if place is None and not request.scope.posts:
        raise Problem("access.not_yours", status=404)
    figures = kept(request.scope, place, on)
    tables = _tables(request.scope, place, on, figures)
    wanted = request.GET.get("table")
    if wanted:
        found = next((t for t in tables if t.name == wanted), None)
        if found is None:
            raise Problem("access.not_yours", status=404)
        name = f"{found.title}-{on.isoformat()}"
        return small_table(name, request.GET.get("ending", "xlsx"), found.heads, found.rows)
    query = urlencode({"on": on.isoformat(), "place": place.code if place else ""})
    return render(
        request, "statistics/page.html",
        {"on": on, "place": place, "places": places_of(request.scope), "tables": tables,
         "big": _big(figures, on), "query": query},
    )  # fmt: skip


def kept(scope: Scope, place: Place | None, on: date) -> dict[str, Figure]:
    """All figures, computed once until a book is summed up again."""

    def counted() -> dict[str, Figure]:
        return Figures(on, reach_of(scope, place), sums_of(scope, place)).all()

    found = summed("figures", scope, place, on, counted)
    if not scope.hides("HouseholdFindings"):
        return found
    # Of a village with one such family, a cause or an income is that family's.
    return {name: figure for name, figure in found.items() if not name.startswith(CLOSE)}


def count_ahead(today: date) -> None:
    """Count what those open who reach the whole county, so that none of them waits for it."""
    figures_kept.forget()
    for scope in figures_kept.of_the_county(today):
        kept(scope, None, today)


def _big(figures: dict[str, Figure], on: date) -> list[tuple[str, Any, str]]:
    """(words, value, unit) of the figures at the top."""
    last = max((f.year or 0 for n, f in figures.items() if n.startswith("incidence_")), default=0)
    names = ("poor_households", "poor_people", "exited_households", "exited_people",
             f"incidence_{last}", "monitored_unstable_households",
             "monitored_marginal_households")  # fmt: skip
    found = [figures[name] for name in names if name in figures]
    return [(said(f.zh, f.en), f.value, f.unit) for f in found if f.value is not None]


def _value(figures: dict[str, Figure], name: str) -> Any:
    found = figures.get(name)
    if found is None or found.value is None:
        return None
    return found.value if isinstance(found.value, int) else float(found.value)


def _tables(scope: Scope, place: Place | None, on: date, figures: dict[str, Figure]) -> list[Table]:
    close = [] if scope.hides("HouseholdFindings") else [_incomes(figures), _causes(figures)]
    if close and on == scope.today:
        # Answers of a past day were not kept for all; today's would be read as that day's.
        close.append(_guarantees(scope, place))
    changes = [_changes(figures), *_places_by_year(scope, place, on)]
    return [_years(figures, on), *close, *changes]


def _years(figures: dict[str, Figure], on: date) -> Table:
    years = list(range(min(BASE_DAY.year, on.year), on.year + 1))
    keys = ("poor_{}_households", "poor_{}_people", "exited_{}_households", "exited_{}_people",
            "incidence_{}")  # fmt: skip
    rows = [[year, *(_value(figures, key.format(year)) for key in keys)] for year in years]
    # The year of the day has no end yet: what is poor on the day stands there.
    rows[-1][1:3] = [_value(figures, "poor_households"), _value(figures, "poor_people")]
    names = [said("年末贫困人口", "poor at year end"), said("当年脱贫人口", "left poverty"),
             said("贫困发生率 %", "incidence %")]  # fmt: skip
    chart = {
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [str(year) for year in years]},
        "yAxis": [{"type": "value", "name": said("人", "people")},
                  {"type": "value", "name": "%", "splitLine": {"show": False}}],
        "series": [
            {"type": "bar", "name": names[0], "data": [row[2] for row in rows], "barMaxWidth": 28},
            {"type": "bar", "name": names[1], "data": [row[4] for row in rows], "barMaxWidth": 28},
            {"type": "line", "name": names[2], "yAxisIndex": 1, "data": [row[5] for row in rows],
             "label": {"show": True}},
        ],
    }  # fmt: skip
    heads = [said("年份", "Year"), said("年末贫困户", "Poor households"),
             said("年末贫困人口", "Poor people"), said("当年脱贫户", "Households out"),
             said("当年脱贫人口", "People out"),
             said("贫困发生率（%）", "Incidence (%)")]  # fmt: skip
    note = said("发生率 = 年末贫困人口 ÷ 2015年末农村人口",
                "Incidence: poor at year end by rural people at the end of 2015")  # fmt: skip
    return Table(
        "years", said("历年存量与脱贫", "Stock and exits by year"), heads, rows, chart, note
    )


def _incomes(figures: dict[str, Figure]) -> Table:
    years = sorted({f.year for n, f in figures.items() if n.startswith("rural_income_") if f.year})
    rows, between = [], False
    for year in years:
        names = [f"rural_income_{year}", f"registered_income_{year}"]
        between |= any(figures[n].note[0] for n in names if n in figures)
        rows.append([year, *(_value(figures, name) for name in names)])
    heads = [
        said("年份", "Year"),
        said("农村居民人均可支配收入（元）", "Rural income, yuan a person"),
        said("建档立卡户人均纯收入（元）", "Registered households', yuan a person"),
    ]
    chart = {
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [str(row[0]) for row in rows]},
        "yAxis": {"type": "value", "name": said("元", "yuan")},
        "series": [
            {"type": "line", "name": heads[at], "data": [row[at] for row in rows], "symbolSize": 7}
            for at in (1, 2)
        ],
    }
    note = said("中间年份为合成插值。", "Years between are interpolated (synthetic).")
    title = said("人均收入", "Income per person")
    return Table("incomes", title, heads, rows, chart, note if between else "")


def _causes(figures: dict[str, Figure]) -> Table:
    rows: Rows = []
    for name, figure in figures.items():
        if name.startswith("cause_"):
            key = name.removeprefix("cause_")
            words = cause_words("" if key == "unknown" else key)
            rows.append([said(*words), figure.numerator, _value(figures, name)])
    chart = {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value", "minInterval": 1, "name": said("户", "households")},
        "yAxis": {"type": "category", "inverse": True, "data": [row[0] for row in rows]},
        "series": [{"type": "bar", "data": [row[1] for row in rows], "barMaxWidth": 18,
                    "label": {"show": True, "position": "right"}}],
    }  # fmt: skip
    heads = [said("主要致贫原因", "Main cause"), said("户数", "Households"),
             said("占比（%）", "Share (%)")]  # fmt: skip
    note = said("按户册现在所写，不随截至日变。", "As the books say now, whatever day is chosen.")
    return Table("causes", said("致贫原因", "Causes of poverty"), heads, rows, chart, note)


def _counts(scope: Scope, place: Place | None, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Household rule → holds, fails or unknown → how many answer so."""
    if place is None or scope.whole == [place.path]:
        counts = counts_for(scope, people=False)[0].get("household", {})
        return {name: counts.get(name, {}) for name in names}
    found = queries.answers(names, reach_of(scope, place))
    none = queries.Answers()
    return {name: asdict(found.get(name, {}).get("", none)) for name in names}


def _guarantees(scope: Scope, place: Place | None) -> Table:
    rows: Rows = []
    rules = dictionary.active().rules
    specs = [rules["household", name] for name in GUARANTEES if ("household", name) in rules]
    for name, found in _counts(scope, place, [spec.name for spec in specs]).items():
        rows.append([label(rules["household", name].title), *(found.get(w, 0) for w in WORDS)])
    heads = [said("保障", "Guarantee"), said("达标", "Holds"), said("未达标", "Fails"),
             said("未知", "Unknown")]  # fmt: skip
    colours = ("#3f8f82", "#c8574b", "#9a83c4")
    chart = {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "xAxis": {"type": "value", "minInterval": 1, "name": said("户", "households")},
        "yAxis": {"type": "category", "inverse": True, "data": [row[0] for row in rows]},
        "series": [
            {"type": "bar", "stack": "all", "name": heads[at + 1], "barMaxWidth": 18,
             "itemStyle": {"color": colour}, "data": [row[at + 1] for row in rows]}
            for at, colour in enumerate(colours)
        ],
    }  # fmt: skip
    note = said("按最近一次核查；未知要去问。", "As last checked; unknown means: ask.")
    return Table(
        "guarantees", said("两不愁三保障", "Worries and guarantees"), heads, rows, chart, note
    )


def _changes(figures: dict[str, Figure]) -> Table:
    kinds = {
        "identified": ("新识别（户）", "Identified (households)", "_households"),
        "returned": ("返贫（户）", "Returned (households)", "_households"),
        "corrected_out": ("剔除（户）", "Struck (households)", "_households"),
        "born": ("出生（人）", "Born", ""), "died": ("死亡（人）", "Died", ""),
        "married_in": ("婚入（人）", "Married in", ""),
        "married_out": ("婚出（人）", "Married out", ""),
        "moved_out": ("迁出（人）", "Moved out", ""),
    }  # fmt: skip
    years = sorted({f.year for n, f in figures.items() if f.year and n.split("_")[0] in kinds})
    rows = [
        [year, *(_value(figures, f"{kind}_{year}{tail}") or 0
                 for kind, (_, _, tail) in kinds.items())]
        for year in years
    ]  # fmt: skip
    heads = [said("年份", "Year"), *(said(zh, en) for zh, en, _ in kinds.values())]
    return Table(
        "changes", said("动态调整与自然变动", "Adjustments and natural change"), heads, rows
    )


def _places_by_year(scope: Scope, place: Place | None, on: date) -> list[Table]:
    level = (
        "village" if place is not None and place.level in ("township", "village") else "township"
    )
    sums = sums_of(scope, place)
    found = sums.flow_by_place_and_year(level, "exited")
    stock = sums.stock_by(level, on, "poor")
    names = dict(
        reach_of(scope, place)(Place).filter(level=level, until=None).values_list("path", "name")
    )
    years = sorted({year for _, year in found if year <= on.year})
    if not names or not years:
        return []
    rows: Rows = []
    for way, name in names.items():
        counts = [found.get((way, year), Count2()).households for year in years]
        rows.append([name, *counts, sum(counts), stock.get(way, Count2()).households])
    rows.sort(key=lambda row: -row[-2])
    chart = {
        "tooltip": {}, "grid": {"bottom": 60, "left": 8, "right": 8, "top": 8},
        "xAxis": {"type": "category", "data": [str(year) for year in years]},
        "yAxis": {"type": "category", "inverse": True, "data": [row[0] for row in rows]},
        "visualMap": {"min": 0, "max": max(max(row[1:-2]) for row in rows), "orient": "horizontal",
                      "left": "center", "bottom": 0, "text": [said("户", "households"), ""],
                      "inRange": {"color": ["#f3f0e4", "#8fbfae", "#0f5f55"]}},
        "series": [{"type": "heatmap", "label": {"show": len(rows) <= 30},
                    "data": [[x, y, rows[y][x + 1]] for y in range(len(rows))
                             for x in range(len(years))]}],
    }  # fmt: skip
    what = said("各村", "Villages") if level == "village" else said("各乡镇", "Townships")
    heads = [what, *map(str, years), said("合计", "In all"), said("当日未脱贫", "Still poor")]
    title = said("各地历年脱贫户", "Households out of poverty by place and year")
    return [Table("places", title, heads, rows, chart)]


urls = [path("statistics/", statistics, name="statistics")]
