"""People and administration on the desk, and the rules of signing in."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client

from tests import makers, people
from yihu.access import actions
from yihu.access.models import Pairing, Post, Reading, Worker
from yihu.access.roles import ROLES
from yihu.book import dictionary

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()
    cache.clear()


def signed_in(worker, language="en"):
    client = Client(headers={"Accept-Language": language})
    client.force_login(worker)
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_people_are_listed_with_what_they_carry(language):
    who, home = people.worker("Gu", "helper", makers.place("village")), makers.household()
    Pairing.objects.create(worker=who, household=home, since=date(2020, 1, 1))
    elsewhere = people.worker("Far", "helper", makers.place("village", "451022101201"))

    page = signed_in(people.bo(), language).get("/people/").content.decode()

    assert str(who.pk) in page
    assert str(elsewhere.pk) not in page


def test_whoever_keeps_accounts_appoints_in_his_own_place_only():
    keeper = people.worker("Ann", "administrator", makers.place("township"))
    client = signed_in(keeper)
    new = {"username": "new", "name": "New", "role": "village", "since": "2020-10-01"}

    here = client.post("/people/new/", {**new, "place": makers.place("village").code})
    there = client.post(
        "/people/new/",
        {**new, "username": "two", "place": makers.place("village", "451022101201").code},
    )

    assert (here.status_code, there.status_code) == (302, 404)
    made = Worker.objects.get(username="new")
    assert made.one_time
    assert not Worker.objects.filter(username="two").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "账号和岗位由系统管理员管理"),
        ("en", "Accounts and posts are kept by an administrator"),
    ],
)
def test_a_new_account_is_offered_to_those_who_keep_accounts_others_are_told_who_does(
    language, words
):
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    pages = {}
    for who in (keeper, people.chen()):
        client = Client(headers={"Accept-Language": language})
        client.force_login(who)
        pages[who.name] = client.get("/people/").content.decode()

    assert [name for name, page in pages.items() if "/people/new/" in page] == ["Ann"]
    assert [name for name, page in pages.items() if words in page] == ["Chen"]


def test_a_refused_form_of_a_new_account_comes_back_as_it_was_sent():
    client = signed_in(people.worker("Ann", "administrator", makers.place("county")))
    people.mei()
    village = makers.place("village").code
    new = {"username": "mei", "name": "Mei Lan", "role": "village", "place": village,
           "unit": "村委会", "since": "2020-10-01"}  # fmt: skip

    page = client.post("/people/new/", new)

    text = page.content.decode()
    assert page.status_code in (400, 409)
    assert all(f'value="{value}"' in text for value in new.values())
    assert f'<option value="{village}" selected>' in text
    assert 'role="alert"' in text
    assert Worker.objects.count() == 2


def test_whoever_keeps_a_township_gives_the_county_no_new_password():
    chief = people.worker("Chief", "administrator", makers.place("county"))
    Post.objects.create(
        worker=chief, role="township", place=makers.place("township"), since=date(2016, 1, 1)
    )
    keeper = people.worker("Ann", "administrator", makers.place("township"))
    before = chief.password

    answer = signed_in(keeper).post(f"/people/{chief.pk}/password/")

    chief.refresh_from_db()
    assert answer.status_code == 403
    assert chief.password == before


def test_a_one_time_password_opens_nothing_but_its_change():
    worker, given = actions.make_worker(username="new", name="New")
    client = Client()
    client.post("/account/login/", {"login": "new", "password": given})

    first = client.get("/people/")
    client.post(
        "/account/password/change/",
        {"oldpassword": given, "password1": "keen-otter-47", "password2": "keen-otter-47"},
    )

    assert (first.status_code, first["Location"]) == (302, "/account/password/change/")
    worker.refresh_from_db()
    assert not worker.one_time
    assert worker.check_password("keen-otter-47")


def test_five_wrong_passwords_lock_the_account_out_for_everybody_at_that_door():
    people.mei(), people.bo()
    client = Client()
    for n in range(6):
        client.post("/account/login/", {"login": "mei", "password": f"wrong-{n}"})
    # The count is in the database: another process, or this one started anew, knows it too.
    cache.clear()

    client.post("/account/login/", {"login": "mei", "password": "Mei-9f3k"})
    locked = client.get("/people/").status_code
    client.post("/account/login/", {"login": "bo", "password": "Bo-9f3k"})

    assert locked == 302
    assert client.get("/people/").status_code == 200


def test_a_closed_account_is_signed_out_at_once():
    worker = people.mei()
    client = signed_in(worker)
    assert client.get("/people/").status_code == 200

    actions.close_account(worker, by=people.chen(), now=makers.NOW, today=makers.TODAY)

    assert client.get("/people/").status_code == 302


def test_the_auditor_reads_who_saw_what_and_nobody_else_does():
    home = makers.household({"name": "欧阳在"})
    mei = people.mei()
    actions.log_reading(
        mei, what="unmasked", now=makers.NOW, household=home.pk, facts=["identity"], why="checking"
    )
    auditor = people.worker("Aud", "auditor", makers.place("county"))

    page = signed_in(auditor).get("/administration/readings/?who=Mei").content.decode()
    none = signed_in(auditor).get("/administration/readings/?since=2020-10-18").content.decode()

    assert "checking" in page
    assert home.code in page
    assert "checking" not in none
    assert signed_in(mei).get("/administration/readings/").status_code == 403
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_administration_shows_how_the_installation_stands(language):
    from yihu.book import dictionary  # noqa: PLC0415

    keeper = people.worker("Ann", "administrator", makers.place("county"))

    page = signed_in(keeper, language).get("/administration/").content.decode()

    assert dictionary.active().hash in page
    assert ("帮扶干部" in page) == (language == "zh-hans")
    assert signed_in(people.dou()).get("/administration/").status_code == 403


def test_forms_without_their_token_are_refused():
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.bo())

    assert client.post("/people/new/", {"username": "x"}).status_code == 403


def test_nobody_gives_himself_a_post():
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    sent = {"role": "county", "place": makers.place("county").code, "since": "2020-10-01"}

    answer = signed_in(keeper).post(f"/people/{keeper.pk}/appoint/", sent)

    assert answer.status_code == 403
    assert [post.role for post in keeper.posts.all()] == ["administrator"]


@pytest.mark.parametrize("part", ["checks", "due", "book", "all"])
def test_who_keeps_accounts_reads_no_answers_about_people_and_no_words_about_them(part):
    child = {"name": "欧阳小在", "birth": "2008-03-01", "relation": "05"}
    home = makers.household({"name": "欧阳在", "birth": "1970-01-01"}, child)
    makers.write(home.pk, kind="visit", says={"words": "孩子辍学在家"})
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    child_in_school = dictionary.active().rule("child_in_school")
    assert child_in_school is not None
    rule = child_in_school.title.en
    address = f"/households/{home.pk}/?part={part}"

    hers, his = (signed_in(who).get(address).content.decode() for who in (people.mei(), keeper))

    if part in ("checks", "all"):
        assert rule in hers
    if part in ("book", "all"):
        assert "孩子辍学在家" in hers
    assert "欧阳在" in his
    assert "孩子辍学在家" not in his
    if part in ("checks", "due"):
        assert "/why/" not in his


def test_a_post_that_ended_is_made_no_longer():
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    former = Post.objects.create(
        worker=keeper, role="county", place=makers.place("county"),
        since=date(2018, 1, 1), until=date(2019, 12, 31),
    )  # fmt: skip

    answer = signed_in(keeper).post(
        f"/people/{keeper.pk}/end-post/", {"post": former.pk, "last_day": "2099-01-01"}
    )

    former.refresh_from_db()
    assert answer.status_code == 409
    assert former.until == date(2019, 12, 31)


def test_no_page_about_people_is_kept_by_a_browser():
    home = makers.household({"name": "覃秀英"})
    client = signed_in(people.mei())
    pages = ("/", "/households/", f"/households/{home.pk}/", "/ledger/", "/account/2fa/")

    kept = {client.get(page).headers.get("Cache-Control") for page in pages}

    assert all("no-store" in each for each in kept)


def test_who_keeps_accounts_finds_nobody_by_an_answer():
    makers.household({"name": "欧阳在", "birth": "1970-01-01"})
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    asked = {"which": "child_in_school = unknown"}

    hers, his = (signed_in(who).get("/households/", asked) for who in (people.mei(), keeper))

    assert hers.status_code == 200
    assert his.status_code == 400
    assert "欧阳在" not in his.content.decode()


def test_the_auditor_reads_who_made_an_account_and_gave_it_a_post():
    keeper = people.worker("Ann", "administrator", makers.place("county"))
    auditor = people.worker("Aud", "auditor", makers.place("county"))
    post = {"role": "county", "place": makers.place("county").code}
    client = signed_in(keeper)

    client.post("/people/new/", {"username": "puppet", "name": "P", **post})
    made = Worker.objects.get(username="puppet")
    client.post(f"/people/{made.pk}/password/")

    whys = list(Reading.objects.filter(what="account", worker=keeper).values_list("why", flat=True))
    page = signed_in(auditor).get("/administration/readings/?what=account").content.decode()
    assert whys == [f"made puppet county {post['place']}", "new_password puppet"]
    assert f"account made puppet {ROLES['county'].en} county 451022" in page
