"""Splitting, merging, moving and closing households on their pages: previewed, written, undone."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing
from yihu.book.models import Book, Entry
from yihu.card.models import Household, Person

pytestmark = pytest.mark.django_db

HERE = "451022100201"
WHY = {"why": "入户核实后办理", "on": "2020-10-17", "source": "visit"}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def signed_in(worker, language="zh-hans"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client


def family():
    return makers.household(
        {"name": "农老大", "birth": "1960-01-01"},
        {"name": "农小二", "birth": "1990-01-01"},
        {"name": "农三妹", "birth": "1993-01-01"},
    )


def person(home, name):
    return str(Person.objects.get(household=home, name=name).pk)


def address(home):
    return f"/households/{home.pk}/changes/"


def shown(client, home, **form):
    answer = client.post(address(home), {**WHY, **form})
    assert answer.status_code == 200, answer.content.decode()[-1500:]
    return answer


def press(client, home, **form):
    """Preview, then press the last button."""
    mark = shown(client, home, **form).context["mark"]
    answer = client.post(address(home), {**WHY, **form, "seen": mark})
    assert answer.status_code == 302, answer.content.decode()[-1500:]


def books():
    return sorted(Book.objects.values_list("pk", "last_number"))


def undo(client, home):
    page = client.get(address(home)).content.decode()
    (undoing,) = re.findall(rf"{address(home)}[\w-]+/undo/", page)
    return client.post(undoing, {"why": "办错了，整体撤销"})


def split_of(home):
    return {"act": "split", "people": [person(home, "农小二"), person(home, "农三妹")],
            "head": person(home, "农三妹"), "code": "H-new", "place": f"百谷村 ({HERE})",
            "keep_status": "1"}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "word"),
    [("zh-hans", "还没有写入任何内容"), ("en", "Nothing has been written yet")],
)
def test_a_split_is_shown_before_anything_is_written(language, word):
    home = family()
    before = books()
    client = signed_in(people.mei(), language)

    page = shown(client, home, **split_of(home)).content.decode()

    assert word in page
    assert "H-new" in page
    assert WHY["why"] in page
    assert books() == before
    assert not Household.objects.filter(code="H-new").exists()


def test_a_split_is_written_after_the_preview_and_undone_whole():
    home = family()
    client = signed_in(people.mei())

    press(client, home, **split_of(home))

    new = Household.objects.get(code="H-new")
    assert (new.head_name, new.size) == ("农三妹", 2)
    home.refresh_from_db()
    assert (home.head_name, home.size) == ("农老大", 1)
    assert WHY["why"] in client.get(f"/households/{home.pk}/?part=book").content.decode()

    assert undo(client, home).status_code == 302

    home.refresh_from_db()
    new.refresh_from_db()
    assert home.size == 3
    assert new.closed_on is not None


def test_what_was_not_previewed_is_previewed_again_and_not_written():
    home = family()
    client = signed_in(people.mei())
    form = split_of(home)
    mark = shown(client, home, **form).context["mark"]

    other = shown(client, home, **{**form, "people": form["people"][:1]}, seen=mark)
    makers.write(home.pk, says={"household": {"power": True}})
    later = shown(client, home, **form, seen=mark)

    assert other.context["stale"]
    assert later.context["stale"]
    assert not Household.objects.filter(code="H-new").exists()


def test_a_double_becomes_one_with_the_household_that_stays():
    home = makers.household({"name": "农老大", "birth": "1960-01-01"}, {"name": "农新来"})
    stays = makers.household({"name": "农老大", "birth": "1960-01-01"})
    client = signed_in(people.mei())
    form = {"act": "merge", "other": stays.code}

    pairs = shown(client, home, **form).context["pairs"]
    press(client, home, **form)

    assert [bool(pair["chosen"]) for pair in pairs] == [True, False]
    stays.refresh_from_db()
    home.refresh_from_db()
    assert stays.size == 2
    assert home.closed_on == makers.TODAY
    assert undo(client, home).status_code == 302
    home.refresh_from_db()
    stays.refresh_from_db()
    assert (home.size, home.closed_on, stays.size) == (2, None, 1)


def test_two_alike_are_said_to_be_two_people_and_both_come_over():
    home = makers.household({"name": "农老大", "birth": "1960-01-01"})
    stays = makers.household({"name": "农老大", "birth": "1960-01-01"})
    client = signed_in(people.mei())

    press(client, home, act="merge", other=stays.code, **{f"same-{person(home, '农老大')}": ""})

    stays.refresh_from_db()
    assert stays.size == 2


def test_members_go_to_another_household_and_the_household_moves_and_gets_another_head():
    home, to = family(), makers.household({"name": "韦大山"})
    makers.place("village", "451022100202", "新村")
    client = signed_in(people.bo())

    press(client, home, act="give", other=to.code, people=[person(home, "农三妹")])
    press(client, home, act="head", person=person(home, "农小二"))
    press(client, home, act="move", place="451022100202")

    home.refresh_from_db()
    to.refresh_from_db()
    assert (to.size, home.size, home.head_name) == (2, 2, "农小二")
    assert home.place.code == "451022100202"


def test_a_wrong_household_is_closed_with_its_reason_and_opened_again():
    home = family()
    client = signed_in(people.mei())

    press(client, home, act="close")
    home.refresh_from_db()
    assert (home.closed_on, home.closed_why) == (makers.TODAY, WHY["why"])
    assert address(home) in client.get(f"/households/{home.pk}/").content.decode()
    press(client, home, act="reopen")

    home.refresh_from_db()
    assert home.closed_on is None


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"act": "close", "why": "错"}, "household.no_why"),
        ({"act": "burn"}, "household.no_such_change"),
        ({"act": "move", "place": "451022100"}, "household.not_lived_in"),
        ({"act": "split", "people": [], "code": "N", "place": HERE}, "card.nobody"),
        ({"act": "close", "on": "soon"}, "household.no_day"),
    ],
)
def test_a_form_that_cannot_be_is_refused_and_nothing_is_written(form, code):
    from yihu.problems import SENTENCES  # noqa: PLC0415

    home = family()
    before = books()

    answer = signed_in(people.bo()).post(address(home), {**WHY, **form})

    assert answer.status_code == 400
    assert SENTENCES[code]["zh"][-8:] in answer.content.decode()
    assert books() == before


def test_nobody_moves_people_into_a_household_out_of_his_reach():
    home = family()
    far = makers.household({"name": "远方"}, village=makers.place("village", "451022101201"))
    before = books()
    client = signed_in(people.mei())

    there = client.post(
        address(home), {**WHY, "act": "give", "other": far.code, "people": [person(home, "农三妹")]}
    )
    moved = client.post(address(home), {**WHY, "act": "move", "place": "451022101201"})

    assert (there.status_code, moved.status_code) == (404, 404)
    assert books() == before


def test_who_may_read_only_and_who_sees_nothing_are_refused():
    home = family()
    inspector = people.worker("Ins", "inspector", makers.place("county"))

    assert signed_in(inspector).get(address(home)).status_code == 403
    assert signed_in(inspector).post(address(home), {**WHY, "act": "close"}).status_code == 403
    assert signed_in(people.dou()).get(address(home)).status_code == 404


def test_a_helper_undoes_nothing_in_a_household_that_is_not_his():
    home = family()
    to = makers.household({"name": "韦大山"})
    press(signed_in(people.mei()), home, act="give", other=to.code, people=[person(home, "农三妹")])
    helper = people.worker("Gu", "helper", makers.place("village"))
    Pairing.objects.create(worker=helper, household=home, since=makers.TODAY)
    before = Entry.objects.count()

    assert undo(signed_in(helper), home).status_code == 403
    assert Entry.objects.count() == before


def test_a_place_spelled_wrong_gives_the_form_back_with_all_that_was_typed():
    home = family()
    client = signed_in(people.mei())
    form = {**WHY, "act": "split", "people": [person(home, "农小二")], "code": "新户-7",
            "place": "那拔二村"}  # fmt: skip

    answer = client.post(address(home), form)

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "“那拔二村”：没有叫这个名字的村或屯" in page
    assert f'value="{form["people"][0]}" checked' in page
    assert all(f'value="{each}"' in page for each in ("新户-7", "那拔二村", WHY["why"]))


def test_a_village_is_named_without_its_code_where_only_one_is_called_so():
    home = family()
    makers.place("hamlet", f"{HERE}001", "上屯", parent=makers.place())
    client = signed_in(people.mei())

    press(client, home, act="move", place="上屯")

    home.refresh_from_db()
    assert home.place.name == "上屯"


def test_the_number_of_a_household_nobody_has_is_named_in_the_refusal():
    client = signed_in(people.mei())

    answer = client.post(address(family()), {**WHY, "act": "merge", "other": "H-404"})

    assert answer.status_code == 404
    assert "“H-404”：没有这个户编号" in answer.content.decode()
