"""An import is undone after its figures were seen, for a reason, and others' work stays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import makers, people
from tests.exchange.sheets import identity, xlsx
from tests.exchange.test_import_pages import act, family, send
from yihu.book.models import Entry
from yihu.card.models import Household, Person
from yihu.exchange.kept import path_of
from yihu.exchange.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def address(upload: Upload) -> str:
    return f"/imports/{upload.pk}/undo/"


def two_imports(client) -> Upload:
    """The second changes a child's school; the first opened the family."""
    act(client, send(client, xlsx(family())), "columns", "write")
    return act(client, send(client, xlsx(family(school="七年级"))), "columns", "write")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_before_an_import_is_undone_its_figures_are_shown_and_nothing_is_written(client, language):
    client.force_login(people.chen())
    client.cookies["yihu_language"] = language
    upload = two_imports(client)
    before = Entry.objects.count()

    page = client.get(address(upload))

    found, text = page.context["found"], page.content.decode()
    assert (found.entries, found.homes, found.closes) == (1, 1, 0)
    assert ("还没有撤销" if language == "zh-hans" else "Nothing is undone yet") in text
    assert f'href="{address(upload)}"' in client.get(f"/imports/{upload.pk}/").content.decode()
    assert Entry.objects.count() == before


def test_undoing_says_how_much_and_keeps_the_reason_in_the_book(client):
    client.force_login(people.chen())
    upload = two_imports(client)

    page = client.post(address(upload), {"why": "表是去年的"}, follow=True).content.decode()

    assert "这次导入已撤销：1 条记录，1 户。" in page
    assert "表是去年的" in page
    entry = Entry.objects.get(kind="correction")
    assert "表是去年的" in entry.says["why"]
    book = client.get(reverse("household", args=[entry.book_id]), {"part": "book"})
    assert "表是去年的" in book.content.decode()
    assert client.get(address(upload)).status_code == 409


def test_without_a_reason_nothing_is_undone(client):
    client.force_login(people.chen())
    upload = two_imports(client)

    answer = client.post(address(upload), {"why": " "})

    upload.refresh_from_db()
    assert answer.status_code == 400
    assert "请写明理由" in answer.content.decode()
    assert (upload.state, Entry.objects.filter(kind="correction").count()) == ("written", 0)


def test_a_value_written_since_is_named_and_stays(client):
    client.force_login(people.chen())
    upload = two_imports(client)
    child = Person.objects.get(name="韦小")
    makers.write(child.household_id, says={"members": {str(child.pk): {"schooling": "junior_2"}}})

    page = client.get(address(upload))
    client.post(address(upload), {"why": "表是去年的"})

    assert page.context["found"].on_top == {child.household_id: {"person.schooling"}}
    assert "韦大" in page.content.decode()
    assert "在校生状况" in page.content.decode()
    child.refresh_from_db()
    assert child.facts["schooling"] == "junior_2"
    assert Entry.objects.filter(kind="correction").count() == 1


def test_a_household_the_import_opened_and_others_worked_on_is_left_whole(client):
    client.force_login(people.chen())
    upload = act(client, send(client, xlsx(family())), "columns", "write")
    home = Household.objects.get(code="4510220001")
    makers.write(home.pk, says={"household": {"power": True}})

    page = client.get(address(upload))
    answer = client.post(address(upload), {"why": "表是去年的"})

    assert (page.context["found"].entries, list(page.context["found"].kept)) == (0, [home.pk])
    assert answer.status_code == 409
    assert "1 户保留" in answer.content.decode()
    home.refresh_from_db()
    assert home.closed_on is None


def test_people_of_whom_others_wrote_since_keep_their_household_whole(client):
    client.force_login(people.chen())
    act(client, send(client, xlsx(family())), "columns", "write")
    lines = [*family(), [3, None, None, None, "45102200013", "韦新", identity("2012-05-01"), "之女",
                         "小学"]]  # fmt: skip
    upload = act(client, send(client, xlsx(lines)), "columns", "write")
    new = Person.objects.get(name="韦新")
    makers.write(new.household_id, says={"members": {str(new.pk): {"schooling": "primary"}}})

    found = client.get(address(upload)).context["found"]

    assert found.kept == {new.household_id: "book.no_such_person"}
    assert client.post(address(upload), {"why": "表是去年的"}).status_code == 409


def test_only_who_sent_a_file_undoes_it(client):
    client.force_login(people.chen())
    upload = two_imports(client)

    for other, status in ((people.bo(), 404), (people.mei(), 403), (people.dou(), 403)):
        client.force_login(other)
        assert client.get(address(upload)).status_code == status
        assert client.post(address(upload), {"why": "表是去年的"}).status_code == status

    assert not Entry.objects.filter(kind="correction").exists()


def test_a_sheet_nobody_wrote_is_thrown_away_with_its_file(client):
    client.force_login(people.chen())
    upload = act(client, send(client, xlsx(family(school="没有这种"))), "columns")
    throw = f"/imports/{upload.pk}/discard/"
    assert throw in client.get(f"/imports/{upload.pk}/").content.decode()
    assert path_of(upload.pk).exists()

    page = client.post(throw, follow=True).content.decode()

    assert "已丢弃，户册没有变动" in page
    assert not Upload.objects.filter(pk=upload.pk).exists()
    assert not path_of(upload.pk).exists()
    assert not list(path_of(upload.pk).parent.parent.rglob("*.*"))


def test_what_was_written_or_is_another_s_is_not_thrown_away(client):
    client.force_login(people.chen())
    upload = two_imports(client)
    throw = f"/imports/{upload.pk}/discard/"
    assert throw not in client.get(f"/imports/{upload.pk}/").content.decode()

    assert client.post(throw).status_code == 409
    client.force_login(people.worker("Fei", "county", makers.place("county")))
    assert client.post(throw).status_code == 404

    assert Upload.objects.filter(pk=upload.pk, state="written").exists()


def test_the_same_sheet_again_says_that_it_opens_again_what_undoing_closed(client):
    client.force_login(people.chen())
    first = act(client, send(client, xlsx(family())), "columns", "write")
    client.post(address(first), {"why": "表是去年的"})
    assert Household.objects.exclude(closed_on=None).exists()

    again = act(client, send(client, xlsx(family())), "columns")

    assert again.counts["reopened"] == 1
    page = client.get(f"/imports/{again.pk}/").content.decode()
    assert "恢复因撤销而关闭的户 1" in page
