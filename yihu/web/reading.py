"""The log of readings: who saw whole numbers, who gave out lists, and why."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from yihu.access import queries
from yihu.access.models import Reading
from yihu.card.models import Household
from yihu.problems import Problem
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.reading_words import places_in, why_said
from yihu.web.says import said
from yihu.web.typed_in import number_in

SHOWN = 100
WHAT = {
    "unmasked": ("查看完整号码", "whole numbers seen"),
    "exported": ("导出", "given out"),
    "printed": ("打印", "printed"),
    "searched": ("按号码查找", "searched by number"),
    "unmasked export": ("导出完整号码", "whole numbers given out"),
    "unmasked print": ("打印完整号码", "whole numbers printed"),
    "program": ("程序读取", "read by a program"),
    "evidence": ("查看证据", "evidence seen"),
    "withdrew": ("撤回部门名单", "department's list withdrawn"),
    "account": ("管理账号", "accounts kept"),
    "phone": ("停用手机", "phones shut out"),
    "carried": ("下发到手机", "carried to a phone"),
}


@signed_in
def readings(request: DeskRequest) -> HttpResponse:
    """The log of the places an auditor reaches, newest first."""
    scope = request.scope
    scope.require("audit")
    asked = {name: request.GET.get(name, "").strip() for name in ("what", "who", "since", "until")}
    rows = queries.readings(
        scope.of(Reading, "audit"), what=asked["what"], who=asked["who"],
        since=_day(asked["since"]), until=_day(asked["until"]),
    )  # fmt: skip
    if before := number_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    more = len(found) > SHOWN
    found = found[:SHOWN]
    homes = scope.of(Household).in_bulk({row.household_id for row in found if row.household_id})
    places = places_in((row.why for row in found), scope)
    page = {"after": _next(asked, found[-1].pk) if more else ""}
    context = {
        "rows": [(row, said(*WHAT.get(row.what, (row.what,) * 2)), homes.get(row.household_id),
                  why_said(row.what, row.why, places)) for row in found],
        "asked": asked, "page": page, "kinds": [(key, said(*both)) for key, both in WHAT.items()],
        "crumbs": [(said("系统管理", "Administration"), reverse("administration")),
                   (said("查阅日志", "Log of readings"), "")],
    }  # fmt: skip
    return render(request, "administration/readings.html", context)


def _day(text: str) -> date | None:
    """A day of the filter. Raises Problem (people.no_day)."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("people.no_day", found=text[:40]) from None


def _next(asked: dict[str, str], before: int) -> str:
    kept = {name: value for name, value in asked.items() if value}
    return f"?{urlencode({**kept, 'before': before})}"


urls = [path("administration/readings/", readings, name="readings")]
