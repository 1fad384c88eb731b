"""All gaps of a filter at once: asked first how many, then done with these and no others."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import makers, people
from yihu.ledger.actions import Raised, raise_gaps
from yihu.ledger.models import Gap
from yihu.web import ledger_bulk

pytestmark = pytest.mark.django_db

QUERY = "department=housing&origin=visit"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def signed_in(worker, language="zh-hans"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client


def many(by, count, home=None):
    home = home or makers.household({"name": "韦大山"})
    raised = [
        Raised(book=home.pk, origin="visit", title=f"屋顶漏雨{n}", department="housing")
        for n in range(count)
    ]
    return raise_gaps(raised, by=by, now=makers.NOW, today=makers.TODAY)


def asked(client, **form):
    given = {"act": "assign", "all": "1", "query": QUERY, "to": "mei", "due_on": "2020-11-30"}
    return client.post("/ledger/bulk/", {**given, **form})


def to_do():
    return Gap.objects.filter(origin="visit", state="open").count()


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", ("确认，共 350 条", "住房", "还没有写入")),
     ("en", ("Do it for all 350", "Nothing has been written"))],
)  # fmt: skip
def test_all_of_a_filter_are_counted_before_anything_is_written(language, words):
    people.mei()
    bo = people.bo()
    many(bo, 350)

    page = asked(signed_in(bo, language)).content.decode()

    assert all(word in page for word in words)
    assert to_do() == 350


def test_more_than_one_page_of_gaps_is_assigned_once_it_was_confirmed():
    mei, bo = people.mei(), people.bo()
    many(bo, 350)
    client = signed_in(bo)
    mark = asked(client).context["mark"]

    assert asked(client, sure=mark).status_code == 302

    done = Gap.objects.filter(origin="visit", state="assigned", responsible=mei)
    assert (done.count(), to_do()) == (350, 0)
    assert {str(gap.due_on) for gap in done} == {"2020-11-30"}


def test_a_list_that_changed_meanwhile_is_shown_again():
    people.mei()
    bo = people.bo()
    many(bo, 2)
    client = signed_in(bo)
    mark = asked(client).context["mark"]
    many(bo, 1)

    again = asked(client, sure=mark)

    assert again.status_code == 200
    assert (again.context["again"], again.context["count"]) == (True, 3)
    assert to_do() == 3


def test_only_what_lies_in_ones_place_is_meant_by_all():
    people.mei()
    bo = people.bo()
    many(bo, 2)
    far = makers.household(village=makers.place("village", "451022101201"))
    many(people.chen(), 3, far)

    assert asked(signed_in(bo)).context["count"] == 2


def test_more_than_can_be_done_at_once_are_refused(monkeypatch):
    monkeypatch.setattr(ledger_bulk, "MOST_AT_ONCE", 3)
    people.mei()
    bo = people.bo()
    many(bo, 4)

    answer = asked(signed_in(bo))

    assert answer.status_code == 400
    assert "4" in answer.content.decode()
    assert to_do() == 4


def test_nobody_is_asked_to_confirm_a_name_that_is_nobodys():
    bo = people.bo()
    many(bo, 1)

    answer = asked(signed_in(bo), to="nobody")

    assert answer.status_code == 400
    assert "nobody" in answer.content.decode()


@pytest.mark.parametrize(
    ("act", "wrong", "says"),
    [("assign", {"to": "Mai"}, "Mai"), ("due", {"due_on": "soon"}, "soon"),
     ("waive", {"words": ""}, "")],
)  # fmt: skip
def test_a_refusal_gives_back_what_was_ticked_and_typed(act, wrong, says):
    bo, chen = people.bo(), people.chen()
    made = [gap.pk for gap in many(bo, 3)]
    typed = {"to": "mei", "due_on": "2020-11-30", "words": "逐户去看", "until": "2020-12-01"}
    given = {"act": act, "query": QUERY, "gap": made[:2], **typed, **wrong}

    page = signed_in(chen).post("/ledger/bulk/", given)

    text = page.content.decode()
    assert page.status_code == 400
    assert text.count(" checked") == 2
    assert all(f'value="{pk}" checked' in text for pk in made[:2])
    assert all(f'value="{value}"' in text for value in {**typed, **wrong}.values() if value)
    assert page.context["by"].department == "housing"
    assert says in page.context["sent"].refused
    assert to_do() == 3


def test_the_second_page_of_a_list_comes_back_with_its_ticks():
    bo = people.bo()
    many(bo, 60)
    client = signed_in(bo)
    second = client.get(client.get(f"/ledger/?{QUERY}").context["page"]["after"])
    (key,), row = second.context["at"], second.context["rows"][0]["id"]

    page = client.post(
        "/ledger/bulk/", {"act": "assign", "query": QUERY, "gap": row, "to": "?", key[0]: key[1]}
    )

    assert [each["id"] for each in page.context["rows"]] == [
        each["id"] for each in second.context["rows"]
    ]
    assert f'value="{row}" checked' in page.content.decode()


def test_the_address_of_a_refusal_leads_to_the_list_when_it_is_opened_again():
    assert signed_in(people.bo()).get("/ledger/bulk/").headers["Location"] == "/ledger/"
