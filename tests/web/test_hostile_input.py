"""What no form sends: figures that are none, ids of nothing, days at the ends of the calendar.

Nobody breaks a page with them, and nothing is written that a form would not have written.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import makers, people
from yihu.book.models import Entry
from yihu.card.models import Person
from yihu.exchange.models import Upload

pytestmark = pytest.mark.django_db

NO_NUMBERS = ["²", "9" * 5000, "-1", "zz", ""]


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


@pytest.fixture
def home():
    return makers.household({"name": "覃秀英", "birth": "1980-01-01"})


def living(home) -> str:
    return f"/households/{home.pk}/write/household/household_living/"


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("page", ["/compare/open/?after=", "/duplicates/?page="])
def test_a_page_of_no_number_is_the_first(client, page, number):
    client.force_login(people.bo())

    assert client.get(page + number).status_code == 200


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_what_no_number_names_is_not_there(client, home, number):
    bo = people.bo()
    client.force_login(bo)

    told = [
        client.post(f"/people/{bo.pk}/end-pairing/", {"pairing": number, "why": "w"}),
        client.post("/tokens/", {"name": "t", "days": number, "scope": "read"}),
        client.post("/ledger/views/", {"drop": number}),
        client.post("/compare/settle/", {"difference": number, "took": "ours", "why": "核过"}),
    ]

    assert [answer.status_code for answer in told] == [404, 400, 302, 409]


@pytest.mark.parametrize("person", ["abc", "00000000-0000-4000-8000-000000000000"])
def test_a_reason_about_nobody_is_that_of_the_household(client, home, person):
    client.force_login(people.mei())

    answer = client.get(f"/households/{home.pk}/why/exit_power/", {"person": person})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/households/?q=a%00", "/villages/%00/", "/ledger/?%00=1", "/account/login/?next=%00"],
)
def test_a_nul_in_an_address_is_refused(client, address):
    client.force_login(people.mei())

    assert client.get(address).status_code == 400


def test_an_address_that_only_takes_a_form_says_so(client, home):
    answer = client.get(f"/households/{home.pk}/raise/")
    program = client.get(f"/households/{home.pk}/raise/", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "只接收表单" in answer.content.decode()
    assert (program.status_code, program.content) == (405, b"")


def test_a_nul_in_a_form_is_refused_and_nothing_is_written(client, home):
    client.force_login(people.mei())
    before = Entry.objects.count()

    told = [
        client.post(f"/households/{home.pk}/raise/", {"title": "屋顶\0"}),
        client.post("/tokens/", {"name": "a\0", "days": "5", "scope": "read"}),
        client.post("/ledger/views/", {"name": "a\0"}),
    ]

    assert [answer.status_code for answer in told] == [400, 400, 400]
    assert Entry.objects.count() == before


def test_nobody_signs_in_with_a_nul(client):
    assert client.post("/account/login/", {"login": "a\0", "password": "b"}).status_code == 400


@pytest.mark.parametrize(
    ("on", "status"), [("0001-01-01", 200), ("2014-06-30", 200), ("9999-12-31", 400)]
)
def test_statistics_of_any_day_that_has_come_are_a_page(client, home, on, status):
    client.force_login(people.chen())

    assert client.get("/statistics/", {"on": on}).status_code == status


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet"])
def test_the_ledger_leaves_in_every_format(client, home, ending):
    client.force_login(people.chen())

    answer = client.get(f"/ledger/list.{ending}")

    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 100
    answer.close()


def test_a_sheet_of_no_day_is_refused(client):
    client.force_login(people.bo())
    sent = SimpleUploadedFile("a.csv", "姓名,户编号\n".encode())

    answer = client.post("/imports/", {"file": sent, "seen_on": "2020-02-30"})

    assert answer.status_code == 400
    assert "2020-02-30" in answer.content.decode()


@pytest.mark.parametrize("copy", ["abc", "9" * 5000, "-5", "99999999999999999999"])
def test_a_copy_that_is_no_number_knows_nothing(client, home, copy):
    client.force_login(people.mei())
    makers.write(home.pk, says={"household": {"power": True}})
    before = Entry.objects.count()

    answer = client.post(
        living(home), {"power": "false", "based_on": copy, "seen_on": "2020-10-01"}
    )

    assert answer.status_code == 409
    assert Entry.objects.count() == before


def test_a_copy_that_goes_further_than_the_book_hides_nothing(client, home):
    client.force_login(people.mei())
    makers.write(home.pk, says={"household": {"power": True}})

    answer = client.post(
        living(home), {"power": "false", "based_on": "9999", "seen_on": "2020-10-01"}
    )

    assert answer.status_code == 409


@pytest.mark.parametrize("source", ["", "comparison", "x" * 400])
def test_a_form_speaks_for_nobody_but_who_fills_it_in(client, home, source):
    client.force_login(people.mei())
    sent = {"power": "true", "based_on": "1", "seen_on": "2020-10-01", "source": source}

    assert client.post(living(home), sent).status_code == 302

    written = Entry.objects.filter(book_id=home.pk, kind="facts").latest("number")
    assert written.source == "desk"


def test_a_number_longer_than_any_is_refused_in_words(client, home):
    client.force_login(people.mei())
    page = f"/households/{home.pk}/write/household/household_basic/"

    answer = client.post(page, {"people": "9" * 5000, "based_on": "1", "seen_on": "2020-10-01"})

    assert answer.status_code == 400


def test_a_birth_sent_twice_is_one_child(client, home):
    client.force_login(people.mei())
    page = f"/households/{home.pk}/people/"
    form = str(client.get(page).context["entry"])
    child = {
        "did": "join", "on": "2020-10-01", "name": "覃小月", "why": "born", "entry": form,
        "birth": "2020-09-30",
    }  # fmt: skip

    client.post(page, child)
    again = client.post(page, child, follow=True)

    assert Person.objects.filter(name="覃小月").count() == 1
    assert "没有再写一次" in again.content.decode()


def test_nobody_moves_a_household_to_where_he_only_reads(client, home):
    """An inspector of the county who keeps one village."""
    there = makers.place("village", "451022108203", "隐秀村")
    mei = people.mei()
    mei.posts.create(role="inspector", place=makers.place("county"), since=date(2016, 1, 1))
    client.force_login(mei)

    answer = client.post(
        f"/households/{home.pk}/people/",
        {"did": "move", "on": "2020-10-01", "place": there.code, "why": "搬迁"},
    )

    assert answer.status_code == 403
    home.refresh_from_db()
    assert home.place_id != there.pk


@pytest.mark.parametrize("words", ["=1+1", "\n=1+1", "＝1+1", "＠SUM(A1)", "-1+1", "\t=1"])
def test_no_cell_of_a_list_is_run_by_a_spreadsheet(client, home, words):
    makers.write(home.pk, kind="visit", says={"words": words})
    client.force_login(people.mei())

    answer = client.post("/exports/", {"what": "visits", "ending": "csv"})

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["内容"] == f"'{words}"


def test_a_workbook_that_unpacks_to_a_thousand_times_its_size_is_not_opened(client):
    client.force_login(people.bo())
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", b"A" * (65 << 20))
    sent = SimpleUploadedFile("名单.xlsx", book.getvalue())

    answer = client.post("/imports/", {"file": sent})

    assert 400 <= answer.status_code < 500
    assert not Upload.objects.exists()


def test_a_refused_sheet_is_called_by_its_name_only(client):
    client.force_login(people.bo())
    sent = SimpleUploadedFile("名单.xlsx", b"PK\x03\x04 and nothing more")

    answer = client.post("/imports/", {"file": sent}).content.decode()

    assert "名单.xlsx" in answer
    assert tempfile.gettempdir() not in answer


def sent_with_length(client, address: str, length: int):
    """A form that says it is so long; none of it may be read."""
    body = f'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n{"A" * 999}'
    return client.generic(
        "POST", address, body, content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(length),
    )  # fmt: skip


def test_a_stranger_sends_no_more_than_a_sign_in_needs(client, settings):
    for address in ("/account/login/", "/imports/", "/no-such-page/"):
        answer = sent_with_length(client, address, settings.LARGEST_OF_STRANGERS + 1)
        assert answer.status_code == 413
        assert "超过 1 MB" in answer.content.decode()

    client.force_login(people.chen())
    known = sent_with_length(client, "/imports/", settings.LARGEST_BODY + 1)
    assert known.status_code == 413
    assert "超过 220 MB" in known.content.decode()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("value", ["1000000000", "9" * 400, "1e999"])
def test_a_line_that_is_tried_absurdly_high_is_refused_with_the_most_that_is(client, value):
    client.force_login(people.chen())

    answer = client.get("/rulebook/simulate/", {"line": "income", "value": value})

    text = answer.content.decode()
    assert answer.status_code == 400
    assert "最大可填 999,999,999" in text
    assert "元/人/年" in text
