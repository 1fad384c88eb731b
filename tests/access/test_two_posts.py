"""Whoever reads a county and works in one township acts in that township only.

Wu has two posts: inspector of the county, who sees every household, and the post under test in one
township. Allowed somewhere is not allowed everywhere.
"""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import makers, people
from tests.access.test_every_route import comparison
from yihu.access.actions import log_reading
from yihu.access.models import Post
from yihu.access.scope import Scope
from yihu.book.models import Book
from yihu.exchange import duplicates
from yihu.exchange.models import Difference, DuplicatePair

pytestmark = pytest.mark.django_db

HERE, THERE = "451022100201", "451022108203"


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def wu():
    made = people.worker("Wu", "inspector", makers.place("county"))
    township = makers.place("township")
    Post.objects.create(worker=made, role="township", place=township, since=date(2016, 1, 1))
    return made


@pytest.fixture
def there(wu):
    """A household in the other township, with a difference, a possible match and a pair."""
    home = makers.household(
        {"name": "远方", "birth": "1968-04-05", "identity": "45102219680405123X"},
        {"name": "小远", "birth": "2010-02-03"},
        village=makers.place("village", THERE),
    )
    _, match, pair, _ = comparison(people.chen(), makers.place("village", THERE), home)
    return home, match, pair


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def ends():
    return sorted(Book.objects.values_list("pk", "last_number"))


def test_he_reads_the_other_township(wu, there):
    home, *_ = there

    assert signed_in(wu).get(f"/households/{home.pk}/").status_code == 200


def test_he_settles_nothing_there(wu, there):
    _, match, _ = there
    (difference,) = Difference.objects.all()
    before, client = ends(), signed_in(wu)
    sent = {"difference": [difference.pk], "took": "theirs", "why": "部门的名单是对的"}

    assert client.post("/compare/settle/", sent).status_code == 409
    assert client.post(f"/compare/match/{match.pk}/", {"same": "1"}).status_code == 403

    difference.refresh_from_db()
    match.refresh_from_db()
    assert (difference.state, match.state, ends()) == ("open", "open", before)


def test_he_merges_nobody_there_and_finds_no_pairs_there(wu, there):
    *_, pair = there
    before, client = ends(), signed_in(wu)
    sent = {"same": "1", "keeps": "a", "why": "同一个人，重复登记"}

    assert client.post(f"/duplicates/{pair.pk}/", sent).status_code == 403
    assert list(client.get("/duplicates/").context["pairs"]) == []
    DuplicatePair.objects.all().delete()
    assert duplicates.find(Scope(wu, makers.TODAY)) == 0

    assert ends() == before


def test_he_splits_moves_and_closes_nothing_there_and_writes_no_facts_of_its_village(wu, there):
    home, *_ = there
    before, client = ends(), signed_in(wu)
    sent = {"act": "close", "why": "登记错误的户", "on": "2020-10-17"}

    assert client.post(f"/households/{home.pk}/changes/", sent).status_code == 403
    assert client.post(f"/villages/{THERE}/write/village_economy/", {}).status_code == 403
    assert client.post(f"/villages/{THERE}/book/1/undo/", {"why": "试一试看"}).status_code == 403
    assert client.post(f"/households/{home.pk}/undo/1/", {"why": "试一试"}).status_code == 403

    assert ends() == before


def take_in(client, home) -> None:
    sheet = f"户编号,姓名,证件号码,住房面积\n{home.code},远方,45102219680405123X,999\n"
    file = SimpleUploadedFile("表.csv", sheet.encode("utf-8-sig"))
    at = client.post("/imports/", {"file": file})["Location"]
    client.post(f"{at}columns/", {})
    client.post(f"{at}write/", {})


def test_a_sheet_he_takes_in_changes_nobody_there(wu, there):
    home, *_ = there
    before = ends()

    take_in(signed_in(wu), home)

    assert ends() == before
    take_in(signed_in(people.Worker.objects.get(username="chen")), home)
    assert ends() != before, "the same sheet is taken in by whoever may"


def test_an_auditor_of_a_township_reads_the_log_of_that_township():
    far = people.worker("Far", "village", makers.place("village", THERE))
    near = people.mei()
    auditor = people.worker("Aud", "auditor", makers.place("township"))
    Post.objects.create(
        worker=auditor, role="inspector", place=makers.place("county"), since=date(2016, 1, 1)
    )
    for who, why in ((far, "那边的理由"), (near, "这边的理由")):
        log_reading(who, what="unmasked", now=makers.NOW, household=uuid4(), why=why)

    page = signed_in(auditor).get("/administration/readings/").content.decode()

    assert "这边的理由" in page
    assert "那边的理由" not in page
