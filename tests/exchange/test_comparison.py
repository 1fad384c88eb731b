"""A department's list beside the books: found, compared, settled, remembered, given back."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from tests import makers, people
from tests.exchange.sheets import identity, xlsx
from yihu.access.models import Worker
from yihu.book.models import Entry
from yihu.exchange.models import Difference, PossibleMatch, Settlement, Upload

pytestmark = pytest.mark.django_db

HEADINGS = ["序号", "姓名", "身份证号", "行政村", "在校生状况"]
CHILD = identity("2008-03-01", 2)


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def child():
    """A child whose book says he is in no school."""
    home = makers.household(
        {"name": "韦大", "birth": "1970-01-01"},
        {"name": "韦小", "birth": "2008-03-01", "identity": CHILD, "schooling": "none"},
    )
    return home.people.get(name="韦小")


def education(name="Jia"):
    """Somebody of the education office of the county."""
    return people.worker(name, "department", makers.place("county"), department="education")


def dry_run(client, *lines, department="education"):
    """Send a list and have it compared; nothing of it is confirmed."""
    content = xlsx([["学籍名单"], HEADINGS, *lines])
    form = {"file": SimpleUploadedFile("学籍.xlsx", content), "department": department}
    answer = client.post("/compare/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert client.post(f"{answer.url}columns/", {}).status_code == 302
    upload = Upload.objects.get(pk=answer.url.split("/")[2])
    assert upload.state == "read", upload.problem
    return upload


def compare(client, *lines, department="education", by=None):
    """Send a list, have it compared and confirm it. by: whose it is then; else a colleague's."""
    upload = dry_run(client, *lines, department=department)
    assert client.post(f"/compare/{upload.pk}/confirm/").status_code == 302
    upload.refresh_from_db()
    assert upload.state == "written", upload.problem
    # Whoever sent a list does not settle it to what it says.
    upload.by = by or Worker.objects.filter(username="lan").first() or education("Lan")
    upload.save(update_fields=["by"])
    return upload


def settle(client, difference, took, why="查了学籍系统", **more):
    form = {"difference": [difference.pk], "took": took, "why": why, **more}
    return client.post("/compare/settle/", form)


def row(name="韦小", number=CHILD, school="七年级"):
    return [1, name, number, "village 451022100201", school]


def test_a_difference_is_settled_to_the_departments_value_with_both_in_the_book(client, child):
    client.force_login(education())
    upload = compare(client, row())
    (difference,) = Difference.objects.filter(upload=upload)
    assert (difference.who, difference.ours, difference.theirs) == ("韦小", "none", "junior_1")

    assert settle(client, difference, "theirs").status_code == 302

    child.refresh_from_db()
    entry = Entry.objects.get(kind="comparison")
    assert child.facts["schooling"] == "junior_1"
    assert entry.says["ours"] == {"person.schooling": "none"}
    assert entry.says["theirs"] == {"person.schooling": "junior_1"}
    assert entry.says["why"] == "查了学籍系统"
    assert entry.batch is not None
    assert entry.batch.what == "settlement"


@pytest.mark.parametrize("took", ["theirs", "other"])
def test_a_department_does_not_settle_its_own_list_to_what_it_says(client, child, took):
    sender = education()
    client.force_login(sender)
    difference = Difference.objects.get(upload=compare(client, row(), by=sender))

    answer = settle(client, difference, took, other="小学")

    difference.refresh_from_db()
    child.refresh_from_db()
    assert answer.status_code == 403
    assert "这份名单是您自己导入的" in answer.content.decode()
    assert (difference.state, child.facts["schooling"]) == ("open", "none")
    assert settle(client, difference, "ours", "已辍学，家访核实").status_code == 302


def test_who_may_write_in_the_books_settles_a_list_he_sent(client, child):
    chen = people.chen()
    client.force_login(chen)
    difference = Difference.objects.get(upload=compare(client, row(), by=chen))

    assert settle(client, difference, "theirs").status_code == 302


def test_what_was_settled_is_not_asked_again_until_a_value_moves(client, child):
    client.force_login(education())
    upload = compare(client, row())
    settle(client, Difference.objects.get(upload=upload), "ours", "已辍学，家访核实")

    again = compare(client, row())

    assert again.counts["settled"] == 1
    assert not Difference.objects.filter(upload=again).exists()

    moved = compare(client, row(school="八年级"))

    assert Difference.objects.get(upload=moved).theirs == "junior_2"

    says = {"members": {str(child.pk): {"schooling": "primary"}}}
    makers.write(child.household_id, says=says)
    ours_moved = compare(client, row())

    assert Difference.objects.get(upload=ours_moved).ours == "primary"


def test_a_third_value_may_hold(client, child):
    client.force_login(education())
    upload = compare(client, row())

    settle(client, Difference.objects.get(upload=upload), "other", other="小学")

    child.refresh_from_db()
    assert child.facts["schooling"] == "primary"
    assert compare(client, row()).counts.get("different", 0) == 0


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"took": "ours", "why": " "}, 400, "请写明理由"),
        ({"took": "", "why": "查了"}, 400, "以哪一个值为准"),
        ({"took": "other", "why": "查了", "other": "火星学校"}, 400, "不在代码表"),
    ],
)
def test_a_settlement_that_says_too_little_writes_nothing(client, child, form, status, said):
    client.force_login(education())
    difference = Difference.objects.get(upload=compare(client, row()))
    before = Entry.objects.count()

    answer = client.post("/compare/settle/", {"difference": [difference.pk], **form})

    assert answer.status_code == status
    assert said in answer.content.decode()
    assert Entry.objects.count() == before
    assert not Settlement.objects.exists()


def test_a_book_that_moved_meanwhile_is_not_settled_over(client, child):
    client.force_login(education())
    difference = Difference.objects.get(upload=compare(client, row()))
    says = {"members": {str(child.pk): {"schooling": "primary"}}}
    makers.write(child.household_id, says=says)

    answer = settle(client, difference, "theirs")

    assert answer.status_code == 409
    child.refresh_from_db()
    assert child.facts["schooling"] == "primary"


def test_without_a_number_a_person_decides_who_is_meant_once(client, child):
    client.force_login(education())
    line = row(name="韦晓", number=None)
    upload = compare(client, line)
    (possible,) = PossibleMatch.objects.filter(upload=upload)
    assert possible.person_id == child.pk

    client.post(f"/compare/match/{possible.pk}/", {"same": "1"})

    again = compare(client, line)
    assert again.counts["by_likeness"] == 1
    assert {d.fact: d.theirs for d in Difference.objects.filter(upload=again)} == {
        "person.name": "韦晓",
        "person.schooling": "junior_1",
    }


def test_the_department_gets_its_own_errors_back(client, child):
    client.force_login(education())
    upload = compare(client, row(), row(name="无此人", number=identity("1999-01-01", 9)))
    settle(client, Difference.objects.get(upload=upload), "ours", "已辍学，家访核实")

    answer = client.get(f"/compare/{upload.pk}/errors/")

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    *_, head, first, second = book.get_sheet_by_index(0).to_python()
    assert head == [*HEADINGS, "退回原因"]
    assert "以户册为准" in str(first[5])
    assert "已辍学，家访核实" in str(first[5])
    assert "没有查到此人" in str(second[5])


def test_a_list_that_says_again_what_did_not_hold_gets_it_back_again(client, child):
    client.force_login(education())
    first = Difference.objects.get(upload=compare(client, row()))
    page = client.post(
        "/compare/settle/",
        {"difference": [first.pk], "took": "ours", "why": "已辍学，家访核实"},
        follow=True,
    )
    assert "已核定 1 条，不再重问" in page.content.decode()
    again = compare(client, row())
    assert again.counts["refused"] == 1

    answer = client.get(f"/compare/{again.pk}/errors/")

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    *_, line = book.get_sheet_by_index(0).to_python()
    assert line[5] == (f"在校生状况：{makers.TODAY} 已核定，这个值不成立（已辍学，家访核实）")


def test_what_the_book_does_not_say_is_told_from_what_it_says_otherwise(client, child):
    client.force_login(education())
    other = identity("2009-03-01", 4)
    makers.household({"name": "覃小", "birth": "2009-03-01", "identity": other})
    upload = compare(client, row(), row("覃小", other))

    pages = [client.get(f"/compare/{upload.pk}/?blank={blank}").content.decode() for blank in "10"]

    assert ["覃小</a>" in page for page in pages] == [True, False]
    assert ["韦小</a>" in page for page in pages] == [False, True]


def test_settling_nothing_says_so(client, child):
    client.force_login(education())

    answer = client.post("/compare/settle/", {"took": "theirs", "why": "查了"})

    assert answer.status_code == 400
    assert "没有选中任何一条" in answer.content.decode()


def test_departments_see_their_own_lists_and_nobody_elses(client, child):
    client.force_login(education())
    upload = compare(client, row())
    difference = Difference.objects.get(upload=upload)
    address = f"/compare/{upload.pk}/"
    bank = people.worker("Yi", "department", makers.place("county"), department="medical")

    for worker, status in (
        (bank, 404),
        (people.bo(), 404),
        (people.mei(), 403),
        (people.dou(), 403),
    ):
        client.force_login(worker)
        for end in ("", "errors/"):
            answer = client.get(address + end)
            assert answer.status_code == status
            assert "韦" not in answer.content.decode()
        if worker.name != "Bo":  # the child lives in his township
            assert settle(client, difference, "theirs").status_code in (403, 409)
        if status == 404:
            assert "学籍" not in client.get("/compare/").content.decode()

    client.force_login(bank)
    form = {
        "file": SimpleUploadedFile("x.xlsx", xlsx([HEADINGS, row()])),
        "department": "education",
    }
    assert client.post("/compare/", form).status_code == 400

    client.force_login(people.chen())
    assert "韦小" in client.get(address).content.decode()


def test_a_township_settles_what_a_countys_list_says_of_its_people(client, child):
    client.force_login(education())
    difference = Difference.objects.get(upload=compare(client, row()))

    client.force_login(people.bo())
    assert "韦小" in client.get("/compare/open/").content.decode()
    assert settle(client, difference, "theirs", next="/compare/open/").url == "/compare/open/"

    assert "韦小" not in client.get("/compare/open/").content.decode()
    client.force_login(people.dou())
    assert client.get("/compare/open/").status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_speak_both_languages(client, child, language):
    client.force_login(education())
    client.cookies["yihu_language"] = language
    upload = compare(client, row(), row(name="韦晓", number=None))

    page = client.get(f"/compare/{upload.pk}/").content.decode()

    assert ("Settle the chosen" if language == "en" else "核定所选") in page
    assert CHILD not in page
    settle(client, Difference.objects.filter(upload=upload).first(), "theirs")
    page = client.get(f"/compare/{upload.pk}/?state=settled").content.decode()
    assert ("the department holds" if language == "en" else "以部门为准") in page
    assert client.get("/compare/").status_code == 200


def test_a_refused_settlement_comes_back_with_what_was_ticked_and_typed(client, child):
    client.force_login(education())
    upload = compare(client, row())
    difference = Difference.objects.get(upload=upload)
    page = f"/compare/{upload.pk}/?state=open"

    answer = settle(client, difference, "other", "查了学籍系统", other="飞", next=page)

    text = answer.content.decode()
    assert answer.status_code == 400
    assert answer.context["sent_back"].refused in text
    assert 'name="why" value="查了学籍系统"' in text
    assert 'name="other" value="飞"' in text
    assert '<option value="other" selected>' in text
    assert text.count(" checked>") == 1
    assert f'name="next" value="{page}"' in text
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("page", ["/compare/open/", "/ledger/", "/nowhere/"])
def test_nothing_ticked_is_refused_on_the_page_it_was_sent_from(client, child, page):
    client.force_login(education())
    compare(client, row())
    form = {"took": "ours", "why": "已辍学，家访核实", "next": page}

    answer = client.post("/compare/settle/", form)

    assert answer.status_code == 400
    assert "已辍学，家访核实" in answer.content.decode()
    assert client.get("/compare/settle/").status_code == 302


@pytest.mark.parametrize("address", ["/compare/", "/imports/"])
def test_a_refused_file_leaves_the_rest_of_its_form(client, address):
    client.force_login(people.chen())
    file = SimpleUploadedFile("学籍.xlsx", b"none")
    form = {"file": file, "department": "education", "seen_on": "2020-08-03", "opens": "1"}

    answer = client.post(address, form)

    text = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="2020-08-03"' in text
    assert "文件要重新选择" in text
    if address == "/compare/":
        assert '<option value="education" selected>' in text
    else:
        assert 'name="opens" value="1" checked>' in text
    assert not Upload.objects.exists()


def test_refused_columns_come_back_as_they_were_typed(client, child):
    client.force_login(education())
    content = xlsx([["学籍名单"], HEADINGS, row()])
    form = {"file": SimpleUploadedFile("学籍.xlsx", content), "department": "education"}
    address = client.post("/compare/", form).url

    answer = client.post(f"{address}columns/", {"column-1": "姓名", "column-4": "不知是何"})

    text = answer.content.decode()
    assert answer.status_code == 400
    assert answer.context["refused"] in text
    assert 'value="不知是何"' in text
