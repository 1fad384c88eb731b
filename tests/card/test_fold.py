"""Book → card: what stands of what was said."""

from __future__ import annotations

from datetime import UTC, date, datetime

from yihu.book.reading import Read
from yihu.card.fold import Known, fold

ON = date(2020, 6, 30)


def entry(number, *, seen_on=ON, sealed=None, **says):
    at = datetime(2020, 7, 1, tzinfo=UTC)
    return Read(None, None, number, "facts", seen_on, at, at, None, "desk", 0, None, None, b"",
                says, sealed)  # fmt: skip


def test_a_fact_stands_as_it_was_told_last_and_where_it_was_told_first():
    earlier = date(2020, 6, 1)
    entries = [
        entry(1, household={"power": True, "tv": True}),
        entry(2, household={"tv": False, "washer": True}, seen_on=earlier),
        entry(3, household={"power": False}),
    ]

    facts = fold(entries).facts

    assert list(facts.items()) == [
        ("tv", Known(True, ON, 1, "desk")),
        ("washer", Known(True, earlier, 2, "desk")),
        ("power", Known(False, ON, 3, "desk")),
    ]


def test_what_is_taken_back_is_unknown_until_it_is_told_again():
    told = [
        entry(1, household={"power": True, "tv": True}),
        entry(2, household={"power": None, "never": None}),
    ]

    assert list(fold(told).facts) == ["tv"]
    assert list(fold([*told, entry(3, household={"power": True})]).facts) == ["tv", "power"]


def test_a_sealed_value_has_the_token_of_its_own_entry():
    told = [
        entry(1, household={"phone": {"sealed": "c"}}, sealed={"c": "old"}),
        entry(2, household={"phone": {"sealed": "c"}}, sealed={"c": "new"}),
        entry(3, household={"account": {"sealed": "d"}}),
    ]

    facts = fold(told).facts

    assert {fact: known.token for fact, known in facts.items()} == {"phone": "new", "account": ""}
