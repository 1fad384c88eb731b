"""The ledger of the demo county: gaps of every kind, some late, some answered, some waived.

The check runs twice: on a day in August, after which people worked on what it found, and today.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yihu import loop
from yihu.access.models import Pairing, Worker
from yihu.book.actions import NewEntry
from yihu.card.models import Household
from yihu.demo import staff
from yihu.demo.county import County, id_of
from yihu.ledger.actions import write_gaps
from yihu.ledger.models import Gap
from yihu.loop import Moment
from yihu.places.models import Place

#: The check of summer: what it found had until now to be cleared.
BEFORE = Moment(now=datetime(2020, 8, 31, 1, tzinfo=UTC), today=date(2020, 8, 31))
#: Of the gaps found in summer: assigned, of these answered, waived. Synthetic.
ASSIGNED, ANSWERED, WAIVED = 0.6, 0.35, 0.03
#: Gaps somebody raised, in a whole county: origin → how many, and what was said. Synthetic.
RAISED: dict[str, tuple[int, tuple[str, ...]]] = {
    "inspection": (120, ("户册记录与入户情况不一致", "帮扶卡未更新", "旧房未拆除")),
    "census": (160, ("普查登记人口与户册不一致", "普查时户主不在家，需补登")),
    "visit": (90, ("屋顶漏雨，需要查看", "水管冻裂，出水不稳定")),
    "complaint": (40, ("反映低保评定未公示", "反映产业奖补未到账")),
    "difference": (110, ("医保名单与户册参保情况不一致", "学籍名单与户册在校情况不一致")),
}
DEPARTMENTS = {"inspection": "poverty_office", "census": "poverty_office", "visit": "housing",
               "complaint": "civil_affairs", "difference": "medical_insurance"}  # fmt: skip

Progress = Callable[[tuple[str, str], int, int], None]


def fill(county: County, *, at: Moment, progress: Progress) -> None:
    """Check the county, let people have worked on the gaps, and check it again."""

    def shown(stage: str, done: int, of: int) -> None:
        progress((f"核查（{stage}）", f"checking ({stage})"), done, of)

    loop.check_all(at=BEFORE, progress=shown)
    chance = random.Random(f"{county.seed}/desk")  # noqa: S311  a demo, nothing secret
    _raise(county, chance)
    _work(county, chance, progress)
    loop.check_all(at=at, progress=shown)


@transaction.atomic
def _raise(county: County, chance: random.Random) -> None:
    """Gaps that no rule found: by inspectors, the census, visitors, people, departments."""
    homes = list(Household.objects.order_by("pk").values_list("pk", flat=True))
    by = Worker.objects.get(pk=id_of(county.seed, "inspector", 0))
    entries = []
    for origin, (count, titles) in RAISED.items():
        for number in range(max(1, round(count * county.part))):
            on = date(2020, 7, 20) + timedelta(days=chance.randint(0, 60))
            says = {
                "gap": str(id_of(county.seed, origin, number)), "did": "opened", "origin": origin,
                "title": chance.choice(titles), "department": DEPARTMENTS[origin],
                "due_on": (on + timedelta(days=chance.choice((20, 30, 60)))).isoformat(),
            }  # fmt: skip
            entries.append(_entry(chance.choice(homes), says, on))
    write_gaps(entries, by=by, now=at_noon(date(2020, 9, 20)), today=date(2020, 9, 20))


def at_noon(day: date) -> datetime:
    """Noon of a day in the county."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def _entry(book: UUID, says: dict[str, Any], on: date) -> NewEntry:
    return NewEntry(book=book, kind="gap", says=says, seen_on=on, source="desk")


def _work(county: County, chance: random.Random, progress: Progress) -> None:
    """What people did in September: assign with a day, answer, waive; township by township."""
    gaps = list(Gap.objects.filter(state="open").order_by("pk"))
    helpers = dict(Pairing.objects.filter(until=None).values_list("household_id", "worker_id"))
    officers = {
        place.path: staff.officer_id(county, "township", number)
        for number, place in enumerate(_townships(county))
    }
    step = 2_000
    for start in range(0, len(gaps), step):
        part = gaps[start : start + step]
        _take_on(part, helpers, officers, chance)
        progress(("分派和回复", "assigning and answering"), start + len(part), len(gaps))


def _townships(county: County) -> list[Place]:
    known = {place.code: place for place in Place.objects.filter(level="township")}
    return [known[place.code] for place in county.plan.townships]


@transaction.atomic
def _take_on(
    gaps: Sequence[Gap],
    helpers: dict[UUID, UUID],
    officers: dict[str, UUID],
    chance: random.Random,
) -> None:
    assigned, after = [], []
    for gap in gaps:
        if chance.random() > ASSIGNED:
            continue
        officer = next(
            (id for path, id in officers.items() if gap.place_path.startswith(path)), None
        )
        to = helpers.get(gap.book_id) or officer
        if to is None:
            continue
        on = date(2020, 9, chance.randint(1, 12))
        # Some days were too short: what is not cleared by then is late today.
        due = on + timedelta(days=chance.choice((10, 20, 30, 45, 60, 90)))
        id = str(gap.pk)
        says = {"gap": id, "did": "assigned", "to": str(to), "due_on": due.isoformat()}
        assigned.append(_entry(gap.book_id, says, on))
        if chance.random() < ANSWERED:
            says = {"gap": id, "did": "answered", "words": "已入户核实，正在办理"}
            after.append(_entry(gap.book_id, says, on + timedelta(days=chance.randint(2, 15))))
        elif chance.random() < WAIVED:
            until = date(2020, 12, 31).isoformat()
            says = {
                "gap": id,
                "did": "waived",
                "why": "户主长期在外，年底前返乡再办",
                "until": until,
            }
            after.append(_entry(gap.book_id, says, on + timedelta(days=5)))
    for entries, day in ((assigned, date(2020, 9, 14)), (after, date(2020, 9, 28))):
        write_gaps(entries, by=None, now=at_noon(day), today=day)
