"""A department's list is tried out before it makes work, and can be withdrawn whole."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import makers, people
from tests.exchange.sheets import identity
from tests.exchange.test_comparison import CHILD, compare, dry_run, education, row, settle
from yihu.access.models import Reading
from yihu.book.models import Entry
from yihu.exchange.models import Difference, PossibleMatch
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


def test_a_dry_run_alone_has_nothing_to_withdraw(client, child):
    client.force_login(education())
    upload = dry_run(client, row())

    assert withdraw(client, upload).status_code == 409
    assert "/withdraw/" not in client.get(f"/compare/{upload.pk}/").content.decode()
