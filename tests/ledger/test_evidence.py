"""Photos and scans are joined to the gap they show; members and departments stand in its lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import makers, people
from tests.ledger.test_pages import a_child_of_whom_nothing_is_known, signed_in, text_of
from yihu.access.models import Reading
from yihu.book.models import Entry
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db

PHOTO = b"\xff\xd8\xff\xe0 a roof with new tiles"


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path


def photo(name="屋顶.jpg", content=PHOTO):
    return SimpleUploadedFile(name, content)


def raised(client, home, **given) -> Gap:
    problem = {"origin": "inspection", "title": "屋顶漏雨", "department": "housing", **given}
    client.post(reverse("gap_raise", args=[home.pk]), problem)
    return Gap.objects.get(title="屋顶漏雨")


def test_a_photo_of_a_gap_stands_in_the_book_and_on_its_page():
    home, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.mei())

    sent = {"file": [photo("一.jpg"), photo("二.jpg", PHOTO + b"2")], "words": "家访时拍"}
    client.post(reverse("gap_evidence", args=[gap.pk]), sent)

    first, second = Entry.objects.filter(book_id=home.pk, kind="evidence").order_by("number")
    assert first.says["about"] == {"gap": str(gap.pk)}
    assert (first.says["name"], first.says["words"]) == ("一.jpg", "家访时拍")
    assert first.says["person"] == str(gap.person_id)
    page = text_of(client, reverse("gap", args=[gap.pk]))
    assert "一.jpg" in page
    assert "二.jpg" in page
    answer = client.get(reverse("gap_evidence_file", args=[gap.pk, second.number]))
    assert answer.content == PHOTO + b"2"
    assert answer["Content-Type"] == "image/jpeg"
    assert Reading.objects.get(what="evidence").household_id == home.pk


def test_a_problem_is_raised_with_its_photo_and_cleared_on_another():
    chen, bo = people.chen(), people.bo()
    home = makers.household({"name": "覃一", "birth": "1980-01-01"})
    gap = raised(signed_in(chen), home, file=photo("漏雨.jpg"))
    assert Entry.objects.get(kind="evidence").says["about"] == {"gap": str(gap.pk)}

    client = signed_in(bo)
    client.post(reverse("gap_evidence", args=[gap.pk]), {"file": photo("新瓦.jpg", PHOTO + b"2")})
    client.post(reverse("gap_act", args=[gap.pk, "clear"]), {"words": "已修"})

    gap.refresh_from_db()
    assert gap.state == "cleared"
    last = Entry.objects.filter(book_id=home.pk, kind="gap").order_by("number").last()
    assert last is not None
    assert last.says["evidence"] == "漏雨.jpg、新瓦.jpg"


def test_evidence_that_was_undone_is_no_longer_shown():
    home, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.mei())
    client.post(reverse("gap_evidence", args=[gap.pk]), {"file": photo()})
    number = Entry.objects.get(kind="evidence").number

    client.post(reverse("household_undo", args=[home.pk, number]), {"why": "拍错了人家"})

    assert "屋顶.jpg" not in text_of(client, reverse("gap", args=[gap.pk]))


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({}, 400, "没有选择文件"),
        ({"file": SimpleUploadedFile("x.jpg", b"<html>")}, 415, "x.jpg"),
    ],
)
def test_what_is_no_photo_and_no_scan_is_refused(sent, status, says):
    _, gap = a_child_of_whom_nothing_is_known()

    answer = signed_in(people.mei()).post(reverse("gap_evidence", args=[gap.pk]), sent)

    assert answer.status_code == status
    assert says in answer.content.decode()
    assert not Entry.objects.filter(kind="evidence").exists()


def test_files_of_a_gap_are_for_those_who_may_see_it():
    home, gap = a_child_of_whom_nothing_is_known()
    signed_in(people.mei()).post(reverse("gap_evidence", args=[gap.pk]), {"file": photo()})
    number = Entry.objects.get(kind="evidence").number
    other = people.worker("Xia", "village", makers.place(code="451022100202"))
    keeper = people.worker("Guo", "administrator", makers.place("county"))

    for worker, status in ((other, 404), (people.dou(), 404), (keeper, 404)):
        client = signed_in(worker)
        assert client.get(
            reverse("gap_evidence_file", args=[gap.pk, number])
        ).status_code == status  # fmt: skip
        sent = {"file": photo(content=PHOTO + b"9")}
        assert client.post(reverse("gap_evidence", args=[gap.pk]), sent).status_code == status
    assert Entry.objects.filter(book_id=home.pk, kind="evidence").count() == 1
    assert signed_in(keeper).get(reverse("gap", args=[gap.pk])).status_code == 404


def test_raising_a_problem_names_the_department_that_is_to_mend_it():
    home = makers.household({"name": "覃一", "birth": "1980-01-01"})
    client = signed_in(people.mei())
    assert 'value="housing">' in text_of(client, reverse("household", args=[home.pk]))
    address = reverse("household_raise", args=[home.pk])

    client.post(address, {"title": "屋顶漏雨", "department": "housing"})
    refused = client.post(address, {"title": "水管破裂", "department": "火星局"})

    assert Gap.objects.get(title="屋顶漏雨").department == "housing"
    assert refused.status_code == 400
    assert "没有部门“火星局”" in refused.content.decode()
    assert not Gap.objects.filter(title="水管破裂").exists()


def test_the_file_of_the_ledger_names_the_member_a_gap_is_about():
    _, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.bo())

    lines: Any = client.get(reverse("ledger_file", args=["csv"]), {"rule": gap.rule})

    head, line = b"".join(lines.streaming_content).decode("utf-8-sig").splitlines()
    assert line.split(",")[head.split(",").index("成员")] == "小月"


def test_a_photo_that_was_sent_as_a_page_is_saved_as_a_photo():
    _, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.mei())
    client.post(reverse("gap_evidence", args=[gap.pk]), {"file": photo("roof.html")})
    number = Entry.objects.get(kind="evidence").number

    answer = client.get(reverse("gap_evidence_file", args=[gap.pk, number]))

    assert answer["Content-Disposition"] == 'inline; filename="roof.html.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_entry_that_calls_a_photo_a_page_serves_no_page():
    home, gap = a_child_of_whom_nothing_is_known()
    client = signed_in(people.mei())
    client.post(reverse("gap_evidence", args=[gap.pk]), {"file": photo()})
    real = Entry.objects.get(book_id=home.pk, kind="evidence").says
    page = {**real, "type": "text/html", "name": "a\r\nX-Evil: 1"}
    entry = makers.write(home.pk, kind="evidence", says=page)
    nothing = makers.write(home.pk, kind="evidence", says={**page, "sha256": "0" * 64})

    answer = client.get(reverse("gap_evidence_file", args=[gap.pk, entry.number]))
    none = client.get(reverse("gap_evidence_file", args=[gap.pk, nothing.number]))

    assert (answer.status_code, none.status_code) == (200, 404)
    assert answer["Content-Type"] == "image/jpeg"
    assert "X-Evil" not in answer
