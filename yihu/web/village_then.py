"""A village as of a day, as known on a day: its facts, its households, their gaps, in one place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from yihu.access.scope import Scope
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.card.status import STATUSES
from yihu.ledger.models import Gap
from yihu.ledger.then import Then, counts, households_then
from yihu.places.models import Place, within
from yihu.web import ledger_words as words
from yihu.web.days import Days
from yihu.web.exports import small_table
from yihu.web.household_search import status_name
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import phrase, said
from yihu.web.typed_in import number_in
from yihu.web.village import crumbs_of, facts_of_place

#: Households on a page of the list, and seconds for which a village that was read is kept.
SHOWN, KEPT = 100, 600


@signed_in
def village_then(request: DeskRequest, code: str) -> HttpResponseBase:
    """A village on a day; of a place above, the places below it to choose from."""
    scope = request.scope
    place = scope.one(Place, code=code)
    days = Days.of(request.GET, today=request.at.today)
    homes = _kept(scope, place, days)
    if request.GET.get("ending"):
        return _file(request, place, days, homes)
    book = list(scope.of(Entry).filter(book__place=place).order_by("number"))
    context = {
        "place": place, "days": days, "crumbs": crumbs_of(scope, place, last=True),
        "groups": facts_of_place(scope, place, days.card(book)),
        "homes": [_shown(each) for each in _page(request, homes)], "all": len(homes),
        "page": _pages(request, days, len(homes)),
        "people": sum(each.size for each in homes),
        "open": counts(gap for each in homes for gap in each.gaps),
        "written": sum(each.written > 0 for each in homes),
        "statuses": _statuses(homes), "may_export": scope.may("export", place),
        "children": scope.of(Place).filter(parent=place, until=None).order_by("code"),
    }  # fmt: skip
    return render(request, "village_then.html", context)


def _number(request: DeskRequest) -> int:
    """Which page of the list; the first is 1, 0 is all of it."""
    text = request.GET.get("page", "1")
    return min(number_in(text, 1), 9999)


def _page(request: DeskRequest, homes: list[Then]) -> list[Then]:
    number = _number(request)
    return homes[(number - 1) * SHOWN : number * SHOWN] if number else homes


def _pages(request: DeskRequest, days: Days, count: int) -> dict[str, str]:
    number = _number(request)

    def address(to: int) -> str:
        return f"?{days.query}&page={to}" if number and 0 < to <= -(-count // SHOWN) else ""

    return {
        "before": address(number - 1), "after": address(number + 1),
        "says": phrase("共 {n:,} 户", "{n:,} household[s]", n=count),
        "whole": f"?{days.query}&page=0" if number and count > SHOWN else "",
    }  # fmt: skip


def _kept(scope: Scope, place: Place, days: Days) -> list[Then]:
    """The households, read once until something is written in a book of the village."""
    ends = scope.of(Book).filter(within(place.path, "household__place_path"))
    end = ends.aggregate(n=Count("pk"), last=Sum("last_number"))
    parts = (scope.worker.pk, scope.today, place.pk, days.query, end["n"], end["last"])
    key = "village_then " + " ".join(map(str, parts))
    return cache.get_or_set(  # type: ignore[return-value]
        key.replace(" ", "_"), lambda: _homes(scope, place, days), KEPT
    )


def _homes(scope: Scope, place: Place, days: Days) -> list[Then]:
    if place.level not in ("village", "hamlet"):
        return []
    homes = households_then(
        place, homes=scope.of(Household), as_of=days.as_of, known_at=days.known_at
    )
    if not scope.hides("Gap"):
        return homes
    # What fails in a family is read from its book: only the ledger knows for whose eyes it is.
    shown = set(scope.of(Gap).filter(within(place.path, "place_path")).values_list("pk", flat=True))
    return [replace(each, gaps=[g for g in each.gaps if g.pk in shown]) for each in homes]


def _shown(then: Then) -> dict[str, Any]:
    return {
        "then": then, "status": status_name(then.status), "counts": counts(then.gaps),
        "gaps": [(_title(gap, then), words.ANSWER_WORDS.get(gap.answer)) for gap in then.gaps],
    }  # fmt: skip


def _title(gap: Gap, then: Then) -> str:
    who = then.names.get(gap.person_id, "")
    return f"{who}{said('：', ': ')}{words.title_of(gap)}" if who else words.title_of(gap)


def _statuses(homes: list[Then]) -> list[tuple[str, int, int]]:
    found, people = Counter[str](), Counter[str]()
    for each in homes:
        found[each.status] += 1
        people[each.status] += each.size
    return [(status_name(key), found[key], people[key]) for key in STATUSES if key in found]


def _file(request: DeskRequest, place: Place, days: Days, homes: list[Then]) -> HttpResponseBase:
    request.scope.require("export", place)
    heads = [
        said(*pair)
        for pair in (
            ("户编号", "household"), ("户主", "head"), ("人口", "people"), ("户类型", "status"),
            ("查出问题", "problem found"), ("待核实", "unknown"), ("其他问题", "raised"),
            ("当时的问题", "gaps then"), ("此后新增记录", "entries since"),
        )
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for each in (_shown(home) for home in homes):
        gaps = "；".join(title for title, _ in each["gaps"])
        then = each["then"]
        rows.append([then.code, then.head, then.size, each["status"], *each["counts"].values(),
                     gaps, then.written])  # fmt: skip
    day = days.known or days.as_of or request.at.today
    ending = request.GET["ending"]
    return small_table(f"{place.name}-{day.isoformat()}", ending, heads, rows)


urls = [path("villages/<str:code>/then/", village_then, name="village_then")]
