"""The demo county: small ones in seconds, made again unchanged; a whole one with its totals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from yihu.access.models import Pairing, Worker
from yihu.book import bulk
from yihu.book.actions import open_book
from yihu.book.models import Book, Entry
from yihu.card.models import Household, Person
from yihu.demo import making, staff
from yihu.demo.county import FAMILIES, TODAY, draw, id_of
from yihu.ledger.models import Gap
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.sync.models import Notice
from yihu.synthetic.plan import PEOPLE_OF_A_COUNTY
from yihu.synthetic.state import day_number

pytestmark = pytest.mark.django_db


def quiet(*_):
    """Nobody looks."""


def made(folder, people=600):
    return making.make(folder=folder, seed=3, people=people, progress=quiet, processes=0)


def books():
    fields = ("book_id", "number", "kind", "seen_on", "received_at", "source", "author_id")
    return list(Entry.objects.exclude(kind="gap").order_by("book", "number").values_list(*fields))


def test_a_small_county_has_everything_and_is_not_made_twice(tmp_path):
    done = made(tmp_path)

    assert Household.objects.count() == done.households
    assert Person.objects.filter(left_on=None).count() == done.people == 600
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds >= {"people", "facts", "import", "decision", "visit", "help", "gap"}
    assert Pairing.objects.filter(until=None).exists()
    assert {"open", "assigned", "answered"} <= set(Gap.objects.values_list("state", flat=True))
    late = Gap.objects.filter(state__in=("open", "assigned", "answered"), due_on__lt=TODAY)
    assert late.exists()
    assert set(Gap.objects.values_list("origin", flat=True)) == {
        "rule", "inspection", "census", "visit", "complaint", "difference",
    }  # fmt: skip
    assert Notice.objects.exclude(meets_at=None).get().reads.exists()
    only_the_demo_people_can_sign_in(tmp_path)
    written = books(), Gap.objects.count()

    made(tmp_path)

    assert (books(), Gap.objects.count()) == written
    assert Notice.objects.count() == 2


def only_the_demo_people_can_sign_in(folder):
    usable = {w.name for w in Worker.objects.all() if w.has_usable_password()}
    mei = Worker.objects.get(username="mei")
    (post,) = mei.posts.all()
    password = staff.kept_people(folder)["Mei"]

    assert usable == {"Mei", "Lan", "Bo", "Chen", "Su", "Dou"}
    assert (post.role, post.place.level) == ("village", "village")
    assert authenticate(RequestFactory().get("/"), username="mei", password=password) == mei
    assert not Worker.objects.get(username="dou").posts.exists()


def test_the_inspector_of_the_demo_opens_the_questions_and_others_are_told_who_may(
    tmp_path, client
):
    made(tmp_path)
    answers = {}
    for name in ("su", "bo"):
        client.force_login(Worker.objects.get(username=name))
        answers[name] = client.get("/signs/")

    assert answers["su"].status_code == 200
    assert answers["bo"].status_code == 403
    assert "由督查来做" in answers["bo"].content.decode()


def test_the_helper_who_can_sign_in_has_families_to_show_on_a_phone(tmp_path):
    made(tmp_path)

    lan = Worker.objects.get(username="lan")
    (post,) = lan.posts.all()
    mine = lan.pairings.filter(until=None)
    written = Entry.objects.filter(author=lan, kind="visit").values("book").distinct()

    assert (lan.name, post.role, post.place.level) == ("Lan", "helper", "village")
    assert post.place == Worker.objects.get(username="mei").posts.get().place
    assert mine.count() == FAMILIES
    assert not mine.exclude(household__closed_on=None).exists()
    assert written.count() >= FAMILIES - 1


@pytest.mark.parametrize("people", [300, 3_000, 5_000])
def test_of_a_county_of_any_size_she_has_as_many(people):
    county = draw(seed=1, people=people, progress=quiet)

    assert int((county.helper == county.shown_helper).sum()) == FAMILIES
    assert 0 <= int(county.helper.max()) < county.helpers or county.helpers == 0


def test_stopped_half_way_it_goes_on_to_the_same_books(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "CHUNK", 60)
    store, stored = bulk.store, []  # type: ignore[var-annotated]

    def stop_at_third(packed):
        if len(stored) == 2:
            raise KeyboardInterrupt
        stored.append(packed)
        store(packed)

    monkeypatch.setattr(bulk, "store", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path)
    assert Book.objects.filter(place=None).count() == 120
    monkeypatch.setattr(bulk, "store", store)

    made(tmp_path)
    gone_on = books()

    assert len({book for book, *_ in gone_on}) == Household.objects.count() + _place_books()
    assert not making.is_made(tmp_path / "elsewhere")


def _place_books():
    return Book.objects.filter(place__isnull=False, last_number__gt=0).count()


def test_a_folder_with_other_books_is_not_touched(tmp_path):
    open_book()

    with pytest.raises(Problem) as refused:
        made(tmp_path)

    assert refused.value.code == "demo.not_empty"
    assert (Book.objects.count(), Place.objects.count()) == (1, 0)


def test_ids_are_in_the_order_of_their_numbers_and_of_the_seed():
    ids = [id_of(1, "book", n) for n in (0, 1, 255, 256, 70_000)]

    assert ids == sorted(ids)
    assert {id.version for id in ids} == {8}
    assert id_of(2, "book", 1) != id_of(1, "book", 1) != id_of(1, "entry", 1)


def test_no_two_books_begin_with_the_same_eight_signs_and_none_with_zeros():
    begins = {str(id_of(1, "book", n))[:8] for n in range(2_000)}

    assert len(begins) == 2_000
    assert not any(each.startswith("0") for each in begins)
    # A whole province, and a thousand entries of each family.
    assert id_of(1, "entry", 3_000_000 * 1_000) > id_of(1, "entry", 0)
    assert id_of(1, "person", 3_000_000 * 64) > id_of(1, "person", 0)


def test_the_whole_county_as_drawn_has_the_published_totals_on_every_day():
    county = draw(seed=1, people=PEOPLE_OF_A_COUNTY, progress=quiet)
    size, years = np.diff(county.starts), county.years
    household = np.repeat(np.arange(len(size)), size)

    def stock(year):
        end = day_number(date(year, 12, 31))
        here = years.sizes_on(end, size=size, household=household)
        off = (years.off > 0) & (years.off <= end)
        poor = (county.cohort >= 0) & (years.identified <= end) & ~off
        return int(poor.sum()), int(here[poor].sum()), int(here.sum())

    assert stock(2015) == (13_276, 52_109, PEOPLE_OF_A_COUNTY)
    rates = [round(100 * stock(y)[1] / PEOPLE_OF_A_COUNTY, 2) for y in (2015, 2017, 2018, 2019)]
    assert rates == [15.01, 3.90, 2.16, 0.24]
    assert 95_000 < len(size) < 105_000
    assert county.helpers == 7_033
    assert int(county.plan.poverty.sum()) == 53
    assert int((county.helper == county.shown_helper).sum()) == FAMILIES
