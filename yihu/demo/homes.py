"""What stands in the book of one household of the demo county, entry by entry."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from yihu.book.actions import NewEntry
from yihu.demo import staff, themes
from yihu.demo.county import INCOMES, TODAY, YEAR, YEARS, County, id_of
from yihu.demo.places import facts_of
from yihu.synthetic.years import LEFT_WHY

_EPOCH = date(1970, 1, 1)
Facts = dict[str, Any]


def day_of(number: int) -> date:
    """Day from days since 1970-01-01."""
    return _EPOCH + timedelta(days=int(number))


@dataclass(slots=True)
class Home:
    """One household while its book is written.

    row, people  facts of today as drawn;  persons  ids in the same order
    """

    county: County
    at: int
    row: Facts
    people: list[Facts]
    persons: list[str]
    book: UUID
    chance: random.Random
    village_officer: UUID
    township_officer: UUID
    said: list[tuple[datetime, NewEntry, UUID | None]] = field(default_factory=list)

    @property
    def listed(self) -> bool:
        """Was ever on the register."""
        return bool(self.county.cohort[self.at] >= 0)

    @property
    def helper(self) -> UUID | None:
        """The helper paired with it."""
        number = int(self.county.helper[self.at])
        return staff.helper_id(self.county, number) if number >= 0 else None

    @property
    def opened(self) -> date:
        """Day its book was opened."""
        return day_of(self.county.years.opened[self.at])

    @property
    def exit(self) -> date | None:
        """Day it left the register."""
        off = self.county.years.off[self.at]
        return day_of(off) if off else None

    def say(
        self, kind: str, says: Mapping[str, Any], on: date, source: str, by: UUID | None,
        *, late: int = 2, undoes: int | None = None,
    ) -> None:  # fmt: skip
        """One more entry, received some hours to some days after the day it speaks of."""
        if on >= TODAY:
            return
        rest = (TODAY - on).days - 1
        days = min(self.chance.randint(0, late), max(rest, 0))
        at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC) + timedelta(
            days=days, seconds=self.chance.randint(0, 7 * 3_600)
        )
        new = NewEntry(
            book=self.book, kind=kind, says=dict(says), seen_on=on, source=source, undoes=undoes,
            id=id_of(self.county.seed, "entry", self.at * 1_000 + len(self.said)),
        )  # fmt: skip
        self.said.append((at, new, by))


def picked(row: Mapping[str, Any], names: Sequence[str]) -> Facts:
    """Those of the facts that are known."""
    return {name: row[name] for name in names if name in row}


# --- people ---------------------------------------------------------------------------------------


def _gone(home: Home) -> Iterator[tuple[int, UUID]]:
    order, starts = home.county.gone
    for number, at in enumerate(order[starts[home.at] : starts[home.at + 1]]):
        yield int(at), id_of(home.county.seed, "gone", home.at * 64 + number)


def opening(home: Home) -> None:
    """The first entry: who belonged to the household when its book was opened."""
    county, years = home.county, home.county.years
    code = county.plan.villages[county.village[home.at]].code
    place = f"{code}{county.hamlet[home.at]:03d}"
    acts: list[Facts] = [{"did": "opened", "code": home.row["household_id"], "place": place}]
    members: dict[str, Facts] = {}
    dead_head = next((at for at, _ in _gone(home) if years.gone_head[at]), None)
    for number, person in enumerate(home.persons):
        if years.joined_on[county.starts[home.at] + number]:
            continue
        head = number == 0 and dead_head is None
        acts.append({"did": "joined", "person": person, "why": "registered", "head": head})
        members[person] = picked(home.people[number], themes.WHO)
        if number == 0 and not head:
            members[person]["relation"] = "other"
    for at, id in _gone(home):
        head = at == dead_head
        acts.append({"did": "joined", "person": str(id), "why": "registered", "head": head})
        members[str(id)] = _who_went(home, at, head=head)
    says = {"acts": acts, "members": members}
    home.say("people", says, home.opened, "register", home.village_officer, late=0)


def _who_went(home: Home, at: int, *, head: bool) -> Facts:
    years = home.county.years
    given = home.chance.choice(staff.GIVEN) + home.chance.choice(staff.GIVEN)
    return {
        "name": str(home.people[0].get("name", "农"))[:1] + given,
        "sex": "male" if years.gone_male[at] else "female",
        "birth": day_of(years.gone_birth[at]),
        "relation": "head" if head else ("daughter" if years.gone_why[at] == 1 else "other"),
    }


def comings(home: Home) -> None:
    """Who was born into the household or married in since."""
    years, first = home.county.years, home.county.starts[home.at]
    for number, person in enumerate(home.persons):
        on = years.joined_on[first + number]
        if not on:
            continue
        why = "married_in" if years.married_in[first + number] else "born"
        who = picked(home.people[number], themes.WHO)
        says = {"acts": [{"did": "joined", "person": person, "why": why}], "members": {person: who}}
        home.say("people", says, day_of(on), "village", home.village_officer, late=9)


def goings(home: Home) -> None:
    """Who died, married out, moved away or never belonged there."""
    years = home.county.years
    for at, id in _gone(home):
        why = LEFT_WHY[years.gone_why[at]]
        acts: list[Facts] = [{"did": "left", "person": str(id), "why": why}]
        says: Facts = {"acts": acts}
        if years.gone_head[at]:
            acts.append({"did": "head", "person": home.persons[0]})
            says["members"] = {home.persons[0]: {"relation": "head"}}
        on = day_of(years.gone_on[at])
        home.say("people", says, on, "village", home.village_officer, late=9)


def move(home: Home) -> None:
    """Relocated households (易地搬迁) to another hamlet."""
    county = home.county
    if county.hamlet[home.at] == county.new_hamlet[home.at]:
        return
    code = county.plan.villages[county.village[home.at]].code
    act = {"did": "moved", "place": f"{code}{county.new_hamlet[home.at]:03d}", "why": "易地搬迁"}
    on = date(2017, 3, 1) + timedelta(days=home.chance.randint(0, 500))
    home.say("people", {"acts": [act]}, on, "relocation", home.township_officer)


# --- what is known --------------------------------------------------------------------------------


def baseline(home: Home) -> None:
    """What was asked when the book was opened."""
    found = picked(home.row, themes.FIRST)
    if home.listed:
        found |= picked(home.row, themes.FIRST_LISTED)
        if home.row.get("repair_done"):
            found |= {"house_grade": "d"}
    home.say(
        "facts", {"household": found}, home.opened + timedelta(days=1), "register",
        home.village_officer,
    )  # fmt: skip


def incomes(home: Home) -> None:
    """Incomes of each year, written on its last day; those between two known years are said so."""
    for year in YEARS:
        mine = home.county.incomes[year]
        found = {
            fact: int(mine[name][home.at]) for name, fact in INCOMES.items() if fact in home.row
        }
        between = year not in (YEARS[0], YEAR)
        says: Facts = {"household": found}
        if between:
            says["words"] = "合成：两个已知年份之间按年均增长插值"
        if year == YEAR:
            found |= _stated(home)
        source = "interpolated" if between else "income"
        on = date(year, 12, 31)
        home.say("facts", says, on, source, home.village_officer, late=20)


def _stated(home: Home) -> Facts:
    """Sums as written, brought to the incomes of the year; whoever summed wrongly still does."""
    county, mine = home.county, home.county.incomes[YEAR]
    gross = sum(int(mine[name][home.at]) for name in ("wage", "operating", "owned", "transfer"))
    more = gross - int(county.gross[home.at])
    net = more + int(county.costs[home.at]) - int(mine["costs"][home.at])
    for name, by in (("total_income_stated", more), ("net_income_stated", net)):
        if name in home.row:
            home.row[name] += by
    for name, digits in (
        ("income_per_person_stated", 2),
        ("handbook_income", 0),
        ("app_income", 0),
    ):
        if name in home.row:
            home.row[name] = round(home.row[name] + net / len(home.persons), digits)
    return picked(home.row, themes.STATED)


def lists(home: Home) -> None:
    """Lists of the insurance office each March and of the schools each September."""
    medical = {
        person: found
        for person, row in zip(home.persons, home.people, strict=True)
        if (found := picked(row, themes.MEDICAL))
    }
    for year in range(2016, 2021):
        day = date(year, 3, 5) + timedelta(days=home.at % 20)
        here = _here(home, medical, day)
        says = {"file": f"医保参保名单{year}.xlsx", "row": home.at + 3, "members": here}
        home.say("import", says, day, "medical_insurance", home.township_officer, late=5)
    pupils = {
        person: picked(row, themes.SCHOOL)
        for person, row in zip(home.persons, home.people, strict=True)
        if row.get("at_school") or "on_roll" in row
    }
    for year in (2018, 2019, 2020) if pupils else ():
        day = date(year, 9, 10) + timedelta(days=home.at % 15)
        says = {
            "file": f"在校学生名单{year}.xlsx", "row": home.at + 3,
            "members": _here(home, pupils, day),
        }  # fmt: skip
        home.say("import", says, day, "education", home.township_officer, late=5)


def _here(home: Home, of: Mapping[str, Facts], on: date) -> dict[str, Facts]:
    """Those who belonged to the household on a day."""
    first, day = home.county.starts[home.at], (on - _EPOCH).days
    joined = home.county.years.joined_on
    return {
        person: of[person]
        for number, person in enumerate(home.persons)
        if person in of and joined[first + number] <= day
    }


def census(home: Home) -> None:
    """The census of summer 2020 asks everything that does not stand under another theme."""
    on = date(2020, 7, 15) + timedelta(days=home.chance.randint(0, 40))
    says = {
        "household": {
            name: value for name, value in home.row.items() if name not in themes.NOT_IN_CENSUS
        },
        "members": {
            person: {
                name: value
                for name, value in row.items()
                if name not in themes.NOT_IN_CENSUS_OF_PERSONS
            }
            for person, row in zip(home.persons, home.people, strict=True)
        },
    }
    says["household"].pop("household_id", None)
    says["members"] = _here(home, says["members"], on)
    home.say("facts", says, on, "census", home.village_officer, late=6)


def homes_of(county: County, start: int, end: int, helpers: Sequence[str]) -> Iterator[Home]:
    """Households start … end (not included), ready for their entries."""
    first, last = int(county.starts[start]), int(county.starts[end])
    drawn = county.households.slice(start, end - start)
    rows = zip(drawn["household_id"].to_pylist(), facts_of("household", drawn), strict=True)
    people = facts_of("person", county.persons.slice(first, last - first))
    for at, (household_id, row) in zip(range(start, end), rows, strict=True):
        low, high = int(county.starts[at]) - first, int(county.starts[at + 1]) - first
        helper = int(county.helper[at])
        village = int(county.village[at])
        mine = row | {"household_id": household_id}
        if helper >= 0:
            mine |= _named(mine, helpers[helper], helpers[helper - 1])
        yield Home(
            county=county,
            at=at,
            row=mine,
            people=people[low:high],
            persons=[str(id_of(county.seed, "person", at * 64 + n)) for n in range(high - low)],
            book=id_of(county.seed, "book", at),
            chance=random.Random(f"{county.seed}/{at}"),  # noqa: S311  a demo, nothing secret
            village_officer=staff.officer_id(county, "village", village),
            township_officer=staff.officer_id(
                county, "township", int(county.plan.township[village])
            ),
        )


def _named(row: Facts, helper: str, neighbour: str) -> Facts:
    """The helper by name; where two papers named different people, they still do."""
    found: Facts = {}
    drawn = row.get("helper_name")
    for name in ("helper_name", "handbook_helper", "card_helper", "helper_signer"):
        if name in row:
            same = row[name] == drawn or name == "helper_signer"
            found[name] = helper if same else neighbour
    return found
