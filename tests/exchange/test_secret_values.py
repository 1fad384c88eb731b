"""Telephone numbers: their form, and what is shown of them before they are written."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.sheets import identity, upload, xlsx
from tests.exchange.test_import_pages import act, send
from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.card.models import Household
from yihu.exchange.dry import dry_run

pytestmark = pytest.mark.django_db
HEADINGS = ["户编号", "姓名", "证件号码", "与户主关系", "联系电话"]


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home() -> Household:
    return makers.household(
        {"name": "韦大", "identity": identity("1970-01-01"), "relation": "01"}, phone="13800001111"
    )


def found(home, phone):
    """The dry run of a sheet that gives the household this number."""
    line = [home.code, "韦大", identity("1970-01-01"), "户主", phone]
    sent = upload(xlsx([HEADINGS, line]), people.chen())
    return dry_run(sent, Scope(sent.by, makers.TODAY))


@pytest.mark.parametrize("phone", ["123", "1380000222", "12800002222", "没有", "0771"])
def test_what_is_no_telephone_number_is_refused_with_the_form_expected(home, phone):
    outcome = found(home, phone)

    (refused,) = outcome.samples["refused"]
    assert "应为11位手机号或固定电话" in refused["zh"]
    assert "a mobile number of 11 figures or a landline number" in refused["en"]
    assert phone not in refused["zh"]
    assert "changed" not in outcome.counts


@pytest.mark.parametrize(
    "phone",
    [
        "13800002222",
        13800002222,
        "138 0000 2222",
        "１３８００００２２２２",
        "0776-5220000",
        "0778-1234567-801",
        "0776-5220000转801",
        "（0776）5220000 转 801",
        "5220000-12",
    ],
)
def test_numbers_are_taken_as_people_write_them(home, phone):
    assert found(home, phone).counts["changed"] == 1


def test_what_changes_is_seen_though_it_is_masked(home):
    (change,) = found(home, "13900002222").samples["changed"]

    assert (change["before"], change["after"]) == ("138******11", "139******22")
    assert not change["alike"]


def test_a_change_that_hides_behind_the_mask_is_said(client, home):
    client.force_login(people.chen())
    line = [home.code, "韦大", identity("1970-01-01"), "户主", "13800002211"]

    sent = act(client, send(client, xlsx([HEADINGS, line])), "columns")

    (change,) = sent.samples["changed"]
    assert (change["before"], change["after"]) == ("138******11", "138******11")
    page = client.get(f"/imports/{sent.pk}/").content.decode()
    assert "遮盖的几位不同" in page
    assert "13800002211" not in page


def test_of_a_short_number_nothing_is_shown():
    assert [masked(text) for text in ("123", "5220000", "1")] == ["***", "*******", "*"]


def test_the_desk_takes_no_number_of_another_form_either(client, home):
    client.force_login(people.chen())
    form = {"seen_on": makers.TODAY.isoformat(), "source": "call", "based_on": "9"}

    answer = client.post(
        f"/households/{home.pk}/write/household/household_basic/", {**form, "phone": "123"}
    )

    assert "应为11位手机号或固定电话" in answer.content.decode()
    home.refresh_from_db()
    assert home.number == 1
