"""The file that goes back from a large sheet is made with its dry run, and gone with it."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.test_import_pages import act, send
from tests.exchange.test_returned import lines_of, returned, workbook
from yihu.access.models import Reading
from yihu.exchange import returned_ready
from yihu.exchange.returned_ready import ready
from yihu.web import import_work, imports

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _large(settings, monkeypatch):
    """Every sheet is a large one, and its work is done here."""
    settings.TODAY = makers.TODAY.isoformat()
    monkeypatch.setattr(import_work, "SMALL", 0)

    def called(word, id, what):
        assert word == "work"
        import_work.do(import_work.work.uploaded(id), what, at=makers.AT)

    monkeypatch.setattr(import_work, "call", called)


def _nothing_is_written(monkeypatch):
    def refuse(*_):
        raise AssertionError("made while the page waits")

    monkeypatch.setattr(imports, "write_returned", refuse)


def test_the_file_is_ready_when_the_dry_run_is_done(client, monkeypatch):
    client.force_login(people.chen())
    upload = act(client, send(client, workbook("小学", "火星小学"), "花名册.xlsx"), "columns")
    _nothing_is_written(monkeypatch)

    content, name = returned(client, upload)

    assert name == "花名册（退回）.xlsx"
    assert any("火星小学" in str(line[7:]) for line in lines_of(content))
    assert Reading.objects.filter(what="exported").count() == 1


def test_a_file_of_text_is_ready_under_its_own_ending(client, monkeypatch):
    client.force_login(people.chen())
    lines = f"行政村,户编号,姓名,在校生状况\n{makers.place().name},H1,韦一,火星小学\n"
    upload = act(client, send(client, lines.encode(), "花名册.csv"), "columns")
    _nothing_is_written(monkeypatch)

    content, name = returned(client, upload)

    assert upload.counts["refused"] == 1
    assert name == "花名册（退回）.csv"
    assert "火星小学" in content.decode("utf-8-sig")


def test_another_dry_run_takes_the_place_of_what_was_made(client):
    client.force_login(people.chen())
    upload = act(client, send(client, workbook("小学", "火星小学"), "花名册.xlsx"), "columns")
    before = returned(client, upload)[0]
    place = len(upload.headings) - 1

    client.post(f"/imports/{upload.pk}/columns/", {f"column-{place}": ""})

    upload.refresh_from_db()
    assert (upload.state, upload.counts.get("refused", 0)) == ("read", 0)
    assert ready(upload, "zh") is None
    assert before


def test_one_that_may_not_be_kept_is_made_when_it_is_asked_for(client, monkeypatch):
    client.force_login(people.chen())

    def too_large(*_):
        raise import_work.Problem("exchange.too_large", status=413, file="x", most="1")

    monkeypatch.setattr(returned_ready, "keep", too_large)
    upload = act(client, send(client, workbook("小学", "火星小学"), "花名册.xlsx"), "columns")

    content, _ = returned(client, upload)

    assert upload.state == "read"
    assert ready(upload, "zh") is None
    assert lines_of(content)


def test_an_import_that_was_undone_leaves_none(client):
    client.force_login(people.chen())
    upload = act(client, send(client, workbook("小学", "火星小学"), "花名册.xlsx"), "columns")
    upload = act(client, upload, "write")
    assert ready(upload, "zh") is not None

    upload = act(client, upload, "undo")

    assert upload.state == "undone"
    assert ready(upload, "zh") is None
