"""Visits of the demo county as phones would send them: some call for a question, some only seem to.

Seeded and synthetic, like everybody in it. What is planted stands in PLANTED, what honestly looks
like it in HONEST; the look by night must tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from PIL import Image, ImageDraw

from yihu import loop
from yihu.access.models import Pairing, Worker
from yihu.book import files
from yihu.book.actions import NewEntry
from yihu.card.models import Household
from yihu.demo.county import County, id_of
from yihu.loop import Moment

DAY = date(2020, 10, 14)
#: Somewhere in the county; a thousandth of a degree north is 111 m.
NORTH, EAST = 23.6, 107.12
SEEN = "今天到家里看了住房和饮水情况，户主说收成比去年好，打算开春再养两头牛"
LETTER = "宣讲城乡居民基本医疗保险二〇二一年参保缴费政策，发放宣传单，提醒年底前缴清"
OWN = (
    "孩子已经返校，奶奶的慢性病卡还没有拿到，约好下周陪她去卫生院办理",
    "屋后排水沟堵了，和户主一起疏通，答应月底前再来看一次墙脚是否返潮",
    "大儿子在县里工地做工，工钱月结，家里剩两位老人，柴火和米都够吃",
)


@dataclass(slots=True)
class Round:
    """What one helper wrote on his round."""

    county: County
    name: str
    worker: Worker
    homes: list[Household]
    entries: list[NewEntry] = field(default_factory=list)

    def add(self, home: Household, kind: str, on: date, **says: Any) -> None:
        """One entry, with an id that follows from the seed."""
        id = id_of(self.county.seed, f"phone {self.name}", len(self.entries))
        self.entries.append(
            NewEntry(book=home.pk, kind=kind, says=says, seen_on=on, source="phone", id=id)
        )

    def visit(self, home: Household, *, at: int = 0, north: float = 0.0, words: str = "",
              on: date = DAY, lasts: int = 1_500, metres: int = 15) -> None:  # fmt: skip
        """A visit that began some seconds after nine, some degrees north of the middle."""
        nine = datetime(on.year, on.month, on.day, 9, tzinfo=ZoneInfo(settings.TIME_ZONE))
        began = nine + timedelta(seconds=at)
        place = {"latitude": round(NORTH + north, 6), "longitude": EAST, "metres": metres,
                 "began": began.isoformat()}  # fmt: skip
        until = (began + timedelta(seconds=lasts)).isoformat()
        effort = {"taps": 20 + lasts // 60, "asked": 6, "up": 310_000, "down": 42_000}
        told = words or OWN[len(self.entries) % len(OWN)]
        self.add(home, "visit", on, words=told, place_of_visit=place, until=until, effort=effort)

    def photo(self, home: Household, content: bytes, of: str, on: date = DAY) -> None:
        """A photo kept in the folder of files and named in the book."""
        kept = files.keep([content], name="照片.jpg", by=None, now=_evening(on))
        self.add(home, "evidence", on, sha256=kept.sha256, type=kept.type, size=kept.size,
                 name="照片.jpg", about={"of": of} if of else {})  # fmt: skip


def _evening(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 20, tzinfo=ZoneInfo(settings.TIME_ZONE))


# --- what calls for a question --------------------------------------------------------------------


def _quick(trip: Round) -> None:
    for step, home in enumerate(trip.homes[:3]):
        trip.visit(home, at=step * 320, north=step / 100, lasts=300)


def _copied(trip: Round) -> None:
    for step, home in enumerate(trip.homes[:2]):
        trip.visit(home, at=step * 4_000, north=step / 100, words=SEEN)


def _far(trip: Round) -> None:
    for step in range(4):
        on = DAY - timedelta(days=7 * step)
        trip.visit(trip.homes[0], north=0.06 if step == 0 else step / 10_000, on=on)


def _photo(trip: Round) -> None:
    for home in trip.homes[:2]:
        trip.photo(home, picture(1), "house")


def _photo_again(trip: Round) -> None:
    for step, home in enumerate(trip.homes[:2]):
        trip.photo(home, picture(2, quality=90 - 40 * step), "house", DAY - timedelta(days=step))


# --- what only looks like it ----------------------------------------------------------------------


def _courtyard(trip: Round) -> None:
    """Father and son, door beside door."""
    for step, home in enumerate(trip.homes[:2]):
        trip.visit(home, at=step * 1_520, north=step / 5_000)


def _letter(trip: Round) -> None:
    """A policy told to everybody in the same words, by many helpers."""
    for step, home in enumerate(trip.homes[:2]):
        trip.visit(home, at=step * 4_000, north=step / 100, words=LETTER)


def _valley(trip: Round) -> None:
    """A phone under a cliff that says it may be wrong by eight kilometres."""
    for step in range(4):
        on, last = DAY - timedelta(days=7 * step), step == 0
        trip.visit(trip.homes[0], north=0.06 if last else 0, on=on, metres=8_000 if last else 15)


def _well(trip: Round) -> None:
    """The well two families of a hamlet share, photographed once; and a notice both got."""
    for home in trip.homes[:2]:
        trip.photo(home, picture(3), "")
        trip.photo(home, picture(4), "paper")


PLANTED: dict[str, Callable[[Round], None]] = {
    "quick": _quick, "words": _copied, "far": _far, "photo": _photo, "photo again": _photo_again,
}  # fmt: skip
HONEST: dict[str, Callable[[Round], None]] = {
    "well": _well, "courtyard": _courtyard, "letter 1": _letter, "letter 2": _letter,
    "letter 3": _letter, "valley": _valley,
}  # fmt: skip


def fill(county: County, *, at: Moment) -> dict[str, Round]:
    """Write the rounds, each of a helper of its own; where helpers are few, the first ones."""
    helpers = _helpers()
    done = {}
    for name, write in {**PLANTED, **HONEST}.items():
        chosen = next((each for each in helpers if _fits(name, each[1])), None)
        if chosen is None:
            continue
        helpers.remove(chosen)
        trip = Round(county, name, *chosen)
        write(trip)
        loop.write(trip.entries, by=trip.worker, at=at)
        done[name] = trip
    return done


def _fits(name: str, homes: list[Household]) -> bool:
    """A shared well needs neighbours; all else is written anywhere."""
    return name != "well" or homes[0].place_path == homes[1].place_path


def _helpers() -> list[tuple[Worker, list[Household]]]:
    found: dict[Worker, list[Household]] = defaultdict(list)
    for pairing in _pairings():
        if len(found[pairing.worker]) < 4:
            found[pairing.worker].append(pairing.household)
    rows = [(worker, _neighbours(homes)) for worker, homes in found.items() if len(homes) > 1]
    return sorted(rows, key=lambda row: row[0].username)[:400]


def _neighbours(homes: list[Household]) -> list[Household]:
    return sorted(homes, key=lambda home: (home.place_path, home.pk))


def _pairings() -> Iterator[Pairing]:
    rows = Pairing.objects.filter(until=None, household__closed_on=None)
    yield from rows.select_related("worker", "household").order_by("worker", "household")[:4_000]


def picture(seed: int, quality: int = 90) -> bytes:
    """A drawn house before a hill: no photo of anybody."""
    made = Image.new("RGB", (640, 480), (190, 205, 220))
    draw = ImageDraw.Draw(made)
    draw.ellipse((60 * seed, 160, 60 * seed + 640, 800), fill=(70, 110, 60))
    draw.rectangle((90 * seed, 220, 90 * seed + 240, 440), fill=(220, 210, 190))
    roof = ((90 * seed - 30, 230), (90 * seed + 120, 110), (90 * seed + 270, 230))
    draw.polygon(roof, fill=(120, 50, 40))
    draw.rectangle((90 * seed + 90, 330, 90 * seed + 150, 440), fill=(60, 40, 30))
    out = BytesIO()
    made.save(out, "JPEG", quality=quality)
    return out.getvalue()
