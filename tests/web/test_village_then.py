"""The village page as of a day and as known on a day."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from tests import makers, people
from yihu import loop
from yihu.book.undoing import undo_entry
from yihu.card.models import Household
from yihu.card.plans import When, move_household
from yihu.card.queries import home

pytestmark = pytest.mark.django_db

EARLY = makers.at(date(2020, 9, 1))
SEPTEMBER = "2020-09-15"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def asked(worker, address, language="zh-hans"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client.get(address)


def auditor():
    return people.worker("Shen", "auditor", makers.place("county"))


def then(code="451022100201", **days):
    query = "&".join(f"{name}={day}" for name, day in days.items())
    return f"/villages/{code}/then/?{query}"


def moved(to, on):
    """A family that was written in the village in September and moved away in October."""
    made = makers.household({"name": "韦远行"}, when=EARLY)
    entries = move_household(home(made.pk), When(on, "test"), place=to.code, why="搬迁")
    loop.write(entries, by=None, at=makers.AT)
    return Household.objects.get(pk=made.pk)


def test_a_household_written_later_was_not_known_on_the_day():
    makers.household({"name": "韦早在"}, when=EARLY)
    makers.household({"name": "黄后来"})

    page = asked(auditor(), then(known=SEPTEMBER)).content.decode()

    assert "韦早在" in page
    assert "黄后来" not in page
    assert "黄后来" in asked(people.chen(), then(as_of=SEPTEMBER)).content.decode()


def test_a_household_that_moved_away_since_stands_where_it_was():
    other = makers.place("village", "451022100202", "新村")
    family = moved(other, date(2020, 10, 1))
    assert family.place == other

    who = auditor()
    was = asked(who, then(known=SEPTEMBER)).content.decode()
    held = asked(who, then(as_of=SEPTEMBER)).content.decode()
    there = asked(who, then("451022100202", known=SEPTEMBER)).content.decode()

    assert family.code in was
    assert family.code in held
    assert family.code not in there
    assert family.code in asked(who, then("451022100202")).content.decode()


def test_a_household_of_a_hamlet_stands_in_the_list_of_its_village():
    village = makers.place("village")
    hamlet = makers.place("hamlet", "451022100201001", "上屯", parent=village)
    family = makers.household(village=hamlet, when=EARLY)

    assert family.code in asked(people.mei(), then(known=SEPTEMBER)).content.decode()


def test_gaps_stand_as_the_check_had_left_them_then():
    child = {"name": "农小山", "birth": "2010-03-01", "schooling": "none", "home_taught": False,
             "absence_proved": False}  # fmt: skip
    made = makers.household({"name": "农大山", "birth": "1970-01-01"}, child, when=EARLY)
    (person,) = [one for one in makers.members(made) if one.name == "农小山"]
    title = "农小山：适龄儿童少年在校或有合理原因"
    rule = title.partition("：")[2]
    card = f"/households/{made.pk}/?part=card"
    who = auditor()
    assert title in asked(who, then(known=SEPTEMBER)).content.decode()

    makers.write(made.pk, says={"members": {str(person.pk): {"schooling": "junior_1"}}})

    assert title in asked(who, then(known=SEPTEMBER)).content.decode()
    assert title not in asked(who, then()).content.decode()
    assert rule in asked(who, f"{card}&known={SEPTEMBER}").content.decode()
    assert rule in asked(who, f"{card}&as_of={SEPTEMBER}").content.decode()
    assert rule not in asked(who, card).content.decode()


def test_the_book_of_a_household_ends_where_it_ended_for_those_who_knew_it_then():
    made = makers.household({"name": "韦早在"}, when=EARLY)
    makers.write(made.pk, says={"household": {"power": True}}, seen_on=date(2020, 9, 2))
    who, book = auditor(), f"/households/{made.pk}/?part=book"

    def lines(address):
        return asked(who, address).content.decode().count('<li id="entry-')

    assert lines(f"{book}&known={SEPTEMBER}") == 1
    assert lines(book) == 2


@pytest.fixture
def corrected():
    """A family known in September with power, of which October knew more and better."""
    made = makers.household({"name": "韦早在", "birth": "1980-01-01"}, when=EARLY, power=True)
    makers.write(made.pk, kind="help", seen_on=date(2020, 10, 2),
                 says={"measure": "送来三只羊", "amount": {"yuan": 1830}})  # fmt: skip
    makers.write(made.pk, says={"household": {"power": False}}, seen_on=date(2020, 10, 3))
    members = {str(makers.members(made)[0].pk): {"name": "韦改名"}}
    makers.write(made.pk, says={"members": members}, seen_on=date(2020, 10, 4))
    return Household.objects.get(pk=made.pk)


LATER = ("韦改名", "送来三只羊", "2020年10月2日", "2020年10月3日", "2020年10月4日")


@pytest.mark.parametrize("days", [{"known": SEPTEMBER}, {"as_of": SEPTEMBER}])
@pytest.mark.parametrize("part", ["card", "people", "book", "checks", "due", "all"])
def test_no_side_of_a_household_tells_what_came_later(corrected, part, days):
    query = "&".join(f"{name}={day}" for name, day in days.items())
    page = f"/households/{corrected.pk}/?part={part}"
    who = auditor()

    was = asked(who, f"{page}&{query}").content.decode()

    assert [word for word in LATER if word in was] == []
    assert "韦早在" in was
    assert "韦改名" in asked(who, page).content.decode()


@pytest.mark.parametrize("days", [{"known": SEPTEMBER}, {"as_of": SEPTEMBER}])
def test_the_answers_of_a_past_day_are_those_of_the_card_of_then(corrected, days):
    query = "&".join(f"{name}={day}" for name, day in days.items())
    checks = f"/households/{corrected.pk}/?part=checks"
    who = auditor()

    def answer(address):
        text = asked(who, address).content.decode()
        row = r'mark-\w+">([^<]+)</span></div><details class="why"><summary '
        return re.findall(row + r'hx-get="[^"]*/exit_power/([^"]*)"', text)[0]

    (word, why), (word_now, why_now) = answer(f"{checks}&{query}"), answer(checks)

    assert (word, word_now) == ("正常", "查出问题")
    assert (why, why_now) == (f"?{query}", "")
    reasons = f"/households/{corrected.pk}/why/exit_power/"
    assert asked(who, f"{reasons}?{query}").content != asked(who, reasons).content


def test_who_asks_for_a_day_before_the_household_was_known_sees_nothing_of_it(corrected):
    page = asked(auditor(), f"/households/{corrected.pk}/?part=all&known=2020-08-01")

    text = page.content.decode()
    assert "当时还没有这一户" in text
    assert [word for word in ("韦早在", *LATER) if word in text] == []


def test_an_entry_that_was_taken_back_since_stands_undone_in_the_book_as_of_its_day():
    made = makers.household({"name": "韦早在"}, when=EARLY)
    wrong = makers.write(made.pk, says={"household": {"power": True}}, seen_on=date(2020, 9, 2))
    loop.write([undo_entry(wrong, why="看错了", on=makers.TODAY)], by=None, at=makers.AT)
    who, book = auditor(), f"/households/{made.pk}/?part=book"

    held = asked(who, f"{book}&as_of={SEPTEMBER}").content.decode()

    assert "看错了" in held
    assert 'class="undone"' in held
    assert "看错了" not in asked(who, f"{book}&known=2020-10-01").content.decode()


def test_nothing_is_written_or_printed_on_a_page_of_a_past_day(corrected):
    village = people.mei()
    page = f"/households/{corrected.pk}/?part=card"

    was = asked(village, f"{page}&known={SEPTEMBER}").content.decode()

    acts = ("/write/", "/papers/", "/unmask/", "/raise/", "/undo/")
    assert [act for act in acts if act in was] == []
    assert f"part=all&amp;known={SEPTEMBER}" in was
    assert all(act in asked(village, page).content.decode() for act in ("/write/", "/papers/"))


def test_a_village_worker_is_not_shown_a_household_that_left_his_reach():
    family = moved(makers.place("village", "451022101201", "外村"), date(2020, 10, 1))

    page = asked(people.mei(), then(known=SEPTEMBER)).content.decode()

    assert family.code not in page


def test_the_list_of_the_day_is_given_out_to_whoever_may_export():
    family = makers.household({"name": "韦早在"}, when=EARLY)

    given = asked(auditor(), then(known=SEPTEMBER, ending="csv"))

    assert family.code in given.getvalue().decode("utf-8-sig")
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    assert asked(keeper, then(known=SEPTEMBER, ending="csv")).status_code == 403


@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "当时的农户"), ("en", "Households then")]
)
def test_both_languages_say_which_day_it_is(language, word):
    makers.household({"name": "韦早在"}, when=EARLY)

    page = asked(auditor(), then(known=SEPTEMBER), language).content.decode()

    assert word in page
    assert ("2020年9月15日" in page) == (language == "zh-hans")


def test_of_a_township_the_villages_are_offered_with_the_same_day():
    makers.household(when=EARLY)

    page = asked(auditor(), then("451022100", known=SEPTEMBER)).content.decode()

    assert "/villages/451022100201/then/?known=2020-09-15" in page


def test_a_day_that_is_none_is_refused_with_what_was_found():
    makers.household(when=EARLY)

    answer = asked(auditor(), then(known="tuesday"))

    assert answer.status_code == 400
    assert "tuesday" in answer.content.decode()


@pytest.mark.parametrize("days", ["as_of=2020-10-18", "known=2031-01-01", "as_of=9999-12-31"])
@pytest.mark.parametrize(("language", "words"), [("zh-hans", "晚于今天"), ("en", "after today")])
def test_a_day_that_has_not_come_is_refused_with_both_days(days, language, words):
    home = makers.household()
    who = auditor()

    for address in (
        f"/households/{home.pk}/?{days}",
        f"/households/{home.pk}/why/exit_power/?{days}",
        f"/villages/451022100201/then/?{days}",
        f"/statistics/?on={days.partition('=')[2]}",
    ):
        client = Client()
        client.force_login(who)
        client.cookies["yihu_language"] = language
        answer = client.get(address)
        text = answer.content.decode()
        assert answer.status_code == 400, address
        assert words in text
        assert days.partition("=")[2] in text
        assert makers.TODAY.isoformat() in text
