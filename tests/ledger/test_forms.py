"""The forms of the ledger: sent twice they do one thing, and refused they lose nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import makers, people
from yihu.ledger import actions
from yihu.ledger.actions import Raised
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db

WHEN: dict[str, Any] = {"now": makers.NOW, "today": makers.TODAY}
LEAK = {"origin": "inspection", "title": "屋顶漏雨", "department": "housing", "battle": "housing",
        "measures": "换瓦", "evidence": "照片 13", "due_on": "2020-11-01"}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
    return client


def entry_of(client: Client, address: str) -> str:
    """The id with which a form is sent."""
    found = re.search(r'name="entry" value="([0-9a-f-]{36})"', client.get(address).content.decode())
    assert found is not None
    return found[1]


def test_a_problem_sent_twice_is_one_gap():
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    address = reverse("gap_raise", args=[home.pk])
    entry = entry_of(client, address)

    answers = [
        client.post(address, {**LEAK, "entry": entry, "file": SimpleUploadedFile("屋顶.png", PNG)})
        for _ in range(2)
    ]

    gap = Gap.objects.get(title="屋顶漏雨")
    assert [answer["Location"] for answer in answers] == [reverse("gap", args=[gap.pk])] * 2
    assert gap.times_opened == 1
    assert home.book.entries.filter(kind="evidence").count() == 1


def test_a_problem_sent_again_stays_as_it_stands_by_then():
    chen, bo = people.chen(), people.bo()
    client, home = signed_in(chen), makers.household({"name": "覃一"})
    address = reverse("gap_raise", args=[home.pk])
    sent = {**LEAK, "entry": entry_of(client, address)}
    client.post(address, sent)
    actions.clear(list(Gap.objects.filter(title="屋顶漏雨")), words="已修", evidence="照片", by=bo,
                  **WHEN)  # fmt: skip

    client.post(address, sent)

    assert Gap.objects.get(title="屋顶漏雨").state == "cleared"


def test_the_same_form_filled_in_anew_and_a_new_form_are_other_problems():
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    address = reverse("gap_raise", args=[home.pk])
    entry = entry_of(client, address)

    client.post(address, {**LEAK, "entry": entry})
    client.post(address, {**LEAK, "entry": entry, "title": "门锁坏了"})
    client.post(address, {**LEAK, "entry": entry_of(client, address)})

    raised = Gap.objects.filter(origin="inspection").values_list("title", flat=True)
    assert sorted(raised) == ["屋顶漏雨", "屋顶漏雨", "门锁坏了"]


def test_nobody_lands_at_what_another_raised_by_sending_his_form():
    home = makers.household({"name": "覃一"})
    address = reverse("gap_raise", args=[home.pk])
    client, other = signed_in(people.chen()), signed_in(people.bo())
    sent = {**LEAK, "entry": entry_of(client, address)}

    client.post(address, sent)
    other.post(address, sent)

    assert Gap.objects.filter(title="屋顶漏雨").count() == 2


def test_a_problem_of_the_household_page_sent_twice_is_one_gap():
    client, home = signed_in(people.mei()), makers.household({"name": "覃一"})
    entry = entry_of(client, reverse("household", args=[home.pk]))

    for _ in range(2):
        client.post(
            reverse("household_raise", args=[home.pk]), {"title": "屋顶漏雨", "entry": entry}
        )

    assert Gap.objects.filter(title="屋顶漏雨").count() == 1


def test_a_problem_that_is_refused_keeps_what_was_typed():
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    address = reverse("gap_raise", args=[home.pk])
    entry = entry_of(client, address)

    answer = client.post(address, {**LEAK, "entry": entry, "due_on": "2019-01-01"})

    page = answer.content.decode()
    assert answer.status_code == 400
    for kept in ("屋顶漏雨", "换瓦", "照片 13", "2019-01-01", entry):
        assert kept in page
    assert '<option value="housing" selected>' in page
    assert not Gap.objects.filter(title="屋顶漏雨").exists()


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        ("assign", {"to": "查无此人", "due_on": "2020-11-30"}),
        ("answer", {"words": "已办"}),
        ("waive", {"words": "等待上级拨款", "until": "2020-10-01"}),
        ("clear", {"words": "已请人换了瓦", "evidence": " "}),
    ],
)
def test_an_act_that_is_refused_keeps_what_was_typed(act, sent):
    chen, bo = people.chen(), people.bo()
    home = makers.household({"name": "覃一"})
    problem = Raised(book=home.pk, origin="visit", title="屋顶漏雨", department="housing")
    (gap,) = actions.raise_gaps([problem], by=chen, **WHEN)

    answer = signed_in(bo).post(reverse("gap_act", args=[gap.pk, act]), sent)

    page = answer.content.decode()
    assert answer.status_code in (400, 404, 409)
    assert page.count('role="alert"') == 1
    for typed in sent.values():
        assert typed.strip() in page
    gap.refresh_from_db()
    assert gap.state == "open"


def test_words_for_a_gap_that_was_cleared_meanwhile_are_shown_once_more():
    chen, bo = people.chen(), people.bo()
    home = makers.household({"name": "覃一"})
    problem = Raised(book=home.pk, origin="visit", title="屋顶漏雨", department="housing")
    (gap,) = actions.raise_gaps([problem], by=chen, **WHEN)
    actions.clear([gap], words="已修", evidence="照片 13", by=bo, **WHEN)

    answer = signed_in(chen).post(
        reverse("gap_act", args=[gap.pk, "answer"]), {"words": "周三已请人换了瓦"}
    )

    assert answer.status_code == 409
    assert "周三已请人换了瓦" in answer.content.decode()
    assert 'id="answer-words"' not in answer.content.decode()


@pytest.mark.parametrize("route", ["gap_raise", "household_raise"])
def test_a_title_that_is_too_long_is_refused_and_never_cut(route):
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    title = "漏" * 201

    answer = client.post(reverse(route, args=[home.pk]), {**LEAK, "title": title})

    assert answer.status_code == 400
    assert "写了 201 个字，最多 200 个字" in answer.content.decode()
    assert title in answer.content.decode() or route == "household_raise"
    assert not Gap.objects.filter(origin__in=("visit", "inspection")).exists()


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hans", "期限写的是“abc”"), ("en", "The deadline is “abc”")]
)
def test_a_deadline_that_is_no_day_is_refused_with_what_was_typed(language, said):
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    client.cookies["yihu_language"] = language
    gap = Gap.objects.filter(book_id=home.pk)[0]

    page = client.post(reverse("gap_act", args=[gap.pk, "due"]), {"due_on": "abc"})

    text = page.content.decode()
    assert page.status_code == 400
    assert said in text
    assert "2020-10-17" in text
    gap.refresh_from_db()
    assert gap.due_on is None


def test_how_an_earlier_act_ended_waits_for_a_page_without_a_refusal():
    client, home = signed_in(people.chen()), makers.household({"name": "覃一"})
    gap = Gap.objects.filter(book_id=home.pk)[0]
    act = reverse("gap_act", args=[gap.pk, "due"])
    many = {"act": "due", "gap": [str(gap.pk)], "due_on": "2020-11-01"}
    assert client.post(reverse("ledger_bulk"), many).status_code == 302

    refused = [
        client.post(act, {"due_on": "abc"}),
        client.post(reverse("ledger_bulk"), {"act": "due", "due_on": "2020-11-01"}),
        client.post(reverse("ledger_bulk"), {"act": "nothing"}),
    ]
    after = client.get(reverse("ledger")).content.decode()

    told = 'class="alert alert-success"'
    assert [answer.status_code for answer in refused] == [400] * 3
    assert not any(told in answer.content.decode() for answer in refused)
    assert told in after
