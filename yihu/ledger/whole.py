"""The ledger after a whole check: what changed, for thousands of households at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

import numpy as np
from django.db import connection

from yihu.book import rows
from yihu.book.actions import NewEntry
from yihu.book.models import Book
from yihu.check.models import PlaceFindings
from yihu.check.whole import Found, hyphened
from yihu.ledger.actions import check_entry, key_of, standing_of
from yihu.ledger.models import Gap
from yihu.ledger.policy import Watched, watched
from yihu.ledger.standing import Bad, Key, Standing, bad_of, says_after_check

Rules = Mapping[str, Sequence[str]]


def entries_after_whole(part: Sequence[Found], rules: Rules, *, on: date) -> list[NewEntry]:
    """Entries that bring the ledgers of these households in line: only what changed."""
    had = standings([found.home for found in part])
    bad = _bad(part, rules)
    made = []
    for home in sorted(had.keys() | bad.keys()):
        book = UUID(home)
        says = says_after_check(book, bad.get(home, ()), had.get(home, {}), on=on)
        made += [check_entry(book, each, on) for each in says]
    return made


def _bad(part: Sequence[Found], rules: Rules) -> dict[str, list[Bad]]:
    found: dict[str, list[Bad]] = {}
    texts = [each.answers for each in part]
    for row, watch, answer in _bad_cells("household", texts, rules):
        found.setdefault(part[row].home, []).append(Bad(watch, "", answer))
    people = [(each.home, person) for each in part for person in each.people]
    texts = [figures for each in part for figures in each.people.values()]
    for row, watch, answer in _bad_cells("person", texts, rules):
        home, person = people[row]
        found.setdefault(home, []).append(Bad(watch, hyphened(person), answer))
    return found


def _bad_cells(
    level: str, texts: Sequence[str], rules: Rules
) -> Iterator[tuple[int, Watched, str]]:
    """(row, rule, answer) of every bad figure, found a rule at a time."""
    if not texts or not texts[0]:
        return
    follow = watched()
    table = np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)
    for place, rule in enumerate(rules[level]):
        watch = follow.get((level, rule))
        for figure, answer in watch.bad.items() if watch else ():
            for row in np.flatnonzero(table[:, place] == ord(figure)).tolist():
                yield row, watch, answer  # type: ignore[misc]  # no figures without one


def standings(homes: Sequence[str]) -> dict[str, dict[Key, Standing]]:
    """The rule gaps of these households, read bare: a county has some hundred thousand.

    homes  as hex, in their order
    """
    if not homes:
        return {}
    ends = [rows.key_of(UUID(homes[at])) for at in (0, -1)]
    found: dict[str, dict[Key, Standing]] = {home: {} for home in homes}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, ends)
        for book, id, rule, person, state, answer, until in cursor.fetchall():
            of = found.get(book.replace("-", ""))
            if of is None:
                continue  # closed, or left out of this part
            day = date.fromisoformat(until) if until else None
            of[rule, _plain(person) if person else ""] = Standing(_plain(id), state, answer, day)
    return {home: of for home, of in found.items() if of}


_STANDINGS = """
    SELECT CAST(book_id AS text), CAST(id AS text), rule, CAST(person_id AS text), state, answer,
        CAST(waived_until AS text)
    FROM yihu_gap WHERE origin = 'rule' AND book_id BETWEEN %s AND %s
"""


def _plain(id: str) -> str:
    return hyphened(id.replace("-", ""))


def entries_of_closed(on: date) -> list[NewEntry]:
    """Entries that clear the rule gaps of households that were closed."""
    gaps = Gap.objects.filter(origin="rule", household__closed_on__isnull=False)
    rows = gaps.exclude(state="cleared")
    return [check_entry(gap.book_id, {"gap": str(gap.pk), "did": "cleared"}, on) for gap in rows]


def entries_of_places(
    findings: Sequence[PlaceFindings], levels: Mapping[int, str], rules: Rules, *, on: date
) -> list[NewEntry]:
    """Entries that bring the ledgers of villages, townships and the county in line.

    levels  place → its level
    """
    books = dict(
        Book.objects.filter(place_id__in=[f.place_id for f in findings]).values_list(
            "place_id", "pk"
        )
    )
    had: dict[UUID, dict[Key, Standing]] = {}
    for gap in Gap.objects.filter(origin="rule", book_id__in=books.values()):
        had.setdefault(gap.book_id, {})[key_of(gap)] = standing_of(gap)
    follow, made = watched(), []
    for each in findings:
        level, book = levels[each.place_id], books.get(each.place_id)
        if book is None:
            continue
        bad = bad_of(level, "", each.answers, rules[level], follow)
        says = says_after_check(book, bad, had.get(book, {}), on=on)
        made += [check_entry(book, one, on) for one in says]
    return made
