"""Who read a notice, who comes to a meeting and who came: the list, as a file, and noting it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from yihu.access.actions import log_reading
from yihu.access.models import Post
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync import attending
from yihu.sync.models import Notice
from yihu.web.api_pages import reached_place
from yihu.web.exports import small_table
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.notices import met
from yihu.web.says import moment, phrase, said

SHOWN = 100
STATE_WORDS = {
    "": ("全部", "All"),
    "unread": ("未读", "Not read"),
    "read": ("已读", "Read"),
    "coming": ("能到会", "Coming"),
    "cannot": ("不能到会", "Cannot come"),
    "silent": ("未答复", "No answer"),
    "came": ("已到会", "Came"),
    "absent": ("缺席", "Absent"),
    "unnoted": ("未登记", "Not noted"),
}
#: States that only a meeting has.
OF_MEETINGS = ("coming", "cannot", "silent", "came", "absent", "unnoted")
#: Columns of the file; the last three of a meeting.
COLUMNS = (
    ("乡镇", "Township"), ("地点", "Place"), ("姓名", "Name"), ("登录名", "Sign-in name"),
    ("单位", "Unit"), ("已读", "Read at"), ("答复", "Answer"), ("原因", "Why"), ("到会", "Came"),
)  # fmt: skip
CAME = {"yes": True, "no": False, "clear": None}


def _asked(request: DeskRequest, id: UUID) -> tuple[Notice, str, Place | None]:
    """The notice, and the state and place its list is narrowed to."""
    request.scope.require(attending.ACT)
    notice = attending.followed(request.scope).filter(pk=id).first()
    if notice is None:
        raise Problem("access.not_yours", status=404)
    given = request.POST if request.method == "POST" else request.GET
    state, code = given.get("state", ""), given.get("place", "")
    under = reached_place(request.scope, code) if code else None
    return notice, state if state in STATE_WORDS else "", under


def _posts(request: DeskRequest, asked: tuple[Notice, str, Place | None]) -> QuerySet[Post]:
    notice, state, under = asked
    rows = attending.receivers(notice, request.scope)
    return attending.listed(notice, rows, state=state, under=under)


@signed_in
@require_safe
def receivers(request: DeskRequest, id: UUID) -> HttpResponse:
    """The list of those a notice was written to, by state and place, in the order of names."""
    asked = _asked(request, id)
    notice, state, under = asked
    posts = _posts(request, asked)
    workers = attending.workers_in(request.scope, posts)
    after = request.GET.get("after", "")
    page = workers.filter(username__gt=after) if after else workers
    ids = list(page.values_list("pk", "username")[: SHOWN + 1])
    rows = attending.receivers_of(notice, posts.filter(worker__in=[pk for pk, _ in ids[:SHOWN]]))
    kept = {"state": state, "place": under.code if under else ""}
    more = {**kept, "after": ids[SHOWN - 1][1]} if len(ids) > SHOWN else {}
    context = {
        "notice": notice, "state": state, "under": under, "count": workers.count(),
        "rows": sorted(rows, key=lambda row: row.worker.username),
        "states": [
            (name, said(*words)) for name, words in STATE_WORDS.items()
            if notice.meets_at or name not in OF_MEETINGS
        ],
        "places": _places(request, notice),
        "met": met(notice, request.at.now),
        "may_export": request.scope.may("export"), "query": urlencode(kept),
        "page": {"after": f"?{urlencode(more)}" if more else ""},
        "crumbs": [(said("通知", "Notices"), reverse("notices")),
                   (notice.title, reverse("notice", args=[notice.pk])),
                   (said("名单", "List"), "")],
    }  # fmt: skip
    return render(request, "notices/receivers.html", context)


def _places(request: DeskRequest, notice: Notice) -> list[Place]:
    """The places one level below that of the notice, as far as they are reached."""
    return list(request.scope.of(Place).filter(parent=notice.place, until=None))


@signed_in
@require_POST
def came(request: DeskRequest, id: UUID) -> HttpResponse:
    """Note who came: those ticked, or all of the list as it is narrowed."""
    asked = _asked(request, id)
    value = CAME.get(request.POST.get("came", ""), "")
    if value == "":
        raise Problem("notice.nobody_chosen")
    posts = _posts(request, asked)
    if request.POST.get("whom") != "all":
        posts = posts.filter(worker__in=_ids(request.POST.getlist("worker")))
    noted: bool | None = value if isinstance(value, bool) else None
    n = attending.note_came(asked[0], posts, came=noted, by=request.user, at=request.at)
    messages.success(request, phrase("已登记 {n} 人。", "{n} [people|person] noted.", n=n))
    kept = {"state": asked[1], "place": asked[2].code if asked[2] else ""}
    return redirect(f"{reverse('notice_receivers', args=[id])}?{urlencode(kept)}")


def _ids(given: list[str]) -> list[UUID]:
    found = []
    for each in given:
        try:
            found.append(UUID(each))
        except ValueError:
            continue
    return found


@signed_in
@require_safe
def as_file(request: DeskRequest, id: UUID, ending: str) -> HttpResponseBase:
    """The list as it is narrowed, as a file; that it was given out is logged."""
    request.scope.require("export")
    asked = _asked(request, id)
    notice = asked[0]
    rows = attending.receivers_of(notice, _posts(request, asked))
    log_reading(
        request.user, what="exported", now=request.at.now, rows=len(rows),
        why=f"notice {notice.pk}",
    )  # fmt: skip
    above = {p.path: p.name for p in request.scope.of(Place).filter(level="township")}
    asked_for = COLUMNS if notice.meets_at else COLUMNS[:-3]
    columns = [said(*words) for words in asked_for]
    table = [_cells(row, notice, above) for row in rows]
    return small_table(f"{notice.title}-{said('名单', 'list')}", ending, columns, table)


def _cells(row: attending.Receiver, notice: Notice, above: dict[str, str]) -> list[Any]:
    township = next((name for at, name in above.items() if row.place.path.startswith(at)), "")
    cells: list[Any] = [
        township, row.place.name, row.worker.name, row.worker.username, row.worker.unit,
        moment(row.read_at),
    ]  # fmt: skip
    return cells + attendance_words(row) if notice.meets_at else cells


def attendance_words(row: attending.Receiver) -> list[str]:
    """Answer, reason and whether he came, in words."""
    of = row.attendance
    if of is None:
        return ["", "", ""]
    coming = {True: said("能到会", "coming"), False: said("不能到会", "cannot come"), None: ""}
    there = {True: said("到会", "came"), False: said("缺席", "absent"), None: ""}
    return [coming[of.coming], of.why, there[of.came]]


urls = [
    path("notices/<uuid:id>/receivers/", receivers, name="notice_receivers"),
    path("notices/<uuid:id>/came/", came, name="notice_came"),
    path("notices/<uuid:id>/list.<str:ending>", as_file, name="notice_list"),
]
