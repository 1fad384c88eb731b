"""Around submissions: attachments, what goes back, the pages, the command."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import makers, people
from tests.exchange.forms_sent import JPEG, done, kobo, odata, of_central, results, sent, zipped
from tests.exchange.test_import_pages import act, send
from yihu.book import files
from yihu.book.models import Entry
from yihu.commands.imports import command
from yihu.exchange.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    return makers.household({"name": "农大"})


@pytest.fixture
def bo():
    return people.bo()


def written(home, kind=""):
    rows = Entry.objects.filter(book_id=home.pk, source="odk").order_by("number")
    return list(rows.filter(kind=kind) if kind else rows)


def photographed(home, name="house.jpg", **more):
    listed = [{"filename": f"u/attachments/f/1/{name}", "mimetype": "image/jpeg"}]
    return kobo(home.code, id="1", photo=name, power="yes", **more) | {"_attachments": listed}


# -- attachments -----------------------------------------------------------------------------------


def test_a_photo_sent_beside_stands_in_the_book_as_evidence(home, bo):
    upload = sent(results(photographed(home)), bo, beside=zipped(u__1__house_dot_jpg=JPEG))

    done(upload, "read", "write")

    (evidence,) = written(home, "evidence")
    assert (upload.counts["attached"], upload.counts["awaited"]) == (1, 0)
    assert evidence.says["about"] == {"submission": "1", "name": "house.jpg"}
    assert files.content_of(evidence.says["sha256"]) == JPEG


def test_a_photo_that_was_not_sent_is_awaited_and_added_when_it_comes(home, bo):
    body = results(photographed(home))
    first = done(sent(body, bo), "read", "write")

    later = done(sent(body, bo, beside=zipped(house_dot_jpg=JPEG)), "read", "write")
    again = done(sent(body, bo, beside=zipped(house_dot_jpg=JPEG)), "read", "write")

    (visit,) = written(home, "visit")
    assert visit.says["submission"]["awaits"] == ["house.jpg"]
    assert (first.counts["awaited"], later.counts["attached"]) == (1, 1)
    assert len(written(home, "evidence")) == 1
    assert (again.counts["unchanged"], again.counts["entries"]) == (1, 0)


def test_photos_of_one_name_go_to_the_visit_whose_folder_they_lie_in(home, bo):
    other = makers.household()
    one = kobo(home.code, id="aaaa", photo="house.jpg")
    two = kobo(other.code, id="bbbb", photo="house.jpg")
    photos = zipped(aaaa__house_dot_jpg=JPEG + b"1", bbbb__house_dot_jpg=JPEG + b"2")

    done(sent(results(one, two), bo, beside=photos), "read", "write")

    (mine,), (theirs,) = written(home, "evidence"), written(other, "evidence")
    assert files.content_of(mine.says["sha256"]) == JPEG + b"1"
    assert files.content_of(theirs.says["sha256"]) == JPEG + b"2"


def test_what_only_calls_itself_a_photo_is_awaited_still(home, bo):
    page = zipped(house_dot_jpg=b"<html><script>1</script>")

    upload = done(sent(results(photographed(home)), bo, beside=page), "read", "write")

    assert (upload.counts["attached"], upload.counts["awaited"]) == (0, 1)
    assert written(home, "evidence") == []


def test_a_zip_holds_submissions_and_their_photos(home, bo):
    body = zipped(sent_dot_json=results(photographed(home)), media__house_dot_jpg=JPEG)

    done(sent(body, bo, "export.zip"), "read", "write")

    assert [entry.kind for entry in written(home)] == ["visit", "evidence"]


# -- what goes back --------------------------------------------------------------------------------


def test_what_is_refused_goes_back_and_is_taken_once_it_is_put_right(home, bo, client):
    client.force_login(bo)
    body = results(
        kobo(home.code, {"name": "农大", "schooling": "moon"}, id="1", power="yes"),
        kobo(home.code, id="2", network="yes"),
    )
    upload = act(client, send(client, body, "sent.json"), "columns", "write")

    answer = client.get(f"/imports/{upload.pk}/returned/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    right = send(client, text.replace("moon", "none").encode(), "back.csv")
    act(client, right, "columns", "write")

    assert ".csv" in answer.headers["Content-Disposition"]
    assert (row["_submission"], row["_repeat"]) == ("1", "members[1]")
    assert "moon" in row["退回原因"]
    assert len(written(home, "visit")) == 2
    assert written(home)[1].says["household"] == {"power": True}


def test_what_a_spreadsheet_would_run_is_refused_and_goes_back_as_text(home, bo, client):
    client.force_login(bo)
    body = results(kobo(home.code, id="1", helper_name='=cmd|"/c calc"!A1'))
    upload = act(client, send(client, body, "sent.json"), "columns")

    text = b"".join(client.get(f"/imports/{upload.pk}/returned/").streaming_content).decode()

    assert upload.counts["refused"] == 1
    assert "'=cmd" in text


# -- pages and command -----------------------------------------------------------------------------


def test_the_pages_take_a_form_from_file_to_undoing(home, bo, client):
    client.force_login(bo)
    body = of_central(odata(home.code, power=True, today="2020-10-12"))

    upload = send(client, body, "visits.json")
    shown = client.get(f"/imports/{upload.pk}/").content.decode()
    act(client, upload, "columns")
    read = client.get(f"/imports/{upload.pk}/").content.decode()
    act(client, upload, "write")
    book = client.get(f"/households/{home.pk}/?part=book").content.decode()
    act(client, upload, "undo")

    assert "household_visit" in shown
    assert "走访日期 [key.day]" in shown
    assert "_submission" not in shown
    assert "表单提交人：fang" in book
    assert "写入 1 条提交" in read
    assert "ODK/Kobo 表单" in book
    assert [e.kind for e in Entry.objects.filter(book_id=home.pk).order_by("number")][-1:] in (
        ["correction"], ["gap"],
    )  # fmt: skip


def test_a_page_says_that_the_server_had_more(home, bo, client):
    client.force_login(bo)

    upload = send(client, results(kobo(home.code), more="https://kobo.example/?start=1"), "a.json")

    assert "只是一部分" in client.get(f"/imports/{upload.pk}/").content.decode()


def test_attachments_come_with_the_form_of_the_page(home, bo, client):
    client.force_login(bo)
    form = {
        "file": SimpleUploadedFile("sent.json", results(photographed(home))),
        "attachments": SimpleUploadedFile("photos.zip", zipped(house_dot_jpg=JPEG)),
    }

    answer = client.post("/imports/", form)
    upload = act(client, Upload.objects.get(pk=answer.url.split("/")[2]), "columns", "write")

    assert upload.counts["attached"] == 1
    assert len(written(home, "evidence")) == 1


@pytest.mark.parametrize("name", ["mei", "dou"])
def test_who_may_not_take_in_files_may_not_take_in_forms(home, client, name):
    client.force_login(getattr(people, name)())
    file = SimpleUploadedFile("sent.json", results(kobo(home.code, power="yes")))

    answer = client.post("/imports/", {"file": file})

    assert answer.status_code in (403, 404)
    assert not Upload.objects.exists()


def test_a_department_list_is_no_place_for_submissions(home, client, bo):
    client.force_login(bo)
    file = SimpleUploadedFile("sent.json", results(kobo(home.code)))

    answer = client.post("/compare/", {"file": file, "department": "education"})

    assert answer.status_code >= 400
    assert not Upload.objects.exists()


def run(*words):
    return CliRunner().invoke(command, ["form", *(str(word) for word in words)])


def test_the_command_says_what_it_would_write_and_writes_when_asked(home, bo, tmp_path):
    path, photos = tmp_path / "sent.json", tmp_path / "photos"
    path.write_bytes(results(photographed(home)))
    photos.mkdir()
    (photos / "house.jpg").write_bytes(JPEG)

    dry = run(path, "--by", "bo", "--attachments", photos)
    untouched = written(home)
    wrote = run(path, "--by", "bo", "--attachments", photos, "--write")

    assert dry.exit_code == 0, dry.output
    assert "走访: 1" in dry.output
    assert "附件: 1" in dry.output
    assert untouched == []
    assert "已写入" in wrote.output
    assert [entry.kind for entry in written(home)] == ["visit", "evidence"]
