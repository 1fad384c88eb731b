"""Notices and meetings: who is written to, who read, who comes and who came."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.loop import this_moment
from yihu.sync.models import Attendance, Notice, NoticeRead
from yihu.sync.notices import publish

pytestmark = pytest.mark.django_db
ASKED = {"place": "451022", "to": "helpers", "title": "收官战冲刺大会", "words": "县四家班子参加"}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


def meeting(by, at="county", **other) -> Notice:
    """A meeting at an hour to come; move_back lets it have begun."""
    moment = this_moment()
    return publish(
        title="冲刺大会", words="都来", place=makers.place(at), by=by, at=moment,
        meets_at=moment.now + timedelta(hours=1), meets_where="县会堂", **other,
    )  # fmt: skip


def move_back(notice: Notice) -> None:
    Notice.objects.update(meets_at=this_moment().now - timedelta(hours=1))
    notice.refresh_from_db()


def test_the_county_writes_and_a_helper_reads_it_where_his_day_begins():
    gu, mei = helper("Gu"), people.mei()
    chen = signed_in(people.chen())

    sent = chen.post("/notices/new/", {**ASKED, "asks_receipt": "1"})
    first = signed_in(gu).get("/").content.decode()
    done = signed_in(gu).post(f"{sent['Location']}answer/", {"back": "today"})

    assert (sent.status_code, done.status_code) == (302, 302)
    assert "县四家班子参加" in first
    assert "县四家班子参加" not in signed_in(gu).get("/").content.decode()
    assert "县四家班子参加" not in signed_in(mei).get("/notices/").content.decode()
    assert NoticeRead.objects.get().worker == gu


def test_what_was_refused_comes_back_as_it_was_typed_and_nothing_is_sent():
    chen = signed_in(people.chen())

    answer = chen.post("/notices/new/", {**ASKED, "meets_where": "县会堂", "title": "<b>冲刺"})

    assert answer.status_code == 400
    page = answer.content.decode()
    assert all(words in page for words in ("同时写明时间和地点", "县四家班子参加", "&lt;b&gt;冲刺"))
    assert not Notice.objects.exists()


@pytest.mark.parametrize("who", ["mei", "dou"])
def test_who_may_not_write_notices_writes_none(who):
    client = signed_in(getattr(people, who)())

    codes = {client.get("/notices/new/").status_code,
             client.post("/notices/new/", ASKED).status_code}  # fmt: skip

    assert codes == {403}
    assert not Notice.objects.exists()


def test_a_township_writes_to_no_other_place():
    people.chen()
    bo = signed_in(people.bo())

    answer = bo.post("/notices/new/", ASKED)

    assert answer.status_code == 404
    assert not Notice.objects.exists()


def test_helpers_answer_and_the_counts_of_each_township_say_so():
    chen, gu, wu = people.chen(), helper("Gu"), helper("Wu")
    there = makers.place("village", "451022108203")
    su = people.worker("Su", "helper", there)
    notice = meeting(chen)
    signed_in(gu).post(f"/notices/{notice.pk}/answer/", {"coming": "yes"})
    bare = signed_in(wu).post(f"/notices/{notice.pk}/answer/", {"coming": "no"})
    signed_in(su).post(f"/notices/{notice.pk}/answer/", {"coming": "no", "why": "值班"})

    page = signed_in(chen).get(f"/notices/{notice.pk}/").content.decode()

    assert bare.status_code == 400
    assert sorted(Attendance.objects.values_list("worker__name", "coming", "why")) == [
        ("Gu", True, ""), ("Su", False, "值班")]  # fmt: skip
    assert "township 451022100" in page
    assert "township 451022108" in page
    lists = signed_in(chen).get(f"/notices/{notice.pk}/receivers/?state=unread").content.decode()
    # With what surrounds a name: the key of a form is made by chance and may have both signs.
    assert ">Wu<" in lists
    assert ">Gu<" not in lists


def test_a_township_follows_a_notice_of_the_county_for_its_own_people_only():
    bo, gu = people.bo(), helper("Gu")
    su = people.worker("Su", "helper", makers.place("village", "451022108203"))
    notice = meeting(people.chen())

    rows = signed_in(bo).get(f"/notices/{notice.pk}/receivers/").content.decode()

    assert f">{gu.name}<" in rows
    assert f">{su.name}<" not in rows


def test_who_came_is_noted_in_bulk_after_the_hour_and_not_before():
    chen, gu, wu = people.chen(), helper("Gu"), helper("Wu")
    notice, sent = meeting(chen), {"whom": "all", "came": "yes"}
    client = signed_in(chen)
    early = client.post(f"/notices/{notice.pk}/came/", sent)
    before = Attendance.objects.count()
    move_back(notice)

    client.post(f"/notices/{notice.pk}/came/", sent)
    client.post(f"/notices/{notice.pk}/came/",
                {"whom": "ticked", "came": "no", "worker": str(wu.pk)})  # fmt: skip

    assert (early.status_code, before) == (409, 0)
    assert dict(Attendance.objects.values_list("worker__name", "came")) == {
        gu.name: True, wu.name: False}  # fmt: skip
    assert set(Attendance.objects.values_list("noted_by__name", flat=True)) == {"Chen"}
    late = signed_in(gu).post(f"/notices/{notice.pk}/answer/", {"coming": "no", "why": "x"})
    assert late.status_code == 409


def test_the_list_of_who_has_not_read_leaves_as_a_file_and_is_logged():
    chen, gu = people.chen(), helper("Gu")
    wu = helper("Wu")
    notice = meeting(chen)
    signed_in(gu).post(f"/notices/{notice.pk}/answer/")

    file = signed_in(chen).get(f"/notices/{notice.pk}/list.csv?state=unread")

    text = b"".join(file.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[2] for row in rows[1:]] == [wu.name]
    assert chen.readings.get().what == "exported"


def test_a_helper_answers_on_his_phone_and_what_he_said_last_counts():
    gu = helper("Gu")
    notice, phone = meeting(people.chen()), Phone(gu)
    at = this_moment().now

    def said(coming, minutes, **more):
        says = {"notice": str(notice.pk), "coming": coming, **more}
        written = (at - timedelta(minutes=minutes)).isoformat()
        return phone.entry(uuid4(), kind="read", household="", says=says, written_at=written)

    answers = phone.send(said(True, 1), said(False, 30, why="出差"))
    shown = phone.pull()["own"]["notices"][0]

    assert [each["outcome"] for each in answers] == ["taken", "taken"]
    assert Attendance.objects.get().coming is True
    assert shown["meeting"]["where"] == "县会堂"
    assert shown["coming"] is True


def test_a_meeting_stays_where_the_day_begins_until_it_is_answered():
    gu, notice = helper("Gu"), meeting(people.chen())
    client = signed_in(gu)
    client.post(f"/notices/{notice.pk}/answer/")
    read = client.get("/").content.decode()

    client.post(f"/notices/{notice.pk}/answer/", {"coming": "yes", "back": "today"})

    assert "冲刺大会" in read
    assert "冲刺大会" not in client.get("/").content.decode()


def test_a_notice_to_helpers_reaches_village_officers_only_if_it_says_so():
    mei, chen = people.mei(), people.chen()
    meeting(chen)
    seen = "冲刺大会" in signed_in(mei).get("/notices/").content.decode()
    meeting(chen, to="village")

    assert not seen
    assert "冲刺大会" in signed_in(mei).get("/notices/").content.decode()


def test_counting_seven_thousand_receivers_asks_as_often_as_counting_two(
    django_assert_max_num_queries,
):
    chen = people.chen()
    for name in ("Gu", "Wu", "Su"):
        helper(name)
    notice = meeting(chen)
    client = signed_in(chen)

    with django_assert_max_num_queries(24):
        client.get(f"/notices/{notice.pk}/")


def test_a_notice_sent_three_times_is_written_once():
    helper("Gu")
    chen = signed_in(people.chen())
    entry = str(uuid4())

    sent = [chen.post("/notices/new/", {**ASKED, "entry": entry}) for _ in range(3)]
    other = chen.post("/notices/new/", {**ASKED, "entry": entry, "words": "改在县会堂"})

    assert {answer.status_code for answer in (*sent, other)} == {302}
    assert len({answer["Location"] for answer in sent}) == 1
    assert Notice.objects.count() == 2


def test_a_meeting_in_a_mistyped_year_is_refused():
    chen = signed_in(people.chen())
    far = {"meets_at": "9999-12-31T23:59", "meets_where": "县会堂"}

    answer = chen.post("/notices/new/", {**ASKED, **far})

    assert answer.status_code == 400
    assert "超过一年" in answer.content.decode()
    assert not Notice.objects.exists()
