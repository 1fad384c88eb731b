"""Steps and year ends of many households as columns: any place, any day, from one reading.

A page of figures asks forty times how many stood where. Each question to the database walked half a
million steps; here they are read once, summed by place and day, and counted in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Model, Q, QuerySet, Sum

from yihu.access.models import Pairing, Post
from yihu.places.models import Place
from yihu.statistics.models import Step, YearEnd

Reach = Callable[[type[Any]], QuerySet[Any]]


def all_rows(model: type[Model]) -> QuerySet[Any]:
    """Everything: for commands, which run as the house itself."""
    return model._default_manager.all()


@dataclass(frozen=True, slots=True)
class Count2:
    """Households and the people in them."""

    households: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Income:
    """Sum of net incomes in fen, people of the households that have one, interpolated ones."""

    fen: int
    people: int
    between: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What happened by place and day, and incomes by place and year.

    paths         of the places, in the order of their numbers
    words         what was done, and standings, in the order of their numbers; the first is none
    steps         whole numbers by column: place, day (its ordinal), year, did, before, after, and
                  how often and with how many people before and after
    ends          whole numbers by column: place, year, listed, fen, people, between
    posts, pairs  posts of helpers and pairings: place, since, until (ordinals), worker, home
    """

    paths: tuple[str, ...]
    words: tuple[str, ...]
    steps: dict[str, Any]
    ends: dict[str, Any]
    posts: dict[str, Any]
    pairs: dict[str, Any]

    def inside(self, paths: Iterable[str]) -> Sums:
        """Those of the places at or below some places."""
        above = tuple(paths)
        there = np.array([path.startswith(above) for path in self.paths], bool)
        if above and there.all():
            return self
        return replace(
            self, steps=_where(self.steps, there), ends=_where(self.ends, there),
            posts=_where(self.posts, there), pairs=_where(self.pairs, there),
        )  # fmt: skip

    # --- stock ------------------------------------------------------------------------------------

    def stock(self, day: date, status: str | None) -> Count2:
        """Households of a standing at the end of a day, and their people; None: all open ones."""
        homes, people = self._standing(day, status)
        return Count2(int(homes.sum()), int(people.sum()))

    def stock_by(self, level: str, day: date, status: str | None) -> dict[str, Count2]:
        """The same by place of a level: path of the place → count."""
        ways, at = self._ways(level)
        places = at[self.steps["place"]]
        homes, people = (_summed(places, of, len(ways)) for of in self._standing(day, status))
        seen = _summed(places, self.steps["day"] <= day.toordinal(), len(ways))
        return {way: Count2(int(homes[n]), int(people[n])) for n, way in enumerate(ways) if seen[n]}

    def _standing(self, day: date, status: str | None) -> tuple[Any, Any]:
        """By step: what came into a standing by a day, less what left it."""
        of = self.steps
        into, out = self._is("after", status), self._is("before", status)
        by_then = of["day"] <= day.toordinal()
        homes = np.where(by_then, (into.astype(np.int64) - out) * of["times"], 0)
        people = np.where(by_then, into * of["people_after"] - out * of["people_before"], 0)
        return homes, people

    def _is(self, column: str, status: str | None) -> Any:
        found = self.steps[column]
        return found > 0 if status is None else found == self._number(status)

    # --- flow -------------------------------------------------------------------------------------

    def flow(self, did: str, since: date, until: date) -> Count2:
        """How often something was done from one day to another, both included, and people meant.

        For who came or went (born, died, …) the people are one each time.
        """
        days = self.steps["day"]
        mine = self._done(did) & (days >= since.toordinal()) & (days <= until.toordinal())
        return self._counted(mine)

    def flow_by_year(self, did: str) -> dict[int, Count2]:
        """The same for each year in which it happened."""
        mine = self._done(did)
        years = sorted({*self.steps["year"][mine].tolist()})
        return {year: self._counted(mine & (self.steps["year"] == year)) for year in years}

    def flow_by_place_and_year(self, level: str, did: str) -> dict[tuple[str, int], Count2]:
        """(path of the place, year) → how often and with how many people."""
        ways, at = self._ways(level)
        found: dict[tuple[str, int], Count2] = {}
        mine = self._done(did)
        places, of = at[self.steps["place"][mine]], {k: v[mine] for k, v in self.steps.items()}
        for year in sorted({*of["year"].tolist()}):
            this = of["year"] == year
            times = _summed(places, of["times"] * this, len(ways))
            people = _summed(places, of["people_after"] * this, len(ways))
            for n in np.flatnonzero(times).tolist():
                found[ways[n], year] = Count2(int(times[n]), int(people[n]))
        return found

    def _done(self, did: str) -> Any:
        return self.steps["did"] == self._number(did)

    def _counted(self, mine: Any) -> Count2:
        of = self.steps
        return Count2(int(of["times"][mine].sum()), int(of["people_after"][mine].sum()))

    # --- incomes ----------------------------------------------------------------------------------

    def incomes(self, *, listed: bool) -> dict[int, Income]:
        """Year → income of all households, or of those on the register and lifted from it."""
        of = _where(self.ends, self.ends["listed"] == 1, key="") if listed else self.ends
        found: dict[int, Income] = {}
        for year in sorted({*of["year"].tolist()}):
            this = of["year"] == year
            fen, people, between = (
                int(of[name][this].sum()) for name in ("fen", "people", "between")
            )
            found[year] = Income(fen, people, between)
        return found

    # --- helpers ----------------------------------------------------------------------------------

    def helpers(self, day: date) -> tuple[int, int, int]:
        """People with the post of a helper on a day; those paired; households with a helper."""
        on = day.toordinal()
        posts, pairs = (
            _where(of, (of["since"] <= on) & (of["until"] >= on), key="")
            for of in (self.posts, self.pairs)
        )
        posted, paired, homes = (
            len(np.unique(each)) for each in (posts["worker"], pairs["worker"], pairs["home"])
        )
        return posted, paired, homes

    # --- of this and that -------------------------------------------------------------------------

    def _number(self, word: str) -> int:
        return self.words.index(word) if word in self.words else -1

    def _ways(self, level: str) -> tuple[list[str], Any]:
        """Paths of the places of a level, and for each place the number of its own among them."""
        length = length_of(level)
        ways = sorted({path[:length] for path in self.paths})
        numbers = {way: n for n, way in enumerate(ways)}
        return ways, np.array([numbers[path[:length]] for path in self.paths], np.int64)


def length_of(level: str) -> int:
    """Signs of the path of the places of a level, all alike; 0 where there is none."""
    path = Place.objects.filter(level=level).values_list("path", flat=True).first()
    return len(path or "")


def _where(columns: dict[str, Any], there: Any, key: str = "place") -> dict[str, Any]:
    mine = there[columns[key]] if key else there
    return {name: column[mine] for name, column in columns.items()}


def _summed(places: Any, amounts: Any, many: int) -> Any:
    # Whole numbers far below 2^53 are exact as weights.
    return np.bincount(places, weights=amounts, minlength=many).astype(np.int64)


# --- reading --------------------------------------------------------------------------------------


def read_sums(reach: Reach = all_rows) -> Sums:
    """The sums of the books somebody reaches."""
    steps = _steps(reach(Step))
    ends = _ends(reach(YearEnd))
    posts = _spans(reach(Post).filter(role="helper"), "place__path", "worker", "worker")
    pairs = _spans(reach(Pairing), "household__place_path", "worker", "household")
    read = (steps, ends, posts, pairs)
    paths = tuple(sorted({row[0] for rows in read for row in rows}))
    words = ("", *sorted({word for row in steps for word in row[2:5]} - {""}))
    at = {path: n for n, path in enumerate(paths)}
    number = {word: n for n, word in enumerate(words)}
    return Sums(
        paths, words,
        _columns(
            ("place", "day", "year", "did", "before", "after", "times", "people_before",
             "people_after"),
            ((at[path], on.toordinal(), on.year, number[did], number[before], number[after], *many)
             for path, on, did, before, after, *many in steps),
        ),
        _columns(
            ("place", "year", "listed", "fen", "people", "between"),
            ((at[path], *numbers) for path, *numbers in ends),
        ),
        *(
            _columns(SPAN, ((at[path], *numbers) for path, *numbers in rows))
            for rows in (posts, pairs)
        ),
    )  # fmt: skip


#: Columns of posts and pairings.
SPAN = ("place", "since", "until", "worker", "home")


def _spans(rows: QuerySet[Any], *by: str) -> list[tuple[Any, ...]]:
    """(path, first day, last day, number of the worker, number of the household) of each row."""
    numbers: dict[object, int] = {}
    found = rows.order_by().values_list("since", "until", *by)
    return [
        (path, since.toordinal(), (until or date.max).toordinal(),
         *(numbers.setdefault(each, len(numbers)) for each in whom))
        for since, until, path, *whom in found.iterator(chunk_size=5000)
    ]  # fmt: skip


def _columns(names: Sequence[str], rows: Iterable[Sequence[int]]) -> dict[str, Any]:
    table = np.array([*rows], np.int64).reshape(-1, len(names))
    return {name: np.ascontiguousarray(table[:, n]) for n, name in enumerate(names)}


def _steps(rows: QuerySet[Step]) -> list[tuple[Any, ...]]:
    by = ("household__place_path", "on", "did", "before", "after")
    found = rows.values_list(*by).annotate(
        times=Count("pk"), before_all=Sum("people_before"), after_all=Sum("people_after")
    )
    return list(found.order_by())


def _ends(rows: QuerySet[YearEnd]) -> list[tuple[Any, ...]]:
    found = rows.exclude(income=None).exclude(status="")
    return list(
        found.values_list("household__place_path", "year", "listed")
        .annotate(fen=Sum("income"), heads=Sum("people"), n=Count("pk", filter=Q(between=True)))
        .order_by()
    )
