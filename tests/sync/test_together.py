"""A request of many entries: written at once, each standing as if it had come alone."""

from __future__ import annotations

import pytest

from tests import makers
from tests.sync.phones import Phone, faults_in, helper
from yihu import loop
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.sync import batch
from yihu.sync.models import Arrival

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def said(home, fact="power"):
    return Household.objects.get(pk=home.pk).facts.get(fact)


def test_a_batch_is_written_at_once_and_stands_as_if_each_entry_had_come_alone(monkeypatch):
    home, other = makers.household(), makers.household()
    phone = Phone(helper("Gu", home, other))
    base = Book.objects.get(pk=home.pk).last_number
    sent = [
        phone.entry(home, says={"household": {"power": False}}),
        phone.entry(other, kind="visit", says={"words": "入户走访"}),
        phone.entry(home, says={"household": {"power": True, "water_litres": 30}}),
        phone.entry(home, says={"household": {"power": True}}, based_on=10_000),
    ]
    asked: list[int] = []
    real = loop.write

    def counting(new, **by):
        asked.append(len(new))
        return real(new, **by)

    monkeypatch.setattr(loop, "write", counting)

    told = phone.send(*sent)

    assert asked == [4]
    assert [each["outcome"] for each in told] == ["taken"] * 4
    assert [each["number"] for each in told] == [
        base + 1, Book.objects.get(pk=other.pk).last_number, base + 2, base + 3]  # fmt: skip
    rows = Entry.objects.filter(book_id=home.pk, source="phone").order_by("number")
    assert [row.based_on for row in rows] == [base, base + 1, base + 2]
    assert (said(home), said(home, "water_litres")) == (True, 30)
    assert faults_in(home.pk, other.pk) == []


def test_a_correction_in_a_batch_undoes_what_came_before_it_in_the_same():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    base = Book.objects.get(pk=home.pk).last_number
    wrong = phone.entry(home, says={"household": {"water_litres": 90}})
    undone = phone.entry(home, kind="correction", says={"why": "看错了"}, undoes=base + 1)
    right = phone.entry(home, says={"household": {"water_litres": 30}})

    told = phone.send(wrong, undone, right)

    assert [each["outcome"] for each in told] == ["taken"] * 3
    assert [each["number"] for each in told] == [base + 1, base + 2, base + 3]
    assert said(home, "water_litres") == 30
    assert faults_in(home.pk) == []


def test_one_entry_of_a_batch_that_cannot_be_written_leaves_the_others_taken():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    good = phone.entry(home, says={"household": {"water_litres": 30}})
    bad = phone.entry(home, says={"household": {"power": "perhaps"}})

    told = phone.send(good, bad, phone.entry(home, kind="visit", says={"words": "走访"}))

    assert [each["outcome"] for each in told] == ["taken", "refused", "taken"]
    assert faults_in(home.pk) == []


def test_what_is_refused_or_held_takes_nothing_of_others_back_with_it():
    home, other = makers.household(), makers.household()
    phone = Phone(helper("Gu", home, other))
    stranger = str(makers.members(makers.household())[0].pk)
    left = [{"did": "left", "person": stranger, "why": "died"}]
    refused = phone.entry(home, kind="correction", says={"why": "看错了"}, undoes=9999)
    held = phone.entry(home, kind="people", says={"acts": left})
    good = [
        phone.entry(home, says={"household": {"water_litres": 30}}),
        phone.entry(other, kind="visit", says={"words": "走访"}),
        phone.entry(home, says={"household": {"tv": True}}),
    ]

    told = phone.send(good[0], good[1], refused, good[2], held)

    assert [each["outcome"] == "taken" for each in told] == [True, True, False, True, False]
    for each in good:
        assert Entry.objects.filter(pk=each["id"]).exists()
        assert Arrival.objects.filter(entry_id=each["id"], state="taken").count() == 1
    receipts = [each["receipt"] for each in told if each["outcome"] == "taken"]
    assert len(set(receipts)) == 3
    assert all(each["hash"] for each in told if each["outcome"] == "taken")
    assert faults_in(home.pk, other.pk) == []


def test_an_answer_that_says_taken_is_never_given_for_what_is_in_no_book(monkeypatch):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    monkeypatch.setattr(batch.Waiting, "write", lambda self, *_: self.new.clear())

    told = phone.send(*(phone.entry(home, says={"household": {"water_litres": n}}) for n in (1, 2)))

    assert [each["outcome"] for each in told] == ["taken"] * 2
    assert Entry.objects.filter(pk__in=[each["id"] for each in told]).count() == 2


def test_an_entry_of_tables_in_tables_without_end_is_refused_and_blocks_nothing():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    deep: object = "x"
    for _ in range(200):
        deep = {"a": deep}
    bad = phone.entry(home, says={"household": {}, "words": deep})

    told = phone.send(bad, phone.entry(home))

    assert [each["outcome"] for each in told] == ["refused", "taken"]
    assert phone.send(bad)[0]["again"] is True
