"""Questions about workers: their posts, their families, who reads what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yihu.access.models import Pairing, Post, Reading, Token, Worker
from yihu.places.models import Place


def in_force(day: date, prefix: str = "") -> Q:
    """Condition: a post or pairing is in force on a day."""
    return Q(**{f"{prefix}since__lte": day}) & (
        Q(**{f"{prefix}until": None}) | Q(**{f"{prefix}until__gte": day})
    )


def with_a_post(workers: QuerySet[Worker], day: date) -> QuerySet[Worker]:
    """Those of these workers who have a post on a day.

    By a list of the posts: joined, seven thousand workers were told apart by each column.
    """
    return workers.filter(pk__in=Post.objects.filter(in_force(day)).values("worker_id"))


def workers_at(level: str, day: date) -> list[Worker]:
    """Who has a post in force at a place of a level, and may sign in."""
    posts = Post.objects.filter(in_force(day), place__level=level, worker__is_active=True)
    return list(Worker.objects.filter(pk__in=posts.values("worker")).order_by("pk"))


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody carries today."""

    worker: Worker
    posts: list[Post]
    families: int
    gaps: int


def loads(workers: QuerySet[Worker], *, day: date) -> list[Load]:
    """The workers with their posts, families and open gaps on a day; three queries for all."""
    rows = list(workers)
    posts: dict[object, list[Post]] = {}
    held = Post.objects.filter(in_force(day), worker__in=rows).select_related("place")
    for post in held.order_by("since", "pk"):
        posts.setdefault(post.worker_id, []).append(post)
    families = _counted(Pairing.objects.filter(in_force(day), worker__in=rows), "worker")
    open_gaps = Q(gaps__state__in=("open", "assigned", "answered"))
    found = Worker.objects.filter(pk__in=[row.pk for row in rows])
    gaps = dict(found.annotate(n=Count("gaps", filter=open_gaps)).values_list("pk", "n"))
    return [
        Load(row, posts.get(row.pk, []), families.get(row.pk, 0), gaps.get(row.pk, 0))
        for row in rows
    ]


def _counted(rows: QuerySet[Pairing], by: str) -> dict[object, int]:
    return dict(rows.values_list(by).annotate(n=Count("pk")).order_by())


def pairings_of(worker: Worker, reached: QuerySet[Pairing]) -> QuerySet[Pairing]:
    """All pairings of a helper, those in force first, then by the day they ended."""
    rows = reached.filter(worker=worker).select_related("household__place__parent")
    return rows.order_by(F("until").desc(nulls_first=True), "household__code")


def readings(
    reached: QuerySet[Reading],
    *,
    what: str = "",
    who: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Reading]:
    """The log of readings, newest first, by what was done, by whom, and from day to day."""
    rows = reached.select_related("worker")
    if what:
        rows = rows.filter(what=what)
    if who:
        rows = rows.filter(Q(worker__username=who) | Q(worker__name__contains=who))
    if since:
        rows = rows.filter(at__date__gte=since)
    if until:
        rows = rows.filter(at__date__lte=until)
    return rows.order_by("-at", "-pk")


def left_alone(worker: Worker, *, day: date) -> QuerySet[Pairing]:
    """The pairings of a worker with families nobody else helps on that day."""
    lasting = Pairing.objects.filter(in_force(day))
    others = lasting.filter(household=OuterRef("household"), worker__is_active=True)
    mine = lasting.filter(worker=worker).order_by("household__code")
    return mine.filter(~Exists(others.exclude(worker=worker)))


def keys_of_programs(worker: Worker) -> int:
    """How many keys of programs act in a worker's name."""
    return Token.objects.filter(worker=worker, revoked_at=None).count()


def helped_by(worker: Worker, households: Iterable[UUID], *, day: date) -> set[UUID]:
    """Of these household ids, those the worker is paired with on a day."""
    mine = Pairing.objects.filter(in_force(day), worker=worker, household_id__in=list(households))
    return set(mine.values_list("household_id", flat=True))


def helping_at(worker: Worker, *, day: date) -> list[Place]:
    """The places a worker is a helper at on a day."""
    posts = Post.objects.filter(in_force(day), worker=worker, role="helper")
    return [post.place for post in posts.select_related("place").order_by("place__path")]


def without_a_helper(households: Iterable[UUID], *, day: date) -> set[UUID]:
    """Of these household ids, those nobody is paired with on a day."""
    wanted = set(households)
    paired = Pairing.objects.filter(in_force(day), household_id__in=wanted)
    return wanted - set(paired.values_list("household_id", flat=True))
