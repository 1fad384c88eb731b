"""The app and the real desk: signed in, fetched, written without a network, in the book once."""

from __future__ import annotations

import pytest

from tests import makers
from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, taken_photo
from tests.sync.phones import faults_in, helper
from tests.web.browsing import barriers, wide
from yihu.book import files
from yihu.book.models import Entry
from yihu.card.models import Person
from yihu.sync.models import Device
from yihu.visit.burden import measure

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
SCREENS = ("/", "/family/{home}", "/visit/{home}", "/outbox", "/notices", "/own", "/new", "/scan")


@pytest.fixture
def phone(phone_of_the_desk):
    return phone_of_the_desk


def test_a_week_in_the_village_comes_home_in_the_book(phone):
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"},
                            {"name": "黄小月", "birth": "2010-03-01"})  # fmt: skip
    before = Entry.objects.filter(book_id=home.pk).exclude(kind="gap").count()
    child = Person.objects.get(household=home, is_head=False)
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.ready_offline()
    phone.context.set_offline(True)

    phone.open_visit(str(home.pk))
    first = phone.page.locator("[data-ask]").first
    assert first.is_visible()
    phone.page.fill("[data-words]", "小月在家，想回学校。")
    phone.page.set_input_files("[data-photo]", taken_photo(phone))
    phone.page.wait_for_selector(".photos canvas")
    phone.writes()
    phone.page.wait_for_selector("[data-state=waiting]")
    phone.context.set_offline(False)
    phone.waits_until_all_is_sent()

    written = Entry.objects.filter(book_id=home.pk).exclude(kind="gap").order_by("number")
    visit, evidence = written[before:]
    assert visit.seen_on == makers.TODAY
    assert (visit.kind, visit.says["words"]) == ("visit", "小月在家，想回学校。")
    assert visit.says["effort"]["taps"] >= 1
    assert visit.says["effort"]["down"] > 1000
    kept = files.kept(evidence.says["sha256"])
    assert kept is not None
    assert kept.size == evidence.says["size"]
    assert phone.page.locator("[data-receipt]").count() == 2
    assert faults_in(home.pk) == []
    assert child.facts["name"] == "黄小月"
    measure(makers.TODAY)
    phone.page.goto(f"{phone.url}/burden/")
    assert phone.page.inner_text(".figures").count("—") == 1  # minutes: no place was agreed to
    assert phone.said == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_screen_can_be_read_by_everybody(phone, language):
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"}, power=True)
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.go("/own")
    phone.page.click(f"[data-{language}]")
    found: list[str] = []

    for screen in SCREENS:
        phone.go(screen.format(home=home.pk))
        phone.page.wait_for_timeout(150)
        found += barriers(phone.page) + wide(phone.page)

    assert found == []
    assert phone.said == []


def test_leaving_signs_out_of_the_desk_and_ends_the_registration(phone):
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"})
    helper("Fang", home)
    phone.begins_as("Fang")

    phone.go("/own")
    phone.page.click("[data-leave]")
    phone.page.click("[data-wipe]")
    phone.page.wait_for_selector("h1:has-text('设一个 6 位 PIN')")
    phone.page.wait_for_function("() => !localStorage.getItem('yihu-field-left')")
    phone.page.goto(f"{phone.url}/")

    assert phone.page.locator("[name=password]").is_visible()
    assert Device.objects.get().revoked_at is not None
    phone.close()
    phone.begins_as("Fang")
    assert Device.objects.filter(revoked_at=None).count() == 1
