"""Notices of the demo county: a meeting to which all helpers are called, and one asked to be read.

Some have read and answered, most of them that they come. Seeded and synthetic.
"""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

from yihu.access.models import Post, Worker
from yihu.demo.county import County
from yihu.loop import Moment
from yihu.places.models import Place
from yihu.sync.models import Attendance, Notice, NoticeRead
from yihu.sync.notices import publish

#: Share of those written to who have read, and of these who have answered, who cannot come.
READ, ANSWERED, CANNOT = 0.7, 0.8, 0.06
WHY = ("值班", "外出培训", "住院")
AT_ONCE = 500


def fill(county: County, *, at: Moment) -> None:
    """Write them, once."""
    if Notice.objects.exists():
        return
    place = Place.objects.filter(level="county").order_by("path").first()
    by = Worker.objects.filter(posts__role="county", posts__place=place).order_by("pk").first()
    if place is None or by is None:
        return
    yesterday = Moment(now=at.now - timedelta(days=1), today=at.today - timedelta(days=1))
    publish(
        title="“一户一册一卡”问题清零", words="走访当天写完，签字两处；户册与实际不符的当场更正。",
        place=place, by=by, at=yesterday, to="village", asks_receipt=True,
    )  # fmt: skip
    meeting = publish(
        title="脱贫攻坚收官战冲刺大会",
        words="以电视电话会议形式召开，全体帮扶干部、村干部参加。请提前一刻钟入场。",
        place=place, by=by, at=yesterday, to="village", asks_receipt=True,
        meets_at=at.now + timedelta(days=2), meets_where="县会堂，各乡镇设分会场",
    )  # fmt: skip
    chance = random.Random(f"{county.seed} notices")  # noqa: S311  no secret
    _answered(meeting, chance, at)


def _answered(meeting: Notice, chance: random.Random, at: Moment) -> None:
    posts = Post.objects.filter(role__in=("helper", "village")).order_by("worker_id")
    workers: list[UUID] = sorted(set(posts.values_list("worker_id", flat=True)))
    reads, answers = [], []
    for worker in workers:
        if chance.random() >= READ:
            continue
        when = at.now - timedelta(minutes=chance.randrange(5, 1200))
        reads.append(NoticeRead(notice=meeting, worker_id=worker, read_at=when, received_at=at.now))
        if chance.random() < ANSWERED:
            coming = chance.random() >= CANNOT
            why = "" if coming else chance.choice(WHY)
            answers.append(Attendance(notice=meeting, worker_id=worker, coming=coming, why=why,
                                      answered_at=when))  # fmt: skip
    NoticeRead.objects.bulk_create(reads, batch_size=AT_ONCE)
    Attendance.objects.bulk_create(answers, batch_size=AT_ONCE)
