"""Entries that come up from phones: judged one by one, written once, never lost."""

from __future__ import annotations

import pytest

from tests import makers
from tests.sync.phones import Phone, helper
from yihu.book.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def test_an_entry_is_taken_and_its_receipt_says_where_it_stands():
    home = makers.household(power=False)
    phone = Phone(helper("Gu", home))

    (answer,) = phone.send(phone.entry(home, says={"household": {"power": True}}))

    entry = Entry.objects.get(pk=answer["id"])
    assert answer["outcome"] == "taken"
    assert (answer["number"], answer["hash"]) == (entry.number, bytes(entry.hash).hex())
    assert answer["receipt"] == f"{home.pk.hex[:8]}-{entry.number}-{answer['hash'][:8]}"
    assert (entry.author, entry.source) == (phone.worker, "phone")


def test_my_families_come_down_and_then_only_what_changed():
    mine, other = makers.household(power=False), makers.household()
    phone = Phone(helper("Gu", mine))

    first = phone.pull()
    again = phone.pull()
    phone.send(phone.entry(mine, says={"household": {"power": True}}))
    after = phone.pull()

    assert [each["id"] for each in first["families"]] == [str(mine.pk)]
    assert str(other.pk) not in str(first)
    assert again["families"] == []
    assert after["families"][0]["facts"]["power"]["value"] is True
