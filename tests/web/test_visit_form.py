"""A visit noted at the desk: asked as on the phone, and written whole or given back as typed."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import makers, people
from tests.sync.phones import helper
from yihu.book.models import Entry, StoredFile
from yihu.card.models import Household
from yihu.sync import asking

pytestmark = pytest.mark.django_db
JPEG = b"\xff\xd8\xff\xe0" + b"house" * 20


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY, settings.FILES = makers.TODAY.isoformat(), tmp_path


@pytest.fixture(autouse=True)
def _all_is_asked(monkeypatch):
    """Of a family nobody was ever asked about, sixty questions leave none to be confirmed."""
    monkeypatch.setattr(asking, "MOST", 500)


def family():
    """A registered family of which much is unknown, and its helper signed in."""
    home = makers.household({"name": "农一", "birth": "1970-01-01"}, house_grade="d")
    makers.write(home.pk, kind="decision", says={"did": "identified"})
    client = Client()
    client.force_login(helper("Gu", home))
    return Household.objects.get(pk=home.pk), client


def form(page: str, **other):
    """What the form holds when it is opened, and what is typed into it."""
    held = dict(re.findall(r'name="(based_on|entry)" value="([^"]*)"', page))
    return {**held, "seen_on": makers.TODAY.isoformat(), **other}


def test_the_form_asks_what_the_phone_would_and_writes_one_visit_with_help_and_photos():
    home, gu = family()
    plan = asking.of(home, makers.TODAY).plan
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()
    photo = SimpleUploadedFile("房屋.jpg", JPEG)

    typed = {"household/clothes": "true", "words": "看了电表", "with": ["农一"]}
    more = {"promised": "修屋顶\n", "measure1": "慰问", "yuan1": "1,200.50"}

    done = gu.post(address, form(page, **typed, **more, photo=photo))

    assert done.status_code == 302
    assert all(f'name="{q.get("person", "household")}/{q["fact"]}"' in page for q in plan[:8])
    rows = Entry.objects.filter(book_id=home.pk, author__name="Gu").order_by("number")
    told, given, shot = rows
    assert [row.kind for row in rows] == ["visit", "help", "evidence"]
    assert told.says["household"] == {"clothes": True}
    assert (told.says["words"], told.says["with"]) == ("看了电表", ["农一"])
    assert told.says["promised"] == ["修屋顶"]
    assert given.says == {"measure": "慰问", "amount": {"yuan": 1200.5}}
    assert shot.says["about"] == {"visit": str(told.pk), "of": "house"}
    home.refresh_from_db()
    assert home.visited_on == makers.TODAY


def test_what_is_known_is_confirmed_with_one_press_and_stands_as_seen_today():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()
    (so,) = re.findall(r'name="(so:\d+:household/house_grade)"', page)

    gu.post(address, form(page, **{so: "1"}))

    told = Entry.objects.get(book_id=home.pk, kind="visit")
    assert told.says["household"] == {"house_grade": "d"}
    assert told.seen_on == makers.TODAY


def test_a_form_sent_twice_is_written_once():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    sent = form(gu.get(address).content.decode(), words="看过", measure1="慰问", yuan1="5")

    codes = [gu.post(address, sent).status_code for _ in range(2)]

    assert codes == [302, 302]
    assert Entry.objects.filter(book_id=home.pk, kind__in=("visit", "help")).count() == 2


def test_what_was_refused_comes_back_as_typed_with_its_photos_and_nothing_is_written():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()
    typed = {"words": "<b>看过", "measure1": "慰问", "yuan1": "许多", "household/clothes": "true"}

    refused = gu.post(address, form(page, photo=SimpleUploadedFile("房屋.jpg", JPEG), **typed))
    back = refused.content.decode()
    kept = re.findall(r'name="kept" value="([^"]+)"', back)
    written = Entry.objects.filter(book_id=home.pk, author__name="Gu").count()
    again = gu.post(address, form(back, words="看过", kept=kept))

    assert (refused.status_code, written) == (400, 0)
    assert all(words in back for words in ("第 1 项帮扶", "&lt;b&gt;看过", 'value="许多"'))
    assert 'value="true" selected' in back
    assert again.status_code == 302
    assert Entry.objects.get(kind="evidence").says["sha256"] == StoredFile.objects.get().sha256


def test_an_answer_somebody_gave_meanwhile_is_shown_beside_what_was_typed():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()
    (so,) = re.findall(r'name="(so:\d+:household/house_grade)"', page)
    makers.write(home.pk, says={"household": {"house_grade": "c", "clothes": True}})
    sent = form(page, words="看过", **{so: "1"})

    answer = gu.post(address, sent)

    typed = gu.post(address, form(page, words="看过", **{"household/clothes": "false"}))

    assert [answer.status_code, typed.status_code] == [409, 409]
    assert "看过" in answer.content.decode()
    assert "别人刚写：是" in typed.content.decode()
    assert not Entry.objects.filter(book_id=home.pk, kind="visit").exists()


def test_an_empty_visit_is_not_written():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"

    answer = gu.post(address, form(gu.get(address).content.decode()))

    assert answer.status_code == 400
    assert "还没有记下任何内容" in answer.content.decode()
    assert not Entry.objects.filter(kind="visit").exists()


@pytest.mark.parametrize("who", ["dou", "chen_of_elsewhere"])
def test_who_does_not_write_in_a_book_notes_no_visit_in_it(who):
    home, _ = family()
    there = makers.place("township", "451022108")
    worker = people.dou() if who == "dou" else people.worker("Su", "township", there)
    client = Client()
    client.force_login(worker)

    address = f"/households/{home.pk}/visit/"

    codes = [client.get(address).status_code, client.post(address, {"words": "看过"}).status_code]

    assert codes == [404, 404]
    assert not Entry.objects.filter(kind="visit").exists()


def test_a_photo_nobody_sent_here_cannot_be_named():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"

    gu.post(address, form(gu.get(address).content.decode(), words="看过",
                          kept=["a" * 64, str(uuid4())]))  # fmt: skip

    assert not Entry.objects.filter(kind="evidence").exists()


def test_a_form_that_was_written_takes_no_other_words_and_says_so():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()

    first = gu.post(address, form(page, words="看过", promised="下周再来"))
    same = gu.post(address, form(page, words="看过", promised="下周再来"))
    other = gu.post(address, form(page, words="又看过"))
    anew = gu.post(address, form(other.content.decode(), words="又看过"))

    assert [first.status_code, same.status_code, other.status_code] == [302, 302, 409]
    assert "这张表已经写入" in other.content.decode()
    assert "又看过" in other.content.decode()
    assert anew.status_code == 302
    words = Entry.objects.filter(book_id=home.pk, kind="visit").order_by("number")
    assert [each.says["words"] for each in words] == ["看过", "又看过"]
    book = gu.get(f"/households/{home.pk}/?part=book").content.decode()
    assert "答应：下周再来" in book


def test_more_words_than_are_kept_are_refused_and_not_cut():
    home, gu = family()
    address = f"/households/{home.pk}/visit/"

    answer = gu.post(address, form(gu.get(address).content.decode(), words="看" * 4001))

    assert answer.status_code == 400
    assert "4001" in answer.content.decode().replace(",", "")
    assert not Entry.objects.filter(book_id=home.pk, kind="visit").exists()


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        ({"promised": "修路。" * 101}, "答应的一件事写了 303 个字符", "one thing promised"),
        ({"others": "村" * 61}, "在场的人写了 61 个字符", "who was there"),
        ({"measure1": "慰问", "done1": "米" * 301}, "帮扶做了什么写了 301 个字符", "done to help"),
    ],
)
def test_words_too_long_are_refused_and_never_cut(typed, zh, en):
    home, gu = family()
    address = f"/households/{home.pk}/visit/"
    page = gu.get(address).content.decode()
    before = Entry.objects.filter(book_id=home.pk).count()

    answers = []
    for language in ("zh-hans", "en"):
        gu.cookies["yihu_language"] = language
        answers.append(gu.post(address, form(page, words="看了", **typed)))

    assert [answer.status_code for answer in answers] == [400, 400]
    assert zh in answers[0].content.decode()
    assert en in answers[1].content.decode()
    assert next(iter(typed.values()))[:20] in answers[0].content.decode()
    assert Entry.objects.filter(book_id=home.pk).count() == before
