"""Who is to be visited, when and why; the day a helper sets; the month; what visits came to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from tests import makers, people
from tests.sync.phones import helper
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.ledger.actions import Raised, raise_gaps
from yihu.ledger.models import Gap
from yihu.visit import due
from yihu.visit.models import Planned, VisitSum
from yihu.visit.worth import weigh

pytestmark = pytest.mark.django_db
TODAY = makers.TODAY


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = TODAY.isoformat()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def poor(name: str, visited: date | None = None, **more) -> Household:
    """A registered family: by the rulebook 31 days between two visits at most."""
    home = makers.household({"name": name}, **more)
    makers.write(home.pk, kind="decision", says={"did": "identified"}, seen_on=date(2016, 2, 1))
    if visited:
        makers.write(home.pk, kind="visit", says={"words": "看过"}, seen_on=visited)
    return Household.objects.get(pk=home.pk)


def late_gap(home: Household) -> Gap:
    day = makers.at(TODAY - timedelta(days=40))
    due_on = TODAY - timedelta(days=9)
    raised = Raised(book=home.pk, origin="visit", title="漏雨", department="", due_on=due_on)
    (gap,) = raise_gaps([raised], by=people.worker("Raiser", "village", makers.place()),
                        now=day.now, today=day.today)  # fmt: skip
    return gap


def order_of(page: str, *names: str) -> list[str]:
    return sorted(names, key=page.index)


def test_the_card_keeps_the_day_of_the_last_visit_and_forgets_one_taken_back():
    home = poor("农一", date(2020, 9, 1))
    last = makers.write(home.pk, kind="visit", says={}, seen_on=date(2020, 10, 1))
    seen = Household.objects.get(pk=home.pk).visited_on
    makers.write(home.pk, kind="correction", says={"why": "写错户"}, undoes=last.number)

    assert seen == date(2020, 10, 1)
    assert Household.objects.get(pk=home.pk).visited_on == date(2020, 9, 1)


def test_a_visit_a_register_tells_of_counts_and_one_after_the_telling_does_not():
    home = poor("农一", last_visit_on="2015-12-20")
    makers.write(home.pk, says={"household": {"last_visit_on": "2021-03-01"}}, seen_on=TODAY)

    assert Household.objects.get(pk=home.pk).visited_on is None
    assert poor("农二", last_visit_on="2015-12-20").visited_on == date(2015, 12, 20)


def test_a_gap_that_is_late_comes_first_then_who_is_due_for_longest():
    poor("近农", TODAY)
    poor("从农")
    poor("久农", TODAY - timedelta(days=90))
    pressed = poor("急农", TODAY - timedelta(days=40))
    late_gap(pressed)
    makers.household({"name": "般农"})
    rows = due.pressing(due.served(Household.objects.all(), TODAY), TODAY, most=9)

    page = signed_in(people.mei()).get("/visits/").content.decode()

    assert [home.head_name for home in rows] == ["急农", "从农", "久农", "近农"]
    assert [home.due_on for home in rows][2] == TODAY - timedelta(days=59)
    assert order_of(page, "急农", "从农", "久农") == ["急农", "从农", "久农"]
    assert "近农" not in page
    assert "般农" not in signed_in(people.chen()).get("/visits/?state=all").content.decode()


def test_a_family_with_a_late_gap_is_listed_however_lately_it_was_visited():
    poor("久农", TODAY - timedelta(days=90))
    poor("快农", TODAY - timedelta(days=10))
    late_gap(poor("急农", TODAY))
    mei = signed_in(people.mei())

    soon, gaps, late = (
        mei.get(f"/visits/{query}").content.decode() for query in ("", "?state=gaps", "?state=late")
    )

    assert order_of(soon, "久农", "急农", "快农") == ["久农", "急农", "快农"]
    assert soon.count("有逾期问题</a>") == 1
    assert "急农" in gaps
    assert "久农" not in gaps
    assert "久农" in late
    assert "急农" not in late


def test_a_helper_plans_a_day_for_his_own_family_and_the_book_stays_as_it_was():
    home, other = poor("农一"), poor("农二")
    gu, before = signed_in(helper("Gu", home)), Entry.objects.count()
    on = TODAY + timedelta(days=4)

    done = gu.post(f"/visits/{home.pk}/plan/", {"on": on.isoformat(), "back": "/visits/"})
    strange = gu.post(f"/visits/{other.pk}/plan/", {"on": on.isoformat()})
    past = gu.post(f"/visits/{home.pk}/plan/", {"on": "2020-10-01"})

    assert (done.status_code, done["Location"]) == (302, "/visits/")
    assert [strange.status_code, past.status_code] == [404, 400]
    assert Planned.objects.get().on == on
    assert Entry.objects.count() == before
    month = gu.get("/visits/calendar/").content.decode()
    assert "计划" in month
    assert "农一" in month
    assert "农二" not in gu.get("/visits/?state=all").content.decode()


def test_an_empty_day_takes_the_plan_away():
    home = poor("农一")
    gu = signed_in(helper("Gu", home))
    gu.post(f"/visits/{home.pk}/plan/", {"on": TODAY.isoformat()})

    gu.post(f"/visits/{home.pk}/plan/", {"on": ""})

    assert not Planned.objects.exists()


def test_the_way_back_leads_to_no_other_house():
    home = poor("农一")
    gu = signed_in(helper("Gu", home))

    done = gu.post(f"/visits/{home.pk}/plan/", {"on": "", "back": "https://elsewhere.example/"})

    assert done["Location"] == "/visits/"


def test_the_list_is_narrowed_to_a_helper_and_leaves_as_a_file():
    home = poor("农一")
    poor("农二")
    helper("Gu", home)
    chen = people.chen()

    file = signed_in(chen).get("/visits/list.csv?state=all&who=gu")
    text = b"".join(file.streaming_content).decode("utf-8-sig")

    assert "农一" in text
    assert "农二" not in text
    assert chen.readings.get().what == "exported"
    assert signed_in(people.worker("Hu", "helper")).get("/visits/list.csv").status_code == 403


def test_a_visit_brings_what_nobody_knew_and_the_gap_it_cleared():
    home = poor("农一")
    gu = helper("Gu", home)
    gap, day = late_gap(home), makers.at(TODAY - timedelta(days=2))
    makers.write(home.pk, says={"household": {"power": True}}, seen_on=date(2020, 1, 1))
    says = {"household": {"power": True, "relocated": True}}
    makers.write(home.pk, by=gu, kind="visit", says=says, seen_on=day.today, when=day)
    Gap.objects.filter(pk=gap.pk).update(state="cleared", cleared_on=TODAY, todo=0)

    visits = weigh(TODAY)

    found = VisitSum.objects.get(worker=gu)
    assert (visits, found.visits, found.homes, found.learned) == (1, 1, 1, 1)
    assert found.cleared >= 1


def test_rates_stand_by_place_and_by_person_only_for_who_arranges_pairings():
    gu = helper("Gu", poor("农一", TODAY - timedelta(days=3)), poor("农二"))
    bo, mei = people.bo(), people.mei()

    of_bo = signed_in(bo).get("/visits/rates/").content.decode()
    of_mei = signed_in(mei).get("/visits/rates/").content.decode()
    own = signed_in(gu).get("/visits/rates/").content.decode()

    assert "50%" in of_bo
    assert ">Gu<" in of_bo
    assert "50%" in of_mei
    assert ">Gu<" not in of_mei
    assert "我的走访" in own


def test_a_share_is_whole_or_nothing_only_where_it_is():
    assert [due.Rate("", 748, good, 0).percent for good in (0, 1, 747, 748)] == [0, 1, 99, 100]
    assert due.Rate("", 0, 0, 0).percent is None


def test_who_has_no_post_sees_no_family_on_any_of_these_pages():
    poor("农一")
    dou = signed_in(people.dou())

    pages = [dou.get(f"/visits/{part}").content.decode() for part in ("", "calendar/", "rates/")]

    assert [page for page in pages if "农一" in page] == []
