"""Who was written to by a notice, who read it, who comes to a meeting, and who came.

Nobody is copied into a list: whom a notice reaches is who holds a post there today. A row stands
only for who read, answered or was noted, so seven thousand receivers cost one question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from yihu.access.models import Post, Worker
from yihu.access.queries import in_force
from yihu.access.scope import Scope
from yihu.loop import Moment
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.sync.models import AUDIENCES, Attendance, Notice, NoticeRead
from yihu.sync.notices import above

ACT = "notify"
#: What the list of a notice can be narrowed to.
STATES = ("unread", "read", "coming", "cannot", "silent", "came", "absent", "unnoted")
AT_ONCE = 500


def followed(scope: Scope) -> QuerySet[Notice]:
    """Notices of which the worker may see who read them: written at his places, below or above.

    Of one written above he sees those of his own places only.
    """
    reached = Q(pk__in=scope.of(Notice, ACT).values("pk"))
    for path in _own_paths(scope):
        reached |= Q(place_path__in=above(path))
    return Notice.objects.filter(reached).select_related("by", "place").order_by("-at", "pk")


def _own_paths(scope: Scope) -> list[str]:
    return [p.place.path for p, role in zip(scope.posts, scope.roles, strict=True)
            if ACT in role.do]  # fmt: skip


def receivers(notice: Notice, scope: Scope) -> QuerySet[Post]:
    """Posts by which a notice reaches somebody, of those the worker may follow."""
    rows = scope.of(Post, ACT).filter(
        within(notice.place_path, "place__path"), in_force(scope.today), worker__is_active=True
    )
    roles = AUDIENCES[notice.to]
    return rows.filter(role__in=roles) if roles else rows


def _who(notice: Notice, state: str) -> Q:
    """Condition on a post: its worker has read, answered, come."""
    reads = NoticeRead.objects.filter(notice=notice)
    rows = Attendance.objects.filter(notice=notice)
    sets: dict[str, QuerySet[Any]] = {
        "read": reads, "coming": rows.filter(coming=True), "cannot": rows.filter(coming=False),
        "silent": rows.exclude(coming=None), "came": rows.filter(came=True),
        "absent": rows.filter(came=False), "unnoted": rows.exclude(came=None), "unread": reads,
    }  # fmt: skip
    found = Q(worker_id__in=sets[state].values("worker_id"))
    return ~found if state in ("unread", "silent", "unnoted") else found


@dataclass(frozen=True, slots=True)
class Counted:
    """How many a notice reaches in one place below it, and what became of it there."""

    path: str
    to: int
    read: int
    coming: int
    cannot: int
    came: int
    absent: int

    @property
    def unread(self) -> int:
        """Who has not read it."""
        return self.to - self.read

    @property
    def silent(self) -> int:
        """Who has not answered."""
        return self.to - self.coming - self.cannot


_COUNTED = ("read", "coming", "cannot", "came", "absent")


def counts(notice: Notice, rows: QuerySet[Post]) -> dict[str, int]:
    """Of all these receivers together; who has two posts is one."""
    asked = {name: Count("worker", filter=_who(notice, name), distinct=True) for name in _COUNTED}
    return rows.order_by().aggregate(to=Count("worker", distinct=True), **asked)


def by_place(notice: Notice, rows: QuerySet[Post]) -> list[Counted]:
    """By the places one level below that of the notice, in the order of the tree: one question."""
    step = len(notice.place_path.split("/", maxsplit=1)[0]) + 1
    asked = {name: Count("worker", filter=_who(notice, name), distinct=True) for name in _COUNTED}
    named = rows.order_by().values(below=Substr("place__path", 1, len(notice.place_path) + step))
    grouped = named.annotate(to=Count("worker", distinct=True), **asked).order_by("below")
    found: list[dict[str, Any]] = [dict(each) for each in grouped]
    return [Counted(path=each.pop("below"), **each) for each in found]


def listed(
    notice: Notice, rows: QuerySet[Post], *, state: str = "", under: Place | None = None
) -> QuerySet[Post]:
    """The receivers in a state and a place."""
    found = rows.filter(within(under.path, "place__path")) if under else rows
    return found.filter(_who(notice, state)) if state in STATES else found


def workers_in(scope: Scope, rows: QuerySet[Post]) -> QuerySet[Worker]:
    """Whose posts these are, each once."""
    return scope.of(Worker).filter(pk__in=rows.values("worker_id")).order_by("username")


@dataclass(frozen=True, slots=True)
class Receiver:
    """One who was written to, and what he did."""

    worker: Worker
    place: Place
    read_at: datetime | None
    attendance: Attendance | None


def receivers_of(notice: Notice, posts: QuerySet[Post]) -> list[Receiver]:
    """These receivers in the order given, each once: three questions however many they are."""
    found: dict[UUID, Post] = {}
    rows = posts.select_related("worker", "place").only(
        "worker__username", "worker__name", "worker__unit", "place__path", "place__name"
    )
    for post in rows.order_by("place__path", "worker__username"):
        found.setdefault(post.worker_id, post)
    reads = NoticeRead.objects.filter(notice=notice)
    noted = Attendance.objects.filter(notice=notice)
    if len(found) <= AT_ONCE:
        reads, noted = reads.filter(worker__in=found), noted.filter(worker__in=found)
    read = dict(reads.values_list("worker_id", "read_at"))
    by = {row.worker_id: row for row in noted}
    return [
        Receiver(post.worker, post.place, read.get(id), by.get(id)) for id, post in found.items()
    ]


@transaction.atomic
def note_came(
    notice: Notice, posts: QuerySet[Post], *, came: bool | None, by: Worker, at: Moment
) -> int:
    """Note of these receivers that they came, or did not (None: not noted); returns how many.

    Raises  Problem: notice.no_meeting, notice.not_met, notice.nobody_chosen
    """
    if notice.meets_at is None:
        raise Problem("notice.no_meeting", title=notice.title)
    if at.now < notice.meets_at:
        raise Problem("notice.not_met", status=409)
    ids = sorted(set(posts.order_by().values_list("worker_id", flat=True)))
    if not ids:
        raise Problem("notice.nobody_chosen")
    noted = {"came": came, "noted_by": by, "noted_at": at.now}
    for part in _parts(ids):
        made = [Attendance(notice=notice, worker_id=id, **noted) for id in part]
        Attendance.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["notice", "worker"],
            update_fields=["came", "noted_by", "noted_at"],
        )  # fmt: skip
    return len(ids)


def _parts(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
