"""What a department says otherwise is a gap of that department until it is settled."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import makers, people
from tests.exchange.sheets import xlsx
from tests.exchange.test_comparison import (
    CHILD,
    HEADINGS,
    compare,
    education,
    row,
    settle,
)
from yihu import loop
from yihu.book.actions import open_batch
from yihu.book.models import Entry
from yihu.card import plans
from yihu.card.queries import home as card_home
from yihu.exchange.models import Difference
from yihu.ledger import rows
from yihu.ledger.audit import faults_of_gaps
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def child():
    """A child whose book says he is in no school."""
    home = makers.household(
        {"name": "韦大", "birth": "1970-01-01"},
        {"name": "韦小", "birth": "2008-03-01", "identity": CHILD, "schooling": "none"},
    )
    return home.people.get(name="韦小")


def dispute() -> Gap:
    return Gap.objects.get(origin="difference")


def test_a_difference_is_a_gap_of_the_department_that_says_otherwise(client, child):
    client.force_login(education())

    compare(client, row())

    gap = dispute()
    assert (gap.department, gap.state, gap.person_id) == ("education", "open", child.pk)
    assert (gap.title, gap.battle) == ("与部门名单不符：在校生状况", "education")
    page = client.get(reverse("ledger"), {"origin": "difference"}).content.decode()
    assert "与部门名单不符：在校生状况" in page
    client.cookies["yihu_language"] = "en"
    page = client.get(reverse("gap", args=[gap.pk])).content.decode()
    assert "Differs from a department&#x27;s list: " in page
    client.force_login(people.mei())
    client.cookies["yihu_language"] = "en"
    for address in ("/", reverse("household", args=[gap.book_id])):
        assert "Differs from a department&#x27;s list: " in client.get(address).content.decode()


def test_settling_it_clears_the_gap_with_the_reason(client, child):
    client.force_login(education())
    upload = compare(client, row())

    settle(client, Difference.objects.get(upload=upload), "theirs")

    gap = dispute()
    assert gap.state == "cleared"
    last = Entry.objects.filter(kind="gap", says__gap=str(gap.pk)).order_by("number").last()
    assert last is not None
    assert (last.says["did"], last.says["words"]) == ("cleared", "查了学籍系统")
    assert last.says["evidence"] == "核定：以部门为准"


def test_the_gaps_own_page_settles_it_and_words_do_not(client, child):
    client.force_login(education())
    difference = Difference.objects.get(upload=compare(client, row()))
    address = reverse("gap", args=[dispute().pk])
    page = client.get(address).content.decode()
    assert f'value="{difference.pk}"' in page
    assert reverse("gap_act", args=[dispute().pk, "clear"]) not in page

    words = {"words": "已核实", "evidence": "照片"}
    refused = client.post(reverse("gap_act", args=[dispute().pk, "clear"]), words)
    assert refused.status_code == 409
    assert "先核定以哪个值为准" in refused.content.decode()
    assert dispute().state == "open"

    assert settle(client, difference, "ours", next=address).url == address
    assert dispute().state == "cleared"
    assert "户册与部门名单" not in client.get(address).content.decode()


def test_the_same_list_again_opens_nothing_and_one_that_agrees_clears(client, child):
    client.force_login(education())
    compare(client, row())
    before = Entry.objects.filter(kind="gap").count()

    compare(client, row())
    assert Entry.objects.filter(kind="gap").count() == before

    says = {"members": {str(child.pk): {"schooling": "junior_1"}}}
    makers.write(child.household_id, says=says)
    compare(client, row())

    assert dispute().state == "cleared"
    assert not Difference.objects.filter(state="open").exists()


def test_a_value_that_moves_after_settling_opens_the_same_gap_again(client, child):
    client.force_login(education())
    upload = compare(client, row())
    settle(client, Difference.objects.get(upload=upload), "theirs")

    compare(client, row(school="八年级"))

    assert (dispute().state, dispute().times_opened) == ("open", 2)


def test_columns_mapped_otherwise_take_back_what_they_opened(client, child):
    sender = education()
    client.force_login(sender)
    upload = compare(client, row(), by=sender)

    client.post(f"/compare/{upload.pk}/columns/", {"column-4": ""})
    assert dispute().state == "open"
    client.post(f"/compare/{upload.pk}/confirm/")

    assert dispute().state == "cleared"
    assert not Difference.objects.filter(state="open").exists()


def test_another_department_neither_settles_nor_sees_the_values(client, child):
    client.force_login(education())
    difference = Difference.objects.get(upload=compare(client, row()))
    other = people.worker("Yi", "department", makers.place("county"), department="medical")

    client.force_login(other)
    page = client.get(reverse("gap", args=[dispute().pk])).content.decode()
    words = {"words": "已核实", "evidence": "照片"}
    answer = client.post(reverse("gap_act", args=[dispute().pk, "clear"]), words)

    assert f'value="{difference.pk}"' not in page
    assert answer.status_code == 409
    assert dispute().state == "open"


def test_the_ledger_built_anew_from_the_books_has_the_same_gaps(client, child):
    client.force_login(education())
    form = {"file": SimpleUploadedFile("学籍.xlsx", xlsx([HEADINGS, row(number=CHILD)])),
            "department": "education"}  # fmt: skip
    address = client.post("/compare/", form).url
    client.post(f"{address}columns/", {})
    client.post(f"{address}confirm/")
    before = Gap.objects.filter(pk=dispute().pk).values().get()

    rows.rebuild()

    assert Gap.objects.filter(origin="difference").values().get() == before


def to_a_household_of_his_own(child):
    home = card_home(child.household_id)
    entries = plans.split(
        home, plans.When(makers.TODAY, "test"), people=[str(child.pk)], code="新户一",
        place=child.household.place.code, keep_status=False,
    )  # fmt: skip
    batch = open_batch(what="split", name="分户", by=None, at=makers.AT.now)
    loop.write(entries, by=None, at=makers.AT, batch=batch)
    child.refresh_from_db()
    assert child.household.code == "新户一"
    return batch


def test_an_open_difference_goes_with_the_person_to_another_household(client, child):
    client.force_login(education())
    upload = compare(client, row())
    old = child.household_id

    to_a_household_of_his_own(child)

    difference = Difference.objects.get(upload=upload)
    assert difference.household_id == child.household_id != old
    gaps = dict(Gap.objects.filter(origin="difference").values_list("household_id", "state"))
    assert gaps == {old: "cleared", child.household_id: "open"}
    settle(client, difference, "theirs")
    child.refresh_from_db()
    assert child.facts["schooling"] == "junior_1"
    assert not Gap.objects.filter(origin="difference", state="open").exists()
    assert list(faults_of_gaps()) == []


def test_it_comes_back_when_the_household_is_made_one_again(client, child):
    client.force_login(education())
    compare(client, row())
    old = child.household_id

    loop.undo(to_a_household_of_his_own(child), why="分错了", by=None, at=makers.AT)

    difference = Difference.objects.get()
    assert difference.household_id == old
    assert Gap.objects.get(origin="difference", household_id=old).state == "open"


def test_a_later_list_asks_nothing_anew_of_who_went_to_another_household(client, child):
    client.force_login(education())
    compare(client, row())
    settle(client, Difference.objects.get(), "ours")
    to_a_household_of_his_own(child)

    again = compare(client, row())

    assert not Difference.objects.filter(upload=again).exists()
    assert again.counts["settled"] == 1
