"""What is refused goes back in the file it came in, and that file comes in again put right."""

from __future__ import annotations

import re
from csv import reader
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

import yihu
from tests import makers, people
from tests.exchange.sheets import csv, identity
from tests.exchange.test_import_pages import act, send
from yihu.card.models import Household, Person
from yihu.exchange.out import Column, Listing
from yihu.exchange.out_files import write_xlsx

pytestmark = pytest.mark.django_db
HEADINGS = ["序号", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "在校生状况"]
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
)


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def family(number: int, school: str) -> list[list[object]]:
    """A household of two; its number and village stand once, beside the head."""
    head = identity("1970-01-01", number * 2)
    child = identity("2008-03-01", number * 2 + 1)
    name = "一二三四"[number]
    village = makers.place("village").name
    return [
        [number * 2 + 1, village, f"H{number}", f"韦{name}", head, "户主", None],
        [number * 2 + 2, None, None, f"韦小{name}", child, "之子", school],
    ]


def workbook(*schools: str, own=()) -> bytes:
    """A workbook as an office sends it: notes first, a title, two lines of headings, a total.

    own  (row, column, words) of notes somebody wrote in it
    """
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.add_worksheet("填表说明").write(0, 0, "请逐户填写")
        page = book.add_worksheet("花名册")
        big = book.add_format({"bold": True, "font_size": 18, "bg_color": "#DDEBF7"})
        page.merge_range(0, 0, 0, 6, "某县人口花名册", big)
        for column, heading in enumerate(HEADINGS[:6]):
            page.merge_range(1, column, 2, column, heading, big)
        page.write(1, 6, "教育情况", big)
        page.write(2, 6, HEADINGS[6], big)
        row = 3
        for number, school in enumerate(schools):
            for line in family(number, school):
                page.write_row(row, 0, line)
                row += 1
            page.merge_range(row - 2, 2, row - 1, 2, f"H{number}")
        page.write_row(row, 0, ["本页合计", None, None, 120, None, 120])
        page.write(row + 1, 0, "填表人：韦二")
        page.set_column(4, 6, 22)
        page.conditional_format("A4:A9", {"type": "duplicate", "format": big})
        for at, column, words in own:
            page.write_comment(at, column, words)
    return file.getvalue()


def returned(client, upload, what="returned"):
    """The file that goes back, and what it is called."""
    answer = client.get(f"/imports/{upload.pk}/{what}/")
    name = unquote(answer["Content-Disposition"]).rpartition("''")[2]
    return b"".join(answer.streaming_content), name


def lines_of(content: bytes, sheet="花名册"):
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()


def part_of(content: bytes, name="xl/worksheets/sheet2.xml") -> str:
    with ZipFile(BytesIO(content)) as file:
        return file.read(name).decode()


def hidden_in(content: bytes) -> list[int]:
    rows = re.findall(r'<row r="(\d+)"[^>]*hidden="1"', part_of(content))
    return [int(row) for row in rows]


def test_the_workbook_goes_back_as_it_came_with_the_reasons_beside_the_cells(client):
    client.force_login(people.chen())
    sent = workbook("小学", "火星小学", "七年级")
    upload = act(client, send(client, sent, "某镇 花名册.xlsx"), "columns")
    assert (upload.counts["refused"], upload.counts["rows"]) == (1, 6)

    content, name = returned(client, upload)

    assert name == "某镇 花名册（退回）.xlsx"
    before, after = lines_of(sent), lines_of(content)
    assert [line[:7] for line in after] == before
    assert lines_of(content, "填表说明") == lines_of(sent, "填表说明")
    told = [line[7] if len(line) > 7 else "" for line in after]
    assert told[2] == "退回原因"
    assert told[5] == "同户，未退回"
    assert told[6].startswith("在校生状况：“火星小学”不在代码表")
    assert [*told[:2], *told[3:5], *told[7:]] == [""] * 8
    assert hidden_in(content) == [4, 5, 8, 9]
    merged = set(re.findall(r'<mergeCell ref="([^"]*)"', part_of(sent)))
    assert merged <= set(re.findall(r'<mergeCell ref="([^"]*)"', part_of(content)))
    assert part_of(content).count("<conditionalFormatting") == 2
    assert '<comment ref="G7"' in part_of(content, "xl/commentsYihu1.xml")


def test_the_workbook_put_right_is_sent_as_it_is_and_taken_in(client):
    client.force_login(people.chen())
    upload = send(client, workbook("小学", "火星小学"))
    client.post(f"/imports/{upload.pk}/columns/", {"column-6": "person.schooling"})
    content, name = returned(client, act(client, upload, "write"))
    assert Person.objects.filter(name="韦小二").count() == 0

    again = send(client, content, name)
    assert again.wishes["remembered"]
    assert again.columns == upload.columns
    assert again.headings[-1].endswith("退回原因")
    second, called = returned(client, act(client, again, "columns"))
    assert called == name
    assert lines_of(second) == lines_of(content)
    right = act(client, send(client, put_right(second), name), "columns", "write")

    assert (right.counts["new"], right.counts["unchanged"]) == (1, 3)
    assert "refused" not in right.counts
    assert Person.objects.get(name="韦小二").facts["schooling"] == "primary"
    assert Household.objects.count() == 2


def put_right(content: bytes) -> bytes:
    """The workbook after somebody has typed 小学 over 火星小学."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w") as new:
        for info in old.infolist():
            words = old.read(info).replace("<t>火星小学</t>".encode(), "<t>小学</t>".encode())
            new.writestr(info, words)
    return out.getvalue()


def test_reasons_that_hold_no_longer_go_when_a_file_is_returned_again(client):
    client.force_login(people.chen())
    first, name = returned(client, act(client, send(client, workbook("一", "二")), "columns"))
    assert hidden_in(first) == []
    fixed = BytesIO()
    with ZipFile(BytesIO(first)) as old, ZipFile(fixed, "w") as new:
        for info in old.infolist():
            new.writestr(
                info, old.read(info).replace(b"<t>\xe4\xb8\x80</t>", "<t>小学</t>".encode())
            )
    upload = act(client, send(client, fixed.getvalue(), name), "columns")

    content, _ = returned(client, upload)

    told = [line[7] for line in lines_of(content)]
    assert told[3:5] == ["", ""]
    assert told[6].startswith("在校生状况：")
    assert hidden_in(content) == [4, 5]
    notes = part_of(content, "xl/commentsYihu1.xml")
    assert re.findall(r'ref="(\w+)"', notes) == ["H3", "G7"]
    assert part_of(content, "xl/vmlDrawingYihu1.vml").count("<v:shape ") == 2
    assert part_of(content).count("_yihu") == 1


def test_notes_somebody_wrote_in_the_workbook_stay(client):
    client.force_login(people.chen())
    sent = workbook("火星小学", own=[(3, 3, "老韦"), (4, 6, "问过学校")])
    upload = act(client, send(client, sent), "columns")

    content, _ = returned(client, upload)

    notes = part_of(content, "xl/comments1.xml")
    assert "老韦" in notes
    assert "问过学校" in notes
    assert re.findall(r'ref="(\w+)"', notes) == ["D4", "G5", "H3"]
    assert part_of(content).count("<legacyDrawing") == 1


def test_a_workbook_whose_parts_have_prefixes_goes_back_too(client):
    client.force_login(people.chen())
    out = BytesIO()
    with ZipFile(BytesIO(workbook("火星小学", "小学"))) as old, ZipFile(out, "w") as new:
        for info in old.infolist():
            text = old.read(info).decode()
            if info.filename.endswith("sheet2.xml"):
                text = re.sub(r"<(/?)(?=\w)", r"<\1x:", text).replace("xmlns=", "xmlns:x=", 1)
            new.writestr(info, text)
    upload = act(client, send(client, out.getvalue()), "columns")

    content, _ = returned(client, upload)

    assert lines_of(content)[4][7].startswith("在校生状况：")
    assert '<x:row r="6" hidden="1"' in re.sub(r" spans=\S+", "", part_of(content))


def test_in_english_names_and_words_are_english(client):
    client.force_login(people.chen())
    upload = act(client, send(client, workbook("火星小学"), "people.xlsx"), "columns")
    client.cookies["yihu_language"] = "en"

    content, name = returned(client, upload)

    assert "people (returned).xlsx" in name
    assert lines_of(content)[2][7] == "Why returned"
    assert "not in the code list" in lines_of(content)[4][7]


def test_text_goes_back_as_text_in_its_own_encoding(client):
    client.force_login(people.chen())
    lines = [["某县人口花名册"], HEADINGS]
    for number, school in enumerate(("小学", "火星小学")):
        lines += family(number, school)
    upload = act(client, send(client, csv(lines, "gb18030"), "人口.csv"), "columns")

    content, name = returned(client, upload)

    assert name == "人口（退回）.csv"
    title, head, beside, wrong = content.decode("gb18030").splitlines()
    assert (title, head) == ("某县人口花名册", ",".join([*HEADINGS, "退回原因"]))
    assert beside.endswith("同户，未退回")
    assert "火星小学,在校生状况：“火星小学”" in wrong


def test_an_old_workbook_is_written_anew(client):
    client.force_login(people.chen())
    lines = [HEADINGS, *family(0, "火星小学"), *family(1, "小学")]
    upload = act(client, send(client, ods(lines), "人口.ods"), "columns")

    content, name = returned(client, upload)

    assert name == "人口（退回）.xlsx"
    head, beside, wrong, *_ = lines_of(content)
    assert head == [*HEADINGS, "退回原因"]
    assert beside[7] == "同户，未退回"
    assert wrong[7].startswith("在校生状况：")
    assert hidden_in_first(content) == ["4", "5"]


def hidden_in_first(content: bytes) -> list[str]:
    return re.findall(
        r'<row r="(\d+)"[^>]*hidden="1"', part_of(content, "xl/worksheets/sheet1.xml")
    )


def ods(lines) -> bytes:
    """A workbook of the open format with these lines."""
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>" if cell is not None else "<table:table-cell/>"
            for cell in line
        )
        + "</table:table-row>"
        for line in lines
    )  # fmt: skip
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
        f'<office:spreadsheet><table:table table:name="花名册">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = BytesIO()
    with ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", MANIFEST)
    return out.getvalue()


def test_totals_and_notes_are_nobody_and_are_not_refused(client):
    client.force_login(people.chen())
    upload = act(client, send(client, workbook("小学")), "columns")

    assert upload.counts["rows"] == 2
    assert "refused" not in upload.counts
    assert upload.counts["left_out"] == 1
    assert "另有合计、说明 1 行不读" in client.get(f"/imports/{upload.pk}/").content.decode()


def test_a_workbook_of_the_strict_format_is_written_anew(client):
    client.force_login(people.chen())
    out = BytesIO()
    with ZipFile(BytesIO(workbook("火星小学"))) as old, ZipFile(out, "w") as new:
        for info in old.infolist():
            strict = b"http://purl.oclc.org/ooxml/"
            text = old.read(info).replace(b"http://schemas.openxmlformats.org/", strict)
            new.writestr(info, text if info.filename[3:] == "workbook.xml" else old.read(info))
    upload = act(client, send(client, out.getvalue()), "columns")

    content, _ = returned(client, upload)

    assert b"purl.oclc.org" not in part_of(content, "xl/workbook.xml").encode()
    assert lines_of(content)[4][7].startswith("在校生状况：")
    assert lines_of(content, "填表说明") == [["请逐户填写"]]


def test_no_cell_of_a_text_that_goes_back_runs_in_a_spreadsheet(client):
    client.force_login(people.bo())
    village = makers.place("village").name
    rows = [
        ["=SUM(A1:A9)", *[None] * 7],
        [*HEADINGS, "备注"],
        ["1", village, "H1", "韦一", identity("1970-01-01", 1), "户主", "月球", "@SUM(1)*cmd"],
        ["2", village, "H2", "韦二", identity("1970-01-01", 2), "户主", "月球", "-3.5"],
    ]  # fmt: skip
    upload = act(client, send(client, csv(rows), "表.csv"), "columns")

    text = returned(client, upload)[0].decode("utf-8-sig")

    lines = list(reader(text.splitlines()))
    assert lines[0][0] == "'=SUM(A1:A9)"
    assert [line[7] for line in lines[2:]] == ["'@SUM(1)*cmd", "-3.5"]
    assert not any(cell.startswith(("=", "@", "+")) for line in lines for cell in line)
    again = act(client, send(client, text.encode(), "表.csv"), "columns")
    assert again.counts["refused"] == upload.counts["refused"]


def test_every_text_with_separators_is_written_by_what_makes_cells_harmless():
    """Each module that writes one: a new one is seen here before a spreadsheet runs its cells."""
    root = Path(yihu.__file__).parent

    writers = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*.py")
        if "csv.writer(" in path.read_text(encoding="utf-8")
    }

    assert set(writers) == {
        "exchange/out_files.py", "exchange/returned_answers.py", "exchange/returned_lines.py",
    }  # fmt: skip
    assert all("harmless(" in text or "(harmless," in text for text in writers.values())


def test_no_cell_of_a_list_given_out_as_xlsx_is_a_formula(tmp_path):
    cells = ["=1+1", "+1", "-1+cmd", "@a", "{=1+1}", "http://a.example", "＝1"]
    listing = Listing("people", [Column(c, number=False) for c in cells], 1, lambda: iter([cells]))

    write_xlsx(listing, tmp_path / "a.xlsx")

    with ZipFile(tmp_path / "a.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    rows = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()
    assert rows == [cells, cells]
