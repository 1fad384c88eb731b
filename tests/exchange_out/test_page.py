"""The page lists leave by."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import makers, people
from yihu.access.models import Reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings):
    settings.TODAY = makers.TODAY.isoformat()
    return makers.household({"name": "农大", "identity": "11010519491231002X"})


def sent(client, who, **given):
    client.force_login(who)
    return client.post(reverse("exports"), {"what": "people", "ending": "csv", **given})


@pytest.mark.parametrize("who", ["mei", "bo", "chen"])
def test_whoever_may_export_gets_his_list(who, client):
    reply = sent(client, getattr(people, who)())

    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    assert "农大" in text
    assert "11010519491231002X" not in text
    assert Reading.objects.get().what == "exported"


def test_dou_gets_neither_form_nor_list(client):
    dou = people.dou()

    assert sent(client, dou).status_code == 403
    assert client.get(reverse("exports")).status_code == 403
    assert client.get(reverse("papers")).status_code == 403
    assert not Reading.objects.exists()


@pytest.mark.parametrize("given", [{"what": "wages"}, {"ending": "exe"}, {"whole": "1", "why": ""}])
def test_what_cannot_leave_is_refused_and_not_logged(given, client):
    assert sent(client, people.chen(), **given).status_code == 400
    assert not Reading.objects.exists()


def test_a_reason_left_out_costs_nothing_that_was_chosen(client):
    given = {"whole": "1", "why": "核", "fact": ["name", "birth"], "ending": "xlsx"}

    page = sent(client, people.chen(), **given)

    text = page.content.decode()
    assert page.status_code == 400
    assert 'role="alert"' in text
    assert page.context["what"] == "people"
    for kept in ('name="fact" value="birth" checked', 'name="whole" value="1" checked',
                 'value="核"', '<option value="xlsx" selected>'):  # fmt: skip
        assert kept in text
    assert not Reading.objects.exists()


def test_facts_chosen_are_the_columns(client):
    reply = sent(client, people.mei(), fact=["name"])

    (heads, _, *_) = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert heads == "户编号,人编号,乡(镇),行政村,姓名"
