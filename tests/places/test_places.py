"""The tree of places: a place keeps its identity through changes; old codes keep answering."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from tests import makers, people
from tests.shared import need
from yihu.access.scope import Scope
from yihu.book.actions import open_book
from yihu.card.actions import rebuild
from yihu.card.models import Household
from yihu.ledger.models import Gap
from yihu.places import actions, lists, queries
from yihu.places.actions import Row
from yihu.places.models import Place, PlaceChange
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

ON, DAY_BEFORE = date(2020, 7, 1), date(2020, 6, 30)


def two_townships():
    here = makers.place("village", "451022100201")
    there = makers.place("village", "451022101201")
    return here, there


def test_a_list_is_loaded_with_what_lies_above_and_again_without_change():
    rows = [Row("451022100201", "百谷村"), Row("451022", "田东县"), Row("451022100", "平马镇")]

    first, again = actions.load(rows), actions.load(rows)

    village = queries.place_for("451022100201")
    assert [place.name for place in queries.above(village)] == ["田东县", "平马镇"]
    assert (len(first.made), again.made, again.unchanged) == (3, [], 3)
    assert village.path.startswith(queries.place_for("451022100").path)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_lists_come_in_any_order_and_each_place_lies_where_its_code_says(order):
    lists_of = [
        [Row("451022100201", "百谷村"), Row("451022101201", "那坡村")],
        [Row("451022100", "平马镇"), Row("451022100201001", "上屯")],
        [Row("45", "广西"), Row("4510", "百色市"), Row("451022", "田东县")],
    ]
    home = None
    for n in order:
        for place in actions.load(lists_of[n]).made:
            open_book(place=place)
        if n == 0:
            home = makers.household(village=Place.objects.get(code="451022101201"))

    assert home is not None
    places = {place.code: place for place in Place.objects.select_related("parent")}
    above = {code: place.parent.code if place.parent else "" for code, place in places.items()}
    assert above == {
        "45": "", "4510": "45", "451022": "4510", "451022100": "451022",
        "451022100201": "451022100", "451022101201": "451022",
        "451022100201001": "451022100201",
    }  # fmt: skip
    for place in places.values():
        assert place.path == f"{place.parent.path if place.parent else ''}{place.pk:06d}/"
    home.refresh_from_db()
    assert home.place_path == places["451022101201"].path


def test_a_list_is_read_as_a_chinese_spreadsheet_saves_it(tmp_path):
    path = tmp_path / "区划.csv"
    path.write_bytes("代码,名称\r\n451022,田东县\r\n,\r\n".encode("gb18030"))

    assert list(lists.rows_of(path)) == [Row("451022", "田东县")]


@pytest.mark.parametrize(("line", "column"), [(",田东县", "代码"), ("451022,", "名称")])
def test_a_blank_code_or_name_is_refused_with_its_line(tmp_path, line, column):
    path = tmp_path / "区划.csv"
    path.write_text(f"代码,名称\n45,广西\n{line}\n", encoding="utf-8")

    with pytest.raises(Problem) as refused:
        list(lists.rows_of(path))

    assert f"第 3 行的“{column}”空白" in refused.value.sentence("zh")


def test_another_name_in_a_list_is_told_and_not_taken():
    actions.load([Row("451022", "田东县")])

    done = actions.load([Row("451022", "田东市")])

    assert [(place.code, name) for place, name in done.differing] == [("451022", "田东市")]
    assert Place.objects.get().name == "田东县"


@pytest.mark.parametrize("code", ["", "45102", "45102x", "4510221002011111"])
def test_a_code_that_is_none_is_refused_and_nothing_loaded(code):
    with pytest.raises(Problem) as refused:
        actions.load([Row("451022", "田东县"), Row(code, "?")])

    assert refused.value.code == "places.bad_code"
    assert not Place.objects.exists()


def test_a_recoded_place_answers_to_both_codes_and_keeps_its_people():
    place, _ = two_townships()
    home = makers.household(village=place)

    actions.recode(place, code="451022100299", name="新村", on=ON)

    assert queries.place_for("451022100201") == place == queries.place_for("451022100299")
    assert queries.named_on(place, DAY_BEFORE) == ("451022100201", "village 451022100201")
    assert queries.named_on(place, ON) == ("451022100299", "新村")
    rebuild([home.pk], now=makers.NOW)
    assert Household.objects.get(pk=home.pk).place == place


def test_a_merged_village_hands_its_households_and_gaps_over():
    gone, into = two_townships()
    home = makers.household({"birth": "2010-01-01"}, village=gone)
    keeper = people.worker("W", "village", into)

    actions.merge(gone, into=into, on=ON, why="撤并")

    gone.refresh_from_db()
    assert gone.until == DAY_BEFORE
    assert queries.place_for(gone.code) == into
    assert queries.place_for(gone.code, DAY_BEFORE) == gone
    assert set(Scope(keeper, makers.TODAY).of(Household)) == {home}
    assert set(Gap.objects.values_list("place_id", "place_path")) == {(into.pk, into.path)}
    rebuild([home.pk], now=makers.NOW)
    assert Household.objects.get(pk=home.pk).place == into


def test_a_place_moves_with_all_that_lies_below_it():
    here, there = two_townships()
    home = makers.household(village=here)
    leader = people.worker("W", "township", there.parent)

    actions.move(here, under=there.parent, on=ON)

    home.refresh_from_db()
    assert home.place_path == Place.objects.get(pk=here.pk).path
    assert home.place_path.startswith(there.parent.path)
    assert set(Scope(leader, makers.TODAY).of(Household)) == {home}


def test_a_divided_place_asks_which_part_is_meant():
    here, _ = two_townships()
    parts = [Row("451022100301", "东村"), Row("451022100302", "西村")]

    actions.split(here, parts=parts, on=ON, lasts=False)

    with pytest.raises(Problem) as refused:
        queries.place_for(here.code)
    assert refused.value.code == "places.divided"
    assert queries.place_for(here.code, DAY_BEFORE) == here
    assert PlaceChange.objects.filter(kind="split").count() == 2


@pytest.mark.parametrize("change", ["into itself", "below itself", "twice", "before it began"])
def test_a_change_that_cannot_be_leaves_the_tree_as_it_was(change):
    here, there = two_townships()
    made = actions.add_place(code="451022100777", name="n", parent=here.parent, since=ON)
    before = sorted(Place.objects.values_list("pk", "path", "code", "until"))
    tried = {
        "into itself": lambda: actions.merge(here, into=here, on=ON),
        "below itself": lambda: actions.move(here.parent, under=here, on=ON),
        "twice": lambda: actions.recode(here, code=there.code, on=ON),
        "before it began": lambda: actions.rename(made, name="m", on=ON),
    }

    with pytest.raises(Problem):
        tried[change]()

    assert sorted(Place.objects.values_list("pk", "path", "code", "until")) == before


def test_a_village_is_on_the_poverty_list_for_a_period():
    village, _ = two_townships()
    actions.set_poverty_village(village, since=date(2014, 1, 1))
    actions.end_poverty_village(village, last_day=date(2019, 12, 31))

    days = [date(2013, 12, 31), date(2014, 1, 1), date(2019, 12, 31), date(2020, 1, 1)]

    assert [queries.was_poverty_village(village, day) for day in days] == [
        False, True, True, False,
    ]  # fmt: skip
    with pytest.raises(Problem) as refused:
        actions.set_poverty_village(village, since=date(2019, 6, 1))
    assert refused.value.code == "places.period_taken"


# --- against the ministry's history ---------------------------------------------------------------

HISTORY = ("data", "cn_divisions", "county_code_history_1981_2025.csv")
#: code then → code now, and the day it is asked for: documented changes around Baise.
KNOWN = [
    ("452623", "田东县", "451022", "田东县"),
    ("452622", "田阳县", "451003", "田阳区"),
    ("451021", "田阳县", "451003", "田阳区"),
    ("451023", "平果县", "451082", "平果市"),
    ("451025", "靖西县", "451081", "靖西市"),
]


def test_the_former_codes_of_counties_answer_as_the_ministry_lists_them():
    history = lists.history_of(need(*HISTORY))
    current = [former for former in history if former.until is None]
    actions.load(
        [Row(f.code, f.name, level="county") for f in current if not f.code.endswith("00")]
    )

    taken = lists.take_history(history, source="yescallop/areacodes")

    for old, then, now, name in KNOWN:
        place = queries.place_for(old)
        assert (place.code, place.name) == (now, name)
        assert then in set(place.names.values_list("name", flat=True))
    assert queries.named_on(queries.place_for("451022"), date(2001, 12, 31)) == ("452623", "田东县")
    assert queries.named_on(queries.place_for("451003"), date(2018, 12, 31)) == ("451021", "田阳县")
    assert queries.named_on(queries.place_for("451003"), date(2019, 1, 1)) == ("451003", "田阳区")
    assert taken > 2500
    assert lists.take_history(history, source="yescallop/areacodes") == taken
    assert Place.objects.filter(until=None).count() == sum(
        not f.code.endswith("00") for f in current
    )


def test_the_list_of_the_county_becomes_its_tree():
    rows = lists.rows_of(need("data", "cn_divisions", "tiandong_451022.csv"))

    done = actions.load([Row("451022", "田东县"), *rows])

    assert len(done.made) == 1 + 10 + 173
    assert queries.above(queries.place_for("451022100001"))[0].name == "田东县"
