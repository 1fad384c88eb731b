"""People who stand twice: found, decided once, merged, and the merge undone."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.sheets import identity
from yihu.access.scope import Scope
from yihu.card.models import Household, Person
from yihu.exchange import searching
from yihu.exchange.duplicates import above_both, find
from yihu.exchange.known import twin_of
from yihu.exchange.models import DuplicatePair
from yihu.loop import this_moment

pytestmark = pytest.mark.django_db

NUMBER = identity("1975-05-05", 7)


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def wei(number=None, name="韦建国", birth="1975-05-05", **more):
    """One more person of that name and birth."""
    facts = {"name": name, "birth": birth, **({"identity": number} if number else {})}
    return facts | more


def found(worker):
    find(Scope(worker, makers.TODAY))
    return list(DuplicatePair.objects.order_by("pk"))


def names(pair):
    return {pair.a.household.code, pair.b.household.code}


def test_the_same_number_and_its_old_form_are_found():
    one = makers.household(wei(NUMBER))
    other = makers.household(wei(NUMBER, name="韦建"))
    old = makers.household(wei(twin_of(NUMBER), name="韦国"))

    pairs = found(people.chen())

    assert {(pair.why, frozenset(names(pair))) for pair in pairs} >= {
        ("identity", frozenset({one.code, other.code})),
    }
    twins = [names(pair) for pair in pairs if pair.why == "twin"]
    assert twins
    assert all(old.code in pair for pair in twins)


def test_like_names_are_found_and_brothers_born_together_are_not():
    makers.household(wei())
    makers.household(wei())
    twin = identity("1990-02-02", 1), identity("1990-02-02", 3)
    makers.household(
        wei(twin[0], name="莫大明", birth="1990-02-02"),
        wei(twin[1], name="莫小明", birth="1990-02-02"),
    )

    pairs = found(people.chen())

    assert [(pair.why, pair.a.name, pair.b.name) for pair in pairs] == [
        ("near", "韦建国", "韦建国")
    ]


def test_what_was_decided_is_not_asked_again(client):
    makers.household(wei())
    makers.household(wei())
    chen = people.chen()
    (pair,) = found(chen)
    client.force_login(chen)

    client.post(f"/duplicates/{pair.pk}/", {"same": "0", "why": "两人同名同日生，村里核实"})

    (after,) = found(chen)
    assert (after.pk, after.state, after.by) == (pair.pk, "different", chen)


def test_two_become_one_and_two_again(client):
    stays = makers.household(wei(NUMBER, phone="13800000001"), {"name": "农二"})
    goes = makers.household(wei(NUMBER, schooling="none"), {"name": "农三"})
    chen = people.chen()
    (pair,) = found(chen)
    client.force_login(chen)
    keeps = "a" if pair.a.household_id == stays.pk else "b"
    kept = getattr(pair, keeps)

    form = {"same": "1", "keeps": keeps, "whole": "1", "why": "分户前重复登记"}
    answer = client.post(f"/duplicates/{pair.pk}/", form)

    assert answer.status_code == 302, answer.content.decode()
    kept.refresh_from_db()
    assert kept.facts["schooling"] == "none"
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert stays.size == 3
    assert goes.closed_on == makers.TODAY
    pair.refresh_from_db()
    assert pair.state == "same"

    client.post(f"/duplicates/{pair.pk}/undo/", {"why": "认错人了"})

    for home in (stays, goes):
        home.refresh_from_db()
    assert (stays.size, goes.size, goes.closed_on) == (2, 2, None)
    pair.refresh_from_db()
    assert (pair.state, pair.batch) == ("open", None)


def test_of_two_households_all_become_one_who_have_the_same_name_and_birth(client):
    wife = {"name": "陆玉少", "birth": "1975-05-05"}
    stays = makers.household(wei(NUMBER), wife, {"name": "农小", "birth": "2001-01-01"})
    makers.household(wei(NUMBER), wife, {"name": "农大", "birth": "1999-01-01"})
    chen = people.chen()
    (pair,) = [one for one in found(chen) if one.why == "identity"]
    client.force_login(chen)
    keeps = "a" if pair.a.household_id == stays.pk else "b"

    form = {"same": "1", "keeps": keeps, "whole": "1", "why": "分户前重复登记"}
    client.post(f"/duplicates/{pair.pk}/", form)

    names = sorted(one.name for one in makers.members(stays))
    assert names == sorted(["农小", "农大", "陆玉少", getattr(pair, keeps).name])
    assert not DuplicatePair.objects.filter(state="open").exists()


def test_a_refusal_stands_beside_the_pair_with_what_was_typed(client):
    stays = makers.household(wei(NUMBER), {"name": "农二"})
    makers.household(wei(NUMBER), {"name": "农三"})
    chen = people.chen()
    (pair,) = found(chen)
    client.force_login(chen)
    keeps = "a" if pair.a.household_id == stays.pk else "b"
    form = {"same": "1", "keeps": keeps, "whole": "1", "why": "重复登记"}
    client.post(f"/duplicates/{pair.pk}/", form)
    (came,) = [one for one in makers.members(stays) if one.name == "农三"]
    left = {"did": "left", "person": str(came.pk), "why": "died"}
    makers.write(stays.pk, kind="people", says={"acts": [left]})

    no_word = client.post(f"/duplicates/{pair.pk}/undo/", {"why": "。"})
    depends = client.post(f"/duplicates/{pair.pk}/undo/", {"why": "不是同一人"})

    assert (no_word.status_code, depends.status_code) == (400, 409)
    page = depends.content.decode()
    assert 'role="alert"' in page
    assert 'value="不是同一人"' in page
    assert f"/households/{stays.pk}/" in page
    pair.refresh_from_db()
    assert pair.state == "same"


def test_a_decision_without_a_reason_changes_nothing(client):
    makers.household(wei(NUMBER))
    makers.household(wei(NUMBER))
    chen = people.chen()
    (pair,) = found(chen)
    client.force_login(chen)

    answer = client.post(f"/duplicates/{pair.pk}/", {"same": "1", "keeps": "a", "why": " "})

    assert answer.status_code == 400
    assert Person.objects.filter(left_on=None).count() == 2
    assert Household.objects.filter(closed_on=None).count() == 2


def test_a_pair_of_two_townships_is_seen_by_who_reaches_both(client):
    makers.household(wei(NUMBER))
    makers.household(wei(NUMBER), village=makers.place("village", code="451022200201"))
    chen = people.chen()
    (pair,) = found(chen)
    assert pair.place_path == makers.place("county").path

    client.force_login(people.bo())
    assert "韦建国" not in client.get("/duplicates/").content.decode()
    form = {"same": "1", "keeps": "a", "why": "同一人"}
    assert client.post(f"/duplicates/{pair.pk}/", form).status_code == 404

    for worker in (
        people.mei(),
        people.dou(),
        people.worker("Jia", "department", department="education"),
    ):
        client.force_login(worker)
        assert client.get("/duplicates/").status_code == 403
        assert client.post(f"/duplicates/{pair.pk}/", form).status_code == 403
        assert client.post("/duplicates/find/").status_code == 403

    client.force_login(chen)
    page = client.get("/duplicates/").content.decode()
    assert "韦建国" in page
    assert NUMBER not in page
    assert above_both(pair.place_path, "999999/") == ""


def test_a_search_says_that_it_goes_on_and_how_it_ended(client, monkeypatch):
    makers.household(wei(NUMBER))
    makers.household(wei(NUMBER))
    chen, called = people.chen(), []
    client.force_login(chen)
    monkeypatch.setattr("yihu.web.duplicates.FEW", 1)
    monkeypatch.setattr("yihu.web.import_work.call", lambda *words: called.append(words))

    for _ in range(2):
        client.post("/duplicates/find/")
    meanwhile, asked = client.get("/duplicates/"), client.get("/duplicates/progress/")
    search = searching.latest(chen)
    assert search is not None
    searching.look(search, Scope(chen, makers.TODAY), clock=lambda: makers.NOW)
    after, ended = client.get("/duplicates/"), client.get("/duplicates/progress/")

    assert called == [("duplicates", chen.username, "--search", str(search.pk))]
    assert all("正在查找" in page.content.decode() for page in (meanwhile, asked))
    assert "新找到 1 对" in after.content.decode()
    assert ended["HX-Refresh"] == "true"
    client.force_login(people.bo())
    assert "最近一次查找" not in client.get("/duplicates/").content.decode()


def test_a_search_that_broke_off_says_so_and_can_be_begun_again(client, monkeypatch):
    chen = people.chen()
    client.force_login(chen)

    def breaks(scope):
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr("yihu.exchange.duplicates.find", breaks)
    with pytest.raises(RuntimeError):
        client.post("/duplicates/find/")
    page = client.get("/duplicates/").content.decode()
    killed = searching.begin(chen, this_moment().now - searching.LIMIT)

    assert "中途停了" in page
    assert killed is not None
    assert not searching.goes_on(killed, this_moment().now)
    assert searching.begin(chen, this_moment().now) is not None


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_queue_speaks_both_languages(client, language):
    makers.household(wei(NUMBER))
    makers.household(wei(NUMBER))
    client.force_login(people.chen())
    client.cookies["yihu_language"] = language

    client.post("/duplicates/find/")

    for state in ("open", "same", "different"):
        page = client.get(f"/duplicates/?state={state}").content.decode()
        assert ("Look for duplicates" if language == "en" else "查找重复") in page
