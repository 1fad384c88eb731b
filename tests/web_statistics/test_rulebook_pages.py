"""The rulebook to read and the simulator: what each of the four may see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from tests import makers, people
from yihu.book import dictionary
from yihu.check import remembered, trial
from yihu.check.trial import lines_to_try, try_line
from yihu.web.rulebook import shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def home(per_person: int, village=None, **facts):
    """A registered household of two with this income per person, in yuan a year."""
    return makers.household(
        {"birth": "1970-01-01", "relation": "01"},
        {"birth": "1972-01-01", "relation": "02"},
        village=village, income_per_person_stated=per_person, **facts,
    )  # fmt: skip


def open_as(client, who, address, **given):
    client.force_login(who)
    return client.get(address, given)


def test_every_name_of_the_rulebook_can_be_read(client):
    mei = people.mei()
    page = open_as(client, mei, reverse("rulebook")).content.decode()

    assert "/rulebook/household.exit_income/" in page
    for target in ("household.exit_income", "line.income", "person.schooling"):
        assert open_as(client, mei, reverse("named", args=[target])).status_code == 200
    for target in ("household.no_such", "line.no_such", "x"):
        assert open_as(client, mei, reverse("named", args=[target])).status_code == 404


def test_names_in_a_rule_lead_to_their_pages(client):
    page = open_as(client, people.mei(), reverse("named", args=["household.exit_income"]))

    assert "href='/rulebook/line.income/'" in page.content.decode()


def test_a_fact_says_when_it_is_asked(client):
    mei = people.mei()

    found = open_as(client, mei, reverse("named", args=["household.moved_in_on"])).content.decode()
    other = open_as(client, mei, reverse("named", args=["household.power"])).content.decode()

    assert "“是否易地搬迁户”为是，且“是否搬迁入住”为是时才问。" in found
    assert "href='/rulebook/household.relocated/'" in found
    assert "时才问" not in other


def test_counts_are_of_what_is_reached(client):
    makers.household({"birth": "2010-03-01", "schooling": "primary"})
    makers.household(
        {"birth": "2010-03-01", "schooling": "primary"},
        village=makers.place("village", code="451022101202"),
    )
    who = {"mei": people.mei(), "chen": people.chen(), "dou": people.dou()}
    address = reverse("named", args=["person.child_in_school"])

    found = {
        name: open_as(client, worker, address).context["row"]["found"]
        for name, worker in who.items()
    }

    assert found["mei"]["holds"] == 1
    assert found["chen"]["holds"] == 2
    assert found["dou"] is None


def test_lines_are_shown_with_their_values(client):
    page = open_as(client, people.mei(), reverse("lines")).content.decode()

    assert "4,000" in page
    assert shown(None) == ""


@pytest.mark.parametrize(("lang", "words"), [("zh-hans", "程序"), ("en", "procedures")])
def test_sources_are_said_in_the_language_of_the_page(lang, words, client):
    mei = people.mei()
    client.cookies["yihu_language"] = lang
    spec = next(s for s in dictionary.active().rules.values() if "procedures" in s.source.en)

    reply = open_as(client, mei, reverse("named", args=[f"{spec.level}.{spec.name}"]))
    page = reply.content.decode()

    assert spec.source.said("zh" if lang == "zh-hans" else "en") in page
    assert f"<b>{words}</b>" in page


@pytest.mark.parametrize("who", ["mei", "bo", "dou"])
def test_only_the_county_office_tries_lines_out(who, client):
    reply = open_as(client, getattr(people, who)(), reverse("simulate"), value="5000")

    assert reply.status_code == 403


def test_a_raised_line_brings_families_below_it(client):
    poor, near, risk = home(3000), home(4500), home(7000)
    chen = people.chen()

    reply = open_as(client, chen, reverse("simulate"), line="income", value="5000")

    below = reply.context["trial"].below
    assert [side.households for side in below] == [1, 2]
    assert [side.fen for side in below] == [2 * 100_000, 2 * 200_000 + 2 * 50_000]
    (moved,) = [row for row in reply.context["rows"] if row["rule"] == "risk_below_factor"]
    assert (moved["held"], moved["came"], moved["left"]) == (2, 1, 0)
    assert reply.context["townships"][0]["name"] == poor.place.parent.name
    assert risk.place == near.place
    assert near.place.name in reply.content.decode()


def test_the_families_that_would_move_are_named_and_a_click_away(client, monkeypatch):
    stays, near, risk = home(3000), home(4500), home(7000)

    reply = open_as(client, people.chen(), reverse("simulate"), line="income", value="5000")

    found = {row["home"]: (row["was"], row["now"]) for row in reply.context["who"]}
    assert found == {risk: ("不成立", "成立")}
    assert f'href="{reverse("household", args=[risk.pk])}"' in reply.content.decode()
    assert {stays, near}.isdisjoint(found)
    monkeypatch.setattr("yihu.check.trial.NAMED", 0)
    more = client.get(reverse("simulate"), {"line": "income", "value": "5001"})
    assert more.context["who"] == []


@pytest.mark.parametrize(
    ("lang", "theme", "line"),
    [("zh-hans", "收入与贫困标准", "防返贫监测收入线 · 5000 元/人/年"),
     ("en", "Income and poverty lines", "5000 yuan/person/year")],
)  # fmt: skip
def test_the_lines_stand_under_their_themes_with_what_they_are_today(client, lang, theme, line):
    client.cookies["yihu_language"] = lang

    page = open_as(client, people.chen(), reverse("simulate")).content.decode()

    group = page.partition(f'<optgroup label="{theme}">')[2].partition("</optgroup>")[0]
    assert line in group
    assert 'data-now="5000"' in group
    assert page.count("<option") == len(lines_to_try(makers.TODAY))


def test_a_trial_counts_only_the_villages_reached():
    home(4500)
    other = makers.place("village", code="451022101202")
    home(4500, village=other)

    both = try_line("income", 5000, on=makers.TODAY, villages=["451022100201", other.code])
    one = try_line("income", 5000, on=makers.TODAY, villages=[other.code])

    assert (both.households, one.households) == (2, 1)
    assert {code for moved in one.moved for code in moved.by_village} <= {other.code}


def households_below(line: float) -> int:
    tried = try_line("income", line, on=makers.TODAY, villages=["451022100201"])
    assert tried.below is not None
    return tried.below[1].households


def test_a_trial_reads_the_county_once_and_then_only_what_moved_on(monkeypatch):
    changed, *_ = [home(4500 + n) for n in range(8)]
    assert households_below(5000) == 8
    read: list[list[str]] = []
    reader = remembered.read_cards

    def heard(asked, progress, part=None):
        read.append(list(part.ids) if part else [])
        return reader(asked, progress, part)

    monkeypatch.setattr(remembered, "read_cards", heard)

    assert households_below(4503) == 3
    assert read == []
    makers.write(changed.pk, says={"household": {"income_per_person_stated": 9000}})

    assert households_below(5000) == 7
    assert read == [[changed.pk.hex]]


def test_a_trial_whose_lines_ask_more_than_the_rulebook_does_reads_that_too(monkeypatch):
    home(3000)
    home(4500)
    known = households_below(5000)
    whole = trial._whole
    monkeypatch.setattr(trial, "_whole", lambda *key: replace(whole(*key), facts={}))

    assert households_below(5000) == known == 2


@pytest.mark.parametrize(("line", "value"), [("income", "x"), ("income", "-1"), ("none", "5")])
def test_what_cannot_be_tried_is_refused_with_a_reason(line, value, client):
    reply = open_as(client, people.chen(), reverse("simulate"), line=line, value=value)

    assert reply.status_code == 400
