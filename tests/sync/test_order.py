"""Requests that come twice, at once or in another order than they were sent: each entry once."""

from __future__ import annotations

import hashlib
from itertools import permutations

import pytest

from tests import makers
from tests.sync.phones import Phone, faults_in, helper
from yihu.book.models import Entry, StoredFile

pytestmark = pytest.mark.django_db
SHOT = b"\xff\xd8\xff\xe0" + b"a roof" * 300
NAME = hashlib.sha256(SHOT).hexdigest()


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"


def a_visit(phone, home):
    """Its entries as a phone makes them: the visit, a photo, a signature that names both."""
    visit = phone.entry(home, kind="visit", says={"words": "都好", "household": {"power": True}})
    photo = phone.entry(home, kind="evidence",
                        says={"sha256": NAME, "type": "image/jpeg", "size": len(SHOT)})  # fmt: skip
    said = {"of": "户主", "entries": [visit["id"], photo["id"]], "evidence": [NAME]}
    return [visit, photo, phone.entry(home, kind="signature", says=said)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_requests_that_overtake_each_other_and_come_twice_write_each_entry_once(order):
    home = makers.household()
    phone = Phone(helper("Gu", home))
    entries = a_visit(phone, home)
    sent = [entries[at] for at in order]

    first = [phone.send(each)[0] for each in sent]
    second = phone.send(*reversed(sent))

    assert {each["outcome"] for each in first} == {"taken"}
    assert [each["receipt"] for each in reversed(second)] == [each["receipt"] for each in first]
    assert Entry.objects.filter(source="phone").count() == 3
    assert faults_in(home.pk) == []


def test_pieces_that_come_twice_and_in_another_order_make_one_whole_photo():
    home = makers.household()
    phone = Phone(helper("Gu", home))
    phone.send(*a_visit(phone, home))
    starts = [1200, 0, 0, 1200, 600, 0, 1200, 600]
    ends = {0: 600, 600: 1200, 1200: len(SHOT)}

    offsets = []
    for at in starts:
        where = f"files/{NAME}?offset={at}&size={len(SHOT)}"
        offsets.append(phone.ask("put", where, SHOT[at : ends[at]]).json()["offset"])

    assert offsets == [0, 600, 600, 600, 1200, 1200, len(SHOT), len(SHOT)]
    assert StoredFile.objects.get().sha256 == NAME
