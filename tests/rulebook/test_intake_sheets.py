"""Sheets as offices keep them: titles, two lines of headings, merged cells, one row per person."""

from __future__ import annotations

import csv
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from tests.rulebook import intake_facts as facts
from tests.rulebook.intake_facts import opened, read
from tests.shared import need
from yihu.rulebook.intake.error_cells import error_cells
from yihu.rulebook.intake.headings import Headings, Sought, detect, find, loosened
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import day_number


def workbook(path, *sheets, merged=(), days=()):
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, column, cell, day)
                    elif cell is not None:
                        sheet.write(number, column, cell)
            for cells, value in merged:
                sheet.merge_range(*cells, value)
    return path


def test_the_sheet_and_the_lines_whose_headings_fit_are_read(tmp_path):
    path = workbook(
        tmp_path / "人.xlsx",
        ("填表说明", [["本表由村委会填写"], ["人编号是什么"]]),
        (
            "名单",
            [
                ["脱贫人口名单"],
                ["单位：元"],
                ["序号", "人编号", "户编号", "出 生 日 期", "3、务工时间（月）"],
                [1, 1, "0451", datetime(2008, 9, 1), 3],  # noqa: DTZ001
                [2, 2, "0451", "1975年3月2日", "-"],
                [None, None, None, None, None],
                ["合计", None, None, None, None],
            ],
        ),
    )

    assert read(opened({"person": path}), "person") == {
        "id": ["1", "2"],
        "parent": ["0451", "0451"],
        "born": [day_number(2008, 9, 1), day_number(1975, 3, 2)],
        "months_worked": [3, None],
    }


def test_headings_in_two_lines_under_merged_cells(tmp_path):
    rows = [
        ["人编号", "户编号", "就业情况", None, "培训"],
        [None, None, "务工时间", "务工地点", "在校生状况"],
        [1, 7, 3, "外地", "小学"],
    ]
    path = workbook(tmp_path / "g.xlsx", ("台账", rows), merged=[((0, 2, 0, 3), "就业情况")])

    data = opened({"person": path})

    assert read(data, "person") == {
        "id": ["1"], "parent": ["7"], "months_worked": [3], "schooling": [1]
    }  # fmt: skip
    assert data.report.columns["person", "months_worked"] == "就业情况 务工时间"


def test_a_household_number_merged_beside_its_members_belongs_to_all(tmp_path):
    rows = [["户编号", "人编号"], ["7", 1], [None, 2], ["8", 3]]
    path = workbook(tmp_path / "m.xlsx", ("一", rows), merged=[((1, 0, 2, 0), "7")])

    assert read(opened({"person": path}), "person") == {
        "id": ["1", "2", "3"],
        "parent": ["7", "7", "8"],
    }


ONE_SHEET: list[list[object]] = [
    ["户编号", "人编号", "与户主关系", "出生日期", "危房户", "家庭纯收入", "行政村代码"],
    ["7", 1, "户主", "19750302", "是", 1234.5, "v1"],
    ["7", 2, "配偶", "19760302", "是", 1234.5, "v1"],
    ["8", 3, "户主", "19500101", None, 8870.915, "v1"],
]


def test_households_are_gathered_from_the_rows_of_their_members(tmp_path):
    data = opened({"person": workbook(tmp_path / "a.xlsx", ("一", ONE_SHEET))})

    assert data.levels() == ["person", "household"]
    assert read(data, "person")["parent"] == ["7", "7", "8"]
    assert read(data, "household") == {
        "id": ["7", "8"],
        "parent": ["v1", "v1"],
        "income": [123_450, 887_092],
        "unsafe_house": [1, None],
    }
    assert data.report.assembled == {"household": "person"}
    assert data.report.rows == {"person": 3, "household": 2}
    assert data.report.rounded == {("household", "income"): 1}


def test_the_same_file_given_for_both_levels_is_read_as_one_sheet(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("一", ONE_SHEET))

    data = opened({"person": path, "household": path})

    assert read(data, "household")["id"] == ["7", "8"]


def test_members_who_say_different_things_of_their_household_are_refused(tmp_path):
    rows = [list(row) for row in ONE_SHEET]
    rows[2][4] = "否"
    data = opened({"person": workbook(tmp_path / "a.xlsx", ("一", rows))})

    with pytest.raises(Refused) as refused:
        read(data, "household")

    assert "第 2 行，“危房户”列：7 的各行说法不一：“否”与“是”" in refused.value.sentence("zh")


def test_members_below_the_head_belong_to_the_heads_household(tmp_path):
    rows = [
        ["姓名", "与户主关系", "出生日期", "危房户"],
        ["甲", "户主", "19750302", "是"],
        ["乙", "配偶", "19760302", None],
        ["丙", "户主", "19500101", "否"],
        ["丁", "之子", "19800101", None],
    ]
    data = opened({"person": workbook(tmp_path / "h.xlsx", ("一", rows))})

    persons, households = read(data, "person"), read(data, "household")

    assert (persons["id"], persons["parent"]) == (["2", "3", "4", "5"], ["2", "2", "4", "4"])
    assert households == {"id": ["2", "4"], "unsafe_house": [1, 0]}
    assert data.report.numbered == ["person"]


def test_a_household_number_on_the_heads_row_only(tmp_path):
    rows = [
        ["户编号", "人编号", "与户主关系", "出生日期"],
        ["7", 1, "户主", "19750302"],
        [None, 2, "配偶", "19760302"],
        [None, 3, "户主", "19760302"],
        [None, 4, "配偶", "19760302"],
    ]
    data = opened({"person": workbook(tmp_path / "h.xlsx", ("一", rows))})

    # A head without a number has an unknown household, and so have the members below.
    assert read(data, "person")["parent"] == ["7", "7", None, None]


def test_a_number_of_eighteen_figures_that_the_sheet_rounded_is_refused(tmp_path):
    rows = [["人编号", "户编号", "证件号码"], [1, 7, 451022199001011234]]
    data = opened({"person": workbook(tmp_path / "n.xlsx", ("一", rows))})

    with pytest.raises(Refused) as refused:
        read(data, "person")

    assert "第 2 行，“证件号码”列：“4.510221990010113e+17”是被表格软件转成科学计数" in (
        refused.value.sentence("zh")
    )


def test_a_workbook_without_a_filled_sheet_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        opened({"person": workbook(tmp_path / "e.xlsx", ("一", []))})

    assert refused.value.code == "intake.empty"


# --- headings -------------------------------------------------------------------------------------


def test_headings_are_compared_by_what_they_mean():
    known = Headings(["人 均\n纯收入（元）", "ＨＩＤ", "二、危房户", "HID2"])

    assert known.place(["hid"]) == 1
    assert known.place(["人均纯收入（元）"]) == 0
    assert known.place(["人均纯收入"]) == 0
    assert known.place(["危房户"]) == 2
    assert known.place(["危房"]) is None
    assert [loosened(h) for h in ("1、工资性收入(务工收入)", "（元）")] == ["工资性收入", "(元)"]


def test_an_exact_heading_comes_before_one_that_only_resembles():
    sought = Sought(facts.PERSON, (facts.INSURED,))

    found = find(["参加医保（年）", "是否参加医保"], sought)

    assert found.facts == {("person", "insured"): 1}


def test_values_of_the_period_before_have_their_own_headings():
    sought = Sought(facts.HOUSEHOLD, (facts.INCOME,), last=(facts.INCOME,))

    found = find(["户编号", "家庭纯收入", "上年家庭纯收入"], sought)

    assert found.facts == {("household", "income"): 1, ("household", "last.income"): 2}


def test_of_equal_lines_the_first_is_the_heading():
    head = detect([["人编号"], ["人编号"]], Sought(facts.PERSON, ()))

    assert (head.lines, head.fits) == (1, 1)


def _forms() -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    path = need("data", "cn_registry_forms", "form_headings.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            forms.setdefault(row["form"], []).append(row["heading"])
    return forms


@pytest.mark.parametrize("form", "ABCDEFGH")
def test_the_headings_of_real_registers_are_found_below_their_title(form):
    headings = _forms()[form]
    spec = facts.fact("person", "wanted", "text", headings[3])
    top = [[f"{form}表"], headings, ["1"] * len(headings)]

    head = detect(top, Sought(facts.PERSON, (spec,)))

    assert head.lines == 2
    assert find(head.headings, Sought(facts.PERSON, (spec,))).facts == {("person", "wanted"): 3}


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (900_000, 60)])
def test_a_stray_cell_far_out_is_refused_before_memory_runs_out(tmp_path, row, column):
    path = tmp_path / "人.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["人编号", "户编号", "出生日期"])
        sheet.write(row, column, "x")

    with pytest.raises(Refused) as refused:
        opened({"person": path}, facts.FACTS)

    assert refused.value.code == "intake.sheet_too_wide"
    assert refused.value.details["rows"] == row + 1
    assert refused.value.details["columns"] == column + 1


def _ods(path, rows):
    """A workbook of these XML rows, as office programs other than Excel save it."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)
    return path


def _row(*cells, times=1):
    filled = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
        for text, repeated in cells
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{filled}</table:table-row>'


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "人.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["人编号", "户编号"])
        for row in range(1, 30_000):
            sheet.write_row(row, 0, ["1", "2"])
    monkeypatch.setenv("YIHU_MOST_UNPACKED_MB", "1")

    with pytest.raises(Refused) as refused:
        opened({"person": path}, facts.FACTS)

    assert refused.value.code == "intake.unpacks_too_large"
    assert float(str(refused.value.details["unpacked"])) > 1
    monkeypatch.delenv("YIHU_MOST_UNPACKED_MB")
    assert opened({"person": path}, facts.FACTS, missing="unknown").levels() == ["person"]


def test_rows_repeated_a_million_times_are_refused_before_memory_runs_out(tmp_path):
    rows = _row(("人编号", 1)) + _row(("x", 100), times=1_000_000)

    with pytest.raises(Refused) as refused:
        opened({"person": _ods(tmp_path / "人.ods", rows)}, facts.FACTS)

    assert refused.value.code == "intake.sheet_too_wide"
    assert (refused.value.details["rows"], refused.value.details["columns"]) == (1_000_001, 100)


def test_the_empty_rows_office_programs_add_to_the_end_are_no_rows(tmp_path):
    empty = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    rows = _row(("人编号", 1), ("户编号", 1)) + _row(("1", 1), ("7", 1)) + empty

    data = opened({"person": _ods(tmp_path / "人.ods", rows)}, facts.FACTS, missing="unknown")

    assert read(data, "person")["id"] == ["1"]


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_formulas_nobody_has_computed_are_found_however_they_are_written(tmp_path, prefix):
    path = workbook(tmp_path / "a.xlsx", ("一", [["x"]]))
    cells = (
        '<c r="A1"><f>SUM(B1&amp;"a")</f></c><c r="B1"><f t="shared" si="0"/><v/></c>'
        '<c r="C1" s="3"><f>B1</f><v></v></c><c r="D1" t="str"><f>IF(B1,"")</f><v></v></c>'
        '<c r="E1"><f>1</f><v>1</v></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="G1"/>'
    )
    tagged = cells.replace("</", "</_").replace("<", f"<{prefix}").replace(f"<{prefix}/_", "</_")
    with ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = tagged.replace("</_", f"</{prefix}").encode()
    with ZipFile(path, "w") as packed:
        for name, text in parts.items():
            packed.writestr(name, text)

    found = error_cells(path, 0)

    assert found == {(0, 0): '#=SUM(B1&"a")', (0, 1): "#=", (0, 2): "#=B1", (0, 5): "#DIV/0!"}


def test_a_web_page_under_the_name_of_a_workbook_is_said_to_be_one(tmp_path):
    path = tmp_path / "人口.xls"
    path.write_bytes(b"<meta charset='gbk'><table><tr><td>1</td></tr></table>")

    with pytest.raises(Refused) as refused:
        opened({"person": path})

    assert "是网页（HTML）" in refused.value.sentence("zh")
    assert "a web page (HTML)" in refused.value.sentence("en")
