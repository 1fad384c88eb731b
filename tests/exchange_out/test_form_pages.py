"""An upper level's form is sent once, looked over, saved by name, filled for chosen households."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from tests import makers, people
from tests.exchange.sheets import xlsx
from yihu.access.models import Reading
from yihu.exchange.forms import guess
from yihu.exchange.kept import path_of
from yihu.exchange.models import Form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def of_people() -> bytes:
    """A roll with a title, headings and a line of codes, and a sheet of notes."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        roll = book.add_worksheet("花名册")
        roll.merge_range("A1:E1", "某省脱贫人口花名册")
        roll.write_row("A2", ["序号", "行政村", "户编号", "姓名", "上级才懂的列", "人均纯收入"])
        book.add_worksheet("说明").write("A1", "不得改动")
    return file.getvalue()


def of_one() -> bytes:
    """A sheet for one household: labels, and blank cells behind them."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, frame = book.add_worksheet("采集表"), book.add_format({"border": 1})
        sheet.merge_range("A1:D1", "脱贫户信息采集表", frame)
        sheet.write_row("A2", ["户编号：", None, "行政村", None])
        sheet.merge_range("A3:B3", "户主姓名", frame)
        sheet.write("D3", "（签字）")
        sheet.write_row("A4", ["人均纯收入", None, "贫困户属性", None])
    return file.getvalue()


def send(client, content, name="花名册.xlsx") -> Form:
    answer = client.post("/forms/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return Form.objects.get(pk=answer.url.split("/")[2])


def said(form: Form, **other):
    """The fields of the page as the browser sends them back."""
    mapping = {**form.mapping.get("columns", {}), **form.mapping.get("cells", {}), **other}
    return {"name": form.name, "first_row": form.mapping.get("first_row", ""),
            "at": list(mapping), "what": list(mapping.values())}  # fmt: skip


def lines(content: bytes, sheet: str):
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_the_columns_of_a_roll_are_guessed_mended_saved_and_filled(client):
    home = makers.household({"name": "农大"}, {"name": "农二"}, income_per_person_stated=4500)
    client.force_login(people.mei())

    form = send(client, of_people())

    assert form.mapping == {
        "sheet": "花名册", "first_row": 3,
        "columns": {"A": "row", "B": "place.village", "C": "household.code", "D": "person.name",
                    "F": "household.income_per_person_stated"},
    }  # fmt: skip
    page = client.get(f"/forms/{form.pk}/").content.decode()
    assert "上级才懂的列" in page
    client.post(f"/forms/{form.pk}/save/", {**said(form, E="性别"), "name": "省表"})
    form.refresh_from_db()
    assert (form.name, form.mapping["columns"]["E"]) == ("省表", "person.sex")

    shown = client.post(f"/forms/{form.pk}/fill/", {"codes": home.code}).content.decode()
    assert "花名册!E3" in shown
    assert "户册中没有" in shown
    answer = client.post(f"/forms/{form.pk}/fill/", {"codes": home.code, "wanted": "file"})
    rows = lines(answer.content, "花名册")[2:]
    where = [home.place.name, home.code]
    assert rows == [[1, *where, "农大", "", 4500], [2, *where, "农二", "", 4500]]
    assert lines(answer.content, "说明") == [["不得改动"]]
    assert Reading.objects.filter(what="exported", rows=1).count() == 1


def test_a_new_version_of_a_form_is_filled_as_the_one_before_was_mended(client):
    makers.household({"name": "农大"})
    client.force_login(people.mei())
    first = send(client, of_people())
    client.post(f"/forms/{first.pk}/save/", {**said(first, D="", E="性别"), "name": "省表"})
    headings = ["姓名", "上级才懂的列", "户编号", "新加的列", "行政村"]
    again = xlsx([["某省脱贫人口花名册"], headings], sheet="花名册")

    form = send(client, again)

    page = client.get(f"/forms/{form.pk}/").content.decode()
    assert "表头与表样“省表”相近" in page
    columns = form.mapping["columns"]
    assert columns == {"B": "person.sex", "C": "household.code", "E": "place.village"}


def test_the_cells_of_a_form_for_one_household_are_guessed_and_zipped(client):
    homes = [makers.household({"name": name}) for name in ("甲", "乙")]
    client.force_login(people.mei())

    form = send(client, of_one(), "采集表.xlsx")

    assert form.mapping == {
        "sheet": "采集表",
        "cells": {"B2": "household.code", "D2": "place.village", "C3": "household.head_name",
                  "B4": "household.income_per_person_stated", "D4": "household.attribute"},
    }  # fmt: skip
    client.post(f"/forms/{form.pk}/save/", said(form, C3="person.name"))
    answer = client.post(f"/forms/{form.pk}/fill/", {"wanted": "file"})
    with zipfile.ZipFile(BytesIO(answer.content)) as packed:
        first, second = sorted(packed.namelist())
        codes = sorted(home.code for home in homes)
        assert [first, second] == [f"{code}-采集表.xlsx" for code in codes]
        found = {lines(packed.read(name), "采集表")[2][2] for name in (first, second)}
    assert found == {"甲", "乙"}

    left = client.post(f"/forms/{form.pk}/fill/", {"wanted": "list"})
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(left.streaming_content)))
    head, *rest = book.get_sheet_by_index(0).to_python()
    assert head == ["户编号、姓名", "工作表", "单元格", "应填", "未填原因"]
    assert [codes[0], "采集表", "B4", "人均纯收入", "户册中没有"] in rest
    assert len(rest) == 4  # income and attribute of both; the head is known by who it is


def test_another_sheet_is_guessed_anew(client):
    client.force_login(people.mei())
    form = send(client, of_people())

    client.post(f"/forms/{form.pk}/save/", {"act": "turn", "sheet": "说明"})

    form.refresh_from_db()
    assert form.mapping["sheet"] == "说明"
    assert not form.mapping.get("columns")
    assert not form.mapping.get("cells")


def test_a_shared_form_is_filled_below_and_changed_by_nobody_else(client):
    home = makers.household({"name": "农大"})
    makers.household({"name": "远"}, village=makers.place(code="451022101202"))
    client.force_login(people.chen())
    form = send(client, of_people())
    mei = people.mei()

    client.force_login(mei)
    assert client.get(f"/forms/{form.pk}/").status_code == 404
    client.force_login(form.by)
    client.post(f"/forms/{form.pk}/save/", {**said(form), "shared": "1"})
    client.force_login(mei)

    answer = client.post(f"/forms/{form.pk}/fill/", {"wanted": "file"})
    assert [row[3] for row in lines(answer.content, "花名册")[2:]] == ["农大"]
    assert home.code in str(lines(answer.content, "花名册"))
    for act in ("save", "turn", "drop"):
        assert client.post(f"/forms/{form.pk}/save/", {"act": act}).status_code == 404
    assert path_of(form.pk).exists()


def test_a_form_that_is_let_go_is_gone_with_its_file(client):
    client.force_login(people.mei())
    form = send(client, of_people())

    client.post(f"/forms/{form.pk}/save/", {"act": "drop"})

    assert not Form.objects.exists()
    assert not path_of(form.pk).exists()


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"codes": "无此户"}, 404, "没有符合条件的户（无此户）"),
        ({"place": "999999"}, 404, ""),
    ],
)
def test_who_is_chosen_must_be_reached(client, sent, status, says):
    makers.household({"name": "农大"})
    client.force_login(people.mei())
    form = send(client, of_people())

    answer = client.post(f"/forms/{form.pk}/fill/", sent)

    assert answer.status_code == status
    assert says in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("表.xls", of_people(), "不是能填写的 xlsx 表样"),
        ("表.csv", b"a,b", "不是能填写的 xlsx 表样"),
        ("表.xlsx", b"PK\x03\x04 no zip", "表.xlsx"),
    ],
)
def test_what_is_no_xlsx_form_is_refused(client, name, content, says):
    client.force_login(people.mei())

    answer = client.post("/forms/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Form.objects.exists()


def test_a_mapping_that_says_nothing_or_the_unknown_is_refused(client):
    client.force_login(people.mei())
    form, second = send(client, of_people()), send(client, of_people())
    assert second.name == "花名册 (2)"

    empty = client.post(f"/forms/{form.pk}/save/", {"name": "x"})
    unknown = client.post(f"/forms/{form.pk}/save/", said(form, E="不知所云"))
    taken = client.post(f"/forms/{form.pk}/save/", {**said(form), "name": second.name})

    assert (empty.status_code, unknown.status_code, taken.status_code) == (400, 400, 409)
    assert "没有说明哪一格填什么" in empty.content.decode()
    assert "“上级才懂的列”一列：没有指标“不知所云”" in unknown.content.decode()


def test_dou_neither_sends_nor_fills(client):
    client.force_login(people.mei())
    form = send(client, of_people())

    client.force_login(people.dou())
    for address in ("/forms/", f"/forms/{form.pk}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/forms/{form.pk}/fill/").status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_speak_both_languages(client, language):
    home = makers.household({"name": "农大"})
    client.force_login(people.mei())
    client.cookies["yihu_language"] = language
    form = send(client, of_people())

    pages = [client.get("/forms/"), client.get(f"/forms/{form.pk}/"),
             client.post(f"/forms/{form.pk}/fill/", {"codes": home.code})]  # fmt: skip

    words = [page.content.decode() for page in pages]
    told = ("Send an empty form", "What stands in which column", "Cells that were not filled")
    zh = ("上传空表", "哪一列填什么", "没有填的单元格")
    for page, word in zip(words, told if language == "en" else zh, strict=True):
        assert word in page


def test_labels_with_nothing_blank_behind_them_are_not_taken(tmp_path):
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("表").write_row("A1", ["户编号", "已有内容"])

    assert "B1" not in guess(path, "表").mapping.get("cells", {})


def rewritten(content: bytes, change) -> bytes:
    """A workbook whose first sheet is changed as text."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as was, zipfile.ZipFile(made, "w", 8) as now:
        for name in was.namelist():
            part = was.read(name)
            now.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
    return made.getvalue()


def with_entity(part: bytes) -> bytes:
    part = part.replace(b"<worksheet", b'<!DOCTYPE z [<!ENTITY x "ha">]><worksheet', 1)
    return part.replace(b'<c r="A2" t="s"><v>1</v></c>', b'<c r="A2" t="str"><v>&x;</v></c>', 1)


def with_merges(part: bytes) -> bytes:
    ranges = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(9, 50_010))
    return part.replace(b"</mergeCells>", ranges + b"</mergeCells>", 1)


@pytest.mark.parametrize(
    ("change", "says"), [(with_entity, "不是能填写的 xlsx 表样"), (with_merges, "处合并单元格")]
)
def test_a_form_that_is_meant_to_break_its_reader_is_refused_and_not_kept(client, change, says):
    client.force_login(people.chen())
    content = rewritten(of_people(), change)

    answer = client.post("/forms/", {"file": SimpleUploadedFile("表样.xlsx", content)})

    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Form.objects.exists()
