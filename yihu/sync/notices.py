"""What an office writes to helpers: notices and meetings, read, and answered."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.loop import Moment
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync.aside import taken, to_be_taken
from yihu.sync.batch import Batch
from yihu.sync.models import AUDIENCES, Arrival, Attendance, Notice, NoticeRead
from yihu.sync.sent import Sent
from yihu.tables import rows_by

#: Notices a phone carries: the newest.
CARRIED = 20
LONGEST, LONGEST_WHY = 4000, 200
#: A meeting further off than this has a year that was mistyped.
FURTHEST = timedelta(days=366)
#: For so long a notice that was withdrawn is shown where the day begins, also to who had read it.
TOLD_OF_WITHDRAWAL = timedelta(days=7)
#: Space of the ids of notices that come by a form.
_SENT = UUID("5b8c3a4e-5a6f-5c0f-9d54-2f7c1d0a9e31")


def publish(  # noqa: PLR0913  all that a notice is
    *,
    title: str,
    words: str,
    place: Place,
    by: Worker,
    at: Moment,
    to: str = "helpers",
    asks_receipt: bool = False,
    until: date | None = None,
    meets_at: datetime | None = None,
    meets_where: str = "",
    sent: str = "",
) -> Notice:
    """Write to those who help at a place and below; with a moment to meet it is a meeting.

    to      one of AUDIENCES
    until   the last day it is shown
    sent    what tells this sending from others; the same notice sent again is written once
    Raises  Problem: notice.no_title, notice.too_long, notice.no_such_audience, notice.no_where,
            notice.over, notice.too_far
    """
    title, words, where = title.strip(), words.strip(), meets_where.strip()
    if not title or not words:
        raise Problem("notice.no_title")
    if len(title) > 120 or len(words) > LONGEST or len(where) > 120:
        raise Problem("notice.too_long", title=len(title), words=len(words), most=LONGEST)
    if to not in AUDIENCES:
        raise Problem("notice.no_such_audience", found=to, known=", ".join(AUDIENCES))
    if (meets_at is None) != (not where):
        raise Problem("notice.no_where")
    if (meets_at and meets_at <= at.now) or (until and until < at.today):
        raise Problem("notice.over", now=at.today)
    if meets_at and meets_at > at.now + FURTHEST:
        raise Problem("notice.too_far", found=meets_at.date(), today=at.today)
    told = json.dumps([sent, title, words, where, to, str(place.pk), str(until), str(meets_at)])
    id = uuid5(_SENT, f"{by.pk}/{told}") if sent else uuid4()
    made, _ = Notice.objects.get_or_create(
        id=id,
        defaults={
            "title": title, "words": words, "by": by, "at": at.now, "place": place,
            "place_path": place.path, "to": to, "asks_receipt": asks_receipt, "until": until,
            "meets_at": meets_at, "meets_where": where,
        },
    )  # fmt: skip
    return made


@transaction.atomic
def withdraw(notice: Notice, *, by: Worker, why: str, now: datetime) -> None:
    """Say that a notice no longer holds. It stays, for those who read it must learn that.

    Raises  Problem: notice.withdrawn, notice.no_why, notice.long_reason
    """
    why = why.strip()
    if not any(map(str.isalnum, why)):
        raise Problem("notice.no_why")
    if len(why) > LONGEST_WHY:
        raise Problem("notice.long_reason", found=len(why), most=LONGEST_WHY)
    row = Notice.objects.select_for_update().get(pk=notice.pk)
    _require_holds(row)
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, by, why
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])


def _require_holds(notice: Notice) -> None:
    if notice.withdrawn_at is not None:
        raise Problem("notice.withdrawn", status=409, why=notice.withdrawn_why)


def received(scope: Scope) -> QuerySet[Notice]:
    """Notices written to a worker, the newest first: at his places or above, for his role."""
    to_him = Q(pk__in=[])
    for post in scope.posts:
        written = [to for to, roles in AUDIENCES.items() if not roles or post.role in roles]
        to_him |= Q(place_path__in=above(post.place.path), to__in=written)
    shown = Q(until=None) | Q(until__gte=scope.today)
    return Notice.objects.filter(to_him, shown).select_related("by", "place").order_by("-at", "pk")


def pending(scope: Scope, now: datetime) -> QuerySet[Notice]:
    """Of those, what is not read, meetings to come not answered, and what was withdrawn of late."""
    read = NoticeRead.objects.filter(worker=scope.worker).values("notice_id")
    answered = Attendance.objects.filter(worker=scope.worker).exclude(coming=None)
    open_still = Q(meets_at__gt=now) & ~Q(pk__in=answered.values("notice_id"))
    holds = Q(withdrawn_at=None) & (~Q(pk__in=read) | open_still)
    return received(scope).filter(holds | Q(withdrawn_at__gt=now - TOLD_OF_WITHDRAWAL))


def done_by(
    worker: Worker, rows: Collection[Notice]
) -> tuple[dict[UUID, datetime], dict[UUID, Attendance]]:
    """Notice → when the worker read it; notice → what he answered and whether he came."""
    ids = {row.pk for row in rows}
    # All of his are some tens, and each phone asks at each sync.
    read = rows_by(NoticeRead, "worker_id", [worker.pk] if ids else [])
    answers = rows_by(Attendance, "worker_id", [worker.pk] if ids else [])
    return (
        {each.notice_id: each.read_at for each in read if each.notice_id in ids},
        {each.notice_id: each for each in answers if each.notice_id in ids},
    )


def above(path: str) -> list[str]:
    """Paths of a place and of all above it."""
    step = len(path.split("/", maxsplit=1)[0]) + 1
    return [path[:end] for end in range(step, len(path) + 1, step)]


def notices_for(scope: Scope) -> list[dict[str, Any]]:
    """The newest notices written to a worker, as his phone shows them."""
    found = list(received(scope)[:CARRIED])
    read_at, answers = done_by(scope.worker, found)
    return [
        {
            "id": str(each.pk), "title": each.title, "words": each.words, "by": each.by.name,
            "at": each.at.isoformat(),
            "read_at": read_at[each.pk].isoformat() if each.pk in read_at else None,
            "asks_receipt": each.asks_receipt, "meeting": _meeting(each),
            "coming": answers[each.pk].coming if each.pk in answers else None,
            "withdrawn": each.withdrawn_why if each.withdrawn_at else None,
        }
        for each in found
    ]  # fmt: skip


def _meeting(notice: Notice) -> dict[str, str] | None:
    if notice.meets_at is None:
        return None
    return {"at": notice.meets_at.isoformat(), "where": notice.meets_where}


def acknowledge(notice: Notice, worker: Worker, *, read_at: datetime, now: datetime) -> None:
    """Keep that a notice was read; the first time counts."""
    NoticeRead.objects.get_or_create(
        notice=notice, worker=worker, defaults={"read_at": read_at, "received_at": now}
    )


@transaction.atomic
def answer(
    notice: Notice, worker: Worker, *, coming: bool, why: str, said_at: datetime, now: datetime
) -> None:
    """Say that one comes to a meeting, or cannot and why; what was said last counts.

    Raises  Problem: notice.no_meeting, notice.met_already, notice.no_reason, notice.withdrawn
    """
    why = why.strip()
    _require_holds(notice)
    if notice.meets_at is None:
        raise Problem("notice.no_meeting", title=notice.title)
    if said_at >= notice.meets_at:
        raise Problem("notice.met_already", status=409)
    if not coming and not any(map(str.isalnum, why)):
        raise Problem("notice.no_reason")
    if len(why) > LONGEST_WHY:
        raise Problem("notice.long_reason", found=len(why), most=LONGEST_WHY)
    acknowledge(notice, worker, read_at=said_at, now=now)
    row, _ = Attendance.objects.select_for_update().get_or_create(notice=notice, worker=worker)
    if row.answered_at is None or row.answered_at <= said_at:
        row.coming, row.why = coming, "" if coming else why
        row.answered_at = said_at
        row.save(update_fields=["coming", "why", "answered_at"])


def take_receipt(sent: Sent, batch: Batch) -> Arrival:
    """Keep that a notice was read, and whether its reader comes. Raises Problem (sync.no_notice)"""
    try:
        notice = Notice.objects.filter(pk=UUID(str(sent.says.get("notice")))).first()
    except ValueError:
        notice = None
    if notice is None:
        raise Problem("sync.no_notice", status=404)
    coming, why = sent.says.get("coming"), sent.says.get("why", "")
    if coming is not None and not isinstance(coming, bool):
        raise Problem(
            "sync.bad_shape", at="says.coming", found=str(coming)[:40], expected="true, false"
        )
    acknowledge(notice, batch.by, read_at=sent.written_at, now=batch.at.now)
    # To one that was withdrawn meanwhile the answer is that he knows of it.
    if isinstance(coming, bool) and notice.withdrawn_at is None:
        answer(
            notice, batch.by, coming=coming, why=why if isinstance(why, str) else "",
            said_at=sent.written_at, now=batch.at.now,
        )  # fmt: skip
    return taken(to_be_taken(sent, batch, notice.place_path, sent.marks), None)
