"""The map: one tile for each township or village, coloured by an indicator, with its table.

Boundary files may not be shipped, so places are laid out as tiles: townships as blocks in the order
of their codes, their villages inside. The layout follows from the codes alone and never moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from yihu.statistics import queries
from yihu.web.exports import small_table
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.statistics import chosen_day, reach_of

#: Tiles from side to side of the picture; tiles of a place, gaps between blocks.
ACROSS, GAP, SHADES = 26, 1, 5


@dataclass(frozen=True, slots=True)
class Tile:
    """A square. x, y: its corner in tiles; shade: 0 … 4, or -1 where nothing is known."""

    place: Place
    x: float
    y: float
    value: float | None = None
    shade: int = -1
    shown: str = ""

    @property
    def svg(self) -> dict[str, str]:
        """Where its parts are drawn, ten units a tile."""
        x, y = self.x * 10, self.y * 10
        points = {"x": x, "y": y, "middle": x + 4.6, "line": y + 4.4, "under": y + 7.4}
        return {name: f"{at:g}" for name, at in points.items()}

    @property
    def url(self) -> str:
        """Where it leads: the figures of the place."""
        return f"{reverse('statistics')}?{urlencode({'place': self.place.code})}"


@dataclass(frozen=True, slots=True)
class Block:
    """The tiles of a township with its name above them."""

    name: str
    x: float
    y: float
    wide: int
    tiles: list[Tile]

    @property
    def svg(self) -> dict[str, str]:
        """Where its name is drawn."""
        return {"x": f"{self.x * 10:g}", "y": f"{self.y * 10 + 9:g}"}


Values = dict[str, float]
Measure = Callable[[Scope, str, date], Values]


def _poor(scope: Scope, level: str, on: date) -> Values:
    found = queries.stock_by(level, on, "poor", reach_of(scope, None))
    return {way: count.households for way, count in found.items()}


def _incidence(scope: Scope, level: str, on: date) -> Values:
    reach = reach_of(scope, None)
    poor = queries.stock_by(level, on, "poor", reach)
    everybody = queries.stock_by(level, on, None, reach)
    return {
        way: round(100 * poor.get(way, queries.Count2()).people / count.people, 2)
        for way, count in everybody.items()
        if count.people
    }


def _exited(scope: Scope, level: str, on: date) -> Values:
    made: Values = {}
    found = queries.flow_by_place_and_year(level, "exited", reach_of(scope, None))
    for (way, year), count in found.items():
        made[way] = made.get(way, 0) + (count.households if year <= on.year else 0)
    return made


def _monitored(scope: Scope, level: str, on: date) -> Values:
    made: Values = {}
    for status in ("unstable", "marginal", "sudden"):
        for way, count in queries.stock_by(level, on, status, reach_of(scope, None)).items():
            made[way] = made.get(way, 0) + count.households
    return made


def _gaps(answer: str) -> Measure:
    def measure(scope: Scope, level: str, _on: date) -> Values:
        rows = scope.of(Gap).filter(state__in=("open", "assigned", "answered"), answer=answer)
        length, made = queries.length_of(level), Values()
        for way, n in rows.values_list("place_path").annotate(n=Count("pk")).order_by():
            made[way[:length]] = made.get(way[:length], 0) + n
        return made

    return measure


#: name → (zh, en, unit zh, unit en, measure); gaps are counted as they stand today.
INDICATORS: dict[str, tuple[str, str, str, str, Measure]] = {
    "poor": ("未脱贫户", "Still poor", "户", "households", _poor),
    "incidence": ("贫困发生率", "Poverty incidence", "%", "%", _incidence),
    "exited": ("累计脱贫户", "Out of poverty", "户", "households", _exited),
    "monitored": ("监测对象", "Monitored", "户", "households", _monitored),
    "gaps": ("未达标问题", "Gaps that fail", "个", "gaps", _gaps("fails")),
    "unknown": ("待核实问题", "Unknown: ask", "项", "items", _gaps("unknown")),
}


def indicators_for(scope: Scope) -> dict[str, tuple[str, str, str, str, Measure]]:
    """The indicators a worker may see: a village without a gap that he is shown has not none."""
    hidden = ("gaps", "unknown") if scope.hides("Gap") else ()
    return {name: each for name, each in INDICATORS.items() if name not in hidden}


@signed_in
def tile_map(request: DeskRequest) -> HttpResponseBase:
    """The map and its table; with `ending` the table as a file."""
    on = chosen_day(request)
    level = "township" if request.GET.get("level") == "township" else "village"
    name = request.GET.get("indicator", "poor")
    known = indicators_for(request.scope)
    if name not in known:
        raise Problem("access.not_yours", status=404)
    zh, en, unit_zh, unit_en, measure = known[name]
    places = _places(request.scope, level)
    values = measure(request.scope, level, on) if places else {}
    blocks, steps = coloured(laid_out(places, level), values)
    if request.GET.get("ending"):
        return _file(request, said(zh, en), blocks)
    height = max((t.y + 1 for b in blocks for t in b.tiles), default=1)
    query = {"indicator": name, "level": level, "on": on.isoformat()}
    return render(
        request, "map/page.html",
        {
            "on": on, "level": level, "indicator": name, "title": said(zh, en),
            "unit": said(unit_zh, unit_en), "blocks": blocks, "steps": steps,
            "indicators": [(key, said(each[0], each[1])) for key, each in known.items()],
            "view": f"0 0 {ACROSS * 10} {math.ceil(height * 10) + 2}", "query": urlencode(query),
        },
    )  # fmt: skip


def _places(scope: Scope, level: str) -> list[Place]:
    rows = scope.of(Place).filter(level=level, until=None).select_related("parent")
    return list(rows.order_by("code"))


def laid_out(places: Sequence[Place], level: str) -> list[Block]:
    """Blocks of tiles, each in its place: from the left to the right, then the next line."""
    groups: dict[str, list[Place]] = {}
    for place in places:
        above = place.parent.name if place.parent and level == "village" else ""
        groups.setdefault(above, []).append(place)
    blocks, x, y, tall = [], 0, 0.0, 0.0
    for name, of in groups.items():
        wide = max(4, math.ceil(math.sqrt(len(of) * 1.4))) if level == "village" else 5
        if x and x + wide > ACROSS:
            x, y, tall = 0, y + tall + GAP, 0.0
        tiles = [Tile(p, x + i % wide, y + 1.2 + i // wide) for i, p in enumerate(of)]
        blocks.append(Block(name, x, y, wide, tiles))
        tall = max(tall, 1.2 + math.ceil(len(of) / wide))
        x += wide + GAP
    return blocks


def coloured(blocks: Sequence[Block], values: Values) -> tuple[list[Block], list[tuple[int, str]]]:
    """The same with values and shades; and from which value on each shade is."""
    most = max((values.get(t.place.path, 0) for b in blocks for t in b.tiles), default=0)
    made = [
        replace(b, tiles=[_shaded(t, values.get(t.place.path), most) for t in b.tiles])
        for b in blocks
    ]
    steps = [(i, f"{most * i / SHADES:.4g}") for i in range(SHADES)] if most else [(0, "0")]
    return made, steps


def _shaded(tile: Tile, value: float | None, most: float) -> Tile:
    number = value or 0
    shade = min(SHADES - 1, int(number * SHADES / most)) if most else 0
    return Tile(tile.place, tile.x, tile.y, number, shade, f"{number:,.4g}")


def _file(request: DeskRequest, title: str, blocks: Sequence[Block]) -> HttpResponseBase:
    rows: list[list[Any]] = [
        [t.place.code, b.name or "", t.place.name, t.value] for b in blocks for t in b.tiles
    ]
    heads = [said("区划代码", "Code"), said("乡镇", "Township"), said("地方", "Place"), title]
    return small_table(title, request.GET["ending"], heads, rows)


urls = [path("map/", tile_map, name="map")]
