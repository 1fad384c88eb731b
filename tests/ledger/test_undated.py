"""A gap without a deadline says so, can be found, and gets one."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from tests import makers, people
from tests.ledger.test_pages import (
    WHEN,
    a_child_of_whom_nothing_is_known,
    signed_in,
    text_of,
)
from yihu.ledger import actions
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "未定期限"), ("en", "no deadline set")]
)
def test_a_gap_without_a_deadline_says_so_wherever_it_stands(language, words):
    home, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.bo())
    client.cookies["yihu_language"] = language

    for address in (
        reverse("ledger"), reverse("gap", args=[gap.pk]), reverse("household", args=[home.pk]),
        reverse("today"),
    ):  # fmt: skip
        assert words in text_of(client, address)


def test_those_without_a_deadline_are_counted_found_and_given_one():
    bo = people.bo()
    client = signed_in(bo)
    _, dated = a_child_of_whom_nothing_is_known()
    a_child_of_whom_nothing_is_known()
    actions.set_due([dated], due_on=date(2020, 11, 1), by=bo, **WHEN)
    undated = Gap.objects.filter(todo=1, due_on=None).count()

    figures = client.get(reverse("ledger")).context["figures"]
    page = client.get(reverse("ledger"), {"due": "none", "rule": "child_in_school"})
    other = client.get(reverse("ledger"), {"due": "set"})

    (figure,) = [each for each in figures if each["query"] == "due=none"]
    assert figure["count"] == undated
    assert [row["gap"].due_on for row in page.context["rows"]] == [None]
    assert [row["gap"].pk for row in other.context["rows"]] == [dated.pk]
    given = {"act": "due", "all": "1", "query": "due=none", "due_on": "2020-12-01"}
    asked = client.post(reverse("ledger_bulk"), given)
    assert "未定期限" in asked.content.decode()
    client.post(reverse("ledger_bulk"), {**given, "sure": asked.context["mark"]})
    assert not Gap.objects.filter(todo=1, due_on=None).exists()


def test_a_filter_of_deadlines_that_means_nothing_is_refused():
    assert signed_in(people.bo()).get(reverse("ledger"), {"due": "soon"}).status_code == 400
