"""An upper level's form is filled in place: the wanted cells, and not a byte besides."""

from __future__ import annotations

import re
from zipfile import ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests import makers, people
from yihu.access.models import Reading
from yihu.access.scope import Scope
from yihu.exchange.forms_out import Unfilled, fill_form
from yihu.exchange.forms_out_cells import fill_cells
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(tmp_path):
    """A form with a title over merged cells, a frame, a formula, a drop-down and a second sheet."""
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        frame = book.add_format({"border": 1})
        sheet = book.add_worksheet("表1")
        sheet.merge_range("A1:D1", "脱贫户信息采集表", frame)
        sheet.write("A3", "户主", frame)
        sheet.write_blank("B3", None, frame)
        sheet.write("A4", "人均纯收入", frame)
        sheet.write_formula("C4", "=B4*2", frame, 0)
        sheet.data_validation("B5", {"validate": "list", "source": ["是", "否"]})
        book.add_worksheet("说明").write("A1", "不得改动")
    return path


def read(path, sheet="表1"):
    return (
        CalamineWorkbook.from_path(str(path))
        .get_sheet_by_name(sheet)
        .to_python(skip_empty_area=False)
    )


def test_cells_are_filled_and_all_else_is_byte_for_byte_the_same(form, tmp_path):
    out = tmp_path / "out.xlsx"

    left = fill_cells(form, out, {("表1", "B3"): "农<大>", ("表1", "B4"): 4500.5, ("表1", "F9"): 3})

    assert left == []
    rows = read(out)
    assert (rows[2][1], rows[3][1], rows[8][5]) == ("农<大>", 4500.5, 3)
    with ZipFile(form) as before, ZipFile(out) as after:
        assert before.namelist() == after.namelist()
        changed = {n for n in before.namelist() if before.read(n) != after.read(n)}
        sheet = after.read("xl/worksheets/sheet1.xml").decode()
    assert changed == {"xl/worksheets/sheet1.xml"}
    assert "dataValidation" in sheet
    assert '<c r="B3" s="1" t="inlineStr">' in sheet


@pytest.mark.parametrize(
    ("sheet", "address", "why"),
    [("表1", "C4", "formula"), ("表1", "B1", "merged"), ("无", "A1", "no_sheet"),
     ("表1", "第三格", "no_address")],
)  # fmt: skip
def test_a_cell_that_must_not_be_written_is_left_and_named(sheet, address, why, form, tmp_path):
    out = tmp_path / "out.xlsx"

    left = fill_cells(form, out, {(sheet, address): "x"})

    assert left == [(sheet, address, why)]
    assert read(out) == read(form)


def test_an_empty_sheet_takes_rows_in_their_order(tmp_path):
    path, out = tmp_path / "leer.xlsx", tmp_path / "out.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("表1")

    assert fill_cells(path, out, {("表1", "B3"): "b", ("表1", "A1"): 1}) == []
    assert [row for row in read(out) if any(row)] == [[1, ""], ["", "b"]]


def test_new_rows_before_one_that_is_there_stand_in_their_order(tmp_path):
    path, out = tmp_path / "表.xlsx", tmp_path / "out.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("表1").write("A10", "合计")

    fill_cells(path, out, {("表1", f"A{row}"): row for row in (3, 4, 5)})

    with ZipFile(out) as made:
        sheet = made.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'<row r="(\d+)"', sheet) == ["3", "4", "5", "10"]
    assert [row[0] for row in read(out) if row[0]] == [3, 4, 5, "合计"]


def test_the_head_is_named_though_nobody_wrote_the_name_again(form, tmp_path):
    home = makers.household({"name": "农大"})
    mapping = {"sheet": "表1", "cells": {"B3": "household.head_name"}}
    scope = Scope(people.mei(), makers.TODAY)

    left = fill_form(form, tmp_path / "out.xlsx", mapping, [home], scope=scope)

    assert left == []
    assert read(tmp_path / "out.xlsx")[2][1] == "农大"


def test_a_form_says_what_the_book_does_not_know(form, tmp_path):
    home = makers.household({"name": "农大", "relation": "01"}, income_per_person_stated=4500)
    asked = {"B3": "person.name", "B4": "household.attribute", "B5": "household.nothing"}
    mapping = {"sheet": "表1", "cells": {**asked, "B6": "place.village"}}
    scope = Scope(people.mei(), makers.TODAY)

    left = fill_form(form, tmp_path / "out.xlsx", mapping, [home], scope=scope)

    assert left == [
        Unfilled("表1", "B4", "household.attribute", "unknown"),
        Unfilled("表1", "B5", "household.nothing", "no_fact"),
    ]
    rows = read(tmp_path / "out.xlsx")
    assert (rows[2][1], rows[5][1]) == ("农大", home.place.name)
    # To look what a form will lack is no export.
    assert not Reading.objects.exists()


def test_a_list_has_a_row_for_each_person(form, tmp_path):
    homes = [makers.household({"name": "甲"}, {"name": "乙"}), makers.household({"name": "丙"})]
    mapping = {"sheet": "说明", "first_row": 3, "columns": {"A": "row", "B": "person.name"}}
    scope = Scope(people.mei(), makers.TODAY)

    left = fill_form(form, tmp_path / "out.xlsx", mapping, homes, scope=scope)

    assert left == []
    assert read(tmp_path / "out.xlsx", "说明")[2:] == [[1, "甲"], [2, "乙"], [3, "丙"]]


def test_nobody_fills_forms_of_households_he_does_not_reach(form, tmp_path):
    far = makers.household({}, village=makers.place("village", code="451022101202"))
    mapping = {"sheet": "表1", "cells": {"B3": "person.name"}}
    out = tmp_path / "out.xlsx"

    for who, code in ((people.mei(), "access.not_yours"), (people.dou(), "access.may_not")):
        with pytest.raises(Problem) as refused:
            fill_form(form, out, mapping, [far], scope=Scope(who, makers.TODAY))
        assert refused.value.code == code
    assert not out.exists()
