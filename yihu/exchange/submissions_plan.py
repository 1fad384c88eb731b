"""The dry run of submissions: each is one visit, whole or refused, and written once.

A submission is told by its id. Sent again as it was, it writes nothing, whatever was written since;
sent again with other answers – it was edited – only what differs from the card is written, on its
day. A visit says all that was answered: also that a thing is still so is news, and has its day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.chain import canonical
from yihu.book.models import Entry
from yihu.book.order import undone
from yihu.book.says import EARLIEST
from yihu.exchange.grouping import owners_of
from yihu.exchange.identities import refuse_impossible
from yihu.exchange.known import Known, KnownHome, KnownPerson, Villages, in_parts
from yihu.exchange.numbers import numbers_of
from yihu.exchange.plan import HomePlan, Planner
from yihu.exchange.reading import Column, Progress, Reason, Rows
from yihu.exchange.submissions import SubmissionTable, local_day
from yihu.rulebook.intake.cells import YES, plain

#: Space of the ids of what submissions write: sent again, an entry is not written again.
SPACE = UUID("c1d3f6a0-5f0e-5b6e-9f63-0d6d3b1f8a42")
#: How often a submission may have been undone and written anew.
ATTEMPTS = 8
#: What reviewers on the form's own server said must not be used.
_REJECTED = frozenset({"rejected", "validation_status_not_approved", "not approved", "未通过"})
_SAID_YES = frozenset(plain(word) for word in YES)


@dataclass(slots=True)
class VisitPlan(HomePlan):
    """What a submission would write.

    known     the submission stands in the books already, with other answers or fewer files
    answered  all facts it says, as an entry says them
    files     names of attachments that were sent with it, awaited those that were not
    """

    submission: str = ""
    attempt: int = 0
    mark: str = ""
    day: date = date.min
    known: bool = False
    answered: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    awaited: list[str] = field(default_factory=list)
    is_empty: bool = False

    def says(self) -> dict[str, Any]:
        """What would be written, over all its entries; empty where nothing is."""
        if self.is_empty:
            return {"files": self.files} if self.files else {}
        told = HomePlan.says(self)
        return {**told, **self.about, "answered": self.answered, "files": self.files,
                "submission": self.submission}  # fmt: skip

    @property
    def visit_id(self) -> UUID:
        """The id of its visit."""
        return _id(self.submission, self.attempt)


def _id(submission: str, attempt: int) -> UUID:
    return uuid5(SPACE, f"{submission}/{attempt}")


def read_answers(
    table: SubmissionTable, columns: dict[int, str], progress: Progress, on: date
) -> Rows:
    """All rows of the submissions in the spelling of the book."""
    rows = Rows(places={target: place for place, target in columns.items()}, first=1)
    readers = [Column(place, target, on) for place, target in columns.items()]
    rows.values = {reader.target: [] for reader in readers}
    for batch in table.batches(list(columns)):
        start = len(rows.numbers)
        rows.numbers += batch.rows
        for reader in readers:
            into = rows.values[reader.target]
            for at, value in enumerate(batch.columns[reader.place], start=start):
                found = reader.read(value)
                if isinstance(found, Reason):
                    rows.cells.setdefault(at, []).append(found)
                    found = None
                into.append(found)
        progress("reading", len(rows.numbers), 0)
    homes = rows.values.get("key.household")
    rows.homes = list(homes) if homes is not None else [None] * len(rows.numbers)
    return rows


def visits(
    rows: Rows,
    scope: Scope,
    *,
    opens: bool,
    day: date,
    has: Callable[[str, str], bool] = lambda *_: False,
    progress: Progress = lambda *_: None,
) -> Iterator[VisitPlan]:
    """Plan after plan, household by household, the earlier visit first; refusals in `rows.bad`.

    day  for submissions that name none
    has  whether an attachment was sent, by submission and name
    """  # fmt: skip
    known = Known(scope, "import")
    owners = owners_of(rows, known, progress)
    refuse_impossible(rows, owners)
    planner = _Visits(rows, known, owners, Villages(scope) if opens else None)
    planner.has, planner.today, planner.otherwise = has, scope.today, day
    groups = planner.grouped()
    done = 0
    for part in in_parts(groups.items(), 300):
        homes = known.homes(home for home, _ in part)
        if "key.person" in rows.values:
            planner.numbers = numbers_of(homes.keys())
        planner.before = _Before([s for _, of in part for s in of], homes.keys())
        for home, of in part:
            for submission in sorted(of, key=lambda s: (planner.days[s], s)):
                plan = planner.visit(submission, of[submission], homes[home])
                done += len(of[submission])
                if plan is not None:
                    yield plan
        progress("comparing", done, len(rows.numbers))


class _Before:
    """What the books have of submissions already."""

    def __init__(self, submissions: Sequence[str], homes: Sequence[UUID] | Any) -> None:
        self.books: dict[str, UUID] = {}
        self.attempts: dict[str, int] = defaultdict(int)
        self.marks: dict[str, set[str]] = defaultdict(set)
        self.files: dict[str, set[str]] = defaultdict(set)
        self._books_of(submissions)
        for part in in_parts({*homes, *self.books.values()}):
            self._read(part)

    def _books_of(self, submissions: Sequence[str]) -> None:
        of = {_id(s, attempt): s for s in submissions for attempt in range(ATTEMPTS)}
        for part in in_parts(of):
            rows = Entry.objects.filter(pk__in=part).values_list("pk", "book_id")
            self.books |= {of[pk]: book for pk, book in rows}

    def _read(self, books: Sequence[UUID]) -> None:
        corrections = defaultdict[UUID, list[Entry]](list)
        for entry in Entry.objects.filter(book_id__in=books, kind="correction"):
            corrections[entry.book_id].append(entry)
        gone = {book: undone(of) for book, of in corrections.items()}
        kept = Entry.objects.filter(book_id__in=books, kind="evidence", says__has_key="about")
        for entry in kept:
            about = entry.says["about"]
            if "submission" in about and entry.number not in gone.get(entry.book_id, ()):
                self.files[about["submission"]].add(about["name"])
        rows = Entry.objects.filter(book_id__in=books, says__has_key="submission")
        for entry in rows.order_by("book_id", "number"):
            told = entry.says["submission"]
            if entry.number not in gone.get(entry.book_id, ()):
                self.marks[told["id"]].add(told["mark"])
                self.books[told["id"]] = entry.book_id
            elif entry.kind == "visit":
                self.attempts[told["id"]] += 1


class _Visits(Planner):
    """Plans one submission after another; what one says the next one finds said."""

    has: Callable[[str, str], bool]
    today: date
    otherwise: date
    before: _Before

    def grouped(self) -> dict[UUID, dict[str, list[int]]]:
        """Household → submission → rows; what cannot be meant is refused whole."""
        self.days: dict[str, date] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        made: dict[UUID, dict[str, list[int]]] = defaultdict(dict)
        gathered = self._gathered()
        codes = self.known.by_code({home for home in self.rows.homes if home})
        for submission, of in gathered.items():
            if self._is_fit(submission, of):
                home = self._home_of(of, codes)
                if home is not None:
                    made[home][submission] = of
            self._refuse_rest(of)
        return made

    def _gathered(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        seen: dict[tuple[str, str], int] = {}
        for row in range(len(self.rows.numbers)):
            submission = self.rows.get("key.submission", row)
            if not submission:
                self.rows.refuse(row, "exchange.no_submission", "key.submission")
                continue
            place = (submission, self.rows.get("key.repeat", row) or "")
            if place in seen:
                first = self.rows.numbers[seen[place]]
                self.rows.refuse(row, "exchange.submission_twice", "key.submission", first=first)
                continue
            seen[place] = row
            found[submission].append(row)
        return found

    def _is_fit(self, submission: str, of: Sequence[int]) -> bool:
        text, review = self._one("key.day", of), self._one("key.review", of)
        day = self.otherwise if not text else local_day(text)
        if day is None or not EARLIEST <= day <= self.today:
            told = {"today": self.today.isoformat()}
            self.rows.refuse(of[0], "exchange.submission_day", "key.day", text or "", **told)
            return False
        if (review or "").strip().lower() in _REJECTED:
            self.rows.refuse(of[0], "exchange.submission_rejected", "key.review", review or "")
        self.days[submission] = day
        return not any(row in self.rows.bad for row in of)

    def _home_of(self, of: Sequence[int], codes: dict[str, UUID]) -> UUID | None:
        named = {self.rows.homes[row] for row in of} - {None}
        if named:
            home = codes.get(str(min(str(name) for name in named))) if len(named) == 1 else None
            name = ", ".join(sorted(str(each) for each in named))
            if home is None:
                self.rows.refuse(of[0], "exchange.unknown_household", "key.household", name=name)
            return home
        owned = {self.owners[row][0] for row in of if row in self.owners}
        if len(owned) != 1:
            self.rows.refuse(of[0], "exchange.nobody", name="")
            return None
        return owned.pop()

    def _refuse_rest(self, of: Sequence[int]) -> None:
        """A visit is written whole: where one of its rows is refused, so are the others."""
        if any(row in self.rows.bad for row in of):
            self._refuse_all(of, "exchange.submission_refused")

    def _one(self, target: str, of: Sequence[int]) -> str | None:
        return next((str(v) for row in of if (v := self.rows.get(target, row))), None)

    # -- one submission ----------------------------------------------------------------------------

    def visit(self, submission: str, of: Sequence[int], home: KnownHome) -> VisitPlan | None:
        """The plan of a submission, or None where it is refused."""
        stands = self.before.books.get(submission)
        known = bool(self.before.marks.get(submission))
        if known and stands != home.id:
            self.rows.refuse(of[0], "exchange.submission_elsewhere", "key.household")
        elif home.closed_on is not None:
            on = home.closed_on.isoformat()
            self.rows.refuse(of[0], "exchange.home_closed", code=home.code, on=on)
        else:
            plan = VisitPlan(
                home.id, submission=submission, attempt=self.before.attempts[submission],
                mark=self._mark_of(of), day=self.days[submission], known=known,
            )  # fmt: skip
            self._attach(plan, of)
            if plan.mark in self.before.marks.get(submission, ()):
                return self._unchanged(plan, of)
            self._answers = {"household": {}, "members": defaultdict(dict)}
            self._take(plan, of, home)
            self._about(plan, of)
            if not any(row in self.rows.bad for row in of):
                self._settle(plan, of, home)
                return plan
        self._refuse_rest(of)
        return None

    def _unchanged(self, plan: VisitPlan, of: Sequence[int]) -> VisitPlan:
        plan.is_empty = True
        for row in of:
            plan.rows[row] = "changed" if plan.files else "unchanged"
        return plan

    def _settle(self, plan: VisitPlan, of: Sequence[int], home: KnownHome) -> None:
        """What it says as a whole, and the household as the next one finds it."""
        new = {act["person"] for act in plan.acts}
        if plan.known:
            plan.answered = {"household": plan.household, "members": plan.members}
            plan.is_empty = not plan.changes and not plan.acts
        else:
            members = {p: f for p, f in self._answers["members"].items() if p not in new and f}
            plan.answered = {"household": self._answers["household"], "members": members}
        for row in of:
            if plan.rows.get(row) == "unchanged" and not plan.known:
                plan.rows[row] = "new"
        for row in of:
            plan.rows.setdefault(row, "unchanged" if plan.known else "new")
        _learn(home, plan, self.known)

    def _mark_of(self, of: Sequence[int]) -> str:
        """What tells the answers of a submission from others; blind, for they may be secret."""
        left_out = ("key.attachments", "key.review")
        said = [
            [target, values[row]]
            for row in of
            for target, values in sorted(self.rows.values.items())
            if values[row] is not None and target not in left_out
        ]
        return self.known.keys.blind(canonical(said).decode()).hex()

    def _attach(self, plan: VisitPlan, of: Sequence[int]) -> None:
        named = (self._one("key.attachments", of) or "").split("\n")
        for name in filter(None, named):
            if name not in self.before.files[plan.submission]:
                is_here = self.has(plan.submission, name)
                (plan.files if is_here else plan.awaited).append(name)

    def _about(self, plan: VisitPlan, of: Sequence[int]) -> None:
        by, words = self._one("key.by", of), self._one("key.words", of)
        position = self._position(of)
        told = {"id": plan.submission, "mark": plan.mark, "by": by, "awaits": plan.awaited}
        plan.about = {"submission": {name: value for name, value in told.items() if value}}
        if words:
            plan.about["words"] = words
        if position and not plan.known:
            plan.about["place_of_visit"] = position

    def _position(self, of: Sequence[int]) -> dict[str, float]:
        """Where it was, if a question says so, and no question says that nobody agreed."""
        consent = self._one("key.consent", of)
        if "key.consent" in self.rows.values and plain(consent or "") not in _SAID_YES:
            return {}
        text = self._one("key.position", of)
        if not text:
            return {}
        try:
            north, east, *rest = (float(word) for word in text.split())
        except ValueError:
            north = east = 999.0
            rest = []
        if abs(north) > 90 or abs(east) > 180:
            self.rows.refuse(of[0], "exchange.submission_position", "key.position", text[:60])
            return {}
        return {"latitude": north, "longitude": east, **({"metres": rest[1]} if rest[1:] else {})}

    def _note_number(self, plan: HomePlan, row: int, home: KnownHome, person: str) -> None:
        """A form numbers nobody: who it means stands in the books under his own id."""

    # -- what the planner of sheets asks -----------------------------------------------------------

    def _takes_person(self, row: int) -> bool:
        of = ("person.name", "person.identity", "key.person")
        facts = any(self.rows.get(target, row) is not None for _, target in self._of_person)
        return facts or any(self.rows.get(target, row) for target in of)

    def _person_facts(
        self, plan: HomePlan, row: int, person: str, known: KnownPerson | None, *, is_head: bool
    ) -> None:
        super()._person_facts(plan, row, person, known, is_head=is_head)
        told = self._answers["members"][person]
        for fact, target in self._of_person:
            _say(told, "person", fact, self.rows.get(target, row), plan.members.get(person, {}))

    def _home_facts(self, plan: HomePlan, row: int, home: KnownHome) -> None:
        super()._home_facts(plan, row, home)
        for fact, target in self._of_home:
            value = self.rows.get(target, row)
            _say(self._answers["household"], "household", fact, value, plan.household)


def _say(told: dict[str, Any], level: str, fact: str, value: Any, changed: dict[str, Any]) -> None:
    """An answer; a secret one only where it is other than what is known."""
    if value is not None and (fact in changed or not dictionary.is_secret(level, fact)):
        told[fact] = value


def _learn(home: KnownHome, plan: VisitPlan, known: Known) -> None:
    """The household as it stands once the plan is written."""
    for act in plan.acts:
        if act["did"] == "joined":
            home.people[act["person"]] = KnownPerson(act["person"], "", None, {})
    levels: list[tuple[str, KnownHome | KnownPerson, dict[str, Any]]] = [
        ("household", home, plan.household)
    ]
    levels += [("person", home.people[p], facts) for p, facts in plan.members.items()]
    for level, of, facts in levels:
        for fact, value in facts.items():
            if dictionary.is_secret(level, fact):
                of.indexes[fact] = known.keys.blind(str(value))
            else:
                of.facts[fact] = value
        if isinstance(of, KnownPerson):
            of.name = str(facts.get("name", of.name))
            if isinstance(facts.get("birth"), str):
                of.birth = date.fromisoformat(facts["birth"])
