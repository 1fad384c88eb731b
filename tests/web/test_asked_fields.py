"""Fields of the desk's forms are asked by the rulebook: said, judged, and never at a loss."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from tests import makers, people
from tests.web.browsing import MARKS, barriers, reads_in, sign_in, wide
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import Person
from yihu.web import asked_fields

pytestmark = pytest.mark.django_db
SEEN = "2020-10-01"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def address(home, level="household", theme="household_house", person=None):
    at = reverse("household_write", args=[home.pk, level, theme])
    return f"{at}?person={person.pk}" if person else at


def only(pattern: str, page: str) -> str:
    """What a pattern finds on a page: its first group."""
    found = re.search(pattern, page, re.DOTALL)
    assert found is not None, pattern
    return found[1]


def sent(client, where, *, seen_on=SEEN, **facts):
    """The answer to a form that was opened just now, and sent with these fields."""
    based_on = only(r'name="based_on" value="(\d+)"', client.get(where).content.decode())
    form = {"seen_on": seen_on, "source": "visit", "based_on": based_on, **facts}
    return client.post(where, form)


def around(page, fact):
    """The field of a fact as it stands on a page, tags and all."""
    ends = '(?=<div class="form-field|</form>)'
    return unescape(only(rf'(<div class="form-field[^>]*data-fact="{fact}".*?){ends}', page))


def test_a_field_says_when_it_is_asked_and_where_that_is_answered(client):
    home = makers.household({"birth": "1980-01-01"})
    person = Person.objects.get(household=home)
    client.force_login(people.mei())

    house = client.get(address(home)).content.decode()
    basic = client.get(address(home, "person", "person_basic", person)).content.decode()

    assert "“是否易地搬迁户”为是时才问。" in around(house, "moved_in")
    assert "时才问" not in around(house, "relocated")
    kind = around(basic, "disability_kind")
    assert "“是否残疾”为是时才问。" in kind
    assert f"/write/person/person_health/?person={person.pk}" in kind
    assert "到“健康与医疗保障”填写" in kind


def test_what_the_browser_needs_comes_with_the_form_and_nothing_closer(client):
    home = makers.household({"birth": "1980-01-01", "health": ["disabled"]}, second_house=True)
    person = Person.objects.get(household=home)
    client.force_login(people.mei())

    def data(where):
        page = client.get(where).content.decode()
        found = re.search(r'<script id="asked-data" type="application/json">(.*?)</script>', page)
        return json.loads(found[1]) if found else None

    basic = data(address(home, "person", "person_basic", person))

    assert basic["conditions"]["disability_kind"] == [
        "has",
        ["fact", "person", "health"],
        "disabled",
    ]
    assert basic["known"] == {"person.health": ["disabled"]}
    assert basic["facts"]["person.health"]["kind"] == "codes"
    assert data(address(home))["known"] == {}
    assert data(address(home, theme="household_help")) is None


def test_who_does_not_see_what_is_sensitive_is_told_nothing_by_what_is_asked(client):
    home = makers.household({"birth": "1980-01-01", "health": ["disabled"]})
    person = Person.objects.get(household=home)
    few = people.worker("Ad", "administrator", makers.place("county"))
    client.force_login(few)

    answer = client.get(address(home, "person", "person_basic", person))

    assert "disabled" not in answer.content.decode()


def test_an_answer_to_a_question_that_is_not_asked_is_refused_beside_the_field(client):
    home = makers.household(relocated=False)
    before = Entry.objects.filter(book_id=home.pk).count()
    client.force_login(people.mei())

    answer = sent(client, address(home), moved_in="true", house_area="88")
    page = answer.content.decode()

    assert answer.status_code == 400
    assert "“是否搬迁入住”现在不问：“是否易地搬迁户”为是时才问。" in around(page, "moved_in")
    assert '<option value="true" selected>' in around(page, "moved_in")
    assert 'value="88"' in around(page, "house_area")
    assert Entry.objects.filter(book_id=home.pk).count() == before


def test_every_field_that_is_not_asked_says_so_at_once(client):
    home = makers.household(relocated=False)
    client.force_login(people.mei())

    page = sent(
        client, address(home), moved_in="true", relocation_kind="concentrated"
    ).content.decode()

    for fact in ("moved_in", "relocation_kind"):
        assert "现在不问" in around(page, fact)


def test_the_answer_that_decides_may_come_with_the_form(client):
    home = makers.household(relocated=False)
    client.force_login(people.mei())

    answer = sent(client, address(home), relocated="true", moved_in="true")

    assert answer.status_code == 302
    home.refresh_from_db()
    assert (home.facts["relocated"], home.facts["moved_in"]) == (True, True)


def test_while_it_is_not_known_whether_something_is_asked_it_may_be_answered(client):
    home = makers.household()
    client.force_login(people.mei())

    assert sent(client, address(home), moved_in="true").status_code == 302


def test_an_answer_that_stands_stays_and_may_be_taken_back(client):
    home = makers.household(relocated=True, moved_in=True)
    client.force_login(people.mei())

    assert sent(client, address(home), relocated="false", moved_in="true").status_code == 302
    home.refresh_from_db()
    assert home.facts["moved_in"] is True
    page = client.get(address(home)).content.decode()
    assert '<option value="true" selected>' in around(page, "moved_in")
    assert sent(client, address(home), moved_in="false").status_code == 400
    assert sent(client, address(home), moved_in="").status_code == 302

    home.refresh_from_db()
    assert home.facts.get("moved_in") is None


def test_what_was_asked_then_may_be_answered_now(client):
    home = makers.household({"birth": "2004-03-01", "schooling": "none"})
    person = Person.objects.get(household=home)
    client.force_login(people.mei())
    school = address(home, "person", "person_school", person)

    assert sent(client, school, seen_on=SEEN, not_at_school_reason="illness").status_code == 400
    then = sent(client, school, seen_on="2018-10-01", not_at_school_reason="illness")

    assert then.status_code == 302


def test_the_condition_of_one_person_looks_at_no_other(client):
    home = makers.household(
        {"name": "甲", "health": ["disabled"]}, {"name": "乙", "health": ["healthy"]}
    )
    one, other = Person.objects.filter(household=home).order_by("name")
    client.force_login(people.mei())
    given = {"disability_grade": "2"}

    answers = [
        sent(client, address(home, "person", "person_basic", each), **given).status_code
        for each in sorted((one, other), key=lambda each: each.name != "甲")
    ]

    assert answers == [302, 400]


def test_numbers_and_days_say_their_range_and_are_kept_to_it(client):
    home = makers.household(new_house=True)
    client.force_login(people.mei())

    page = client.get(address(home)).content.decode()
    clue = client.get(address(home, theme="household_clue")).content.decode()
    refused = sent(client, address(home), months_to_finish="121")

    assert "0 到 120" in around(page, "months_to_finish")
    assert 'min="0" max="120"' in around(page, "months_to_finish").replace('step="1" ', "")
    assert 'min="2019-01-01" max="2040-12-31"' in around(clue, "clue_on")
    assert refused.status_code == 400
    assert "120" in around(refused.content.decode(), "months_to_finish")
    assert Entry.objects.filter(book_id=home.pk, seen_on=date(2020, 10, 1)).count() == 0


@pytest.mark.parametrize("seen_on", ["1950-01-01", "0001-01-01"])
def test_a_day_so_long_ago_that_the_rulebook_is_silent_is_no_fault_of_the_form(client, seen_on):
    home = makers.household(relocated=False)
    client.force_login(people.mei())

    assert sent(client, address(home), seen_on=seen_on, moved_in="true").status_code in (302, 400)


# -- in the browser -------------------------------------------------------------------------------


@pytest.fixture
def form(page):
    """The form of a house, opened by Mei: relocated is not known."""
    people.mei()
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"}, house_area=60)
    sign_in(page, "Mei")
    page.goto(address(home))
    page.wait_for_selector("[data-asked-rest]:not([hidden])")
    return page


def shown(page, fact):
    return page.locator(f"[data-fact={fact}]").is_visible()


class TestInTheBrowser:
    """What a person meets who fills in the form."""

    pytestmark = MARKS

    def test_fields_come_and_go_as_answers_change_and_it_is_said(self, form):
        assert not shown(form, "moved_in")

        form.select_option("[name=relocated]", "true")
        assert shown(form, "moved_in")
        assert not shown(form, "moved_in_on")
        said = form.locator("[role=status]").inner_text()
        assert re.fullmatch("现在还要问：.*、安置方式、安置地等 [0-9]+ 项", said)
        form.select_option("[name=moved_in]", "true")
        assert shown(form, "moved_in_on")
        form.select_option("[name=moved_in]", "")
        form.select_option("[name=relocated]", "false")

        assert not shown(form, "moved_in")
        assert "不再问：" in form.locator("[role=status]").inner_text()
        assert form.said == []

    def test_the_field_an_address_points_at_is_there(self, form):
        assert not shown(form, "moved_in")

        form.goto(form.url.split("#")[0] + "#f-moved_in")
        form.reload()

        assert shown(form, "moved_in")
        assert not shown(form, "moved_in_on")

    def test_what_was_typed_never_disappears(self, form):
        form.select_option("[name=relocated]", "true")
        form.fill("[name=relocation_area]", "75")
        form.select_option("[name=relocated]", "false")

        assert shown(form, "relocation_area")
        note = form.locator("[data-fact=relocation_area] [data-when]")
        assert note.inner_text().startswith("“是否易地搬迁户”为是时才问。")
        form.click(".form-end button")
        form.wait_for_selector("[data-fact=relocation_area] .field-wrong")

        assert form.input_value("[name=relocation_area]") == "75"
        assert form.input_value("[name=relocated]") == "false"
        assert shown(form, "relocation_area")

    def test_by_the_keyboard_the_next_field_is_the_one_that_appeared(self, form):
        form.focus("[name=relocated]")
        form.keyboard.press("ArrowDown")
        assert form.input_value("[name=relocated]") == "true"

        form.keyboard.press("Tab")

        assert form.evaluate("document.activeElement.name") == "relocation_kind"

    def test_a_field_is_not_taken_from_under_somebodys_hands(self, form):
        form.select_option("[name=relocated]", "true")
        form.select_option("[name=relocated]", "false")
        form.click("[data-asked-all]")
        form.fill("[name=relocation_area]", "7")
        form.click("[data-asked-all]")
        form.focus("[name=relocation_area]")

        form.keyboard.press("Backspace")
        assert shown(form, "relocation_area")
        form.keyboard.press("Tab")

        form.wait_for_selector("[data-fact=relocation_area]", state="hidden")

    def test_all_fields_may_be_shown_each_with_the_reason(self, form):
        form.click("[data-asked-all]")

        assert form.get_attribute("[data-asked-all]", "aria-expanded") == "true"
        assert form.locator("[data-fact]:visible").count() == form.locator("[data-fact]").count()
        assert form.locator("[data-fact=moved_in] [data-when]").is_visible()
        assert form.locator("[data-fact=house_area] [data-when]").count() == 0

    @pytest.mark.parametrize(("language", "width"), [("zh-hans", 390), ("en", 1440)])
    def test_nobody_is_kept_out(self, form, language, width):
        at = form.url
        reads_in(form, language)
        form.set_viewport_size({"width": width, "height": 844})
        form.goto(at)
        form.click("[data-asked-all]")
        form.select_option("[name=relocated]", "true")

        assert barriers(form) == []
        assert wide(form) == []

    def test_without_scripts_all_fields_are_there(self, live_server, page):
        people.mei()
        home = makers.household({"birth": "1980-01-01"})
        context = page.context.browser.new_context(
            base_url=live_server.url, locale="zh-CN", java_script_enabled=False
        )
        plain = context.new_page()
        sign_in(plain, "Mei")

        plain.goto(address(home))

        assert plain.locator("[data-fact]:visible").count() == plain.locator("[data-fact]").count()
        assert plain.locator("[data-fact=moved_in] [data-when]").is_visible()
        assert not plain.locator("[data-asked-rest]").is_visible()


def test_a_line_stands_with_its_value_where_it_is_said_when_a_field_is_asked():
    spec = dictionary.active().facts["person", "work_months"]

    said = asked_fields._words(spec, makers.TODAY)

    assert said is not None
    assert said.zh == "周岁（按“出生日期”）不小于 16〔劳动年龄起〕"
    assert said.en.endswith("at least 16 [first age of labour]")
