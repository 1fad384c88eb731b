"""Sheets as people have them: titles, two-line headings, merged cells, odd spellings, faults."""

from __future__ import annotations

import zipfile
from copy import copy
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from tests import makers, people
from tests.exchange.sheets import FORM_A, csv, identity, upload, xlsx
from yihu.access.scope import Scope
from yihu.exchange import work
from yihu.exchange.dry import dry_run
from yihu.exchange.mapping import propose
from yihu.exchange.models import Upload
from yihu.exchange.returned import write_returned
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused

pytestmark = pytest.mark.django_db
#: Headings of three exports: the poor (2014–2020), those who left poverty (2022), a county page.
POOR = (
    "序号|县(市、区、旗)|乡(镇)|行政村|自然村|户编号|人编号|姓名|证件号码|人数|"
    "与户主关系|民族|文化程度|在校生状况|健康状况|劳动技能|务工状况|务工时间（月）|"
    "参加大病医疗|脱贫属性|贫困户属性|主要致贫原因|危房户|饮水安全|饮水困难|"
    "人均纯收入|联系电话"
)
LEFT = (
    "序号|数据日期|县(市、区、旗)|乡(镇)|行政村|自然村|户编号|人编号|姓名|证件号码|"
    "人数|与户主关系|民族|文化程度|在校生状况|健康状况|劳动技能|务工时间（月）|"
    "是否参加大病保险|致贫原因1|危房户|是否解决安全饮用水|人均纯收入|户联系电话|"
    "人联系电话|首次识别时间|人员识别时间|户类型|易返贫致贫户(监测对象)类型|"
    "风险是否消除|风险识别时间|风险消除时间"
)
PAGE = (
    "所在地|姓名|证件号码|家庭人口数|与户主关系|联系电话|民族|健康状况|在校生状况|"
    "文化程度|务工状况|务工时间（月）|参加大病医疗|脱贫属性|脱贫年度|贫困户属性|"
    "主要致贫原因|危房户|饮水安全|饮水困难|人均纯收入|劳动技能"
)


@pytest.fixture
def chen():
    return people.chen()


def found(worker, content, **given):
    sent = upload(content, worker, **given)
    return dry_run(sent, Scope(worker, makers.TODAY))


def place_names():
    village = makers.place("village")
    return village.parent.name, village.name


def test_merged_cells_and_headings_in_two_lines(chen):
    township, village = place_names()
    lines = [
        ["帮扶台账"],
        ["行政区划", None, "户编号", "家庭成员", None, None],
        ["乡(镇)", "行政村", None, "姓名", "证件号码", "与户主关系"],
        [township, village, "4510220001", "韦大", identity("1970-01-01"), "户主"],
        [None, None, None, "韦小", identity("2008-03-01", 2), "之子"],
    ]
    merged = [(1, 2, 2, 2, "户编号"), (3, 0, 4, 0, township), (3, 1, 4, 1, village)]
    merged += [(3, 2, 4, 2, "4510220001")]

    outcome = found(chen, xlsx(lines, merged))

    assert outcome.counts["opened"] == 1
    assert outcome.counts["joined"] == 2
    assert not outcome.counts.get("refused")


def test_members_under_the_row_of_their_head(chen):
    township, village = place_names()
    lines = [["乡(镇)", "行政村", "姓名", "证件号码", "与户主关系"]]
    for n, size in enumerate((3, 2)):
        for m in range(size):
            number = identity("1970-01-01", 10 * n + m + 1)
            relation = "之子" if m else "户主"
            lines.append([township, village, f"韦{'大中小'[m]}", number, relation])

    outcome = found(chen, xlsx(lines))

    assert (outcome.counts["opened"], outcome.counts["joined"]) == (2, 5)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_in_every_encoding(chen, encoding):
    township, village = place_names()
    row = [
        1,
        township,
        village,
        "4510220001",
        "1",
        "韦大",
        identity("1970-01-01"),
        "户主",
        "不适用",
    ]

    outcome = found(chen, csv([FORM_A, row], encoding), name="人口.csv")

    assert outcome.counts["joined"] == 1


def test_full_width_figures_spaces_and_odd_days_are_meant(chen):
    township, village = place_names()
    number = identity("1970-01-01")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    lines: list[list[object]] = [[*FORM_A, "出生日期", "务工时间（月）"]]
    for m, (odd, birth, months) in enumerate(
        ((f" {wide} ", "1970年1月1日", "１２"), (f"'{identity('1980-02-03', 5)}", "1980/2/3", 3.0))
    ):
        relation = "配偶" if m else "户 主"
        head: list[object] = [m, f" {township}", village, "4510220001", str(m)]
        lines.append([*head, f"韦　{m}", odd, relation.replace(" ", ""), None, birth, months])

    outcome = found(chen, xlsx(lines))

    assert outcome.samples["refused"] == []
    assert outcome.counts["joined"] == 2


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (6, 4.5102219700101e17, "末几位已丢失"),
        (6, "451022197001010000", "末几位已丢失"),
        (6, "4.51022E+17", "末几位已丢失"),
        (5, "=cmd|'/c calc'!A1", "公式"),
        (8, "#N/A", "公式出错"),
        (8, "火星学校", "不在代码表"),
        (9, "1970-02-30", "日历上没有"),
        (5, "韦" * 61, "最多 60 个字"),
    ],
)
def test_a_cell_that_cannot_be_meant_refuses_its_row_with_the_reason(chen, column, value, said):
    township, village = place_names()
    row: list[object] = [1, township, village, "4510220001", "1", "韦大"]
    row += [identity("1970-01-01"), "户主", None]
    row = [*row, "1970-01-01"]
    row[column] = value

    outcome = found(chen, csv([[*FORM_A, "出生日期"], row]), name="人口.csv")

    assert outcome.counts["refused"] == 1
    assert not outcome.counts.get("entries")
    (reason,) = outcome.samples["refused"]
    assert said in reason["zh"], reason["zh"]


def test_a_cell_whose_formula_went_wrong_refuses_its_row_in_a_workbook_too(chen):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", identity("1970-01-01"), "户主"]

    outcome = found(chen, xlsx([FORM_A, [*row, "=error #DIV/0!"]]))

    assert outcome.counts["refused"] == 1
    (reason,) = outcome.samples["refused"]
    assert "公式出错" in reason["zh"]


@pytest.mark.parametrize("value", ["<v></v>", "<v />", "<v/>", ""])
def test_a_formula_nobody_has_reckoned_refuses_its_row(chen, value):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", identity("1970-01-01"), "户主"]
    sheet = xlsx([FORM_A, [*row, "=error seven"]])
    sheet = reckoned_as(sheet, b' t="str"><f>', b"><f>")

    outcome = found(chen, reckoned_as(sheet, b"<v>seven</v>", value.encode()))

    assert outcome.counts["refused"] == 1
    (reason,) = outcome.samples["refused"]
    assert "公式还没有算出值（=1/0）" in reason["zh"]
    assert "save it, and send it again" in reason["en"]


@pytest.mark.parametrize(("size", "refused"), [(500, 0), (501, 1), (30_000, 1)])
def test_a_text_nobody_could_type_refuses_its_row(chen, size, refused):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", identity("1970-01-01"), "户主", None]

    outcome = found(chen, xlsx([[*FORM_A, "家庭住址"], [*row, "路" * size]]))

    assert outcome.counts.get("refused", 0) == refused


def test_a_formula_that_gives_nothing_says_nothing(chen):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", identity("1970-01-01"), "户主"]
    sheet = xlsx([FORM_A, [*row, "=error seven"]])

    outcome = found(chen, reckoned_as(sheet, b"<v>seven</v>", b"<v></v>"))

    assert outcome.counts.get("refused", 0) == 0


def reckoned_as(workbook: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in its sheet."""
    made = BytesIO()
    with ZipFile(BytesIO(workbook)) as before, ZipFile(made, "w") as after:
        for info in before.infolist():
            raw = before.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                assert old in raw, raw
                raw = raw.replace(old, new)
            after.writestr(info, raw)
    return made.getvalue()


@pytest.mark.parametrize("name", ["表.xls", "表.xlsx"])
def test_a_workbook_is_read_by_what_it_is_not_by_its_name(chen, name):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", identity("1970-01-01"), "户主", None]

    outcome = found(chen, xlsx([FORM_A, row]), name=name)

    assert outcome.counts["new"] == 1


def test_a_workbook_of_another_name_goes_back_with_its_reasons(chen):
    township, village = place_names()
    row = [1, township, village, "4510220001", "1", "韦大", "12345", "户主", None]
    sent = upload(xlsx([FORM_A, row]), chen, name="表.xls")
    outcome = dry_run(sent, Scope(chen, makers.TODAY))
    assert outcome.counts["refused"] == 1
    made = BytesIO()

    ending = write_returned(sent, {2: [(6, "不是身份证号")]}, "zh", made)

    assert ending == ".xlsx"
    assert made.getvalue().startswith(b"PK")


def test_two_rows_of_a_household_that_disagree_about_it(chen):
    township, village = place_names()
    head = [township, village, "4510220001"]
    lines = [
        ["乡(镇)", "行政村", "户编号", "姓名", "与户主关系", "人均纯收入"],
        [*head, "韦大", "户主", 3000],
        [*head, "韦小", "之子", 4000],
    ]

    outcome = found(chen, xlsx(lines))

    assert outcome.counts["joined"] == 1
    (reason,) = outcome.samples["refused"]
    assert (reason["row"], reason["place"]) == (3, 5)
    assert "“3000”" in reason["zh"]


def test_the_same_person_twice_in_one_file(chen):
    township, village = place_names()
    head = [1, township, village, "4510220001"]
    row = [*head, "1", "韦大", identity("1970-01-01"), "户主", None]
    chen_upload = upload(xlsx([FORM_A, row]), chen)
    assert dry_run(chen_upload, Scope(chen, makers.TODAY)).counts["joined"] == 1
    home = makers.household({"name": "农一", "identity": identity("1990-01-01", 3)})
    number = identity("1990-01-01", 3)
    twice = [[1, None, None, home.code, None, "农一", number, None, "小学"]] * 2

    outcome = found(chen, xlsx([FORM_A, *twice]))

    (reason,) = outcome.samples["refused"]
    assert "与第 2 行是同一个人" in reason["zh"]


def test_somebody_who_lives_in_another_household_is_not_written_into_this_one(chen):
    number = identity("1990-01-01", 3)
    home = makers.household({"name": "农一", "identity": number})
    other = makers.household({"name": "农二"})

    outcome = found(
        chen, xlsx([FORM_A, [1, None, None, other.code, None, "农一", number, "之子", None]])
    )

    (reason,) = outcome.samples["refused"]
    assert home.code in reason["zh"]


def sheets_alike(count, *, of):
    """A workbook of sheets with the same content, packed once: gigabytes take half a minute."""
    file, name = BytesIO(), "xl/worksheets/sheet{:02}.xml"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name.format(0), of)
        first, sheet = book.infolist()[0], file.getvalue()
        for n in range(1, count):
            again = copy(first)
            again.filename, again.header_offset = name.format(n), file.tell()
            file.write(sheet.replace(first.filename.encode(), again.filename.encode()))
            book.filelist.append(again)
        book.start_dir = file.tell()
    return file.getvalue()


def test_a_workbook_that_unpacks_to_more_than_the_memory_holds_is_refused(chen):
    packed = sheets_alike(30, of=b"0" * 100_000_000)

    with pytest.raises(Refused) as refused:
        upload(packed, chen)

    assert refused.value.code == "intake.unpacks_too_large"


def test_a_file_larger_than_allowed_is_refused(chen, settings):
    settings.LARGEST_UPLOAD = 1000

    with pytest.raises(Problem) as refused:
        upload(xlsx([FORM_A] * 100), chen)

    assert refused.value.code == "exchange.too_large"


@pytest.mark.parametrize(("form", "unknown"), [(POOR, 1), (LEFT, 1), (PAGE, 0)])
def test_the_headings_of_real_exports_are_known(form, unknown):
    headings = form.split("|")

    assert len(headings) - len(propose(headings)) == unknown  # 序号 numbers the rows, no more


def test_work_that_was_cut_off_can_be_begun_again_and_work_under_way_cannot(chen):
    sent = upload(xlsx([FORM_A, [1, None, None, "1", "1", "韦大", None, "户主", None]]), chen)
    work.claim(sent, ("kept",), "reading")
    with pytest.raises(Problem) as refused:
        work.claim(sent, ("kept", "read", "failed"), "reading")
    assert refused.value.code == "exchange.not_in_state"
    assert "（状态：试算中）" in refused.value.sentence()

    silent = timezone.now() - timedelta(minutes=5)
    Upload.objects.filter(pk=sent.pk).update(alive_at=silent)
    sent.refresh_from_db()

    assert work.is_cut_off(sent)
    work.claim(sent, ("kept", "read", "failed"), "reading")
    assert not work.is_cut_off(sent)
