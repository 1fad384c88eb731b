"""What people write in a cell and what it means."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rulebook import intake_facts as facts
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.intake.bad_cells import BadCells
from yihu.rulebook.intake.cells import Cell, CellError, word_of
from yihu.rulebook.intake.columns import ARROW_TYPES, FactColumn
from yihu.rulebook.refusals import SENTENCES
from yihu.rulebook.tree import day_number

MAY = 2020 * 12 + 4


def refused(spec: FactSpec, value: object) -> str:
    with pytest.raises(CellError) as error:
        Cell(spec).read(value)
    sentences = SENTENCES[error.value.code]
    for lang in ("zh", "en"):
        assert sentences[lang].format(found=value, **error.value.details)
    return error.value.code.removeprefix("intake.cell.")


@pytest.mark.parametrize(
    "written",
    [
        "2020-01-31",
        "2020/1/31",
        "20200131",
        "2020年1月31日",
        "2020.1.31",
        "２０２０年１月３１日",
        "2020-01-31 00:00:00",
        20200131,
        20200131.0,
        43861,
        43861.0,
        "43861",
        date(2020, 1, 31),
        datetime(2020, 1, 31, 8, 30),  # noqa: DTZ001  cells of sheets know no zone
    ],
)
def test_a_day_in_many_spellings_is_one_day(written):
    assert Cell(facts.BORN).read(written) == day_number(2020, 1, 31)


def test_a_day_that_is_none_is_refused():
    assert refused(facts.BORN, "2021-02-29") == "no_such_day"
    assert refused(facts.BORN, "2020-01/31") == "not_date"
    assert refused(facts.BORN, "2020年1月") == "not_date"
    assert refused(facts.BORN, "18991231") == "out_of_range"
    assert refused(facts.BORN, "去年") == "not_date"


@pytest.mark.parametrize(
    "written",
    ["2020-05", "202005", "2020年5月", "2020/5", "2020.5", 202005, 202005.0, date(2020, 5, 17)],
)
def test_a_month_in_many_spellings_is_one_month(written):
    assert Cell(facts.SINCE).read(written) == MAY


def test_a_month_written_as_a_fraction_could_be_two_months_and_is_refused():
    assert refused(facts.SINCE, 2020.1) == "not_month"
    assert refused(facts.SINCE, "202013") == "not_month"


@pytest.mark.parametrize("written", ["是", "yes", "TRUE", "1", 1, 1.0, True, " 是 ", "Ｙes"])
def test_yes(written):
    assert Cell(facts.INSURED).read(written) == 1


def test_a_surveys_own_yes_and_no_come_before_the_general_ones():
    survey = facts.fact("person", "holiday", "yes_no", "度假", yes=("1",), no=("2",))

    assert [Cell(survey).read(v) for v in (1, 2, "1", "2", "0")] == [1, 0, 1, 0, 0]
    assert refused(survey, "3") == "not_yes_no"


@pytest.mark.parametrize(
    ("written", "place"),
    [("小学", 1), ("primary", 1), ("Primary School", 1), ("02", 1), ("初中(七至九年级)", 2)],
)
def test_a_code_by_any_of_its_spellings(written, place):
    assert Cell(facts.AT_SCHOOL).read(written) == place


def test_an_unknown_code_is_refused_with_the_nearest_spelling():
    with pytest.raises(CellError) as error:
        Cell(facts.AT_SCHOOL).read("小学生")

    assert error.value.details["near_zh"] == "；是否想写“小学”？"
    assert error.value.details["title_zh"] == "在校生状况"


def test_a_code_of_text_is_not_its_number():
    assert refused(facts.AT_SCHOOL, "2") == "unknown_code"


def test_several_codes_in_one_cell():
    assert Cell(facts.CAUSE).read("因病、因学") == 0b11
    assert Cell(facts.CAUSE).read("因学") == 0b10
    assert refused(facts.CAUSE, "因病,因灾") == "unknown_code"


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1234.5", 123_450),
        ("1,234.50", 123_450),
        ("-13157.2", -1_315_720),
        ("0.10", 10),
        ("12.500", 1250),
        (0.1 + 0.2, 30),
        (8870.915, 887_092),
        (-0.005, 0),
        (3333.3333333333335, 333_333),
        (12, 1200),
        (Decimal("12.34"), 1234),
        ("１２．５", 1250),
    ],
)
def test_money_is_exact_to_the_fen(written, fen):
    assert Cell(facts.INCOME).read(written) == fen


def test_money_someone_typed_with_three_decimals_is_refused():
    assert refused(facts.INCOME, "12.345") == "too_many_decimals"
    assert refused(facts.INCOME, "12元") == "not_number"
    assert refused(facts.INCOME, "1,23") == "not_number"
    assert refused(facts.INCOME, 1e15) == "too_large"


def test_whole_numbers_and_their_range():
    assert Cell(facts.MONTHS).read("12") == 12
    assert Cell(facts.MONTHS).read(11.0) == 11
    assert refused(facts.MONTHS, "13") == "out_of_range"
    assert refused(facts.MONTHS, 3.5) == "not_whole"
    assert refused(facts.MONTHS, "很多") == "not_number"


@pytest.mark.parametrize("written", [None, "", "  ", "　", math.nan])
def test_blank_is_not_known(written):
    assert [Cell(spec).read(written) for spec in facts.FACTS] == [None] * len(facts.FACTS)


@pytest.mark.parametrize("written", ["不适用", "-", "－"])
def test_what_does_not_apply_is_unknown_or_what_the_rulebook_says(written):
    assert Cell(facts.AT_SCHOOL).read(written) is None
    assert Cell(facts.FLAGGED).read(written) == 0


def test_a_long_number_that_lost_digits_is_refused():
    assert refused(facts.IDENTITY, 4.5102219900101123e17) == "lost_digits"
    assert refused(facts.IDENTITY, "4.51022E+17") == "lost_digits"
    assert Cell(facts.IDENTITY).read("451022199001011234") == "451022199001011234"
    assert Cell(facts.PHONE).read(13800000000.0) == "13800000000"


# --- whole columns give what single cells give ----------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        ["", " ", "-", "不适用", "是", "否", "小学", "02", "1.0", "12.345", "1e3", "x"]
    ),
    st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{1,4})?", fullmatch=True),
    st.dates(date(1890, 1, 1)).map(date.isoformat),
    st.text(max_size=6),
)
CELLS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), WORDS),
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "small": (pa.int8(), st.integers(-128, 127)),
    "float": (
        pa.float64(),
        st.one_of(st.floats(), st.integers(-(10**7), 10**7).map(lambda n: n / 100)),
    ),
    "decimal": (pa.decimal128(12, 3), st.decimals(-9999, 9999, places=3)),
    "bool": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates(date(1890, 1, 1), date(2100, 1, 1))),
}


def one_by_one(spec: FactSpec, values: list[Any]) -> tuple[list[Any], list[int]]:
    found, bad = [], []
    for row, value in enumerate(values):
        try:
            found.append(Cell(spec).read(value))
        except CellError:
            found.append(None)
            bad.append(row)
    return found, bad


@settings(max_examples=12, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("spec", [*facts.FACTS, facts.FLAGGED], ids=lambda s: s.name)
@pytest.mark.parametrize("form", CELLS)
def test_a_column_gives_what_its_cells_give(spec, form, data):
    kind, cells = CELLS[form]
    values = data.draw(st.lists(st.none() | cells, max_size=12))
    column = pa.array(values, kind)
    bad = BadCells("f")

    found = FactColumn(spec, "h", bad).values(column, range(len(values)))

    expected, refused_rows = one_by_one(spec, column.to_pylist())
    assert found.type == ARROW_TYPES[spec.kind]
    assert found.to_pylist() == expected
    assert sorted(cell.row for cell in bad.kept) == refused_rows
    assert len(bad) == len(refused_rows)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.none() | WORDS | st.floats() | st.booleans() | st.dates(), max_size=8))
@pytest.mark.parametrize("spec", [facts.INCOME, facts.BORN, facts.INSURED, facts.IDENTITY])
def test_cells_of_a_sheet_are_read_as_they_stand(spec, values):
    bad = BadCells("f")

    found = FactColumn(spec, "h", bad).values(list(values), range(len(values)))

    expected, refused_rows = one_by_one(spec, values)
    assert found.to_pylist() == expected
    assert sorted(cell.row for cell in bad.kept) == refused_rows


def test_flags_say_why_a_cell_is_blank():
    values = pa.array(["02", None, None, "&", None])
    flags = pa.array([1, -1, -2, 1, None])

    found = FactColumn(facts.FLAGGED, "h", BadCells("f"))

    assert found.values(values.slice(0, 3), range(3), flags.slice(0, 3)).to_pylist() == [1, None, 0]
    assert found.values(values, range(5), values).to_pylist() == [1, None, None, None, None]


def test_amounts_rounded_to_the_fen_are_counted():
    column = FactColumn(facts.INCOME, "h", BadCells("f"))

    column.values(pa.array([1.25, 1.255, None, 1 / 3, 7.0]), range(5))

    assert column.rounded == 2


def test_32_bit_floats_are_read_by_their_shortest_text():
    column = FactColumn(facts.AREA, "h", BadCells("f"))

    assert column.values(pa.array(np.array([0.1, 86.4], np.float32)), range(2)).to_pylist() == [
        0.1,
        86.4,
    ]


def test_a_column_full_of_faults_is_counted_and_the_first_are_shown():
    bad = BadCells("人.csv")
    column = FactColumn(facts.MONTHS, "务工时间", bad)

    column.values(pa.array(["13"] * 500 + ["x"]), range(2, 503))

    refusal = bad.refusal()
    assert refusal.details["count"] == 501
    assert "第 2 行，“务工时间”列：“13”超出允许的范围 0 至 12" in refusal.sentence("zh")
    assert "481" in refusal.sentence("en")


def test_words_of_cells():
    assert [word_of(v) for v in (True, 1.0, 1.5, date(2020, 1, 2), Decimal("1.50"))] == [
        "1",
        "1",
        "1.5",
        "2020-01-02",
        "1.5",
    ]
