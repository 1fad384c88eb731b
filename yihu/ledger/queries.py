"""Reading the ledger: filters, counts by facet, lists by key, the way to zero.

Every function begins with rows a scope has given; none looks at the whole table by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum, Value

from yihu.ledger.models import NEVER, ORIGINS, STATES, Gap, GapFlow
from yihu.ledger.standing import OPEN
from yihu.places.models import within
from yihu.problems import Problem

#: Lines of a list on one page.
PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to. "" leaves a matter open.

    state   one of STATES; "todo": open, assigned or answered; "all"
    place   path of a place, with all below it
    who     id of the responsible person; "none": nobody; "some": anybody
    late    "1": past its last day
    before  last day on or before this one
    due     "none": no last day is set; "set": one is
    """

    state: str = "todo"
    battle: str = ""
    department: str = ""
    place: str = ""
    who: str = ""
    origin: str = ""
    rule: str = ""
    answer: str = ""
    late: str = ""
    before: str = ""
    person: str = ""
    due: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Filters:
        """Filters as an address says them. Raises Problem (ledger.bad_filter)."""
        names = [each.name for each in fields(cls)]
        found = cls(**{name: str(given[name]).strip() for name in names if given.get(name)})
        found._require()
        return found

    def _require(self) -> None:
        known = {
            "state": ("todo", "all", *STATES), "origin": ("", *ORIGINS),
            "answer": ("", "fails", "unknown", "none"), "late": ("", "1"),
            "due": ("", "none", "set"),
        }  # fmt: skip
        for name, values in known.items():
            if getattr(self, name) not in values:
                raise Problem("ledger.bad_filter", name=name, found=getattr(self, name))
        for name, read in (("before", date.fromisoformat), ("person", UUID), ("who", _who)):
            value = getattr(self, name)
            try:
                if value:
                    read(value)
            except ValueError:
                raise Problem("ledger.bad_filter", name=name, found=value) from None

    def said(self) -> dict[str, str]:
        """What differs from an empty filter, as an address says it."""
        empty = Filters()
        pairs = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in pairs if value != getattr(empty, name)}


def _who(value: str) -> object:
    return value if value in ("none", "some") else UUID(value)


def filtered(rows: QuerySet[Gap], by: Filters, *, today: date) -> QuerySet[Gap]:
    """The rows a filter leaves."""
    if by.state == "todo":
        rows = rows.filter(todo=1)
    elif by.state != "all":
        rows = rows.filter(todo=int(by.state in OPEN), state=by.state)
    for name in ("battle", "department"):
        if value := getattr(by, name):
            rows = rows.filter(**{name: "" if value == "none" else value})
    for name in ("origin", "rule"):
        if value := getattr(by, name):
            rows = rows.filter(**{name: value})
    if by.answer:
        rows = rows.filter(answer="" if by.answer == "none" else by.answer)
    if by.place:
        rows = rows.filter(within(by.place, "place_path"))
    return _of_people(_in_time(rows, by, today), by)


def _in_time(rows: QuerySet[Gap], by: Filters, today: date) -> QuerySet[Gap]:
    if by.late:
        rows = rows.filter(due_by__lt=today)
    if by.before:
        rows = rows.filter(due_by__lte=date.fromisoformat(by.before))
    if by.due:
        rows = rows.filter(due_by=NEVER) if by.due == "none" else rows.filter(due_by__lt=NEVER)
    return rows


def undated(rows: QuerySet[Gap], by: Filters, *, today: date) -> int:
    """How many of those a filter leaves have no last day, whatever it says of days."""
    loose = replace(by, due="none", late="", before="")
    return filtered(rows, loose, today=today).count()


def _of_people(rows: QuerySet[Gap], by: Filters) -> QuerySet[Gap]:
    if by.who in ("none", "some"):
        rows = rows.filter(responsible__isnull=by.who == "none")
    elif by.who:
        rows = rows.filter(responsible_id=UUID(by.who))
    return rows.filter(person_id=UUID(by.person)) if by.person else rows


# --- a page of the list ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in order, what is late first; before and after: keys of the pages beside it."""

    rows: list[Gap]
    before: str = ""
    after: str = ""


def page_of(rows: QuerySet[Gap], *, after: str = "", before: str = "") -> Page:
    """The page after or before a key, or the first."""
    found, back = rows, bool(before) and not after
    key = after or before
    if key:
        found = found.filter(_beyond(key, back=back))
    order = ("due_by", "place_path", "id")
    ordered = found.order_by(*(f"-{name}" for name in order)) if back else found.order_by(*order)
    # First the ids alone, in the order of an index that holds nothing else; then their rows.
    ids = list(ordered.values_list("pk", flat=True)[: PAGE + 1])
    rows = Gap.objects.select_related("household", "place__parent", "responsible")
    whole = rows.defer("household__facts", "household__sealed").in_bulk(ids)
    some = [whole[id] for id in ids]
    more, some = len(some) > PAGE, some[:PAGE]
    if back:
        some.reverse()
    return Page(
        some,
        before=key_of_row(some[0]) if some and (more if back else key) else "",
        after=key_of_row(some[-1]) if some and (key if back else more) else "",
    )


def key_of_row(gap: Gap) -> str:
    """Where a row stands in the order of the list."""
    return f"{gap.due_by.isoformat()}.{gap.place_path}.{gap.pk.hex}"


def _beyond(key: str, *, back: bool) -> Q:
    try:
        day, path, id = key.split(".")
        at, pk = date.fromisoformat(day), UUID(id)
    except ValueError:
        raise Problem("ledger.bad_filter", name="after", found=key[:40]) from None
    way = "lt" if back else "gt"
    # The first condition is what the index takes; the others put right what has the same day.
    return Q(**{f"due_by__{way}e": at}) & (
        Q(**{f"due_by__{way}": at})
        | Q(**{f"place_path__{way}": path})
        | Q(**{"place_path": path, f"id__{way}": pk})
    )


# --- counts ---------------------------------------------------------------------------------------

DIMS = ("place_path", "battle", "department", "answer", "origin", "state", "late")


@dataclass(frozen=True, slots=True)
class Cube:
    """Counts by everything a page counts by: one look at the table for all of them."""

    cells: Sequence[tuple[tuple[Any, ...], int]]
    dims: tuple[str, ...] = DIMS

    def by(self, *dims: str) -> Counter[Any]:
        """Counts by one dimension, or by several as a tuple."""
        at = [self.dims.index(dim) for dim in dims]
        found: Counter[Any] = Counter()
        for cell, count in self.cells:
            found[cell[at[0]] if len(at) == 1 else tuple(cell[n] for n in at)] += count
        return found

    def narrowed(self, **want: Any) -> Cube:
        """The cells with these values; a value of None asks for nothing."""
        at = {self.dims.index(dim): value for dim, value in want.items() if value is not None}
        kept = [c for c in self.cells if all(c[0][n] == v for n, v in at.items())]
        return Cube(kept, self.dims)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(count for _, count in self.cells)


def cube(rows: QuerySet[Gap], *, today: date = date.min, dims: tuple[str, ...] = DIMS) -> Cube:
    """The counts of these rows, by what a page asks for: the fewer, the sooner.

    today  the day on which some are late
    """
    plain = tuple(dim for dim in dims if dim != "late")
    # What is late is counted beside the rest: as a column of its own it stands in no index.
    late = Count("todo", filter=Q(due_by__lt=today)) if "late" in dims else Value(0)
    counted = rows.order_by().values_list(*plain).annotate(n=Count("*"), late=late)
    at = dims.index("late") if "late" in dims else None
    cells: list[tuple[tuple[Any, ...], int]] = []
    for *values, count, of_them in counted:
        for is_late, n in ((0, count - of_them), (1, of_them)):
            cell = values if at is None else [*values[:at], is_late, *values[at:]]
            cells += [(tuple(cell), int(n))] if n else []
    return Cube(cells, dims)


def faceted(
    rows: QuerySet[Gap], by: Filters, *, today: date
) -> tuple[Cube, dict[str, Counter[Any]]]:
    """What the filter leaves, and for each facet the counts it would leave with another value.

    A facet does not narrow its own counts: otherwise no other value could be seen.
    """
    loose = replace(by, battle="", department="", answer="", origin="", late="")
    if by.state not in ("cleared", "waived", "all"):
        loose = replace(loose, state="todo")
    whole = cube(filtered(rows, loose, today=today), today=today, dims=DIMS[1:])
    want: dict[str, Any] = {
        "battle": by.battle or None, "department": by.department or None,
        "answer": by.answer or None, "origin": by.origin or None,
        "late": 1 if by.late else None,
        "state": by.state if by.state in ("open", "assigned", "answered") else None,
    }  # fmt: skip
    want = {name: "" if value == "none" else value for name, value in want.items()}
    counts = {name: whole.narrowed(**{**want, name: None}).by(name) for name in want}
    return whole.narrowed(**want), counts


# --- the way to zero ------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """One line of the way to zero."""

    key: Any
    todo: int = 0
    late: int = 0
    fails: int = 0
    unknown: int = 0
    other: int = 0

    def add(self, answer: str, late: int, count: int) -> None:
        """Gaps of one answer, late or not."""
        self.todo += count
        self.late += count if late else 0
        if answer == "fails":
            self.fails += count
        elif answer == "unknown":
            self.unknown += count
        else:
            self.other += count


def lines_by(cells: Iterable[tuple[Any, str, int, int]]) -> list[Line]:
    """Lines from (key, answer, late, count): most overdue first, then most open."""
    found: dict[Any, Line] = {}
    for key, answer, late, count in cells:
        found.setdefault(key, Line(key)).add(answer, late, count)
    return sorted(found.values(), key=lambda line: (-line.late, -line.todo, str(line.key)))


def lines_of_people(rows: QuerySet[Gap], *, today: date) -> list[Line]:
    """The way to zero by who is responsible; None is nobody."""
    cells = cube(rows, today=today, dims=("responsible", "answer", "late")).by(
        "responsible", "answer", "late"
    )
    return lines_by((who, answer, late, n) for (who, answer, late), n in cells.items())


@dataclass(frozen=True, slots=True)
class Week:
    """A week that ends on a day: what opened and closed in it, what was open at its end."""

    until: date
    opened: int
    closed: int
    open: int


def weeks(flows: QuerySet[GapFlow], *, open_now: int, today: date, back: int = 26) -> list[Week]:
    """The last weeks, the newest last; open counts are reckoned back from now."""
    first = today - timedelta(days=7 * back - 1)
    days = flows.filter(on__gte=first).order_by().values_list("on")
    moved = days.annotate(opened=Sum("opened"), closed=Sum("closed"))
    opened, closed = Counter[int](), Counter[int]()
    for on, more, fewer in moved:
        week = max(0, (today - on).days) // 7
        opened[week] += more
        closed[week] += fewer
    found, left = [], open_now
    for week in range(back):
        until = today - timedelta(days=7 * week)
        found.append(Week(until, opened[week], closed[week], max(left, 0)))
        left -= opened[week] - closed[week]
    return found[::-1]


def days_late(gap: Gap, today: date) -> int:
    """Days past the last day of a gap; 0 while it is in time or done."""
    return max(0, (today - gap.due_by).days) if gap.todo and gap.due_by != NEVER else 0
