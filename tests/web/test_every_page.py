"""Every page can be read by everybody: on a phone, by keyboard, aloud; no route is left out."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import makers, people
from tests.access.routes import ROUTES, every_route, filled
from tests.access.test_every_route import world
from tests.exchange.sheets import FORM_A, identity, xlsx
from tests.web.browsing import MARKS, barriers, cut, reads_in, sign_in, wide
from yihu.access.models import Post, Worker

pytestmark = MARKS
#: Parts of addresses that lead to a page, where the walk of strangers asks for something else.
NAMED = {
    "households/<uuid:id>/write/<str:level>/<str:name>/": {"name": "household_house"},
    "rulebook/<str:target>/": {"target": "person.child_in_school"},
}
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


def every_page(client: Client) -> dict[str, int]:
    """Address → status of each whole page: every route, and what is asked behind some.

    Of pages that say the same but for the address they were asked at, as refusals do, the first.
    """
    found = world().theirs
    home = f"/households/{found['household']}/"
    routes = [_address(route, found) for route in every_route()]
    asked = [*routes, *MORE, a_dry_run(client), *(f"{home}?part={part}" for part in PARTS)]
    asked = [each for each in asked if not each.startswith(("/api/", "/account/login"))]
    pages: dict[str, int] = {}
    seen = set()
    for address in dict.fromkeys(asked):
        answer = client.get(address)
        if not answer.streaming and answer.content[:15] == b"<!doctype html>":
            says = _without_its_address(answer.content.decode(), address)
            if says not in seen:
                pages[address] = answer.status_code
            seen.add(says)
    return pages


def _address(route: str, found: dict[str, str]) -> str:
    """Of the others' things, which this worker may see."""
    parts = {part: found[name] for part, name in ROUTES.get(route, {}).items()}
    return filled(route, parts | NAMED.get(route, {}))


def _without_its_address(page: str, address: str) -> str:
    """What a page says, without its own address, the part it marks as here, and the form's key."""
    return re.sub(r' aria-current="page"|\w{64}', "", page.replace(address, ""))


WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.mark.parametrize(("language", "window"), [("zh-hans", WIDE), ("en", NARROW)])
def test_every_page_can_be_read_by_everybody(page, client, language, window):
    client.force_login(everything())
    client.cookies["yihu_language"] = language
    addresses = every_page(client)
    # Pages, and not the one that says there is nothing at this address.
    assert list(addresses.values()).count(200) > 60
    page.set_viewport_size(window)
    reads_in(page, language)
    found = barriers(page)
    sign_in(page, "Ada")

    for address in addresses:
        page.set_viewport_size(window)
        page.goto(address)
        found += barriers(page)
        page.set_viewport_size(NARROW)
        found += wide(page) + cut(page)

    assert found == []
    # A refusal is an answer; that the browser notes its status is no fault of the page.
    assert [words for words in page.said if "status of 40" not in words] == []
