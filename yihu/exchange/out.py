"""Giving out: any list as far as the worker reaches, in the headings an import reads again.

What a worker's roles do not show is not in the list; sealed numbers are masked unless asked for
with a reason. Every list that leaves is logged before its first row does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import Household, Person
from yihu.check.store import facts_of_places
from yihu.exchange.mapping import NOT_TAKEN, WHERE
from yihu.exchange.out_cells import MASKED, NUMBERS, cell, headings, unsealed
from yihu.ledger.models import Gap
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.rulebook.facts import FactSpec, Text

M = TypeVar("M", bound=Model)
#: Rows fetched at a time.
AT_ONCE = 2000
#: Letters a reason must have before whole numbers leave.
LEAST_REASON = 4
#: Signs it has at most: in the log it stands behind what the list is of.
MOST_REASON = 120

LISTS = {
    "households": Text("农户", "Households"),
    "people": Text("农户成员", "People of households"),
    "gaps": Text("问题台账", "Gaps"),
    "visits": Text("走访记录", "Visits"),
    "places": Text("乡镇与行政村", "Places"),
}
STATUS = {
    "general": Text("一般农户", "general"),
    "poor": Text("建档立卡贫困户", "registered poor"),
    "exited": Text("脱贫户", "exited"),
    "unstable": Text("脱贫不稳定户", "exited, not steady"),
    "marginal": Text("边缘易致贫户", "at the edge"),
    "sudden": Text("突发严重困难户", "sudden hardship"),
}
STATES = {
    "open": Text("未分派", "open"),
    "assigned": Text("已分派", "assigned"),
    "answered": Text("已回复", "answered"),
    "cleared": Text("已销号", "cleared"),
    "waived": Text("已豁免", "waived"),
}
ANSWERS = {"fails": "不成立", "holds": "成立", "unknown": "未知"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What list is wanted.

    place   code of the place, with all below it; "" for all that is reached
    status  of the register, for households and people; state: of gaps; "" for any
    facts   names of facts; () for every fact that somebody in the list has
    whole   sealed numbers in full, for this reason
    """

    what: str
    place: str = ""
    status: str = ""
    state: str = ""
    rule: str = ""
    facts: tuple[str, ...] = ()
    whole: bool = False
    why: str = ""

    @property
    def said(self) -> str:
        """The filters in a line, for the log."""
        filters = {"place": self.place, "status": self.status, "state": self.state,
                   "rule": self.rule}  # fmt: skip
        parts = [self.what, *(f"{name}={value}" for name, value in filters.items() if value)]
        return " ".join([*parts, self.why])[:200].strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, kind of its cells (number or text) and the fact it shows."""

    heading: str
    number: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list ready to be written, its rows not yet read."""

    what: str
    columns: Sequence[Column]
    count: int
    rows: Callable[[], Iterator[list[Any]]]


def give_out(wish: Wish, *, scope: Scope, now: datetime) -> Listing:
    """The list a worker wants; logged as a reading.

    Raises  Problem: access.may_not, exchange.no_reason, exchange.no_such_list, access.not_yours
    """
    scope.require("export")
    if wish.whole:
        scope.require("unmask")
        good_reason(wish.why, "exchange.no_reason", least=LEAST_REASON, most=MOST_REASON)
    if wish.what not in _MADE:
        raise Problem("exchange.no_such_list", found=wish.what, known=", ".join(LISTS))
    made = _MADE[wish.what](wish, scope)
    log_reading(
        scope.worker, what="unmasked export" if wish.whole else "exported", now=now,
        facts=[c.target for c in made.columns if c.target], rows=made.count, why=wish.said,
    )  # fmt: skip
    return made


# --- households and people ------------------------------------------------------------------------


def _households(wish: Wish, scope: Scope) -> Listing:
    found = _reached(Household, wish, scope, "place_path").filter(closed_on=None)
    if wish.status:
        found = found.filter(status=wish.status)
    facts = _Facts("household", wish, scope, found)
    fixed = [
        Column("户编号"), Column("乡(镇)"), Column("行政村"), Column("登记状态"),
        Column("在册人数", number=True),
    ]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        names = _names_of_places()
        for home in found.order_by("place_path", "code").iterator(chunk_size=AT_ONCE):
            where = names.get(home.place_id, ("", ""))
            yield [home.code, *where, STATUS[home.status].zh, home.size, *facts.cells(home)]

    return Listing("households", [*fixed, *facts.columns(fixed)], found.count(), rows)


def _people(wish: Wish, scope: Scope) -> Listing:
    found = _reached(Person, wish, scope, "place_path")
    found = found.filter(left_on=None, household__closed_on=None)
    if wish.status:
        found = found.filter(household__status=wish.status)
    facts = _Facts("person", wish, scope, found)
    fixed = [Column("户编号"), Column("人编号"), Column("乡(镇)"), Column("行政村")]

    def rows() -> Iterator[list[Any]]:
        names = _names_of_places()
        ordered = found.order_by("household__place_path", "household__code", "place_in_household")
        for one in ordered.select_related("household").iterator(chunk_size=AT_ONCE):
            where = names.get(one.household.place_id, ("", ""))
            yield [one.household.code, str(one.pk), *where, *facts.cells(one)]

    return Listing("people", [*fixed, *facts.columns(fixed)], found.count(), rows)


class _Facts:
    """The columns of facts of a list, and their cells."""

    def __init__(self, level: str, wish: Wish, scope: Scope, rows: QuerySet[Any]) -> None:
        self.level, self.whole = level, wish.whole
        asked = set(wish.facts) or _in_use(rows, "facts") | _in_use(rows, "sealed")
        self.specs = [
            spec for spec in facts_of(level, scope) if spec.name in asked
        ]  # fmt: skip

    def columns(self, fixed: Sequence[Column]) -> list[Column]:
        targets = [f"{self.level}.{spec.name}" for spec in self.specs]
        words = headings(targets, [column.heading for column in fixed])
        return [
            Column(
                (MASKED if spec.privacy == "secret" and not self.whole else "") + word,
                spec.kind in NUMBERS, target,
            )
            for word, spec, target in zip(words, self.specs, targets, strict=True)
        ]  # fmt: skip

    def cells(self, row: Household | Person) -> Iterator[Any]:
        for spec in self.specs:
            if spec.privacy == "secret":
                yield unsealed(row.sealed.get(spec.name), whole=self.whole)
            else:
                yield cell(spec, row.facts.get(spec.name))


def facts_of(level: str, scope: Scope) -> list[FactSpec]:
    """Facts of a level the worker's roles show, in the order of the rulebook."""
    left_out = NOT_TAKEN | WHERE.keys()
    return [
        spec
        for (at, name), spec in dictionary.active().facts.items()
        if at == level and scope.sees(spec.privacy) and f"{at}.{name}" not in left_out
    ]


def _in_use(rows: QuerySet[Any], field: str) -> set[str]:
    """Names of the facts that somebody among the rows has."""
    query, given = rows.order_by().values(field).query.sql_with_params()
    text = (
        f"SELECT DISTINCT jsonb_object_keys(t.{field}) FROM ({query}) t"  # noqa: S608
        if connection.vendor == "postgresql"
        else f"SELECT DISTINCT e.key FROM ({query}) t, json_each(t.{field}) e"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        return {name for (name,) in cursor.fetchall()}


# --- gaps, visits, places -------------------------------------------------------------------------


def _gaps(wish: Wish, scope: Scope) -> Listing:
    found = _reached(Gap, wish, scope, "place_path")
    for field, value in (("state", wish.state), ("rule", wish.rule)):
        found = found.filter(**{field: value}) if value else found
    headings_ = ("户编号", "户主", "乡(镇)", "行政村", "问题", "结论", "状态", "责任部门", "战役",
                 "责任人", "发现日期", "期限", "销号日期", "豁免至", "次数")  # fmt: skip
    columns = [Column(heading, number=heading == "次数") for heading in headings_]

    def rows() -> Iterator[list[Any]]:
        names = _names_of_places()
        ordered = found.order_by("place_path", "due_on", "id")
        for gap in ordered.select_related("household", "responsible").iterator(AT_ONCE):
            home, who = gap.household, gap.responsible
            yield [
                home.code if home else "", home.head_name if home else "",
                *names.get(gap.place_id, ("", "")), rule_title(gap.rule) or gap.title,
                ANSWERS.get(gap.answer, ""), STATES[gap.state].zh, gap.department, gap.battle,
                who.name if who else "", _day(gap.opened_on), _day(gap.due_on),
                _day(gap.cleared_on), _day(gap.waived_until), gap.times_opened,
            ]  # fmt: skip

    return Listing("gaps", columns, found.count(), rows)


def _visits(wish: Wish, scope: Scope) -> Listing:
    found = _reached(Entry, wish, scope, "book__household__place_path").filter(kind="visit")
    found = found.exclude(book__household=None)
    headings_ = ("户编号", "户主", "乡(镇)", "行政村", "走访日期", "走访人", "来源", "内容", "佐证")
    columns = [Column(heading, number=heading == "佐证") for heading in headings_]

    def rows() -> Iterator[list[Any]]:
        names = _names_of_places()
        ordered = found.order_by("seen_on", "book_id", "number")
        for visit in ordered.select_related("book__household", "author").iterator(AT_ONCE):
            home = visit.book.household
            yield [
                home.code, home.head_name, *names.get(home.place_id, ("", "")),
                _day(visit.seen_on), visit.author.name if visit.author else "", visit.source,
                visit.says.get("words", ""), len(visit.says.get("evidence", ())),
            ]  # fmt: skip

    return Listing("visits", columns, found.count(), rows)


def _places(wish: Wish, scope: Scope) -> Listing:
    found = _reached(Place, wish, scope, "path").filter(until=None)
    found = found.filter(level__in=("township", "village"))
    specs = [s for level in ("township", "village") for s in facts_of(level, scope)]
    if wish.facts:
        specs = [spec for spec in specs if spec.name in wish.facts]
    known = facts_of_places(found.values_list("pk", flat=True))
    specs = [s for s in specs if any(s.name in facts for facts in known.values())]
    fixed = [Column("区划代码"), Column("乡(镇)"), Column("行政村"), Column("级别")]
    own = [Column(s.label.zh, s.kind in NUMBERS, f"{s.level}.{s.name}") for s in specs]

    def rows() -> Iterator[list[Any]]:
        names = _names_of_places()
        for place in found.order_by("path").iterator(chunk_size=AT_ONCE):
            facts = known.get(place.pk, {})
            level = "乡镇" if place.level == "township" else "行政村"
            cells = [cell(s, facts.get(s.name)) if s.level == place.level else None for s in specs]
            yield [place.code, *names.get(place.pk, ("", "")), level, *cells]

    return Listing("places", [*fixed, *own], found.count(), rows)


_MADE: Mapping[str, Callable[[Wish, Scope], Listing]] = {
    "households": _households, "people": _people, "gaps": _gaps, "visits": _visits,
    "places": _places,
}  # fmt: skip


def _reached(model: type[M], wish: Wish, scope: Scope, path: str) -> QuerySet[M]:
    """The rows that may leave, at or below the place wished for.

    Raises  Problem (access.not_yours)
    """
    rows = scope.of(model, "export")
    if wish.whole:
        rows &= scope.of(model, "unmask")
    if not wish.place:
        return rows
    return rows.filter(within(scope.one(Place, code=wish.place).path, path))


def _names_of_places() -> dict[int, tuple[str, str]]:
    """Place → names of its township and its village."""
    # Names of places are no secret: a helper reaches households and no place whole.
    low = ("township", "village", "hamlet")
    known = {place.pk: place for place in Place.objects.filter(level__in=low)}
    found = {}
    for place in known.values():
        above: dict[str, str] = {}
        at: Place | None = place
        while at is not None:
            above.setdefault(at.level, at.name)
            at = known.get(at.parent_id or 0)
        found[place.pk] = (above.get("township", ""), above.get("village", ""))
    return found


def rule_title(name: str) -> str:
    """What a rule is called; "" for none."""
    rule = dictionary.active().rule(name) if name else None
    return rule.title.zh if rule else name


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
