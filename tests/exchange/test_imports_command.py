"""`yihu imports` from the machine itself."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests import makers, people
from tests.exchange.sheets import FORM_A, identity, xlsx
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.card.status import STATUSES
from yihu.commands.ending import FAILED
from yihu.commands.imports import command
from yihu.exchange.models import DuplicatePair, Upload
from yihu.exchange.reading import Column
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def file(tmp_path):
    village = makers.place("village")
    row = [1, village.parent.name, village.name, "4510220001", "1", "韦大"]
    path = tmp_path / "人口.xlsx"
    path.write_bytes(xlsx([FORM_A, [*row, identity("1970-01-01"), "户主", None]]))
    return path


def run(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(file):
    people.chen()

    ended = run("sheet", file, "--by", "chen", "--opens")

    assert ended.exit_code == 0, ended.output
    assert "新建: 1" in ended.output
    assert not Entry.objects.exists()


def test_with_write_it_is_written(file):
    people.chen()

    ended = run("sheet", file, "--by", "chen", "--opens", "--write")

    assert "已写入" in ended.output
    assert Household.objects.get().head_name == "韦大"


def test_where_every_row_is_refused_nothing_is_said_to_be_written(tmp_path):
    people.chen()
    village = makers.place("village")
    row = [1, village.parent.name, village.name, "4510220001", "1", "韦大", "12345", "户主", None]
    path = tmp_path / "人口.xlsx"
    path.write_bytes(xlsx([FORM_A, row]))

    ended = CliRunner().invoke(
        command, ["sheet", str(path), "--by", "chen", "--opens", "--write"], standalone_mode=False
    )

    assert ended.return_value == FAILED
    assert "已写入" not in ended.output
    assert "没有可写入的内容" in ended.output
    assert not Entry.objects.exists()


def test_a_sheet_of_headings_alone_is_said_to_have_no_rows(tmp_path):
    people.chen()
    path = tmp_path / "空.xlsx"
    path.write_bytes(xlsx([FORM_A]))

    ended = run("sheet", path, "--by", "chen")

    assert "没有数据行" in ended.output


def test_a_web_page_called_a_workbook_is_said_to_be_a_web_page(tmp_path):
    people.chen()
    path = tmp_path / "人口.xls"
    path.write_bytes(b"<html><table><tr><td>1</td></tr></table></html>")

    ended = run("sheet", path, "--by", "chen")

    assert isinstance(ended.exception, Refused)
    assert ended.exception.sentence("zh").startswith("人口.xls 不是表格，是网页（HTML）")
    assert not Upload.objects.exists()


def test_the_words_the_desk_shows_for_a_status_are_read_as_a_kind_of_household():
    kind = Column(0, "household.kind", makers.TODAY)

    assert [kind.read(STATUSES[key][0]) for key in ("poor", "exited", "general")] == [
        "poor", "exited", "ordinary"
    ]  # fmt: skip


def test_who_may_not_take_in_sheets_may_not_here_either(file):
    people.mei()

    ended = run("sheet", file, "--by", "mei", "--opens", "--write")

    assert isinstance(ended.exception, Problem)
    assert ended.exception.code == "access.may_not"
    assert not Entry.objects.exists()


def test_duplicates_are_looked_for_within_a_workers_reach():
    number = identity("1970-01-01")
    makers.household({"name": "韦大", "identity": number})
    makers.household({"name": "韦大", "identity": number})
    people.chen()

    assert "1" in run("duplicates", "chen").output

    assert DuplicatePair.objects.get().why == "identity"
