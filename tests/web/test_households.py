"""Finding households and writing in them, each tried by one who may and by Dou."""

from __future__ import annotations

from datetime import date

import pytest

from tests import makers, people
from yihu.access.models import Reading
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.card.models import ENDS, Household, Sealed
from yihu.web import household_search

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return makers.household(
        {"name": "覃秀英", "birth": "1980-01-01", "identity": "45102219800101002X"},
        {"name": "覃小月", "birth": "2010-03-01"},
    )


def found(client, **asked) -> list[str]:
    answer = client.get("/households/", asked)
    assert answer.status_code == 200, answer.content.decode()[-900:]
    return [row.head_name for row in answer.context["rows"]]


@pytest.mark.parametrize("text", ["覃秀", "qinxiu", "tanxiu", "qxy", "txy", "QXY", "覃小月"])
def test_a_household_is_found_by_name_pinyin_and_first_letters_of_anybody_in_it(client, home, text):
    makers.household({"name": "黄大勇"})
    client.force_login(people.mei())

    assert found(client, q=text) == ["覃秀英"]


def test_pinyin_follows_who_is_renamed_leaves_or_moves(client, home):
    client.force_login(people.bo())
    head, child = makers.members(home)
    makers.write(home.pk, says={"members": {str(head.pk): {"name": "韦秀英"}}})
    assert (found(client, q="wxy"), found(client, q="qinxiuy")) == (["韦秀英"], [])

    acts = [{"did": "left", "person": str(child.pk), "why": "married_out"}]
    makers.write(home.pk, kind="people", says={"acts": acts})
    assert found(client, q="qinxiaoyue") == []

    there = makers.place(code="451022100202")
    makers.write(home.pk, kind="people", says={"acts": [{"did": "moved", "place": there.code}]})
    assert found(client, q="wxy") == ["韦秀英"]
    client.force_login(people.mei())
    assert found(client, q="wxy") == []


def test_a_household_is_found_by_its_number(client, home):
    client.force_login(people.mei())

    assert found(client, q=home.code) == ["覃秀英"]
    assert found(client, q=home.code[:8]) == ["覃秀英"]


def test_an_identity_number_is_found_whole_only_and_the_search_is_logged(client, home):
    mei = people.mei()
    client.force_login(mei)

    assert found(client, q="45102219800101002x") == ["覃秀英"]
    assert found(client, q="451022198001010021") == []

    logged = Reading.objects.filter(worker=mei, what="searched").order_by("pk")
    assert [reading.rows for reading in logged] == [1, 0]


def test_four_figures_find_whose_identity_number_ends_so_and_the_search_is_logged(client, home):
    makers.household({"name": "黄大勇", "identity": "45102219760506101X"})
    mei = people.mei()
    client.force_login(mei)

    assert found(client, q="002x") == ["覃秀英"]
    assert found(client, q="101X") == ["黄大勇"]
    assert found(client, q="0020") == []

    assert Reading.objects.filter(worker=mei, what="searched").count() == 3
    home_now = makers.members(home)[0]
    corrected = {"identity": "450922198105063248"}
    makers.write(home.pk, says={"members": {str(home_now.pk): corrected}})
    assert found(client, q="002X") == []


def test_four_figures_find_nobody_for_who_may_not_see_whole_numbers_or_is_not_there(client, home):
    office = people.worker("Fan", "department", makers.place("county"), department="education")
    elsewhere = people.worker("Far", "village", makers.place("village", "451022101201"))
    for who in (office, elsewhere, people.dou()):
        client.force_login(who)
        assert found(client, q="002X") == []


@pytest.mark.parametrize(
    "text",
    [
        "覃 那坡",
        "那坡 覃秀英",
        "覃 那坡村",
        "qxy 那坡",
        "覃 napo",
        "qinxiuying npc",
        "覃  思林",
        "那坡村覃",
        "那坡覃秀英",
        "那坡屯覃秀英",
        "思林镇覃秀英",
    ],
)
def test_a_name_and_a_place_in_one_line_find_who_is_called_so_there(client, text):
    township = makers.place("township")
    township.name = "思林镇"
    township.save()
    there = makers.place("village", "451022100202", "那坡村", parent=township)
    hamlet = makers.place("hamlet", "451022100202001", "那坡屯", parent=there)
    makers.household({"name": "覃秀英"}, village=hamlet)
    makers.household({"name": "覃秀兰"}, village=makers.place("village", "451022101203", "百峰村"))
    makers.household({"name": "黄大勇"}, village=there)
    client.force_login(people.chen())

    assert found(client, q=text) == ["覃秀英"]
    suggested = client.get("/households/suggestions/", {"q": text}).context["people"]
    assert [one.name for one in suggested] == ["覃秀英"]


@pytest.mark.parametrize("text", ["45102211020200001-1", "45102211020200001", "45102211020200001-"])
def test_the_number_of_a_household_that_split_off_is_found(client, text):
    home = makers.household({"name": "罗柳"})
    Household.objects.filter(pk=home.pk).update(code="45102211020200001-1")
    client.force_login(people.chen())

    assert found(client, q=text) == ["罗柳"]


@pytest.mark.parametrize("text", ["'", "' ' "])
def test_signs_alone_find_nobody(client, home, text):
    client.force_login(people.mei())

    assert found(client, q=text) == []


@pytest.mark.sqlite
def test_the_search_by_an_ending_and_by_name_and_place_looks_at_indexes_only(home):
    scope = Scope(people.chen(), makers.TODAY)
    index = dictionary.keys().blind_ending("002X")
    ending = scope.of(Sealed).filter(index=index, fact=ENDS).values_list("household_id")
    named = household_search.people("覃 village", scope).order_by().values_list("household_id")

    plans = [rows.explain() for rows in (ending, named)]

    assert "yihu_sealed" in plans[0]
    assert "INDEX person_named" in plans[1]
    assert all("SCAN" not in plan for plan in plans), plans


def test_a_household_is_found_by_a_fact_and_by_an_answer(client, home):
    makers.write(home.pk, says={"household": {"house_area": 71}})
    makers.household({"name": "黄大勇", "birth": "1970-01-01"})
    client.force_login(people.mei())

    assert found(client, which="住房面积 < 80") == ["覃秀英"]
    assert found(client, which="住房面积 > 80") == []
    assert found(client, which="适龄儿童少年在校或有合理原因 = 不明") == ["覃秀英"]


def test_a_condition_nobody_understands_says_what_to_write(client, home):
    client.force_login(people.mei())

    answer = client.get("/households/", {"which": "住房面及 < 80"})

    assert answer.status_code == 400
    assert "住房面积" in answer.content.decode()


def test_who_has_no_post_finds_nobody(client, home):
    client.force_login(people.dou())

    assert found(client, q="覃秀英") == []
    assert found(client, q="45102219800101002X") == []
    assert client.get("/households/suggestions/?q=覃").context["people"] == []
    assert client.get(f"/households/{home.pk}/").status_code == 404
    assert client.get(f"/villages/{home.place.code}/").status_code == 404


def sent(home, **facts):
    on = makers.TODAY.isoformat()
    return {"seen_on": on, "source": "visit", "based_on": home.number, **facts}


def test_only_what_was_changed_is_written(client, home, settings):
    settings.TODAY = "2020-10-17"
    makers.write(home.pk, says={"household": {"house_area": 71}})
    home.refresh_from_db()
    mei = people.mei()
    client.force_login(mei)
    url = f"/households/{home.pk}/write/household/household_house/"

    answer = client.post(url, sent(home, house_area="71", house_year="1999"))

    assert answer.status_code == 302
    last = Entry.objects.filter(book_id=home.pk, kind="facts").latest("number")
    assert (last.says, last.author, last.source) == (
        {"household": {"house_year": 1999}}, mei, "visit",
    )  # fmt: skip


def test_who_writes_from_an_old_copy_is_shown_both_and_writes_nothing(client, home, settings):
    settings.TODAY = "2020-10-17"
    copy = sent(home, house_area="80")
    makers.write(home.pk, says={"household": {"house_area": 71}})
    client.force_login(people.mei())
    before = Entry.objects.count()

    answer = client.post(f"/households/{home.pk}/write/household/household_house/", copy)

    assert answer.status_code == 409
    (field,) = [f for f in answer.context["fields"] if f.spec.name == "house_area"]
    assert (field.value, field.newer) == ("80", "71")
    assert Entry.objects.count() == before


def test_a_whole_number_is_shown_for_a_reason_only(client, home):
    mei = people.mei()
    client.force_login(mei)

    assert b"45102219800101002X" not in client.get(f"/households/{home.pk}/?part=all").content
    assert client.post(f"/households/{home.pk}/unmask/", {"why": "-"}).status_code == 400
    shown = client.post(f"/households/{home.pk}/unmask/", {"why": "核对身份证"})

    assert b"45102219800101002X" in shown.content
    (reading,) = Reading.objects.filter(worker=mei, what="unmasked")
    assert (reading.household_id, reading.facts, reading.why) == (
        home.pk, ["identity"], "核对身份证",
    )  # fmt: skip


def test_a_birth_is_written_in_the_book_and_can_be_undone(client, home, settings):
    settings.TODAY = "2020-10-17"
    client.force_login(people.mei())
    born = {"did": "join", "why": "born", "name": "覃星", "birth": "2020-10-01", "on": "2020-10-01"}

    client.post(f"/households/{home.pk}/people/", {**born, "source": "visit"})
    assert home.people.filter(left_on=None, birth=date(2020, 10, 1)).count() == 1

    number = Entry.objects.filter(book_id=home.pk, kind="people").latest("number").number
    client.post(f"/households/{home.pk}/undo/{number}/", {"why": "写错了户"})
    assert home.people.filter(left_on=None).count() == 2


def test_what_nobody_answered_is_not_written_as_no_longer_known(client, home):
    client.force_login(people.mei())
    sent = {"water_hard": "true", "seen_on": makers.TODAY.isoformat(), "based_on": home.number}

    client.post(f"/households/{home.pk}/write/household/household_living/", sent)

    last = Entry.objects.filter(book_id=home.pk, kind="facts").latest("number")
    assert last.says == {"household": {"water_hard": True}}
