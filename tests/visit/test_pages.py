"""Questions about visits: found by night, asked by the inspector, answered, closed in the book."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing
from yihu.book.models import Entry
from yihu.ledger.models import Gap
from yihu.visit import looking
from yihu.visit.models import Look, Sign

pytestmark = pytest.mark.django_db
A, B = {"latitude": 23.6, "longitude": 107.1}, {"latitude": 23.61, "longitude": 107.1}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def helper(name: str, *homes):
    made = people.worker(name, "helper", makers.place("village"))
    for home in homes:
        Pairing.objects.create(worker=made, household=home, since=date(2020, 1, 1))
    return made


def visited(home, by, where, began, until, words="看了房屋"):
    place = {**where, "metres": 10, "began": f"2020-10-16T{began}.000+08:00"}
    says = {"words": words, "until": f"2020-10-16T{until}.000+08:00", "place_of_visit": place}
    return makers.write(home.pk, by=by, kind="visit", says=says, seen_on=date(2020, 10, 16))


def quick():
    """Two visits twenty seconds apart at two doors; and what the books are found to say."""
    one, other = makers.household({"name": "农一"}), makers.household({"name": "农二"})
    fang = helper("Fang", one, other)
    visited(one, fang, A, "09:00:00", "09:05:00")
    visited(other, fang, B, "09:05:20", "09:08:00", words="<b>看了水</b>")
    looking.look(now=makers.NOW, today=makers.TODAY)
    return fang, other, Sign.objects.get()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def inspector(name="Lu", at=None):
    return signed_in(people.worker(name, "inspector", at or makers.place("county")))


def test_the_inspector_sees_the_evidence_side_by_side_and_a_question():
    _, _, sign = quick()

    page = inspector().get("/signs/").content.decode()

    assert sign.kind == "quick"
    told = ("最短 20 秒", "当时是怎样走的？", "农一", "农二", "09:05:20", "Fang", "户册查到")
    assert [words for words in told if words not in page] == []
    assert "&lt;b&gt;看了水" in page


def test_a_question_is_answered_by_the_helper_and_closed_by_the_inspector_in_the_book():
    fang, home, sign = quick()
    lu = inspector()

    asked = lu.post(f"/signs/{sign.pk}/ask/")
    answered = signed_in(fang).post(f"/ledger/{sign.pk}/answer/", {"words": "两户在同一个晒场"})
    closed = lu.post(f"/signs/{sign.pk}/close/", {"why": "已到场看过，属实"})

    assert [asked.status_code, answered.status_code, closed.status_code] == [302, 302, 302]
    written = Entry.objects.filter(book_id=home.pk, kind="gap", says__gap=str(sign.pk))
    says = list(written.order_by("number").values_list("says", flat=True))
    assert [each["did"] for each in says] == ["opened", "assigned", "answered", "cleared"]
    assert says[0]["sign"]["entries"] == sign.entries
    assert says[0]["origin"] == "inspection"
    assert Gap.objects.get(pk=sign.pk).state == "cleared"
    assert "已到场看过" in lu.get(f"/ledger/{sign.pk}/").content.decode()


def test_nothing_is_asked_twice_and_a_question_outlives_the_months_looked_at():
    _, home, sign = quick()
    lu = inspector()
    lu.post(f"/signs/{sign.pk}/ask/")
    before = Entry.objects.filter(book_id=home.pk).count()

    again = lu.post(f"/signs/{sign.pk}/ask/")
    looking.look(now=makers.NOW, today=date(2021, 6, 1))

    assert again.status_code == 409
    assert Entry.objects.filter(book_id=home.pk).count() == before
    assert list(Sign.objects.values_list("pk", flat=True)) == [sign.pk]
    assert "最短 20 秒" in lu.get("/signs/?state=asked").content.decode()


def test_a_sign_that_needs_no_question_is_closed_for_a_reason_that_is_kept():
    _, home, sign = quick()
    lu = inspector()

    bare = lu.post(f"/signs/{sign.pk}/close/", {"why": "好"})
    done = lu.post(f"/signs/{sign.pk}/close/", {"why": "两户门对门，问过邻居"})

    assert [bare.status_code, done.status_code] == [400, 302]
    of_it = Entry.objects.filter(book_id=home.pk, kind="gap", says__gap=str(sign.pk))
    last = of_it.order_by("number").last()
    assert last is not None
    assert last.says["words"] == "两户门对门，问过邻居"
    assert "最短 20 秒" not in lu.get("/signs/").content.decode()


@pytest.mark.parametrize("who", ["mei", "bo", "chen", "dou"])
def test_nobody_but_an_inspector_looks_or_asks(who):
    _, home, sign = quick()
    before = Entry.objects.filter(book_id=home.pk).count()
    client = signed_in(getattr(people, who)())

    codes = {client.get("/signs/").status_code, client.post(f"/signs/{sign.pk}/ask/").status_code}

    assert codes <= {403, 404}
    assert Entry.objects.filter(book_id=home.pk).count() == before


def test_an_inspector_of_another_place_finds_nothing():
    _, _, sign = quick()
    there = makers.place("township", "451022200")
    su = inspector("Su", there)

    assert "农一" not in su.get("/signs/").content.decode()
    assert su.post(f"/signs/{sign.pk}/ask/").status_code == 404


def test_a_helper_who_left_is_not_made_responsible():
    fang, _, sign = quick()
    Pairing.objects.filter(worker=fang).update(until=date(2020, 10, 16))

    inspector().post(f"/signs/{sign.pk}/ask/")

    assert Gap.objects.get(pk=sign.pk).state == "open"


def test_a_visit_taken_back_and_a_rulebook_without_lines_give_no_sign(monkeypatch):
    fang, home, sign = quick()
    number = sign.entries[-1][1]
    makers.write(home.pk, by=fang, kind="correction", says={"why": "写错户"}, undoes=number)

    looking.look(now=makers.NOW, today=makers.TODAY)
    monkeypatch.setattr(looking, "_line", lambda *_: None)

    assert list(Sign.objects.all()) == []
    assert looking.look(now=makers.NOW, today=makers.TODAY) is None
    assert Look.objects.get().visits == 1


def test_who_sends_a_forms_submissions_in_is_not_asked_about_their_visits():
    one, other = makers.household({"name": "农一"}), makers.household({"name": "农二"})
    bo = people.bo()
    for home in (one, other):
        says = {"words": "今天到家里看了住房和饮水情况，户主说收成比去年好，打算再养两头牛"}
        makers.write(
            home.pk, by=bo, kind="visit", says=says, seen_on=date(2020, 10, 16), source="odk"
        )

    looking.look(now=makers.NOW, today=makers.TODAY)

    assert not Sign.objects.exists()
