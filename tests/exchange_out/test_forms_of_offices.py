"""A form as offices make it goes all the way: sent, guessed, filled, and nothing else moved."""

from __future__ import annotations

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from tests import makers, people
from tests.exchange.sheets import xlsx
from tests.exchange_out.office_forms import (
    BEHIND,
    NS,
    PART,
    ROWS,
    cells_of,
    parts_of,
    sheet,
    workbook,
)
from yihu.access.models import Reading
from yihu.exchange.forms_out_cells import fill_cells, taken_below
from yihu.exchange.models import Form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def send(client, content):
    return client.post("/forms/", {"file": SimpleUploadedFile("花名册.xlsx", content)})


def test_a_form_of_an_office_is_filled_and_every_other_cell_is_the_one_that_came(client):
    home = makers.household({"name": "甲"}, {"name": "乙"}, {"name": "丙"}, {"name": "丁"},
                            income_per_person_stated=4500)  # fmt: skip
    client.force_login(people.mei())
    content = workbook(sheet())

    sent = send(client, content)
    answer = client.post(f"{sent.url}fill/", {"codes": home.code, "wanted": "file"})

    assert Form.objects.get().mapping == {
        "sheet": "花名册", "first_row": 4,
        "columns": {"A": "row", "B": "person.name", "C": "person.identity",
                    "D": "household.income_per_person_stated"},
    }  # fmt: skip
    before, after = parts_of(content), parts_of(answer.content)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} == {PART}
    old, new = cells_of(before[PART]), cells_of(after[PART])
    filled = {(row, column) for row in (4, 5, 6, 7) for column in (1, 2, 4)}
    assert {at for at in new if old.get(at) != new[at]} == filled
    assert old.keys() - new.keys() == set()
    names = ["".join(ET.fromstring(new[row, 2]).itertext()) for row in (4, 5, 6, 7)]
    assert names == ["甲", "乙", "丙", "丁"]
    # Widths before the cells; merges, drop-downs, page and button behind them: not a byte moved.
    assert after[PART].split(b"<sheetData>")[0] == before[PART].split(b"<sheetData>")[0]
    assert after[PART].split(b"</sheetData>")[1] == f"{BEHIND}</worksheet>".encode()
    assert b'<row r="7" ht="20">' in after[PART]


def test_one_too_many_is_refused_above_the_total_with_the_rows_to_insert(client):
    home = makers.household(*({"name": f"农{n}"} for n in range(6)))
    client.force_login(people.mei())
    sent = send(client, workbook(sheet()))

    answer = client.post(f"{sent.url}fill/", {"codes": home.code, "wanted": "file"})

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "只有 4 行空行，需要 6 行：第 8 行已有内容（“合计”）" in page
    assert "第 8 行上方插入 2 行" in page


def test_a_button_in_a_row_of_its_own_takes_no_person(tmp_path):
    path, out = tmp_path / "表.xlsx", tmp_path / "out.xlsx"
    path.write_bytes(workbook(sheet()))

    assert fill_cells(path, out, {("花名册", "B10"): "戊"}) == []

    made = parts_of(out.read_bytes())[PART]
    assert made.endswith(f"</sheetData>{BEHIND}</worksheet>".encode())
    assert "戊" in cells_of(made)[10, 2]


@pytest.mark.parametrize(
    ("rows", "merged", "row"),
    [
        ('<row r="4"><c r="A4" s="1" /></row><row r="6"><c r="D6"><f>SUM(D4:D5)</f><v /></c></row>',
         [], 6),
        ('<row r="4"><c r="D4"><f>B4+C4</f></c></row><row r="5"><c r="D5"><f>B5+C5</f></c></row>',
         [], None),
        ("", ["A5:A6"], 5),
        ("", ["A2:B5"], 4),
        ("", ["B4:C4", "B5:C5", "A6:C6"], 6),
        ("", ["B4:C4", "B5:C5"], None),
        ("", ["A1:E1", "A2:A3"], None),
    ],
    ids=["a total without a word", "sums of each row", "a tall cell", "one that reaches down",
         "rows merged alike end where they differ", "rows merged alike", "titles above"],
)  # fmt: skip
def test_a_list_ends_where_a_row_is_no_blank_one_as_the_first(rows, merged, row, tmp_path):
    path = tmp_path / "表.xlsx"
    behind = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    path.write_bytes(workbook(sheet(rows, f"<mergeCells>{behind}</mergeCells>")))

    found = taken_below(path, "花名册", 4)

    assert (found.row if found else None) == row


HIDDEN = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE z [<!ENTITY x "ha">]><worksheet xmlns="{NS}"><sheetData/></worksheet>'  # noqa: E501
DAMAGED = {
    "cut off": sheet().replace(b"</row>", b"", 1),
    "a row twice": sheet(ROWS + '<row r="2"><c r="A2"/></row>'),
    "cells out of order": sheet('<row r="1"><c r="C1"/><c r="A1"/></row>'),
    "a row without a number": sheet('<row r="x"/>'),
    "a document type in two bytes a sign": HIDDEN.encode("utf-16"),
    "another encoding": sheet().replace(b'"UTF-8"', b'"ISO-8859-1"', 1),
}


@pytest.mark.parametrize("part", DAMAGED.values(), ids=DAMAGED)
def test_a_form_that_could_not_be_filled_is_refused_when_it_is_sent(client, part):
    client.force_login(people.mei())

    answer = send(client, workbook(part))

    assert answer.status_code == 400
    assert "不是能填写的 xlsx 表样" in answer.content.decode()
    assert not Form.objects.exists()


# --- a new version of a form ----------------------------------------------------------------------


def of_two_sheets(heads, roll) -> bytes:
    """A workbook whose first sheet has the more headings."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("总表").write_row("A1", heads)
        book.add_worksheet("名单").write_row("A1", roll)
    return file.getvalue()


def test_the_sheet_that_was_filled_before_is_the_one_proposed(client):
    client.force_login(people.mei())
    heads = ["户编号", "行政村", "乡镇", "户主姓名", "人均纯收入"]
    first = Form.objects.get(pk=send(client, of_two_sheets(heads, ["姓名", "备注"])).url[7:-1])
    save = f"/forms/{first.pk}/save/"
    client.post(save, {"act": "turn", "sheet": "名单"})
    client.post(save, {"name": "省表", "first_row": 2, "at": ["A", "B"], "what": ["姓名", "性别"]})

    sent = send(client, of_two_sheets(heads, ["序号", "备注", "姓名"]))

    form = Form.objects.get(pk=sent.url[7:-1])
    assert form.mapping["sheet"] == "名单"
    assert form.mapping["columns"] == {"A": "row", "B": "person.sex", "C": "person.name"}
    assert "表头与表样“省表”相近" in client.get(sent.url).content.decode()

    # Away and back again: what was mended is proposed here as well.
    for name in ("总表", "名单"):
        client.post(f"{sent.url}save/", {"act": "turn", "sheet": name})
    form.refresh_from_db()
    assert form.mapping["columns"]["B"] == "person.sex"
    assert "表头与表样“省表”相近" in client.get(sent.url).content.decode()


def test_of_two_columns_called_alike_each_follows_its_own(client):
    client.force_login(people.mei())
    sent = send(client, xlsx([["户编号", "姓名", "姓名"]], sheet="名单"))
    client.post(f"{sent.url}save/", {"name": "省表", "first_row": 2, "at": ["A", "B", "C"],
                                     "what": ["户编号", "户主姓名", "性别"]})  # fmt: skip

    again = send(client, xlsx([["姓名", "户编号", "新列", "姓名"]], sheet="名单"))

    columns = Form.objects.get(pk=again.url[7:-1]).mapping["columns"]
    assert columns == {"A": "household.head_name", "B": "household.code", "D": "person.sex"}


# --- what is left ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "head", "unmapped", "income"),
    [
        ("zh-hans", ["户编号、姓名", "工作表", "单元格", "应填", "未填原因"], "没有指定填什么",
         ["人均纯收入", "户册中没有"]),
        ("en", ["household, name", "sheet", "cell", "what", "why not filled"],
         "nobody said what stands in it", ["net income per person as stated", "not in the book"]),
    ],
)  # fmt: skip
def test_the_list_names_whose_each_cell_is_and_once_each_column_nobody_mapped(
    client, language, head, unmapped, income
):
    home = makers.household({"name": "甲"}, {"name": "乙"})
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language
    sent = send(client, xlsx([["姓名", "上级才懂的列", "人均纯收入"]], sheet="名单"))

    left = client.post(f"{sent.url}fill/", {"codes": home.code, "wanted": "list"})
    page = client.post(f"{sent.url}fill/", {"codes": home.code})

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(left.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows == [
        head,
        ["", "名单", "B", "上级才懂的列", unmapped],
        [f"{home.code} 甲", "名单", "C2", *income],
        [f"{home.code} 乙", "名单", "C3", *income],
    ]
    assert page.content.decode().count(unmapped) == 1
    # To look what will be lacking, and to take that list along, is no second export of the form.
    assert not Reading.objects.exists()


def test_a_cell_of_a_form_for_one_household_nobody_mapped_is_named_once_for_all(client):
    homes = [makers.household({"name": name}) for name in ("甲", "乙")]
    client.force_login(people.mei())
    sent = send(client, xlsx([["户编号", "", "户主姓名", ""]], sheet="表"))
    form = Form.objects.get()
    form.mapping = {"sheet": "表", "cells": {"B1": "household.code"}}
    form.headings = {"B1": "户编号", "D1": "户主\n姓名"}
    form.save()

    left = client.post(f"{sent.url}fill/", {"wanted": "list"})

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(left.streaming_content)))
    assert len(homes) == 2
    assert book.get_sheet_by_index(0).to_python()[1:] == [
        ["", "表", "D1", "户主 姓名", "没有指定填什么"]
    ]
