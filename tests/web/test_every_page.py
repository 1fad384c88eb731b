"""Every page can be read by everybody: on a phone, by keyboard, aloud; no route is left out."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import makers, people
from tests.access.routes import every_route, filled
from tests.access.test_every_route import world
from tests.exchange.sheets import FORM_A, identity, xlsx
from tests.web.browsing import MARKS, barriers, reads_in, sign_in, wide
from yihu.access.models import Post, Worker

pytestmark = MARKS
#: Parts of addresses that lead to a page, where the walk of strangers asks for something else.
NAMED = {"target": "person.child_in_school", "name": "household_house", "ending": "csv"}
#: What an address shows when more is said behind it.
MORE = (
    "/nothere/", "/households/?q=nobody", "/households/?which=nonsense", "/ledger/?state=cleared",
    "/rulebook/simulate/?line=income&value=5000", "/rulebook/household.low_income/",
    "/duplicates/?state=same", "/account/2fa/", "/account/2fa/totp/activate/",
    "/account/password/change/", "/account/logout/",
)  # fmt: skip
PARTS = ("people", "book", "checks", "due", "all")


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def everything() -> Worker:
    """Somebody with every duty, so that every page opens."""
    county = makers.place("county")
    ada = people.worker("Ada", "administrator", county)
    for role in ("county", "auditor"):
        Post.objects.create(worker=ada, role=role, place=county, since=date(2016, 1, 1))
    return ada


def a_dry_run(client: Client) -> str:
    """Address of a sheet that was tried and has a line to refuse."""
    village = makers.place("village")
    place = [village.parent.name, village.name, "4510220001", "45102200011"]
    lines = [FORM_A, [1, *place, "韦 大", identity("1970-01-01"), "户主", "没有这样的学校"]]
    sent = client.post(
        "/imports/", {"file": SimpleUploadedFile("表.xlsx", xlsx(lines)), "opens": 1}
    )
    client.post(f"{sent.url}columns/", {})
    return str(sent.url)


def every_page(client: Client) -> list[str]:
    """Addresses that answer with a whole page: each route, and what is asked behind some."""
    found = world().theirs
    home = f"/households/{found['household']}/"
    routes = [filled(route, found | NAMED) for route in every_route()]
    asked = [*routes, *MORE, a_dry_run(client), *(f"{home}?part={part}" for part in PARTS)]
    asked = [each for each in asked if not each.startswith(("/api/", "/account/login"))]
    return [each for each in dict.fromkeys(asked) if _is_page(client, each)]


def _is_page(client: Client, address: str) -> bool:
    answer = client.get(address)
    return not answer.streaming and answer.content[:15] == b"<!doctype html>"


WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.mark.parametrize(("language", "window"), [("zh-hans", WIDE), ("en", NARROW)])
def test_every_page_can_be_read_by_everybody(page, client, language, window):
    client.force_login(everything())
    addresses = every_page(client)
    assert len(addresses) > 50
    page.set_viewport_size(window)
    reads_in(page, language)
    found = barriers(page)
    sign_in(page, "Ada")

    for address in addresses:
        page.set_viewport_size(window)
        page.goto(address)
        found += barriers(page)
        page.set_viewport_size(NARROW)
        found += wide(page)

    assert found == []
    # A refusal is an answer; that the browser notes its status is no fault of the page.
    assert [words for words in page.said if "status of 40" not in words] == []
