"""Lists that leave: in scope, masked, logged, and read back without a change."""

from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from tests import makers, people
from yihu.access.models import Reading
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Household
from yihu.exchange.mapping import open_sheet
from yihu.exchange.out import LISTS, Wish, give_out
from yihu.exchange.out_files import parts_of_csv, write_parquet, write_xlsx
from yihu.exchange.plan import plans
from yihu.exchange.reading import read
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

IDENTITY = "11010519491231002X"


@pytest.fixture
def home():
    return makers.household(
        {"name": "农大", "birth": "1949-12-31", "identity": IDENTITY, "sex": "male",
         "relation": "01", "phone": "13800000000"},
        {"name": "农小", "birth": "2010-03-01", "relation": "05", "schooling": "primary"},
        attribute="general", phone="0776-5220000",
    )  # fmt: skip


def given(who, **wish):
    return give_out(Wish(**wish), scope=Scope(who, makers.TODAY), now=makers.NOW)


def table(listing):
    text = b"".join(parts_of_csv(listing)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def planned(path, who):
    sheet = open_sheet(path)
    rows = read(sheet.table, sheet.proposed)
    made = list(plans(rows, Scope(who, makers.TODAY)))
    return rows.bad, [plan.says() for plan in made]


@pytest.mark.parametrize("what", ["households", "people"])
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_an_export_taken_in_again_changes_nothing(what, ending, home, tmp_path):
    chen = people.chen()
    path = tmp_path / f"out.{ending}"
    listing = given(chen, what=what, whole=True, why="年度核对")

    if ending == "csv":
        path.write_bytes(b"".join(parts_of_csv(listing)))
    else:
        {"xlsx": write_xlsx, "parquet": write_parquet}[ending](listing, path)

    assert planned(path, chen) == ({}, [{}])


def test_a_masked_number_is_not_taken_for_a_number(home, tmp_path):
    chen = people.chen()
    listing = given(chen, what="people")
    path = tmp_path / "out.csv"
    path.write_bytes(b"".join(parts_of_csv(listing)))

    (first, _) = table(listing)

    assert IDENTITY not in path.read_text(encoding="utf-8-sig")
    assert first["遮盖后的证件号码"] == "110*************2X"
    assert planned(path, chen) == ({}, [{}])


def test_whole_numbers_need_a_reason_and_are_logged(home):
    chen = people.chen()

    with pytest.raises(Problem) as refused:
        given(chen, what="people", whole=True, why="")
    assert (refused.value.code, Reading.objects.count()) == ("exchange.no_reason", 0)

    (first, _) = table(given(chen, what="people", whole=True, why="银行代发核对"))

    assert first["证件号码"] == IDENTITY
    (log,) = Reading.objects.all()
    assert (log.what, log.rows, log.worker) == ("unmasked export", 2, chen)
    assert "person.identity" in log.facts
    assert log.why == "people 银行代发核对"


def test_each_sees_his_own_places_only(home):
    makers.household({"name": "别村"}, village=makers.place("village", code="451022101202"))

    assert len(table(given(people.mei(), what="households"))) == 1
    assert len(table(given(people.chen(), what="households"))) == 2
    for who in (people.dou(), people.worker("Helper", "helper")):
        for what in LISTS:
            with pytest.raises(Problem) as refused:
                given(who, what=what)
            assert refused.value.code == "access.may_not"


def test_a_place_outside_is_refused_as_one_that_is_not_there(home):
    makers.place("village", code="451022101202")
    mei = people.mei()

    for code in ("451022101202", "999999999999"):
        with pytest.raises(Problem) as refused:
            given(mei, what="households", place=code)
        assert refused.value.code == "access.not_yours"


def test_a_department_gets_no_sealed_column(home):
    desk = people.worker("Edu", "department", department="education")

    rows = table(given(desk, what="people"))

    assert not any("证件号码" in heading for heading in rows[0])
    assert rows[1]["在校生状况"]


def test_gaps_visits_and_places_have_their_rows(home):
    makers.write(home.pk, kind="visit", says={"words": "=HYPERLINK(1)"})
    makers.write_place(home.place, says={"place": {"hamlets": 12}})
    chen = people.chen()

    gaps = table(given(chen, what="gaps"))
    (visit,) = table(given(chen, what="visits"))
    places = table(given(chen, what="places"))

    assert {row["户编号"] for row in gaps} == {home.code}
    assert visit["内容"] == "'=HYPERLINK(1)"
    assert [row["级别"] for row in places] == ["乡镇", "行政村"]
    label = dictionary.active().facts["village", "hamlets"].label.zh
    assert places[1][label] == "12"


def test_a_list_asks_the_same_number_of_queries_however_long(home, django_assert_max_num_queries):
    for _ in range(8):
        makers.household({"name": "农"})
    chen = people.chen()

    with django_assert_max_num_queries(12):
        rows = table(given(chen, what="people"))

    assert len(rows) == 10
    assert Household.objects.count() == 9


def test_xlsx_keeps_numbers_as_numbers_and_text_as_text(home, tmp_path):
    makers.write(home.pk, says={"household": {"cane_income": 12345.67}})
    path = tmp_path / "out.xlsx"

    write_xlsx(given(people.chen(), what="households"), path)

    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    row = dict(zip(sheet[0], sheet[1], strict=True))
    label = dictionary.active().facts["household", "cane_income"].label.zh
    assert row[label] == 12345.67
    assert row["户编号"] == home.code


def test_parquet_has_the_same_headings(home, tmp_path):
    path = tmp_path / "out.parquet"
    listing = given(people.chen(), what="people")

    write_parquet(listing, path)

    assert pq.read_table(path).column_names == [c.heading for c in listing.columns]
    assert pq.read_table(path).num_rows == 2
