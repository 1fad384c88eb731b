"""A department's list is tried out before it makes work, and can be withdrawn whole."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests import makers, people
from tests.exchange.sheets import csv, identity, xlsx
from tests.exchange.test_comparison import CHILD, HEADINGS, compare, dry_run, education, row, settle
from yihu.access.models import Reading
from yihu.book.models import Entry
from yihu.exchange.kept import path_of
from yihu.exchange.models import Difference, PossibleMatch, Upload
from yihu.ledger.models import Gap

pytestmark = pytest.mark.django_db
OTHER = identity("2009-03-01", 4)


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def child():
    """A child whose book says he is in no school, and another of whose school it says nothing."""
    home = makers.household(
        {"name": "韦大", "birth": "1970-01-01"},
        {"name": "韦小", "birth": "2008-03-01", "identity": CHILD, "schooling": "none"},
        {"name": "韦二妹", "birth": "2009-03-01", "identity": OTHER},
    )
    return home.people.get(name="韦小")


def withdraw(client, upload, why="传错了名单"):
    return client.post(f"/compare/{upload.pk}/withdraw/", {"why": why})


def dispute() -> Gap:
    return Gap.objects.get(origin="difference")


def test_a_dry_run_counts_and_shows_and_writes_nothing(client, child):
    client.force_login(education())
    before = Entry.objects.count()

    upload = dry_run(
        client, row(), row(school="八年级"), row("韦二妹", OTHER), row("韦晓", None),
        row("无此人", identity("1999-01-01", 9)),
    )  # fmt: skip

    counts = upload.counts
    assert (counts["rows"], counts["by_number"], counts["doubled"]) == (5, 3, 1)
    assert (counts["unmatched"], counts["unsure"], counts["refused"]) == (1, 1, 2)
    assert counts["compared"]["person.schooling"] == [1, 1, 0]
    assert (counts["different"], counts["blank"]) == (2, 1)
    assert Entry.objects.count() == before
    assert not Difference.objects.exists()
    assert not PossibleMatch.objects.exists()
    assert not Gap.objects.filter(origin="difference").exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_a_dry_run_shows_both_values_and_what_is_refused(client, child, language):
    client.force_login(education())
    client.cookies["yihu_language"] = language
    upload = dry_run(client, row(), row(school="八年级"), row("韦二妹", OTHER))

    pages = {
        kind: client.get(f"/compare/{upload.pk}/?tab={kind}").content.decode()
        for kind in ("different", "blank", "doubled", "refused")
    }

    one, both = pages["different"], ("七年级", "junior secondary, year 1")
    assert ("还没有写入任何内容" if language == "zh-hans" else "nothing is written yet") in one
    assert "韦小" in one
    assert any(word in one for word in both)
    assert "韦二妹" in pages["blank"]
    assert "韦小" in pages["doubled"]
    said = "第 1 行也说到" if language == "zh-hans" else "is about the same person"
    assert said.replace("1", str(upload.samples["doubled"][0]["row"] - 1)) in pages["refused"]
    assert CHILD not in "".join(pages.values())
    assert f"/compare/{upload.pk}/confirm/" in one


def test_confirming_keeps_what_was_shown_and_says_how_many(client, child):
    client.force_login(education())
    upload = dry_run(client, row(), row("韦二妹", OTHER))

    answer = client.post(f"/compare/{upload.pk}/confirm/", follow=True)

    assert "已确认：2 条差异待核定" in answer.content.decode()
    assert Difference.objects.filter(state="open").count() == 2
    assert Gap.objects.filter(origin="difference", state="open").count() == 2
    entry = Entry.objects.filter(kind="gap", says__origin="difference").first()
    assert entry is not None
    assert entry.batch is not None
    assert (entry.batch.what, entry.batch.says["upload"]) == ("list", str(upload.pk))


def test_books_that_moved_since_the_dry_run_are_not_confirmed_over(client, child):
    client.force_login(education())
    upload = dry_run(client, row())
    makers.write(child.household_id, says={"members": {str(child.pk): {"schooling": "primary"}}})

    client.post(f"/compare/{upload.pk}/confirm/")

    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "预演之后户册" in client.get(f"/compare/{upload.pk}/").content.decode()
    assert not Difference.objects.exists()


def test_only_who_sent_a_list_confirms_it(client, child):
    client.force_login(education())
    upload = dry_run(client, row())

    for other, status in ((people.chen(), 404), (people.bo(), 404), (people.dou(), 403)):
        client.force_login(other)
        assert client.post(f"/compare/{upload.pk}/confirm/").status_code == status

    assert not Difference.objects.exists()


def test_withdrawing_closes_what_is_open_with_the_reason_and_is_logged(client, child):
    jia = education()
    client.force_login(jia)
    upload = compare(client, row(), row("韦二妹", OTHER), by=jia)
    page = client.get(f"/compare/{upload.pk}/withdraw/").content.decode()
    assert "还没有撤回" in page
    assert Difference.objects.filter(state="open").count() == 2

    answer = client.post(f"/compare/{upload.pk}/withdraw/", {"why": "传成了去年的"}, follow=True)

    assert "名单已撤回：2 条" in answer.content.decode()
    assert "传成了去年的" in answer.content.decode()
    assert set(Difference.objects.values_list("state", flat=True)) == {"withdrawn"}
    gap = Gap.objects.filter(origin="difference").first()
    assert gap is not None
    assert gap.state == "cleared"
    history = client.get(reverse("gap", args=[gap.pk])).content.decode()
    assert "名单已撤回" in history
    assert "传成了去年的" in history
    log = Reading.objects.get(what="withdrew")
    assert (log.worker, log.rows, "传成了去年的" in log.why) == (jia, 2, True)
    client.force_login(people.worker("Shen", "auditor", makers.place("county")))
    assert "撤回部门名单" in client.get("/administration/readings/").content.decode()


def test_what_was_settled_from_a_withdrawn_list_stays(client, child):
    client.force_login(education())
    upload = compare(client, row(), row("韦二妹", OTHER))
    settle(client, Difference.objects.get(who="韦小"), "theirs")

    withdraw(client, upload)

    child.refresh_from_db()
    assert child.facts["schooling"] == "junior_1"
    assert Difference.objects.get(who="韦小").state == "settled"
    assert Difference.objects.get(who="韦二妹").state == "withdrawn"


@pytest.mark.parametrize("why", ["", " ", "错"])
def test_a_withdrawal_without_a_reason_changes_nothing(client, child, why):
    client.force_login(education())
    upload = compare(client, row())

    answer = withdraw(client, upload, why)

    upload.refresh_from_db()
    assert answer.status_code == 400
    assert "请写明理由" in answer.content.decode()
    assert (upload.state, dispute().state) == ("written", "open")
    assert not Reading.objects.filter(what="withdrew").exists()


def test_a_withdrawn_list_gives_back_what_it_took_over_of_one_before(client, child):
    client.force_login(education())
    first = compare(client, row())
    wrong = compare(client, row(school="八年级"))
    assert Difference.objects.get(upload=first).state == "gone"

    withdraw(client, wrong, "不是这个学年的")

    again = Difference.objects.get(upload=first)
    assert (again.state, again.theirs, dispute().state) == ("open", "junior_1", "open")
    settle(client, again, "theirs")
    assert dispute().state == "cleared"


def test_a_list_that_wrongly_agreed_opens_again_what_it_closed(client, child):
    client.force_login(education())
    compare(client, row())
    wrong = compare(client, row(school="非在校生"))
    assert dispute().state == "cleared"

    withdraw(client, wrong)

    assert dispute().state == "open"
    assert Difference.objects.get(state="open").theirs == "junior_1"


def test_who_may_load_such_lists_withdraws_one_and_others_do_not(client, child):
    client.force_login(education())
    upload = compare(client, row())
    bank = people.worker("Yi", "department", makers.place("county"), department="medical")

    for other, status in ((bank, 404), (people.bo(), 404), (people.mei(), 403)):
        client.force_login(other)
        assert withdraw(client, upload).status_code == status
    assert dispute().state == "open"

    client.force_login(people.chen())
    assert withdraw(client, upload).status_code == 302
    assert dispute().state == "cleared"
    assert withdraw(client, upload).status_code == 409


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "名单已丢弃"), ("en", "thrown away")])
def test_a_list_never_confirmed_is_thrown_away_by_who_sent_it(client, child, language, said):
    client.force_login(education())
    upload = dry_run(client, row())
    before = Entry.objects.count()
    client.cookies["yihu_language"] = language
    for other, status in ((people.chen(), 404), (people.bo(), 404), (people.mei(), 403)):
        client.force_login(other)
        assert withdraw(client, upload).status_code == status
    client.force_login(upload.by)
    assert "/withdraw/" in client.get(f"/compare/{upload.pk}/").content.decode()
    assert withdraw(client, upload, "").status_code == 400

    answer = client.post(f"/compare/{upload.pk}/withdraw/", {"why": "传错了名单"}, follow=True)

    upload.refresh_from_db()
    page = answer.content.decode()
    assert said in page
    assert "传错了名单" in page
    assert (upload.state, upload.batch) == ("undone", None)
    assert path_of(upload.pk).exists()
    assert Entry.objects.count() == before
    assert not Gap.objects.filter(origin="difference").exists()
    assert "传错了名单" in Reading.objects.get(what="withdrew").why
    assert client.post(f"/compare/{upload.pk}/confirm/").status_code == 409
    assert withdraw(client, upload).status_code == 409


def test_a_list_whose_headings_nobody_looked_at_is_thrown_away_too(client, child):
    client.force_login(education())
    content = xlsx([["学籍名单"], HEADINGS, row()])
    form = {"file": SimpleUploadedFile("学籍.xlsx", content), "department": "education"}
    address = client.post("/compare/", form).url

    assert client.post(f"{address}withdraw/", {"why": "传错了名单"}).status_code == 302

    assert Upload.objects.get().state == "undone"


def test_a_number_no_document_has_is_told_in_the_departments_error_list(client, child):
    client.force_login(education())
    last = "0" if CHILD[-1] != "0" else "1"
    upload = dry_run(
        client, row("韦小", CHILD[:-1] + last), row("无此人", "451022190013994321"), row()
    )

    answer = client.get(f"/compare/{upload.pk}/errors/")

    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    first, second = (str(line[5]) for line in book.get_sheet_by_index(0).to_python()[2:4])
    for told in (first, second):
        assert "不是身份证号" in told
        assert "校验码" in told
        assert CHILD[:-1] not in told
    assert "没有查到此人" in second
    assert upload.counts["refused"] == 2


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "太早"), ("en", "too long ago")])
def test_a_list_of_a_day_long_gone_is_not_taken(client, child, language, said):
    client.force_login(education())
    client.cookies["yihu_language"] = language
    content = xlsx([["学籍名单"], HEADINGS, row()])
    file = SimpleUploadedFile("学籍.xlsx", content)
    form = {"file": file, "department": "education", "seen_on": "1900-01-01"}

    answer = client.post("/compare/", form)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "1900-01-01" in page
    assert not Upload.objects.exists()


def test_which_value_holds_is_chosen_by_a_person_and_not_by_the_form(client, child):
    client.force_login(education())
    upload = compare(client, row())

    page = client.get(f"/compare/{upload.pk}/").content.decode()

    assert '<select class="form-select" name="took" required><option value="">' in page
    assert '<option value="theirs">' in page
    difference = Difference.objects.get(upload=upload)
    answer = settle(client, difference, "")
    assert (answer.status_code, Difference.objects.get().state) == (400, "open")
    assert "请选定以哪一个值为准" in answer.content.decode()


@pytest.mark.parametrize("address", ["/compare/", "/imports/"])
@pytest.mark.parametrize(("language", "said"), [("zh-hans", "3,005 列"), ("en", "3,005 columns")])
def test_more_columns_than_anybody_could_name_are_refused_at_once(
    client, child, address, language, said
):
    client.force_login(people.chen())
    client.cookies["yihu_language"] = language
    wide = csv([[*HEADINGS, *(f"列{n}" for n in range(3000))], [*row(), *[1] * 3000]])
    form = {"file": SimpleUploadedFile("宽.csv", wide), "department": "education"}

    answer = client.post(address, form)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "500" in page
    assert not Upload.objects.exists()
