"""A form filled for long is not lost where its worker is no longer signed in."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from tests import makers, people
from tests.web.browsing import MARKS, sign_in
from yihu.book.models import Entry

pytestmark = MARKS


@pytest.fixture
def form(page):
    """Mei writes about a house, on a page that asks at once whether she is signed in."""
    people.mei()
    people.bo()
    home = makers.household({"name": "黄秀英"})
    sign_in(page, "Mei")
    page.goto(f"/households/{home.pk}/write/household/household_house/")
    page.evaluate("document.body.dataset.sure = 0")
    page.fill("[name=house_area]", "96.5")
    return page


def written() -> list[dict[str, object]]:
    return [
        e.says["household"] for e in Entry.objects.filter(kind="facts") if e.says.get("household")
    ]


def send(page) -> None:
    page.click(".form-end button.btn-primary")


def test_who_signs_in_beside_sends_what_was_typed_before(form):
    Session.objects.all().delete()

    send(form)
    form.wait_for_selector("#stopped[open]")
    assert "登录已过期" in form.locator("#stopped").inner_text()
    assert written() == []
    with form.context.expect_page() as opened:
        form.click("#stopped a")
    beside = opened.value
    beside.fill("[name=login]", "mei")
    beside.fill("[name=password]", "Mei-9f3k")
    beside.click("form[action='/account/login/'] button")
    beside.wait_for_selector("nav.side")
    beside.close()
    form.click("#stopped [data-closes]")
    send(form)
    form.wait_for_selector(".alert-success")

    assert [facts["house_area"] for facts in written()] == [96.5]


def test_nothing_is_written_under_the_name_of_another_who_signed_in_since(form):
    other = form.context.new_page()
    Session.objects.all().delete()
    other.goto(form.url)
    sign_in(other, "Bo")
    other.close()

    send(form)
    form.wait_for_selector("#stopped[open]")

    assert "另一个账号" in form.locator("#stopped").inner_text()
    assert form.input_value("[name=house_area]") == "96.5"
    assert written() == []


def test_without_a_network_the_form_waits(form):
    form.context.set_offline(True)
    send(form)
    form.wait_for_selector("#stopped[open]")
    assert "连不上服务器" in form.locator("#stopped").inner_text()

    form.context.set_offline(False)
    form.click("#stopped [data-closes]")
    send(form)
    form.wait_for_selector(".alert-success")

    assert [facts["house_area"] for facts in written()] == [96.5]
