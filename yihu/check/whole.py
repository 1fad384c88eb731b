"""All households in one columnar run: the same answers as card by card, a thousand times faster.

Households and people are asked what a single card is asked, so that an answer does not depend on
which of the two ways gave it; places are asked with everybody below them. So is who shares a number
with whom, which a single card is told (`copies`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from yihu.book import dictionary, rows
from yihu.check.copies import counting
from yihu.check.models import PlaceFindings, Run
from yihu.check.progress import Progress, quiet
from yihu.check.store import County, read_county
from yihu.rulebook import columns
from yihu.rulebook.bind import bind
from yihu.rulebook.columns.answers import NO_AMOUNT, Answered
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot

#: Households whose findings and gaps are written in one transaction.
AT_ONCE = 2_000
#: 1 holds, 0 fails, -1 unknown → the signs "1", "0", "2" of the figures.
_SIGNS = np.frombuffer(b"201", np.uint8)


@lru_cache(maxsize=4)
def _programs(_hash: str, on: date) -> tuple[Program, Program]:
    """The rulebook as it is asked of households and people, and as it is asked of places."""
    rulebook = dictionary.active()
    return bind(rulebook, on, root=dictionary.HOUSEHOLD), bind(rulebook, on)


def rules_of(cards: Program) -> dict[str, list[str]]:
    """What `actions.rules_asked` gives, without its reader of single cards, which takes time."""
    found: dict[str, list[str]] = {"household": [], "person": []}
    for output in cards.outputs:
        found.setdefault(output.level, []).append(output.name)
    return found


@dataclass(slots=True)
class Found:
    """What the rulebook answers for one household.

    people   person's id as hex → figures
    amounts  as in `HouseholdFindings`
    """

    home: str
    number: int
    answers: str
    people: dict[str, str]
    amounts: dict[str, int]


class Whole:
    """Answers for everybody, ready to be written part by part.

    processes  how many read the cards side by side, where all must be read; with 0 all is done
               here, which a caller needs whose entries are not yet committed
    """

    def __init__(self, on: date, *, progress: Progress = quiet, processes: int = 0) -> None:
        self.on = on
        cards, places = _programs(dictionary.active().hash, on)
        self.county: County = read_county(places, progress=progress, keep=True, processes=processes)
        snapshot = self.county.snapshot(places)
        progress("rules", 0, 0)
        self.rules = rules_of(cards)
        self.cards = _answers(cards, snapshot, self.rules)
        self._count_copies(places, snapshot)
        self.places = self._of_places(places, snapshot)

    def _count_copies(self, program: Program, snapshot: Snapshot) -> None:
        """Answers that rest on who shares a number: a single card is given what is counted here."""
        asked = counting(dictionary.active().hash, self.on)
        if asked is None:
            return
        found = columns.check(program, snapshot, rules=asked.rules)
        for level, answers in self.cards.items():
            answers.rules.update(found.levels[level].rules if level in found.levels else {})

    def _of_places(self, program: Program, snapshot: Snapshot) -> dict[str, Answered]:
        levels = [level for level in snapshot.places if level in self.county.tables]
        names = {o.name for o in program.outputs if o.level in levels}
        found = columns.check(program, snapshot, rules=names)
        return {level: found.levels[level] for level in levels if level in found.levels}

    def __len__(self) -> int:
        return len(self.county.homes)

    def spans(self) -> list[tuple[int, int]]:
        """(first, behind the last) of the households of each part."""
        starts = range(0, len(self), AT_ONCE)
        return [(start, min(start + AT_ONCE, len(self))) for start in starts]

    def part(self, span: tuple[int, int]) -> list[Found]:
        """Findings of the households of a part, by id."""
        start, end = span
        first, last = (int(self.county.starts[at]) for at in (start, end))
        homes = figures(self.cards["household"], self.rules["household"], start, end)
        people = figures(self.cards["person"], self.rules["person"], first, last)
        amounts = self._amounts(start, end, first, last)
        found = []
        for row in range(start, end):
            mine = range(int(self.county.starts[row]), int(self.county.starts[row + 1]))
            home, number = self.county.homes[row]
            of = {self.county.people[at]: people[at - first] for at in mine}
            found.append(Found(home, number, homes[row - start], of, amounts.get(row, {})))
        return found

    def _amounts(self, start: int, end: int, first: int, last: int) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for rule, column in self.cards["household"].amounts.items():
            part = column[start:end]
            for at in np.flatnonzero(part != NO_AMOUNT).tolist():
                found.setdefault(start + at, {})[rule] = int(part[at])
        homes = np.searchsorted(self.county.starts, np.arange(first, last), side="right") - 1
        for rule, column in self.cards["person"].amounts.items():
            part = column[first:last]
            for at in np.flatnonzero(part != NO_AMOUNT).tolist():
                person = hyphened(self.county.people[first + at])
                found.setdefault(int(homes[at]), {})[f"{person}/{rule}"] = int(part[at])
        return found


def _answers(
    program: Program, snapshot: Snapshot, rules: dict[str, list[str]]
) -> dict[str, Answered]:
    names = {*rules["household"], *rules["person"]}
    found = columns.check(program, snapshot, rules=names)
    return {level: found.levels[level] for level in ("household", "person")}


def figures(answers: Answered, rules: Sequence[str], start: int, end: int) -> list[str]:
    """A figure a rule for the rows start..end-1."""
    if not rules:
        return [""] * (end - start)
    table = np.stack([answers.rules[rule][start:end] for rule in rules], axis=1)
    text = _SIGNS[table + 1].tobytes().decode("ascii")
    wide = len(rules)
    return [text[at : at + wide] for at in range(0, len(text), wide)]


def hyphened(id: str) -> str:
    """An id as JSON writes it."""
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}"


# --- writing --------------------------------------------------------------------------------------


def run_of_whole(on: date, now: datetime) -> Run:
    """The run that findings of a whole check belong to.

    From one day to the next it is the same, as long as the same rules are asked: who is answered
    as before keeps his row untouched. Its day moves on when everybody was asked (`finish`).
    """
    rulebook = dictionary.active()
    cards, program = _programs(rulebook.hash, on)
    asked = rules_of(cards)
    for output in program.outputs:
        if output.level not in ("household", "person"):
            asked.setdefault(output.level, []).append(output.name)
    had = Run.objects.filter(whole=True, hash=rulebook.hash).order_by("-pk").first()
    if had is not None and had.rules == asked:
        return had
    return Run.objects.create(
        rulebook=rulebook.name, version=rulebook.version, hash=rulebook.hash, on=on, at=now,
        rules=asked, whole=True,
    )  # fmt: skip


def finish(run: Run, whole: Whole, now: datetime) -> None:
    """Everybody was asked: the answers are those of this day."""
    run.on, run.at, run.counts = whole.on, now, tallies(whole)
    run.version = dictionary.active().version
    run.save(update_fields=["on", "at", "counts", "version"])


def still_current(part: Sequence[Found]) -> list[Found]:
    """Those whose card has not moved since it was read; the others were checked on their own."""
    ends = [rows.key_of(UUID(part[at].home)) for at in (0, -1)] if part else ["", ""]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(book_id AS text), number FROM yihu_household "
            "WHERE closed_on IS NULL AND book_id BETWEEN %s AND %s",
            ends,
        )
        numbers = {id.replace("-", ""): number for id, number in cursor.fetchall()}
    return [found for found in part if numbers.get(found.home) == found.number]


#: run, number, answers, people, amounts
Kept = tuple[int, int, str, str, str]


@transaction.atomic
def write_findings(part: Sequence[Found], run: Run) -> int:
    """Findings of some households, a row each, where another stood or none; returns how many."""
    moved = moved_findings(part, run)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO yihu_householdfindings "
            "(household_id, run_id, number, answers, people, amounts) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (household_id) DO UPDATE SET "
            "run_id = excluded.run_id, number = excluded.number, answers = excluded.answers, "
            "people = excluded.people, amounts = excluded.amounts",
            [(home, *row) for home, row in moved.items()],
        )
    return len(moved)


def moved_findings(part: Sequence[Found], run: Run) -> dict[str, Kept]:
    """Household → the row to be kept of it, for those of whom another is kept or none."""
    # Under rules nobody was asked before, all are other than what is kept.
    had = _kept_findings(part) if run.counts else {}
    new = {
        found.home: (run.pk, found.number, found.answers, _people(found), _json(found.amounts))
        for found in part
    }
    return {home: row for home, row in new.items() if not _same(had.get(home), row)}


def _kept_findings(part: Sequence[Found]) -> dict[str, Kept]:
    if not part:
        return {}
    ends = [rows.key_of(UUID(part[at].home)) for at in (0, -1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(household_id AS text), run_id, number, answers, CAST(people AS text), "
            "CAST(amounts AS text) FROM yihu_householdfindings "
            "WHERE household_id BETWEEN %s AND %s",
            ends,
        )
        return {row[0].replace("-", ""): row[1:] for row in cursor.fetchall()}


def _same(had: Kept | None, new: Kept) -> bool:
    if had == new:
        return True
    # PostgreSQL gives JSON back in an order of its own.
    if had is None or connection.vendor != "postgresql" or had[:3] != new[:3]:
        return False
    return [json.loads(text) for text in had[3:]] == [json.loads(text) for text in new[3:]]


def _people(found: Found) -> str:
    # By hand: the same text as json.dumps gives, in a fifth of its time for 400,000 people.
    pairs = ", ".join(f'"{hyphened(p)}": "{figures}"' for p, figures in found.people.items())
    return f"{{{pairs}}}"


def _json(amounts: dict[str, int]) -> str:
    pairs = ", ".join(f'"{name}": {amount}' for name, amount in amounts.items())
    return f"{{{pairs}}}"


def write_places(whole: Whole, run: Run) -> list[PlaceFindings]:
    """Findings of villages, townships and the county."""
    ids = {place.code: place.pk for place in whole.county.places}
    rows = []
    for level, answers in whole.places.items():
        texts = figures(answers, run.rules[level], 0, len(answers))
        for code, text in zip(answers.ids.to_pylist(), texts, strict=True):
            rows.append(PlaceFindings(place_id=ids[code], run=run, answers=text))
    PlaceFindings.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["place"], update_fields=["run", "answers"],
        batch_size=500,
    )  # fmt: skip
    return rows


def tallies(whole: Whole) -> dict[str, dict[str, Any]]:
    """Level → rule → how many hold, fail and are unknown."""
    return {level: found.counts() for level, found in {**whole.cards, **whole.places}.items()}
