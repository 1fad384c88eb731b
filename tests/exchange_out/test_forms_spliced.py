"""Cells spliced into a sheet: whatever its bytes look like, every other cell stays as it came."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests import makers, people
from yihu.access.models import Reading
from yihu.access.scope import Scope
from yihu.exchange.forms_out import fill_form
from yihu.exchange.forms_out_cells import _spliced, taken_below
from yihu.exchange.forms_out_sheet import column_letters, written
from yihu.problems import Problem

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(rows: str, prefix: str = "") -> bytes:
    x = f"{prefix}:" if prefix else ""
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{x}worksheet {name}="{NS}">'
        f"<{x}sheetData>{rows}</{x}sheetData><{x}mergeCells/></{x}worksheet>"
    ).encode()


def cells(raw: bytes) -> dict[tuple[int, int], str]:
    """Place → the cell as text, by a parser that keeps to the standard; in the order written."""
    found: dict[tuple[int, int], str] = {}
    row = 0
    root = ET.fromstring(raw)
    for each in root.iter(f"{{{NS}}}row"):
        row, column = int(each.get("r") or row + 1), 0
        for cell in each.iter(f"{{{NS}}}c"):
            letters = (cell.get("r") or "").rstrip("0123456789")
            column = _number(letters) if letters else column + 1
            assert (row, column) > max(found, default=(0, 0)), "out of order, or twice"
            text = ET.tostring(cell, encoding="unicode")
            found[row, column] = text
    return found


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


KINDS = st.sampled_from(["<c/>", "<c></c>", "<v>", "<is>", "<f>", "a>b"])


@st.composite
def sheets(draw):
    """A sheet as one of many programs may write it: places left out, tags of nothing, gaps."""
    rows, number = [], 0
    for _ in range(draw(st.integers(0, 4))):
        step, named = draw(st.integers(1, 3)), draw(st.booleans())
        number += step if named else 1
        at, inner = f' r="{number}"' if named else "", []
        column = 0
        for kind in draw(st.lists(KINDS, max_size=5)):
            told = draw(st.booleans())
            column += draw(st.integers(1, 3)) if told else 1
            place = f' r="{column_letters(column)}{number}"' if told else ""
            style = draw(st.sampled_from(["", ' s="3"', " s='4'"]))
            inner.append(_cell(kind, place + style))
        closed = not inner and draw(st.booleans())
        rows.append(f'<row{at} spans="1:9"/>' if closed else f"<row{at}>{''.join(inner)}</row>")
    return sheet("".join(rows))


def _cell(kind: str, given: str) -> str:
    return {
        "<c/>": f"<c{given}/>", "<c></c>": f"<c{given}></c>", "<v>": f"<c{given}><v>1</v></c>",
        "<is>": f'<c{given} t="inlineStr"><is><t>合计</t></is></c>',
        "<f>": f"<c{given}><f>SUM(A1:A2)</f><v /></c>",
        "a>b": f'<c{given} t="str" ><v>a&gt;b</v></c >',
    }[kind]  # fmt: skip


@given(sheets(), st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 12)),
                                 st.one_of(st.integers(0, 9), st.text("甲<&>\"'", max_size=3)),
                                 max_size=8))  # fmt: skip
def test_every_other_cell_stays_and_each_wanted_one_says_what_was_written(raw, wanted):
    before = cells(raw)

    made, refused = _spliced(raw, wanted)

    after = cells(made)
    left = {at for at, _ in refused}
    assert left == {at for at in wanted if "SUM" in before.get(at, "")}
    for at, text in before.items():
        if at not in wanted or at in left:
            assert after[at] == text
    for at, value in wanted.items():
        if at not in left:
            said = "".join(ET.fromstring(after[at]).itertext())
            assert said == str(value)
            assert f'r="{written(at)}"' in after[at]
    assert after.keys() == before.keys() | wanted.keys()


def test_a_sheet_whose_names_have_a_prefix_is_filled_as_well():
    raw = sheet('<x:row r="1"><x:c r="A1" s="2"/><x:c r="B1"><x:v>7</x:v></x:c></x:row>', "x")

    made, _ = _spliced(raw, {(1, 1): "甲", (2, 2): 5})

    assert list(cells(made)) == [(1, 1), (1, 2), (2, 2)]
    assert ">7<" in cells(made)[1, 2]


# --- a list with something below it ---------------------------------------------------------------


@pytest.fixture
def roll(tmp_path):
    """A list as offices make it: a title, two rows of headings, frames, a total, a signature."""
    path = tmp_path / "花名册.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page, frame = book.add_worksheet("花名册"), book.add_format({"border": 1})
        page.merge_range("A1:D1", "脱贫户花名册", frame)
        page.merge_range("B2:C2", "基本情况", frame)
        for column, word in enumerate(["序号", "姓名", "证件号码", "人均纯收入"]):
            page.write(2, column, word, frame)
        for row in range(3, 6):
            page.write(row, 0, row - 2, frame)
            for column in range(1, 4):
                page.write_blank(row, column, None, frame)
            page.write_formula(row, 4, f"=D{row + 1}*2", frame)
        page.write(6, 0, "合计", frame)
        page.write_formula(6, 3, "=SUM(D4:D6)", frame)
        page.write(7, 0, "填表人：")
    return path


MAPPING = {"sheet": "花名册", "first_row": 4, "columns": {
    "A": "row", "B": "person.name", "C": "person.identity",
    "D": "household.income_per_person_stated"}}  # fmt: skip


@pytest.mark.django_db
def test_a_list_that_fits_keeps_its_total_and_its_signature(roll, tmp_path):
    home = makers.household({"name": "甲", "identity": "11010519491231002X"}, {"name": "乙"},
                            {"name": "丙"}, income_per_person_stated=4500)  # fmt: skip
    scope, out = Scope(people.mei(), makers.TODAY), tmp_path / "out.xlsx"

    left = fill_form(roll, out, MAPPING, [home], scope=scope)

    with ZipFile(roll) as before, ZipFile(out) as after:
        old, new = (cells(book.read("xl/worksheets/sheet1.xml")) for book in (before, after))
    assert old.keys() == new.keys()
    filled = {(row, column) for row in (4, 5, 6) for column in (1, 2, 3, 4)}
    changed = {at for at in old if old[at] != new[at]}
    assert changed <= filled
    assert {(row, 2) for row in (4, 5, 6)} <= changed
    assert all('s="1"' in new[at] for at in filled)
    masked = [each for each in left if each.why == "masked"]
    assert [(each.address, each.whose) for each in masked] == [("C4", f"{home.code} 甲")]


@pytest.mark.django_db
def test_a_list_that_does_not_fit_is_refused_before_anything_is_made(roll, tmp_path):
    home = makers.household(*({"name": f"农{n}"} for n in range(5)))
    out = tmp_path / "out.xlsx"

    with pytest.raises(Problem) as refused:
        fill_form(roll, out, MAPPING, [home], scope=Scope(people.mei(), makers.TODAY))

    assert refused.value.code == "exchange.form_full"
    said = refused.value.sentence("zh")
    assert "只有 3 行空行，需要 5 行：第 7 行已有内容（“合计”）" in said
    assert "插入 2 行" in said
    assert not out.exists()


@pytest.mark.django_db
def test_numbers_are_whole_for_who_may_unmask_them(roll, tmp_path):
    home = makers.household({"name": "甲", "identity": "11010519491231002X"})
    out = tmp_path / "out.xlsx"

    left = fill_form(
        roll, out, MAPPING, [home], scope=Scope(people.chen(), makers.TODAY), whole=True
    )
    dou = Scope(people.dou(), makers.TODAY)
    with pytest.raises(Problem) as refused:
        fill_form(roll, out, MAPPING, [home], scope=dou, whole=True)

    with ZipFile(out) as book:
        assert b"11010519491231002X" in book.read("xl/worksheets/sheet1.xml")
    assert not [each for each in left if each.why == "masked"]
    assert refused.value.code == "access.may_not"


def test_what_stands_below_the_blank_rows_is_found(roll):
    found = taken_below(roll, "花名册", 4)

    assert found is not None
    assert (found.row, found.says) == (7, "合计")
    assert taken_below(roll, "花名册", 9) is None


@pytest.mark.django_db
def test_whole_numbers_of_a_form_need_a_reason_and_are_logged_once(client, roll):
    home = makers.household({"name": "甲", "identity": "11010519491231002X"})
    client.force_login(people.chen())
    with roll.open("rb") as file:
        sent = client.post("/forms/", {"file": file})
    fill = {"codes": home.code, "whole": "1", "wanted": "file"}

    no_reason = client.post(f"{sent.url}fill/", fill)
    given = client.post(f"{sent.url}fill/", {**fill, "why": "市局核对名单"})

    assert no_reason.status_code == 400
    assert home.code in no_reason.content.decode()
    assert given.status_code == 200
    log = Reading.objects.get()
    assert (log.what, log.rows) == ("unmasked export", 1)
    assert "市局核对名单" in log.why
