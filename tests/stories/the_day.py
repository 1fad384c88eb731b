"""The village of the day: three families, each with a child, and what is written of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests import makers
from tests.exchange.sheets import identity
from yihu.card.models import Household, Person
from yihu.ledger.models import Gap

#: A Saturday; the Tuesday before it; the morning after.
TODAY, TUESDAY = makers.TODAY, date(2020, 10, 13)
MORNING = makers.at(TODAY + timedelta(days=1))
LONG_AGO = makers.at(date(2020, 9, 1))
LEFT_SCHOOL = {"schooling": "none", "home_taught": False, "absence_proved": False}
#: Children: Xiaoyue was never asked; of the two others the book says they have left school.
CHILDREN = ("韦小月", "农小山", "黄小河")


@dataclass(slots=True)
class Village:
    """Three families of one village, their children with their identity numbers."""

    homes: list[Household] = field(default_factory=list)
    children: list[Person] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)

    def gap(self, of: int) -> Gap:
        """The gap of a child about school."""
        return Gap.objects.get(rule="child_in_school", person_id=self.children[of].pk)


def a_village() -> Village:
    """The village as it was written in September."""
    made = Village()
    for order, name in enumerate(CHILDREN):
        head = {"name": f"{name[0]}大山", "birth": "1979-05-02", "relation": "01"}
        child = {"name": name, "birth": f"2008-0{order + 3}-01", "relation": "05"}
        child["identity"] = identity(child["birth"])
        said = LEFT_SCHOOL if order else {}
        home = makers.household(
            head, {**child, **said}, when=LONG_AGO, registered_poor=False,
            income_per_person_stated=4100 + 800 * order,
        )  # fmt: skip
        made.homes.append(home)
        made.children += [one for one in makers.members(home) if one.name == name]
        made.identities.append(child["identity"])
    return made


def writes(by, child: Person, when=makers.AT, **facts) -> None:
    """Somebody writes facts of a child, seen at the door."""
    says = {"members": {str(child.pk): facts}}
    makers.write(child.household_id, by=by, when=when, says=says, source="visit")
