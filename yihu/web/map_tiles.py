"""The map: one tile for each township or village, coloured by an indicator, with its table.

Boundary files may not be shipped, so places are laid out as tiles: townships as blocks in the order
of their codes, their villages inside. The order follows from the codes alone and never moves; how
many tiles lie side by side follows from the width of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode

from yihu.access.scope import Scope
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.statistics.sums import Count2, length_of
from yihu.web.exports import small_table
from yihu.web.figures_kept import sums_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.statistics import chosen_day

SHADES = 5
#: More villages than this are shown by township unless somebody asks for each.
MANY = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """A square. value: None where nothing is known; shade: "0" … "4", or "none" there."""

    place: Place
    value: float | None = None
    shade: str = "none"
    shown: str = "–"

    @property
    def url(self) -> str:
        """Where it leads: the figures of the place."""
        return f"{reverse('statistics')}?{urlencode({'place': self.place.code})}"


@dataclass(frozen=True, slots=True)
class Block:
    """The tiles of a township with its name above them, "" where the townships are the tiles.

    total  of its villages as shown; "" where it is no sum
    """

    name: str
    tiles: list[Tile]
    total: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A colour of the legend and the values it stands for."""

    shade: str
    shown: str


Values = dict[str, float]
Measure = Callable[[Scope, str, date], Values]


def _poor(scope: Scope, level: str, on: date) -> Values:
    found = sums_of(scope, None).stock_by(level, on, "poor")
    return {way: count.households for way, count in found.items()}


def _incidence(scope: Scope, level: str, on: date) -> Values:
    sums = sums_of(scope, None)
    poor, everybody = sums.stock_by(level, on, "poor"), sums.stock_by(level, on, None)
    return {
        way: round(100 * poor.get(way, Count2()).people / count.people, 2)
        for way, count in everybody.items()
        if count.people
    }


def _exited(scope: Scope, level: str, on: date) -> Values:
    made: Values = {}
    found = sums_of(scope, None).flow_by_place_and_year(level, "exited")
    for (way, year), count in found.items():
        made[way] = made.get(way, 0) + (count.households if year <= on.year else 0)
    return made


def _monitored(scope: Scope, level: str, on: date) -> Values:
    made: Values = {}
    sums = sums_of(scope, None)
    for status in ("unstable", "marginal", "sudden"):
        for way, count in sums.stock_by(level, on, status).items():
            made[way] = made.get(way, 0) + count.households
    return made


def _gaps(answer: str) -> Measure:
    def measure(scope: Scope, level: str, _on: date) -> Values:
        rows = scope.of(Gap).filter(state__in=("open", "assigned", "answered"), answer=answer)
        length, made = length_of(level), Values()
        for way, n in rows.values_list("place_path").annotate(n=Count("pk")).order_by():
            made[way[:length]] = made.get(way[:length], 0) + n
        return made

    return measure


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a map shows.

    decimals  of its values; a count has none, and where it was not counted there are 0
    today     it is counted as it stands today, whatever day is asked for
    """

    title: tuple[str, str]
    unit: tuple[str, str]
    measure: Measure
    decimals: int = 0
    today: bool = False

    def shown(self, value: float) -> str:
        """As it is read: 1,234 or 0.20."""
        return f"{value:,.{self.decimals}f}"


HOUSEHOLDS, GAPS = ("户", "households"), ("个", "gaps")
INDICATORS = {
    "poor": Indicator(("未脱贫户", "Still poor"), HOUSEHOLDS, _poor),
    "incidence": Indicator(("贫困发生率", "Poverty incidence"), ("%", "%"), _incidence, decimals=2),
    "exited": Indicator(("累计脱贫户", "Out of poverty"), HOUSEHOLDS, _exited),
    "monitored": Indicator(("监测对象", "Monitored"), HOUSEHOLDS, _monitored),
    "gaps": Indicator(("查出的问题", "Problems found"), GAPS, _gaps("fails"), today=True),
    "unknown": Indicator(("待核实问题", "Unknown: ask"), GAPS, _gaps("unknown"), today=True),
}  # fmt: skip


def indicators_for(scope: Scope) -> dict[str, Indicator]:
    """The indicators a worker may see: a village without a gap that he is shown has not none."""
    hidden = ("gaps", "unknown") if scope.hides("Gap") else ()
    return {name: each for name, each in INDICATORS.items() if name not in hidden}


@signed_in
def tile_map(request: DeskRequest) -> HttpResponseBase:
    """The map and its table; with `ending` the table as a file."""
    on = chosen_day(request)
    name = request.GET.get("indicator", "poor")
    known = indicators_for(request.scope)
    if name not in known:
        raise Problem("access.not_yours", status=404)
    indicator = known[name]
    level, places = _places(request.scope, request.GET.get("level", ""))
    values = indicator.measure(request.scope, level, on) if places else {}
    blocks, steps = coloured(laid_out(places, level), values, indicator)
    if request.GET.get("ending"):
        return _file(request, said(*indicator.title), blocks)
    query = {"indicator": name, "level": level, "on": on.isoformat()}
    return render(
        request, "map/page.html",
        {
            "on": on, "level": level, "indicator": name, "title": said(*indicator.title),
            "unit": said(*indicator.unit), "blocks": blocks, "steps": steps,
            "now_only": indicator.today,
            "indicators": [(key, said(*each.title)) for key, each in known.items()],
            "query": urlencode(query),
        },
    )  # fmt: skip


def _places(scope: Scope, asked: str) -> tuple[str, list[Place]]:
    """The level that was asked for or is read best, and the places of it."""
    if asked not in ("village", "township"):
        villages = _of_level(scope, "village")
        if len(villages) <= MANY:
            return "village", villages
        asked = "township"
    return asked, _of_level(scope, asked)


def _of_level(scope: Scope, level: str) -> list[Place]:
    rows = scope.of(Place).filter(level=level, until=None).select_related("parent")
    return list(rows.order_by("code"))


def laid_out(places: Sequence[Place], level: str) -> list[Block]:
    """Blocks of tiles, each in its place: townships as their first village comes."""
    groups: dict[str, list[Tile]] = {}
    for place in places:
        above = place.parent.name if place.parent and level == "village" else ""
        groups.setdefault(above, []).append(Tile(place))
    return [Block(name, tiles) for name, tiles in groups.items()]


def coloured(
    blocks: Sequence[Block], values: Values, indicator: Indicator
) -> tuple[list[Block], list[Step]]:
    """The same with values and shades; and which values each shade stands for."""
    # In whole hundredths where there are two decimals: a bound and the value on it are compared.
    scale = 10**indicator.decimals
    most = max((values.get(t.place.path, 0) for b in blocks for t in b.tiles), default=0)
    top = round(most * scale)

    def tile(place: Place) -> Tile:
        value = values.get(place.path, None if indicator.decimals else 0)
        if value is None:
            return Tile(place)
        shade = min(SHADES - 1, round(value * scale) * SHADES // top) if top else 0
        return Tile(place, value, str(shade), indicator.shown(value))

    made = []
    for block in blocks:
        tiles = [tile(one.place) for one in block.tiles]
        whole = sum(t.value or 0 for t in tiles)
        total = "" if indicator.decimals or not block.name else indicator.shown(whole)
        made.append(Block(block.name, tiles, total))
    return made, _steps(
        top, scale, indicator, blank=any(t.value is None for b in made for t in b.tiles)
    )


def _steps(top: int, scale: int, indicator: Indicator, *, blank: bool) -> list[Step]:
    """The legend: from where to where each shade reaches, and that some places have no value."""
    starts = [-(-top * shade // SHADES) for shade in range(SHADES)] if top else [0]
    ends = [start - 1 for start in starts[1:]] + [top]
    found = []
    for shade, (start, end) in enumerate(zip(starts, ends, strict=True)):
        low, high = indicator.shown(start / scale), indicator.shown(end / scale)
        if start <= end:
            found.append(Step(str(shade), low if start == end else f"{low}–{high}"))
    return found + [Step("none", said("没有数据", "no data"))] * blank


def _file(request: DeskRequest, title: str, blocks: Sequence[Block]) -> HttpResponseBase:
    rows: list[list[Any]] = [
        [t.place.code, b.name or "", t.place.name, t.value] for b in blocks for t in b.tiles
    ]
    heads = [said("区划代码", "Code"), said("乡镇", "Township"), said("地方", "Place"), title]
    return small_table(title, request.GET["ending"], heads, rows)


urls = [path("map/", tile_map, name="map")]
