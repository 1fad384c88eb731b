"""Making the demo county: places, staff, books, cards, pairings, checks, in chunks that resume.

Stopped at any moment, the next call goes on where this one was stopped: whatever is written was
written whole, and follows from the seed. A folder with other books is never touched.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Sum

from yihu.access.models import Pairing
from yihu.book import bulk, dictionary
from yihu.book.models import Book
from yihu.card.bulk import cores, rebuild_all
from yihu.children import children
from yihu.demo import desk, homes, lives, notices, places, staff, visits
from yihu.demo.county import TODAY, County, draw, id_of
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.visit.burden import measure
from yihu.visit.looking import look
from yihu.visit.worth import weigh

#: Households written together.
CHUNK = 250
STAMP = "demo-county.json"
AT = Moment(now=datetime(2020, 10, 17, 1, tzinfo=UTC), today=TODAY)

#: Called with what is being done (zh, en), how much of it is done, and of how much.
Progress = Callable[[tuple[str, str], int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What there is now."""

    people: int
    households: int
    entries: int


def make(
    *, folder: Path, seed: int, people: int, progress: Progress, processes: int | None = None
) -> Made:
    """Make the demo county in the database in use, or go on making it.

    folder     where what was begun is remembered, and the demo people's passwords
    processes  how many write books at once; one a core unless given, 0: all is done here
    Raises     Problem (demo.not_empty): other books are here already
    """
    _require_ours(folder, seed=seed, people=people)
    many = cores() if processes is None else processes

    def step(zh: str, en: str) -> Callable[[int, int], None]:
        return lambda done, of: progress((zh, en), done, of)

    county = draw(seed=seed, people=people, progress=step("画出合成县", "drawing"))
    if not Book.objects.exists():
        with transaction.atomic():
            places.make_places(county)
            staff.make_staff(county)
    _write_books(county, many, step("写户册", "writing books"))
    built = step("生成户卡", "building cards")
    rebuild_all(now=AT.now, processes=many, progress=built)
    _pair(county)
    desk.fill(county, at=AT, progress=progress)
    visits.fill(county, at=AT)
    measure(TODAY)
    weigh(TODAY)
    look(now=AT.now, today=TODAY)
    staff.make_people(county, folder)
    notices.fill(county, at=AT)
    _remember(folder, seed=seed, people=people, done=True)
    return Made(people, len(county.cohort), _count())


def _count() -> int:
    return int(Book.objects.aggregate(all=Sum("last_number"))["all"] or 0)


def is_made(folder: Path) -> bool:
    """Whether a demo county stands here, finished."""
    return bool(_remembered(folder).get("done"))


def begun(folder: Path) -> tuple[int, int] | None:
    """Seed and people of a county that was begun here, finished or not."""
    found = _remembered(folder)
    return (found["seed"], found["people"]) if found else None


def _require_ours(folder: Path, *, seed: int, people: int) -> None:
    begun = _remembered(folder)
    same = (begun.get("seed"), begun.get("people")) == (seed, people)
    if Book.objects.exists() and not same:
        raise Problem("demo.not_empty", folder=folder)
    _remember(folder, seed=seed, people=people, done=False)


def _remembered(folder: Path) -> dict[str, Any]:
    path = folder / STAMP
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _remember(folder: Path, **says: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).write_text(json.dumps({"synthetic": True, **says}), encoding="utf-8")


# --- books ----------------------------------------------------------------------------------------


def _write_books(county: County, processes: int, progress: Callable[[int, int], None]) -> None:
    many = len(county.cohort)
    chunks = [(start, min(start + CHUNK, many)) for start in range(0, many, CHUNK)]
    there = _begun(county, chunks)
    todo = [chunk for chunk in chunks if chunk not in there]
    done = many - sum(end - start for start, end in todo)
    for packed in _packed(county, todo, processes):
        bulk.store(packed)
        done += len(packed.books)
        progress(done, many)


def _begun(county: County, chunks: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Chunks whose first book is there; then all of the chunk is."""
    ids = {id_of(county.seed, "book", chunk[0]): chunk for chunk in chunks}
    found = Book.objects.filter(pk__in=list(ids)).values_list("pk", flat=True)
    return {ids[id] for id in found}


def _packed(county: County, chunks: list[tuple[int, int]], processes: int) -> Iterator[bulk.Packed]:
    names = staff.helper_names(county)
    if processes < 1 or len(chunks) < 2:
        yield from (_pack(county, start, end, names) for start, end in chunks)
        return
    # Keys and rulebook are shared with the children, once they are there.
    dictionary.keys()
    dictionary.active()
    _SHARED.append((county, names))
    try:
        with children(processes) as pool:
            waiting: deque[Any] = deque()
            for chunk in chunks:
                waiting.append(pool.submit(_in_child, *chunk))
                if len(waiting) > processes * 3:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        _SHARED.clear()


#: What the children of this process find in it; drawn once, not sent.
_SHARED: list[tuple[County, list[str]]] = []


def _in_child(start: int, end: int) -> bulk.Packed:
    county, names = _SHARED[0]
    return _pack(county, start, end, names)


def _pack(county: County, start: int, end: int, names: list[str]) -> bulk.Packed:
    written = (lives.entries_of(home) for home in homes.homes_of(county, start, end, names))
    return bulk.pack(written, today=TODAY)


# --- pairings -------------------------------------------------------------------------------------


@transaction.atomic
def _pair(county: County) -> None:
    """Households of the register with their helpers; one in five had another one before."""
    if Pairing.objects.exists():
        return
    made = []
    for at, number in enumerate(county.helper):
        if number < 0 or county.struck[at]:
            continue
        household = id_of(county.seed, "book", at)
        helper = staff.helper_id(county, int(number))
        since = date(2016, 1, 1)
        if at % 5 == 0:
            before = staff.helper_id(county, (int(number) + 1) % county.helpers)
            ended = date(2018, 1, 1) + timedelta(days=at % 300)
            made.append(
                Pairing(worker_id=before, household_id=household, since=since, until=ended,
                        why_ended="调整帮扶联系")
            )  # fmt: skip
            since = ended + timedelta(days=1)
        made.append(Pairing(worker_id=helper, household_id=household, since=since))
    Pairing.objects.bulk_create(made, batch_size=1000)
