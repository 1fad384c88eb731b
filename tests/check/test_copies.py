"""Who shares a number with whom is counted over everybody, for one card as for all at once."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers
from yihu import loop
from yihu.card.models import Household
from yihu.check import copies
from yihu.check.models import HouseholdFindings
from yihu.check.reasons import reason_of_household
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "990000196806300018", "99000019700101001X"


def family(*numbers, **facts):
    return makers.household(
        *({"identity": number} if number else {} for number in numbers), **facts
    )


def answer(home, rule, nobody=None):
    """The household's answer, or of its first person: 1 holds, 0 fails, 2 unknown."""
    found = HouseholdFindings.objects.get(household=home)
    rules = found.run.rules
    if rule in rules["household"]:
        return found.answers[rules["household"].index(rule)]
    first = makers.members(home)[0]
    return found.people[str(first.pk)][rules["person"].index(rule)]


def answers(*homes, rules=("id_repeated", "id_twice_monitored", "phone_shared")):
    return [[answer(home, rule) for rule in rules] for home in homes]


def test_a_number_nobody_else_has_is_known_to_stand_once():
    home = family(NUMBER, phone="13800000001")

    assert answers(home) == [["0", "0", "0"]]
    loop.check_all(at=makers.AT)
    assert answers(home) == [["0", "0", "0"]]


def test_who_has_no_number_is_unknown():
    home = family(None)

    assert answers(home) == [["2", "2", "2"]]


def test_the_second_with_a_number_is_found_at_once_and_the_first_by_the_night():
    first, second = (family(NUMBER, phone="13800000001") for _ in range(2))

    assert answers(second, rules=["id_repeated", "phone_shared"]) == [["1", "1"]]
    assert answers(first, rules=["id_repeated", "phone_shared"]) == [["0", "0"]]
    loop.check_all(at=makers.AT)
    assert answers(first, second, rules=["id_repeated", "phone_shared"]) == [["1", "1"]] * 2
    assert Gap.objects.filter(rule="id_repeated", state="open").count() == 2

    person = makers.members(second)[0]
    makers.write(second.pk, says={"members": {str(person.pk): {"identity": OTHER}}})

    assert Gap.objects.get(rule="id_repeated", household=second).state == "cleared"
    assert Gap.objects.get(rule="id_repeated", household=first).state == "open"
    loop.check_all(at=makers.AT)
    assert Gap.objects.get(rule="id_repeated", household=first).state == "cleared"


def test_twice_in_one_family_counts():
    home = family(NUMBER, NUMBER)

    assert answer(home, "id_repeated") == "1"


def test_only_those_meant_are_counted():
    """Two under monitoring share a number; a third, who is not, is not counted."""
    monitored = [family(NUMBER, monitor_kind="marginal") for _ in range(2)]
    other = family(OTHER)
    alone = family(OTHER, monitor_kind="unstable")

    loop.check([*monitored, other, alone], at=makers.AT)
    one_by_one = answers(*monitored, other, alone)
    loop.check_all(at=makers.AT)

    assert answers(*monitored, other, alone) == one_by_one
    assert [each[1] for each in one_by_one] == ["1", "1", "0", "0"]
    assert [each[0] for each in one_by_one] == ["1", "1", "1", "1"]


def test_a_closed_family_and_who_left_are_not_counted():
    closed, home = family(NUMBER), family(NUMBER)
    makers.write(closed.pk, kind="people", says={"acts": [{"did": "closed", "why": "重复登记"}]})
    gone = family(NUMBER, OTHER)
    left = {"did": "left", "person": str(makers.members(gone)[0].pk), "why": "moved_out"}
    head = {"did": "head", "person": str(makers.members(gone)[1].pk)}
    makers.write(gone.pk, kind="people", says={"acts": [head, left]})

    loop.check([Household.objects.get(pk=home.pk)], at=makers.AT)

    assert answer(home, "id_repeated") == "0"
    loop.check_all(at=makers.AT)
    assert answer(home, "id_repeated") == "0"


def test_the_reason_says_how_many_have_the_number():
    family(NUMBER)
    home = family(NUMBER)
    person = makers.members(home)[0]

    found = reason_of_household(home, "id_repeated", on=makers.TODAY, lang="en", person=person.pk)

    assert found.answer == "holds"
    assert "persons with the same document number: 2" in " ".join(found.sentences)


def test_of_a_number_hundreds_have_some_are_looked_at(monkeypatch):
    homes = [family(OTHER, phone="13800000001") for _ in range(4)]
    monkeypatch.setattr(copies, "MOST", 2)

    assert len(copies.sharing(homes[0], makers.TODAY)) == 2
    loop.check([homes[0]], at=makers.AT)
    assert answer(homes[0], "phone_shared") == "1"


def test_a_rulebook_that_counts_nobody_is_as_before(monkeypatch):
    monkeypatch.setattr(copies, "counting", lambda *_: None)
    home = family(NUMBER)

    assert copies.sharing(home, date(2020, 1, 1)) == ()
    assert answer(home, "id_repeated") == "2"
