"""Facts of villages and of the county: written by the rulebook's form, in their own books."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import makers, people
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.rulebook.facts import FactSpec

pytestmark = pytest.mark.django_db

HERE = "451022100201"
FORM = f"/villages/{HERE}/write/village_economy/"
SENT = {"seen_on": "2020-10-16", "source": "paper", "based_on": "0"}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()
    makers.place("village")


def signed_in(worker, language="zh-hans"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def facts() -> list[dict[str, object]]:
    return [entry.says.get("place") for entry in Entry.objects.filter(book__place__code=HERE)]


def test_mei_writes_what_her_village_trained_and_finds_it_on_its_page_and_in_its_book():
    client = signed_in(people.mei())
    assert f"/villages/{HERE}/write/" in page(client, f"/villages/{HERE}/")
    assert "短期技能培训人数" in page(client, FORM)

    answer = client.post(FORM, {**SENT, "skill_trained": "42"})

    assert answer.status_code == 302
    assert facts() == [{"skill_trained": 42}]
    assert "短期技能培训人数" in page(client, f"/villages/{HERE}/")
    book = page(client, f"/villages/{HERE}/book/")
    assert "短期技能培训人数：42" in book
    assert "证件或材料" in book


def test_what_was_written_is_undone_by_an_entry_and_stays_in_the_book():
    client = signed_in(people.mei())
    client.post(FORM, {**SENT, "skill_trained": "42"})
    undoing = f"/villages/{HERE}/book/1/undo/"

    assert client.post(undoing, {"why": "错"}).status_code == 400
    assert client.post(undoing, {"why": "把别村的数填来了"}).status_code == 302

    assert "短期技能培训人数" not in page(client, f"/villages/{HERE}/")
    book = page(client, f"/villages/{HERE}/book/")
    assert "撤销第 1 条：把别村的数填来了" in book
    assert "短期技能培训人数：42" in book


def test_who_writes_from_an_old_copy_sees_both_values_and_nothing_is_written():
    client = signed_in(people.mei())
    client.post(FORM, {**SENT, "skill_trained": "42"})

    answer = client.post(FORM, {**SENT, "skill_trained": "7"})

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "别人刚写：42" in text
    assert 'value="7"' in text
    assert facts() == [{"skill_trained": 42}]


@pytest.mark.parametrize(
    ("sent", "word"),
    [({"skill_trained": "many"}, "many"), ({}, "没有填写任何内容"),
     ({"skill_trained": "1", "seen_on": "2021-01-01"}, "2021-01-01")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(sent, word):
    answer = signed_in(people.mei()).post(FORM, {**SENT, **sent})

    assert answer.status_code == 400
    assert word in answer.content.decode()
    assert facts() == []


def test_the_county_has_its_form_and_only_the_county_writes_in_it():
    form = "/villages/451022/write/county/"
    chen, mei = signed_in(people.chen(), "en"), signed_in(people.mei())

    assert chen.post(form, {**SENT, "dropouts_poverty": "0"}).status_code == 302

    assert mei.get(form).status_code == 404
    assert mei.post(form, {**SENT, "dropouts_poverty": "5"}).status_code == 404
    assert "Entry 1" in page(chen, "/villages/451022/book/")


def test_who_may_read_only_sees_the_book_and_no_form():
    signed_in(people.mei()).post(FORM, {**SENT, "skill_trained": "42"})
    inspector = signed_in(people.worker("Ins", "inspector", makers.place("county")))

    book = page(inspector, f"/villages/{HERE}/book/")

    assert "42" in book
    assert "/undo/" not in book
    assert FORM not in page(inspector, f"/villages/{HERE}/")
    page(inspector, FORM, 403)
    assert inspector.post(f"/villages/{HERE}/book/1/undo/", {"why": "试一试看"}).status_code == 403
    assert signed_in(people.dou()).get(f"/villages/{HERE}/book/").status_code == 404


def test_every_fact_of_the_rulebook_about_villages_has_its_field():
    client = signed_in(people.mei())
    specs: list[FactSpec] = [
        s for (at, _), s in dictionary.active().facts.items() if at == "village"
    ]

    names = {
        spec.where.partition(":")[0].rpartition("/")[2].removesuffix(".toml") for spec in specs
    }
    pages = "".join(page(client, f"/villages/{HERE}/write/{name}/") for name in names)

    assert [spec.name for spec in specs if f'name="{spec.name}"' not in pages] == []
