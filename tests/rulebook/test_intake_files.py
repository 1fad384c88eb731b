"""Files people have, of every kind, and what is refused about them."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from tests.rulebook import intake_facts as facts
from tests.rulebook.intake_facts import opened, read
from yihu.rulebook.facts import Level, Text
from yihu.rulebook.intake import Intake
from yihu.rulebook.intake.bad_cells import BadCell, as_table
from yihu.rulebook.intake.headings import Sought, detect
from yihu.rulebook.intake.opened import Batch
from yihu.rulebook.intake.written import WrittenTable, encoding_of
from yihu.rulebook.refusals import Refused
from yihu.rulebook.tree import day_number

PERSONS = "人编号,户编号,出生日期,在校生状况\n1,7,2008-09-01,小学\n2,7,1975年3月2日,\n"


def put(folder, text, name="人.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def refusal_of(files, level="person", choice=facts.FACTS, **more) -> Refused:
    with pytest.raises(Refused) as refused:
        read(opened(files, choice, **more), level)
    for lang in ("zh", "en"):
        assert refused.value.sentence(lang)
    return refused.value


def cells_of(refused: Refused) -> list[BadCell]:
    cells = refused.details["cells"]
    assert isinstance(cells, list)
    return cells


PEOPLE = {
    "id": ["1", "2"],
    "parent": ["7", "7"],
    "born": [day_number(2008, 9, 1), day_number(1975, 3, 2)],
    "schooling": [1, None],
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "gbk"])
def test_text_in_every_encoding_registers_come_in(tmp_path, encoding):
    assert read(opened({"person": put(tmp_path, PERSONS, encoding=encoding)}), "person") == PEOPLE


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_text_with_any_separator(tmp_path, separator):
    path = put(tmp_path, PERSONS.replace(",", separator))

    assert read(opened({"person": path}), "person") == PEOPLE


def test_titles_above_the_headings_quotes_and_line_breaks_inside_them(tmp_path):
    text = "脱贫人口名单,,,\n填报日期：2020年,,,\n" + PERSONS.replace("出生日期", '"出生\n日期"')

    assert read(opened({"person": put(tmp_path, text.replace("\n", "\r\n"))}), "person") == PEOPLE


def test_empty_lines_and_total_lines_are_no_people(tmp_path):
    text = PERSONS.replace("\n2,", "\n\n,,,\n2,") + "合计,,,\n\n"
    data = opened({"person": put(tmp_path, text)})

    assert read(data, "person") == PEOPLE
    assert data.report.rows == {"person": 2}


def table(**columns):
    return pa.table(columns)


TYPED = table(person_id=[1.0, 2.0], household_id=[7, 7], born=[20080901, 19750302])
SAME = {name: PEOPLE[name] for name in ("id", "parent", "born")}


@pytest.mark.parametrize("kind", ["parquet", "feather", "stream", "folder"])
def test_typed_files_give_keys_as_text(tmp_path, kind):
    path = tmp_path / "persons"
    if kind == "parquet":
        pq.write_table(TYPED, path)
    elif kind == "feather":
        feather.write_feather(TYPED, str(path))
    elif kind == "stream":
        with pa.ipc.new_stream(str(path), TYPED.schema) as writer:
            writer.write_table(TYPED)
    else:
        path.mkdir()
        pq.write_table(TYPED.slice(0, 1), path / "1.parquet")
        pq.write_table(TYPED.slice(1, 1), path / "2.parquet")

    assert read(opened({"person": path}), "person") == SAME


def test_batches_are_as_small_as_asked_for(tmp_path):
    path = tmp_path / "p.parquet"
    pq.write_table(table(person_id=list(range(1000)), household_id=[1] * 1000), path)
    data = opened({"person": path})

    sizes = [batch.num_rows for batch in data.batches("person", 300)]

    assert sum(sizes) == 1000
    assert max(sizes) <= 300


def test_a_key_of_several_columns(tmp_path):
    level = Level("person", Text("人", "person"), "members", ("viv+hog+ren",), ("viv+hog",))
    path = tmp_path / "p.parquet"
    pq.write_table(
        table(viv=["001", "002"], hog=["1", None], ren=[1, 2], born=["", "20200131"]), path
    )
    data = Intake([level], facts.FACTS, {"person": path}, missing="unknown")

    batch = next(data.batches("person", 1))
    with pytest.raises(Refused) as refused:
        read(data, "person")

    assert batch.to_pydict() == {"id": ["001+1+1"], "parent": ["001+1"], "born": [None]}
    assert cells_of(refused.value)[0].code == "intake.cell.blank_key"


# --- what is refused ------------------------------------------------------------------------------


def test_all_bad_cells_of_a_file_come_in_one_refusal_with_row_and_column(tmp_path):
    text = "人编号,户编号,出生日期,在校生状况,务工时间\n1,7,2008-13-01,小学生,3\n,7,,小学,13\n"

    refused = refusal_of({"person": put(tmp_path, text)})

    assert refused.code == "intake.bad_cells"
    assert refused.details["count"] == 4
    said = refused.sentence("zh")
    assert "第 2 行，“出生日期”列：日历上没有“2008-13-01”这一天" in said
    assert "第 2 行，“在校生状况”列：“小学生”不在代码表“在校生状况”中；是否想写“小学”？" in said
    assert "第 3 行，“人编号”列：编号空白" in said
    assert "row 3, column “务工时间”: “13” is outside the range 0 to 12" in refused.sentence("en")
    back = as_table(cells_of(refused), "zh").to_pydict()
    assert back["row"] == [2, 2, 3, 3]


def test_bad_cells_may_be_read_as_unknown_and_are_reported(tmp_path):
    text = PERSONS.replace("小学", "小学生")
    data = opened({"person": put(tmp_path, text)}, bad="unknown")

    assert read(data, "person") == {**PEOPLE, "schooling": [None, None]}
    assert [cell.row for cell in data.report.bad["person"].kept] == [2]


def test_a_row_with_too_many_cells_is_refused_by_its_number(tmp_path):
    text = PERSONS + "3,7,1990-01-01,小学,多余\n4,7,1990-02-31,小学\n"

    refused = refusal_of({"person": put(tmp_path, text)})

    assert [(c.row, c.code.rsplit(".", 1)[-1]) for c in cells_of(refused)] == [
        (4, "row_width"),
        (5, "no_such_day"),
    ]


def test_a_missing_column_is_refused_with_the_nearest_heading(tmp_path):
    text = PERSONS.replace("在校生状况", "在校学生状况")

    refused = refusal_of(
        {"person": put(tmp_path, text)}, choice=(facts.BORN, facts.AT_SCHOOL), missing="refuse"
    )

    assert refused.code == "intake.missing_columns"
    assert refused.details["facts"] == [("person", "schooling")]
    assert (
        "schooling (在校生状况): schooling / 在校生状况；是否想写“在校学生状况”？"
        in refused.sentence("zh")
    )


def test_missing_columns_may_be_read_as_unknown_and_are_reported(tmp_path):
    data = opened({"person": put(tmp_path, PERSONS)})

    assert read(data, "person") == PEOPLE
    assert ("person", "insured") in data.report.absent
    assert ("household", "income") in data.report.absent
    assert data.report.columns["person", "born"] == "出生日期"


def test_a_long_key_that_arrives_as_a_float_is_refused(tmp_path):
    path = tmp_path / "p.parquet"
    pq.write_table(table(person_id=[4.5102219900101123e17], household_id=["1"]), path)

    refused = refusal_of({"person": path})

    assert cells_of(refused)[0].code == "intake.cell.lost_digits"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "intake.empty"),
        (b" \r\n", "intake.empty"),
        (b"PAR1 and nothing more", "intake.broken"),
        (b"ARROW1\0\0 cut", "intake.broken"),
        (b"PK\x03\x04 cut", "intake.broken"),
        (b"<html><table><tr><td>1</td></tr></table>", "intake.not_a_table"),
        (b"\xff\xfe\xff\xd8\x00", "intake.encoding"),
        (b"a,b\n\x81\xff\xff,1\n", "intake.encoding"),
        ("姓名,年龄\n甲,3\n".encode(), "intake.no_headings"),
        ("人编号,户编号,户编号\n1,2,3\n".encode(), "intake.double_heading"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path, content, code):
    path = tmp_path / "f"
    path.write_bytes(content)

    assert refusal_of({"person": path}).code == code


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PAR1 and nothing more", "文件末尾缺失，多半没有复制完"),
        (b"PAR1 not what it says PAR1", "内容与它自称的格式不符"),
        (b"ARROW1\0\0 cut", "文件末尾缺失，多半没有复制完"),
        (b"PK\x03\x04 cut", "文件末尾缺失，多半没有复制完"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook, cut", "内容与它自称的格式不符"),
        ('人编号,户编号\n"1,2\n'.encode() + b"x" * 200_000, "有一格没有结尾，多半是引号不成对"),
    ],
)
def test_why_a_file_is_broken_is_said_in_the_readers_language(tmp_path, content, why):
    path = tmp_path / "f"
    path.write_bytes(content)

    refused = refusal_of({"person": path})

    assert refused.code == "intake.broken"
    shown = refused.sentence("zh").replace(str(path), "")
    assert why in shown
    assert not any(sign.isascii() and sign.isalpha() for sign in shown)


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_table_of_absurd_width_is_refused(tmp_path, kind):
    path = tmp_path / "f"
    headings = ["人编号", *(f"c{i}" for i in range(16_384))]
    if kind == "csv":
        path.write_text(",".join(headings) + "\n1\n", encoding="utf-8")
    else:
        table = pa.table({heading: pa.array([], pa.int8()) for heading in headings})
        (pq.write_table if kind == "parquet" else feather.write_feather)(table, path)

    refused = refusal_of({"person": path})

    assert refused.code == "intake.too_many_columns"
    assert refused.details["columns"] == "16,385"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal_of({"person": tmp_path / "none.csv"}).code == "intake.no_file"
    assert refusal_of({"town": tmp_path / "none.csv"}).code == "intake.no_such_level"


def test_a_folder_of_different_files_is_refused(tmp_path):
    put(tmp_path, PERSONS, "a.csv")
    put(tmp_path, "人编号,户编号\n1,2\n", "b.csv")

    assert refusal_of({"person": tmp_path}).code == "intake.headings_differ"


def test_files_that_cannot_be_joined_are_refused(tmp_path):
    persons = put(tmp_path, PERSONS)
    households = put(tmp_path, "户号,家庭纯收入\n7,100\n", "户.csv")
    no_link = put(tmp_path, "人编号,出生日期\n1,2000-01-01\n", "p.csv")

    both = refusal_of({"person": persons, "household": households})
    lone = refusal_of({"person": no_link, "household": put(tmp_path, "户编号\n7\n", "h.csv")})

    assert (both.code, both.details["expected"]) == ("intake.no_key", "household_id / 户编号")
    assert lone.code == "intake.no_key"


def test_a_file_without_keys_alone_has_its_rows_named_by_number(tmp_path):
    data = opened({"household": put(tmp_path, "家庭纯收入\n100\n200\n")})

    assert read(data, "household") == {"id": ["2", "3"], "income": [10_000, 20_000]}
    assert data.report.numbered == ["household"]


def test_the_encoding_is_looked_for_in_the_whole_file(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"1,2\n" * 2_000_000 + "初中\n".encode("gb18030"))

    assert encoding_of(path) == "gb18030"


def test_row_numbers_skip_what_is_no_row(tmp_path):
    path = put(tmp_path, "人编号,户编号\n1,1\n\n2\n3,1\n4,1\n")
    opened_file = WrittenTable(path, lambda top: detect(top, Sought(facts.PERSON, (facts.BORN,))))

    batches: list[Batch] = list(opened_file.batches([0], 2))

    assert [list(batch.rows) for batch in batches if len(batch.rows)] == [[2, 3], [5, 6]]
    assert [row for batch in batches for row, _, _ in batch.odd] == [4]


def damaged(content: bytes, random: Random) -> bytes:
    """The file with some bytes changed, put in, taken out or cut off."""
    found = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 5, 30])):
        at, how = random.randrange(len(found) + 1), random.randrange(4)
        if how == 0:
            found[at : at + 1] = bytes([random.randrange(256)])
        elif how == 1:
            found[at:at] = random.choice([b'"', b"\n", b",", b"\0", b"\xff", b"-1e999", b"9" * 30])
        elif how == 2:
            del found[at : at + random.randrange(20)]
        else:
            del found[at:]
    return bytes(found)


@pytest.mark.parametrize("kind", ["csv", "gb18030", "parquet", "feather"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path, kind):
    path, random = tmp_path / "f", Random(kind)
    if kind == "parquet":
        pq.write_table(TYPED, path)
    elif kind == "feather":
        feather.write_feather(TYPED, str(path))
    else:
        put(tmp_path, PERSONS, "f", "utf-8" if kind == "csv" else kind)
    whole = path.read_bytes()

    outcomes = set()
    for _ in range(60):
        path.write_bytes(damaged(whole, random))
        try:
            read(opened({"person": path}), "person")
            outcomes.add("read")
        except Refused as refused:
            outcomes.add(refused.code.split(".")[0])

    assert outcomes <= {"read", "intake"}


def test_an_id_that_a_spreadsheet_would_run_or_that_never_ends_is_refused(tmp_path):
    text = (
        "人编号,户编号,出生日期,在校生状况\n=cmd|'/c calc'!A0,7,,\n" + "9" * 401 + ",7,,\n-3,7,,\n"
    )

    refused = refusal_of({"person": put(tmp_path, text)})

    found = [(cell.row, cell.code) for cell in cells_of(refused)]
    assert found == [
        (2, "intake.cell.formula_key"),
        (3, "intake.cell.long_key"),
    ]


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, None]])
def test_a_column_of_lists_or_structs_is_refused_by_name(tmp_path, values):
    table = pa.table({"人编号": ["1", "2"], "户编号": ["7", "7"], "出生日期": values})
    pq.write_table(table, tmp_path / "人.parquet")
    feather.write_feather(table, tmp_path / "人.arrow", compression="uncompressed")

    for file in ("人.parquet", "人.arrow"):
        refused = refusal_of({"person": tmp_path / file}, choice=[facts.BORN])

        assert refused.code == "intake.nested_column"
        assert refused.details["column"] == "出生日期"


@pytest.mark.parametrize("heading", ["在校生状况", "务工时间", "证件号码"])
def test_a_truth_value_is_no_code_no_number_and_no_text(tmp_path, heading):
    path = tmp_path / "人.parquet"
    pq.write_table(pa.table({"人编号": ["1", "2"], heading: [True, None]}), path)

    refused = refusal_of({"person": path})

    cell = cells_of(refused)[0]
    assert (cell.code, cell.row, cell.found) == ("intake.cell.truth_value", 1, "true")


def test_a_truth_value_answers_yes_or_no(tmp_path):
    path = tmp_path / "人.parquet"
    pq.write_table(pa.table({"人编号": ["1", "2", "3"], "参加医保": [True, None, False]}), path)

    assert read(opened({"person": path}), "person")["insured"] == [1, None, 0]
