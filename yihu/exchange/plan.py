"""The dry run: what a sheet would write, household by household, and what it would not.

A blank cell says nothing and takes nothing away; a person who is not in the sheet stays where he
is. Rows with a cell that cannot be meant are refused whole. Ids of what is opened follow from the
file, so that the same file always plans the same and a file written twice writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.exchange.grouping import Group, Owners, groups_of, owners_of
from yihu.exchange.identities import refuse_impossible
from yihu.exchange.known import HIDDEN, Known, KnownHome, KnownPerson, Villages, in_parts
from yihu.exchange.mapping import WHERE
from yihu.exchange.numbers import Numbers, numbers_of
from yihu.exchange.out_cells import as_told
from yihu.exchange.reading import BY_ROW, Progress, Rows
from yihu.rulebook.days import day_of
from yihu.rulebook.identity import birth, is_male, is_valid
from yihu.rulebook.intake.cells import plain
from yihu.rulebook.intake.heads import HEAD

#: Space of the ids of households and people a sheet opens.
NAMES = UUID("2b6f0b58-8c1e-5f5e-a6a5-5a0b0b7a5b11")
#: Why a household is closed whose opening was undone: the next file may open it again.
UNDONE = "导入已撤销 import undone"
#: Households looked up at once.
AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Change:
    """One fact a row would write; person "" where it is of the household.

    before  None where nothing was known, HIDDEN of a secret value
    """

    row: int
    who: str
    target: str
    before: Any
    after: Any
    person: str = ""


@dataclass(slots=True)
class HomePlan:
    """What would be written in one book. rows: place in `Rows` → new, changed or unchanged.

    register  facts of a household that is opened, or opened again: how it stands in the register
    """

    id: UUID
    opens: bool = False
    based_on: int | None = None
    acts: list[dict[str, Any]] = field(default_factory=list)
    household: dict[str, Any] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    register: dict[str, Any] = field(default_factory=dict)
    rows: dict[int, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def says(self) -> dict[str, Any]:
        """The entry's `says`; empty where nothing is to be written."""
        members = {person: facts for person, facts in self.members.items() if facts}
        parts = (
            ("acts", self.acts), ("household", self.household), ("members", members),
            ("numbers", self.numbers),
        )  # fmt: skip
        return {name: part for name, part in parts if part}

    def note(self, row: int, kind: str) -> None:
        """A row is new, changed or unchanged; the strongest word stays."""
        if self.rows.get(row) != "new" and not (self.rows.get(row) and kind == "unchanged"):
            self.rows[row] = kind


def plans(
    rows: Rows, scope: Scope, *, opens: bool = False, progress: Progress = lambda *_: None
) -> Iterator[HomePlan]:
    """Plan after plan, in the order of the file; refused rows are noted in `rows.bad`.

    opens  households and people that are not in the books are opened
    """
    known = Known(scope, "import")
    owners = owners_of(rows, known, progress)
    refuse_impossible(rows, owners)
    groups = list(groups_of(rows, known, owners))
    planner = Planner(rows, known, owners, Villages(scope) if opens else None)
    done = 0
    for part in in_parts(groups, AT_ONCE):
        homes = known.homes(group.home for group in part if group.home)
        if "key.person" in rows.values:
            planner.numbers = numbers_of(homes.keys())
        for group in part:
            plan = planner.plan(group, homes.get(group.home) if group.home else None)
            done += len(group.rows)
            if plan is not None:
                yield plan
        progress("comparing", done, len(rows.numbers))


class Planner:
    """Plans one household after another. villages: None where nobody new is opened."""

    def __init__(self, rows: Rows, known: Known, owners: Owners, villages: Villages | None) -> None:
        self.rows, self.known, self.owners, self.villages = rows, known, owners, villages
        self.numbers: Numbers = {}
        self._of_person = _facts_of("person", rows)
        self._of_home = [(f, t) for f, t in _facts_of("household", rows) if t not in WHERE]
        self._has_people = any(t in rows.values for t in ("person.name", "person.identity"))
        relation = dictionary.active().facts.get(("person", "relation"))
        codes = relation.codes.codes if relation and relation.codes else ()
        self._head = next((c.key for c in codes if plain(c.label.zh) in HEAD), "")

    def plan(self, group: Group, home: KnownHome | None) -> HomePlan | None:
        """The plan of a group, or None where all its rows are refused."""
        if home is None:
            return self._opened(group)
        plan = HomePlan(home.id, based_on=home.number)
        if home.closed_why == UNDONE and self.villages is not None:
            plan.acts.append({"did": "reopened", "why": "import"})
        elif home.closed_on is not None:
            on = home.closed_on.isoformat()
            for row in group.rows:
                self.rows.refuse(row, "exchange.home_closed", code=home.code, on=on)
            return None
        self._take(plan, group.rows, home)
        if plan.acts and plan.acts[0]["did"] == "reopened":
            plan.register = {**home.facts, **plan.household}
        return plan if plan.rows else None

    # -- a household that is not in the books ------------------------------------------------------

    def _opened(self, group: Group) -> HomePlan | None:
        rows = self.rows
        place = self._place(group)
        if place is None:
            return None
        head = self._head_of(group.rows)
        if head is None or head in rows.bad:
            code = "exchange.no_head" if head is None else "exchange.head_refused"
            self._refuse_all(group.rows, code)
            return None
        code = self._code(group, head, place.code)
        if not self.known.taken([code]):
            plan = HomePlan(uuid5(NAMES, f"household/{code}"), opens=True, based_on=0)
            plan.acts.append({"did": "opened", "code": code, "place": place.code})
            home = KnownHome(plan.id, code, 0, None, "", place.path, {})
            self._take(plan, group.rows, home, head)
            plan.register = dict(plan.household)
            return plan if plan.rows else None
        found = self.known.by_code([code])
        if found and group.name != code:
            group.home = found[code]
            return self.plan(group, self.known.homes([group.home])[group.home])
        self._refuse_all(group.rows, "exchange.unknown_household", name=group.name or "")
        return None

    def _place(self, group: Group) -> Any:
        if self.villages is None or group.name is None:
            code = "exchange.unknown_household" if group.name else "exchange.nobody"
            name = "" if (group.name or BY_ROW).startswith(BY_ROW) else group.name
            self._refuse_all(group.rows, code, name=name)
            return None
        said = [
            next((v for row in group.rows if (v := self.rows.get(target, row))), None)
            for target in ("key.village", "household.township_name", "household.village_name")
        ]
        place = self.villages.find(*said)
        if place is None:
            target = "household.village_name"
            shown = said[0] or said[2] or ""
            for row in group.rows:
                if row not in self.rows.bad:
                    self.rows.refuse(row, "exchange.no_village", target, name=shown)
        return place

    def _refuse_all(self, group: Sequence[int], code: str, /, **of: object) -> None:
        for row in group:
            if row not in self.rows.bad:
                self.rows.refuse(row, code, **of)

    def _head_of(self, group: Sequence[int]) -> int | None:
        relations = [self.rows.get("person.relation", row) for row in group]
        if self._head in relations:
            return group[relations.index(self._head)]
        return group[0] if len(group) == 1 or not any(relations) else None

    def _code(self, group: Group, head: int, village: str) -> str:
        """户编号 as the file says it, or one that follows from village and head."""
        if group.name and not group.name.startswith(BY_ROW):
            return group.name
        return f"{village}-{uuid5(NAMES, village + self._mark(head)).hex[:8].upper()}"

    def _mark(self, row: int) -> str:
        """What tells a person from others, for an id: blind, so that ids say nothing."""
        identity = self.rows.get("person.identity", row)
        if identity:
            return self.known.keys.blind(identity).hex()
        said = (self.rows.get(t, row) for t in ("person.name", "person.birth", "person.sex"))
        return self.known.keys.blind("/".join(str(value) for value in said)).hex()

    # -- facts -------------------------------------------------------------------------------------

    def _take(
        self, plan: HomePlan, group: Sequence[int], home: KnownHome, head: int | None = None
    ) -> None:
        seen: dict[str, int] = {}
        said: dict[str, Any] = {}
        for row in group:
            if row in self.rows.bad or not self._home_agrees(said, row):
                continue
            person = self._person(plan, row, home, seen, head) if self._takes_person(row) else None
            if row in self.rows.bad:
                continue
            plan.note(row, "unchanged")
            if person is not None:
                known = home.people.get(person)
                self._note_number(plan, row, home, person)
                self._person_facts(plan, row, person, known, is_head=row == head)
            self._home_facts(plan, row, home)

    def _takes_person(self, row: int) -> bool:
        return self._has_people or "key.person" in self.rows.values

    def _person(
        self, plan: HomePlan, row: int, home: KnownHome, seen: dict[str, int], head: int | None
    ) -> str | None:
        """The person of a row: one of the household, or one to be opened."""
        elsewhere = self.owners.get(row)
        if elsewhere is not None and elsewhere[0] != home.id:
            other = self.known.homes([elsewhere[0]]).get(elsewhere[0])
            self.rows.refuse(
                row, "exchange.lives_elsewhere", "person.identity", code=other.code if other else ""
            )
            return None
        person = elsewhere[1] if elsewhere else self._in_home(row, home)
        if person is None:
            person = self._new_person(plan, row, home, head)
        elif not self._number_agrees(row, home, person):
            return None
        if person in seen:
            first = self.rows.numbers[seen[person]]
            self.rows.refuse(row, "exchange.twice_in_file", "person.name", first=first)
            return None
        if person is not None:
            seen[person] = row
        return person

    def _in_home(self, row: int, home: KnownHome) -> str | None:
        """Who of the household a row means: by the number of the file, else by name and birth."""
        numbered = self._numbered(row, home)
        if numbered is not None:
            return numbered
        key, numbers = self.rows.get("key.person", row), self.numbers.get(home.id, {})
        name, day = self.rows.get("person.name", row), self.rows.get("person.birth", row)
        if day is None:
            day = _birth_in(self.rows.get("person.identity", row))
        like = [
            p.id for p in home.people.values()
            if p.name == name and (day is None or p.birth is None or p.birth.isoformat() == day)
            # Whom a register gives another number is another person of the same name.
            and not (key and numbers.get(p.id, key) != key)
        ]  # fmt: skip
        return like[0] if name and len(like) == 1 else None

    def _numbered(self, row: int, home: KnownHome) -> str | None:
        """The one person of the household whom this or an earlier file numbers so."""
        key = self.rows.get("key.person", row)
        if not key:
            return None
        # What was given out here has the person's own id for a number.
        for id in (str(uuid5(NAMES, f"{home.id}/{key}")), key):
            if id in home.people:
                return id
        numbers = self.numbers.get(home.id, {})
        those = [id for id, number in numbers.items() if number == key and id in home.people]
        return those[0] if len(those) == 1 else None

    def _number_agrees(self, row: int, home: KnownHome, person: str) -> bool:
        """Whether number and identity number of a row mean the same person."""
        numbered = self._numbered(row, home)
        if numbered in (None, person):
            return True
        name = home.people[numbered].name if numbered else ""
        self.rows.refuse(row, "exchange.two_people", "key.person", name=name)
        return False

    def _note_number(self, plan: HomePlan, row: int, home: KnownHome, person: str) -> None:
        key = self.rows.get("key.person", row)
        before = self.numbers.get(home.id, {}).get(person)
        if not key or key in (person, before):
            return
        plan.numbers[person] = key
        plan.note(row, "changed")
        if person in home.people:
            who = home.people[person].name
            plan.changes.append(Change(row, who, "key.person", before, key))

    def _new_person(
        self, plan: HomePlan, row: int, home: KnownHome, head: int | None
    ) -> str | None:
        name = self.rows.get("person.name", row)
        if self.villages is None or not name:
            code = "exchange.nobody" if name else "exchange.no_name"
            self.rows.refuse(row, code, "person.name", name=name or "")
            return None
        key = self.rows.get("key.person", row)
        person = str(uuid5(NAMES, f"{home.id}/{key or self._mark(row)}"))
        act: dict[str, Any] = {"did": "joined", "person": person, "why": "registered"}
        if row == head:
            act["head"] = True
        plan.acts.append(act)
        plan.note(row, "new")
        return person

    def _person_facts(
        self, plan: HomePlan, row: int, person: str, known: KnownPerson | None, *, is_head: bool
    ) -> None:
        said = {f: v for f, t in self._of_person if (v := self.rows.values[t][row]) is not None}
        identity = said.get("identity")
        if known is None and is_valid(identity):
            # Registers often give the number only; it says the day of birth and the sex.
            said.setdefault("birth", _birth_in(identity))
            sex = dictionary.active().facts.get(("person", "sex"))
            if sex is not None and sex.codes is not None:
                keys = [code.key for code in sex.codes.codes]
                key = "male" if is_male(identity) else "female"
                if key in keys:
                    said.setdefault("sex", key)
        facts = plan.members.setdefault(person, {})
        who = str(said.get("name") or (known.name if known else ""))
        of = (known.facts, known.indexes) if known else ({}, {})
        self._compare("person", said, of, facts, (plan, row, who, person))

    def _home_facts(self, plan: HomePlan, row: int, home: KnownHome) -> None:
        said = {
            f: v for f, t in self._of_home
            if f not in plan.household and (v := self.rows.values[t][row]) is not None
        }  # fmt: skip
        who = home.code
        self._compare(
            "household", said, (home.facts, home.indexes), plan.household, (plan, row, who, "")
        )

    def _home_agrees(self, said: dict[str, Any], row: int) -> bool:
        """Whether the row says of the household what the rows before it said."""
        for fact, target in self._of_home:
            value = self.rows.values[target][row]
            if value is not None and said.setdefault(fact, value) != value:
                shown, other = (as_told("household", fact, v) for v in (value, said[fact]))
                self.rows.refuse(row, "exchange.two_values", target, shown, other=other)
        return row not in self.rows.bad

    def _compare(
        self,
        level: str,
        said: dict[str, Any],
        known: tuple[dict[str, Any], dict[str, bytes]],
        into: dict[str, Any],
        note: tuple[HomePlan, int, str, str],
    ) -> None:
        """Put what is not known yet into the plan."""
        facts, indexes = known
        plan, row, who, person = note
        for fact, value in said.items():
            before = facts.get(fact)
            if fact in indexes:
                if self.known.keys.blind(str(value)) == indexes[fact]:
                    continue
                before = HIDDEN
            elif before == value:
                continue
            into[fact] = value
            plan.note(row, "changed")
            plan.changes.append(Change(row, who, f"{level}.{fact}", before, value, person))


def _facts_of(level: str, rows: Rows) -> list[tuple[str, str]]:
    """(fact, target) of the columns of a level."""
    prefix = f"{level}."
    return [(t.removeprefix(prefix), t) for t in rows.values if t.startswith(prefix)]


def _birth_in(identity: str | None) -> str | None:
    number = birth(identity)
    return None if number is None else day_of(number).isoformat()
