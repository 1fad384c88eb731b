"""The shapes exports have, as a table: repeats in repeats, two repeats, columns of choices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.forms_sent import kobo, results, table, xml, zipped
from yihu.exchange.submissions import SubmissionTable
from yihu.exchange.submissions_columns import proposed
from yihu.exchange.submissions_read import is_submissions
from yihu.problems import Problem


@pytest.fixture
def opened(tmp_path):
    def of(name: str, body: bytes) -> SubmissionTable:
        path = tmp_path / name
        path.write_bytes(body)
        return SubmissionTable(path)

    return of


def test_a_repeat_in_a_repeat_is_a_row_that_says_both(opened):
    child = {
        "members/children": [{"members/children/name": "小一"}, {"members/children/name": "小二"}]
    }
    sent = kobo("H1", id="1") | {"members": [{"members/name": "大"} | child]}

    rows = opened("a.json", results(sent)).rows

    assert [row["_repeat"] for row in rows] == [
        "members[1] members/children[1]", "members[1] members/children[2]",
    ]  # fmt: skip
    assert [row["members/children/name"] for row in rows] == ["小一", "小二"]
    assert {row["members/name"] for row in rows} == {"大"}


def test_two_repeats_of_one_submission_do_not_mix(opened):
    sent = kobo("H1", {"name": "大"}, id="1") | {"crops": [{"crops/kind": "rice"}]}

    rows = opened("a.json", results(sent)).rows

    assert [(row.get("members/name"), row.get("crops/kind")) for row in rows] == [
        ("大", None), (None, "rice"),
    ]  # fmt: skip


def test_many_submissions_of_phones_lie_in_one_zip(opened):
    body = zipped(
        a__submission_dot_xml=xml("H1", {"name": "一"}, {"name": "二"}, id="1"),
        b__submission_dot_xml=xml("H2", id="2"),
    )

    found = opened("all.zip", body)

    assert [row["_submission"] for row in found.rows] == ["1", "1", "2"]
    assert [row.get("members/name") for row in found.rows] == ["一", "二", None]
    assert found.form == "household_visit"


def test_an_envelope_of_a_server_is_taken_off(opened):
    inner = xml("H1", id="1").partition(b"?>")[2]
    body = b"<submission><data>" + inner + b"</data><mediaFile/></submission>"

    assert opened("a.xml", body).rows[0]["household/household_code"] == "H1"


def test_a_point_reads_the_same_from_both_servers(opened):
    point = {"type": "Point", "coordinates": [107.1, 23.6, 400], "properties": {"accuracy": 6.5}}

    rows = opened("a.json", json.dumps({"value": [{"__id": "1", "gps": point}]}).encode()).rows

    assert rows[0]["gps"] == "23.6 107.1 400 6.5"


def test_a_column_of_a_choice_is_no_question():
    headings = ["_submission", "needs", "needs/network", "needs/power", "house/power"]

    assert proposed(headings) == {0: "key.submission", 4: "household.power"}


def test_a_sheet_without_ids_of_submissions_stays_a_sheet(tmp_path):
    sheet, sent = tmp_path / "a.csv", tmp_path / "b.csv"
    sheet.write_bytes("姓名,户编号,key\n农大,1,2\n".encode())
    sent.write_bytes(table({"household_code": "1", "_uuid": "1"}, separator=";"))

    assert (is_submissions(sheet), is_submissions(sent)) == (False, True)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NAMES = st.sampled_from(
    ["_uuid", "members", "a/b", "_attachments", "meta", "coordinates", "start", "", "instanceID",
     "_validation_status", "properties", "x.jpg"]
) | st.text(max_size=3)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=4)
)


REFUSED = ("exchange.not_submissions", "exchange.nothing_in_it")


def table_or_code(path: Path) -> SubmissionTable | str:
    try:
        return SubmissionTable(path)
    except Problem as refused:
        return refused.code


@given(sent=st.lists(st.dictionaries(NAMES, TREES, max_size=6), max_size=3))
def test_whatever_json_comes_is_a_table_or_refused(tmp_path_factory, sent):
    path = Path(tmp_path_factory.mktemp("any")) / "a.json"
    path.write_text(json.dumps(sent), encoding="utf-8")

    found = table_or_code(path)

    if isinstance(found, SubmissionTable):
        (batch,) = found.batches(range(len(found.headings)))
        assert len(batch.rows) == len(found.rows)
        assert all(len(column) == len(found.rows) for column in batch.columns.values())
    else:
        assert found in REFUSED


@given(body=st.binary(max_size=60) | st.text(alphabet="<>/a&;[]!ENTITY \"'=", max_size=60))
def test_whatever_xml_comes_is_a_table_or_refused(tmp_path_factory, body):
    path = Path(tmp_path_factory.mktemp("any")) / "a.xml"
    path.write_bytes(body.encode() if isinstance(body, str) else body)

    found = table_or_code(path)

    assert isinstance(found, SubmissionTable) or found in REFUSED
