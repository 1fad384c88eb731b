"""What an office writes to helpers, and who has read it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.loop import Moment
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync.aside import taken
from yihu.sync.batch import Batch
from yihu.sync.models import Arrival, Notice, NoticeRead
from yihu.sync.sent import Sent

#: Notices a phone carries: the newest.
CARRIED = 20


def publish(
    *, title: str, words: str, place: Place, by: Worker, at: Moment, until: date | None = None
) -> Notice:
    """Write to all helpers of a place and below. until: the last day it is shown."""
    return Notice.objects.create(
        title=title.strip()[:120], words=words.strip(), by=by, at=at.now, place=place,
        place_path=place.path, until=until,
    )  # fmt: skip


def notices_for(scope: Scope) -> list[dict[str, Any]]:
    """The newest notices written to a worker: to his places, and to those above them."""
    above = {
        path[:end]
        for path in (post.place.path for post in scope.posts)
        for end in range(len(path.split("/")[0]) + 1, len(path) + 1, len(path.split("/")[0]) + 1)
    }
    rows = Notice.objects.filter(place_path__in=above).select_related("by")
    rows = rows.filter(Q(until=None) | Q(until__gte=scope.today)).order_by("-at")[:CARRIED]
    found = list(rows)
    read = NoticeRead.objects.filter(worker=scope.worker, notice__in=found)
    read_at = dict(read.values_list("notice_id", "read_at"))
    return [
        {
            "id": str(each.pk), "title": each.title, "words": each.words, "by": each.by.name,
            "at": each.at.isoformat(),
            "read_at": read_at[each.pk].isoformat() if each.pk in read_at else None,
        }
        for each in found
    ]  # fmt: skip


def take_receipt(sent: Sent, batch: Batch) -> Arrival:
    """Keep that a notice was read; the first time counts. Raises Problem (sync.no_notice)."""
    try:
        notice = Notice.objects.filter(pk=UUID(str(sent.says.get("notice")))).first()
    except ValueError:
        notice = None
    if notice is None:
        raise Problem("sync.no_notice", status=404)
    NoticeRead.objects.get_or_create(
        notice=notice, worker=batch.by,
        defaults={"read_at": sent.written_at, "received_at": batch.at.now},
    )  # fmt: skip
    return taken(sent, batch, None, notice.place_path, sent.marks)
