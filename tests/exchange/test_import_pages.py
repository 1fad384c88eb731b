"""From a sheet to the books and back, over the pages people use."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import makers, people
from tests.exchange.sheets import FORM_A, identity, xlsx
from yihu.book.models import Entry
from yihu.card.models import Household, Person
from yihu.exchange.kept import path_of
from yihu.exchange.models import Upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def family(**other):
    """Lines of a household of two in form A, below a title."""
    village = makers.place("village")
    head = [1, village.parent.name, village.name, "4510220001", "45102200011", "韦 大"]
    child = [2, None, None, None, "45102200012", other.get("child", "韦小")]
    return [
        ["某县建档立卡贫困人口表"],
        FORM_A,
        [*head, identity("1970-01-01"), "户主", None],
        [*child, identity("2008-03-01", 2), "之子", other.get("school", "小学")],
    ]


def send(client, content, name="人口.xlsx", **form):
    """Send a file as a page does; the upload."""
    file = SimpleUploadedFile(name, content)
    answer = client.post("/imports/", {"file": file, "opens": "1", **form})
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.order_by("at", "pk").get(pk=answer.url.split("/")[2])


def act(client, upload, *acts):
    """Press the buttons of the page, one after the other; the upload after."""
    for each in acts:
        answer = client.post(f"/imports/{upload.pk}/{each}/", {"why": "传错了表"})
        assert answer.status_code == 302, answer.content.decode()
    upload.refresh_from_db()
    return upload


def test_a_sheet_opens_a_family_and_the_same_sheet_writes_nothing(client):
    client.force_login(people.chen())

    upload = act(client, send(client, xlsx(family())), "columns", "write")

    home = Household.objects.get(code="4510220001")
    head, child = home.people.all()
    assert (home.head_name, home.size, head.name) == ("韦大", 2, "韦大")
    assert child.facts["schooling"] == "primary"
    assert str(child.birth) == "2008-03-01"
    assert (upload.state, upload.counts["new"], upload.counts["opened"]) == ("written", 2, 1)
    before = Entry.objects.count()

    again = act(client, send(client, xlsx(family())), "columns")

    assert (again.counts["unchanged"], again.counts["entries"]) == (2, 0)
    assert act(client, again, "write").state == "written"
    assert Entry.objects.count() == before


def test_only_what_changed_is_written_and_undone(client):
    client.force_login(people.chen())
    act(client, send(client, xlsx(family())), "columns", "write")

    upload = act(client, send(client, xlsx(family(school="七年级"))), "columns")

    (change,) = upload.samples["changed"]
    shown = ("row", "who", "fact", "before", "after")
    assert [change[key] for key in shown] == [4, "韦小", "person.schooling", "primary", "junior_1"]
    act(client, upload, "write")
    (entry,) = Entry.objects.filter(batch=upload.batch)
    child = Person.objects.get(name="韦小")
    assert entry.kind == "import"
    assert entry.says["members"] == {str(child.pk): {"schooling": "junior_1"}}
    assert "household" not in entry.says

    act(client, upload, "undo")

    child.refresh_from_db()
    assert child.facts["schooling"] == "primary"
    assert Entry.objects.get(book=entry.book_id, kind="correction").undoes == entry.number


def test_an_import_that_opened_a_household_closes_it_when_undone_and_may_open_it_again(client):
    client.force_login(people.chen())
    upload = act(client, send(client, xlsx(family())), "columns", "write", "undo")
    assert upload.state == "undone"
    assert Household.objects.get(code="4510220001").closed_on == makers.TODAY

    act(client, send(client, xlsx(family())), "columns", "write")

    assert Household.objects.get(code="4510220001").closed_on is None


def test_a_mapping_is_remembered_for_the_next_file_of_the_same_shape(client):
    client.force_login(people.chen())
    lines = family()
    lines[1] = [*FORM_A[:8], "念书情况"]
    first = send(client, xlsx(lines))
    assert "8" not in first.columns
    client.post(f"/imports/{first.pk}/columns/", {"column-8": "person.schooling"})

    second = send(client, xlsx(lines))

    assert second.columns["8"] == "person.schooling"
    assert second.wishes["remembered"]


def test_what_was_shown_is_what_is_written_or_nothing_is(client):
    client.force_login(people.chen())
    act(client, send(client, xlsx(family())), "columns", "write")
    upload = act(client, send(client, xlsx(family(school="七年级"))), "columns")
    child = Person.objects.get(name="韦小")
    says = {"members": {str(child.pk): {"schooling": "junior_2"}}}
    makers.write(child.household_id, says=says)
    before = Entry.objects.count()

    act(client, upload, "write")

    assert upload.state == "failed"
    assert "重新试算" in upload.problem["zh"]
    assert Entry.objects.count() == before


def test_a_kept_file_cannot_be_read_from_the_disk(client):
    client.force_login(people.chen())
    content = xlsx(family())

    upload = send(client, content)

    kept = path_of(upload.pk).read_bytes()
    assert content[:200] not in kept
    assert b"PK\x03\x04" not in kept


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("人口.pdf", b"%PDF-1.4", "不是可以导入的表格"),
        ("人口.xlsx", b"<html>", "网页（HTML）"),
        ("人口.csv", b"PK\x03\x04zip", "不是可以导入的表格"),
        ("别的表.xlsx", xlsx([["月份", "雨量"], [1, 2]]), "没有找到表头"),
        ("人口.xlsx", b"", "是空文件"),
        ("人口.xlsx", b"PK\x03\x04", "末尾缺失，多半没有复制完"),
    ],
)
def test_what_is_no_sheet_is_refused_and_leaves_nothing(client, name, content, said):
    client.force_login(people.chen())

    answer = client.post("/imports/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Upload.objects.exists()


def test_who_may_not_take_in_sheets_sees_none_of_it(client):
    client.force_login(people.chen())
    upload = act(client, send(client, xlsx(family())), "columns")
    addresses = [f"/imports/{upload.pk}/{end}" for end in ("", "progress/", "returned/")]

    for worker in (people.mei(), people.dou()):
        client.force_login(worker)
        for address in ("/imports/", *addresses):
            assert client.get(address).status_code == 403
        for end in ("columns", "write", "undo"):
            assert client.post(f"/imports/{upload.pk}/{end}/").status_code == 403

    client.force_login(people.bo())
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 404
        assert "韦" not in answer.content.decode()


def test_a_township_opens_nobody_outside_itself(client):
    makers.place("village", code="451022200201")
    village = makers.place("village", code="451022200201")
    lines = family()
    lines[2][1:3] = [village.parent.name, village.name]
    client.force_login(people.bo())

    upload = act(client, send(client, xlsx(lines)), "columns")

    assert upload.counts["refused"] == 2
    assert "找不到行政村" in upload.samples["refused"][0]["zh"]


def test_a_household_elsewhere_looks_like_one_that_does_not_exist(client):
    client.force_login(people.chen())
    village = makers.place("village", code="451022200201")
    lines = family()
    lines[2][1:3] = [village.parent.name, village.name]
    act(client, send(client, xlsx(lines)), "columns", "write")

    client.force_login(people.bo())
    upload = act(client, send(client, xlsx(family(school="七年级"))), "columns")

    assert upload.counts["refused"] == 2
    assert {row["zh"] for row in upload.samples["refused"]} == {
        "您的范围内没有这一户（户编号 4510220001）"
    }


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_state_of_an_upload_has_its_page(client, language):
    client.force_login(people.chen())
    client.cookies["yihu_language"] = language
    upload = send(client, xlsx(family(school="x")))

    for each in ((), ("columns",), ("write",), ("undo",)):
        act(client, upload, *each)
        for tab in ("changed", "new", "refused", "unchanged"):
            page = client.get(f"/imports/{upload.pk}/?tab={tab}")
            assert page.status_code == 200
    assert ("Refused" if language == "en" else "退回") in page.content.decode()
    assert upload.name in client.get("/imports/").content.decode()


@pytest.mark.parametrize("opens", ["1", ""])
def test_a_row_without_a_name_says_that_the_name_is_blank(client, opens):
    client.force_login(people.chen())
    act(client, send(client, xlsx(family())), "columns", "write")
    line = [3, None, None, None, "45102200019", None, None, "之女", "小学"]

    upload = act(client, send(client, xlsx([*family(), line]), opens=opens), "columns")

    (refused,) = upload.samples["refused"]
    assert refused["zh"] == "姓名是空的，也没有能对上的证件号码或人编号；请填写姓名"
    assert refused["en"].startswith("the name is blank")
