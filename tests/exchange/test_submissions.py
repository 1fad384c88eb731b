"""Submissions of ODK and Kobo: each is a visit in one book, once, whole or refused."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.forms_sent import (
    done,
    kobo,
    odata,
    of_central,
    results,
    sent,
    table,
    xml,
    zipped,
)
from tests.exchange.sheets import identity
from yihu.book.models import Entry
from yihu.card.audit import audit_all
from yihu.card.models import Household
from yihu.exchange.models import Upload
from yihu.problems import Problem

pytestmark = pytest.mark.django_db

NUMBER = identity("2010-03-01")
HOME = {"power": "yes", "water_source": "well", "fuel": "coal clean"}


@pytest.fixture
def home() -> Household:
    return makers.household(
        {"name": "农大", "birth": "1970-01-01"},
        {"name": "农小", "birth": "2010-03-01", "identity": NUMBER},
        power=False,
    )


@pytest.fixture
def bo():
    return people.bo()


def written(home: Household, kind: str = "") -> list[Entry]:
    rows = Entry.objects.filter(book_id=home.pk, source="odk").order_by("number")
    return list(rows.filter(kind=kind) if kind else rows)


def refused(upload: Upload) -> list[tuple[int, str]]:
    return [(row["row"], row["en"]) for row in upload.samples["refused"]]


FORMS = {
    "kobo.json": lambda code, member: results(kobo(code, member, **HOME)),
    "central.json": lambda code, member: of_central(
        odata(code, member, **HOME, start="2020-10-15T09:12:33.000+08:00")
    ),
    "one.xml": lambda code, member: xml(code, member, **HOME),
    "kobo.csv": lambda code, member: table(
        {
            "start": "2020-10-15T09:12:33.000+08:00", "household/household_code": code, **HOME,
            **{f"members[1]/{k}": v for k, v in member.items()},
            "_id": "7", "_uuid": "5c1d", "_submission_time": "2020-10-16T12:30:11",
            "_submitted_by": "fang",
        },
        separator=";",
    ),
    "central.zip": lambda code, member: zipped(
        household_visit_dot_csv=table(
            {
                "SubmissionDate": "2020-10-16T16:30:00.000Z",
                "start": "2020-10-15T09:12:33.000+08:00", "household-household_code": code, **HOME,
                "meta-instanceID": "uuid:77", "KEY": "uuid:77", "SubmitterName": "fang",
            }
        ),
        **{"household_visit-members_dot_csv": table(
            {**member, "PARENT_KEY": "uuid:77", "KEY": "uuid:77/members[1]"}
        )},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_visit_comes_into_the_book_from_every_export(home, bo, name):
    body = FORMS[name](home.code, {"identity": NUMBER, "schooling": "primary"})

    upload = done(sent(body, bo, name), "read", "write")

    (entry,) = written(home)
    home.refresh_from_db()
    child = home.people.get(name="农小")
    assert (entry.kind, entry.source, entry.seen_on.isoformat()) == ("visit", "odk", "2020-10-15")
    assert entry.says["household"] == {
        "power": True, "water_source": "well", "fuel": ["coal", "clean"],
    }  # fmt: skip
    assert entry.says["members"] == {str(child.pk): {"schooling": "primary"}}
    assert (home.facts["power"], child.facts["schooling"]) == (True, "primary")
    assert (upload.state, upload.counts["visits"]) == ("written", 1)
    if name != "one.xml":
        assert entry.says["submission"]["by"] == "fang"


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(home, bo):
    body = results(kobo(home.code, power="yes"), kobo(home.code, power="yes", id="2"))
    before = Entry.objects.count()

    upload = done(sent(body, bo), "read")

    (change,) = upload.samples["changed"]
    assert (change["fact"], change["before"], change["after"]) == ("household.power", False, True)
    assert (upload.counts["changed"], upload.counts["new"], upload.counts["visits"]) == (1, 1, 2)
    assert Entry.objects.count() == before


def test_sent_again_it_writes_nothing_though_the_card_has_moved_on(home, bo):
    body = results(kobo(home.code, power="yes"))
    done(sent(body, bo), "read", "write")
    makers.write(home.pk, says={"household": {"power": False}})
    before = Entry.objects.count()

    again = done(sent(body, bo), "read", "write")

    home.refresh_from_db()
    assert (again.counts["unchanged"], again.counts["entries"]) == (1, 0)
    assert Entry.objects.count() == before
    assert home.facts["power"] is False


def test_an_edited_submission_writes_only_what_changed(home, bo):
    done(sent(results(kobo(home.code, id="a", power="yes", network="no")), bo), "read", "write")
    edited = kobo(home.code, id="b", power="yes", network="yes", **{"meta/rootUuid": "uuid:a"})

    upload = done(sent(results(edited), bo), "read", "write")

    visit, mended = written(home)
    assert upload.counts["changed"] == 1
    assert (visit.kind, mended.kind) == ("visit", "facts")
    assert mended.says["household"] == {"network": True}
    assert mended.seen_on == visit.seen_on
    assert done(sent(results(edited), bo), "read").counts["unchanged"] == 1


def test_an_import_is_undone_whole_and_can_be_written_again(home, bo):
    body = results(kobo(home.code, power="yes"))
    upload = done(sent(body, bo), "read", "write", "undo")
    home.refresh_from_db()
    undone = home.facts["power"]

    done(sent(body, bo), "read", "write")

    home.refresh_from_db()
    assert (upload.state, undone, home.facts["power"]) == ("undone", False, True)
    assert [entry.kind for entry in written(home)] == ["visit", "visit"]


def test_two_visits_to_one_family_are_two_entries_in_the_order_of_their_days(home, bo):
    late = kobo(home.code, power="no", start="2020-10-16T08:00:00.000+08:00")
    early = kobo(home.code, power="yes", start="2020-10-14T08:00:00.000+08:00")

    upload = done(sent(results(late, early), bo), "read", "write")

    assert [entry.seen_on.day for entry in written(home)] == [14, 16]
    assert [row["after"] for row in upload.samples["changed"]] == [True, False]
    assert audit_all().faults == []


def test_somebody_new_is_opened_only_where_that_was_wished(home, bo):
    body = results(kobo(home.code, {"name": "农新", "birth": "2019-05-01", "sex": "female"}))

    kept_out = done(sent(body, bo), "read", "write")
    opened = done(sent(body, bo, opens=True), "read", "write")

    people_entry, visit = written(home)
    assert kept_out.counts["refused"] == 1
    assert (people_entry.kind, visit.kind) == ("people", "visit")
    assert home.people.get(name="农新").birth.isoformat() == "2019-05-01"
    assert opened.counts["joined"] == 1


def test_the_day_is_the_one_the_form_noted_in_the_county(home, bo):
    by_server = odata(home.code, power=True)  # 16:30 in Greenwich is the next day here
    by_form = odata(home.code, power=True, today="2020-10-12")

    done(sent(of_central(by_server, by_form), bo), "read", "write")

    assert [entry.seen_on.isoformat() for entry in written(home)] == ["2020-10-12", "2020-10-17"]


def test_where_it_was_is_taken_only_when_a_column_says_so_and_the_family_agreed(home, bo):
    spot = {"gps": "23.6012 107.1034 412 6.5"}
    told = results(
        kobo(home.code, id="1", agrees="yes", **spot), kobo(home.code, id="2", agrees="no", **spot)
    )

    done(sent(told, bo), "read", "write", "undo")
    unmapped = [entry.says.get("place_of_visit") for entry in written(home, "visit")]
    columns = {"gps": "key.position", "agrees": "key.consent"}
    done(sent(told, bo, columns=columns), "read", "write")

    mapped = [entry.says.get("place_of_visit") for entry in written(home, "visit")[2:]]
    assert unmapped == [None, None]
    assert mapped == [{"latitude": 23.6012, "longitude": 107.1034, "metres": 6.5}, None]


def test_what_the_questions_are_is_remembered_for_the_form(home, bo, client):
    from tests.exchange.test_import_pages import act, send  # noqa: PLC0415

    client.force_login(bo)
    first = send(client, results(kobo(home.code, strom="yes")), "a.json")
    place = first.headings.index("strom")
    client.post(f"/imports/{first.pk}/columns/", {f"column-{place}": "power"})

    second = send(client, results(kobo(home.code, strom="yes", network="no", id="z")), "b.json")
    upload = act(client, second, "columns", "write")

    assert upload.columns[str(upload.headings.index("strom"))] == "household.power"
    assert written(home)[0].says["household"] == {"power": True, "network": False}


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"water_source": "moon"}, "not in the code list"),
        ({"power": "perhaps"}, "perhaps"),
        ({"house_area": "big"}, "big"),
        ({"start": "2020-10-18T09:00:00.000+08:00"}, "after today"),
        ({"_validation_status": {"uid": "validation_status_not_approved"}}, "reviewed"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_rest_is_taken(home, bo, answers, words):
    bad, good = kobo(home.code, id="bad", **answers), kobo(home.code, id="good", network="yes")

    upload = done(sent(results(bad, good), bo), "read", "write")

    assert (upload.counts["refused"], len(written(home))) == (1, 1)
    assert refused(upload)[0][0] == 1
    assert words in str(refused(upload))


def test_a_visit_is_refused_whole_when_one_of_its_people_cannot_be_meant(home, bo):
    good, bad = {"name": "农大", "schooling": "none"}, {"name": "农小", "schooling": "college?"}

    upload = done(sent(results(kobo(home.code, good, bad, power="yes")), bo), "read", "write")

    assert upload.counts["refused"] == 2
    assert "taken whole or not at all" in str(refused(upload))
    assert written(home) == []


def test_a_household_nobody_knows_and_one_out_of_reach_are_refused_alike(home, bo):
    elsewhere = makers.household(village=makers.place("village", code="451022200201"))

    upload = done(sent(results(kobo("NOBODY"), kobo(elsewhere.code)), bo), "read", "write")

    one, other = (text.replace("NOBODY", "?").replace(elsewhere.code, "?") for _, text in
                  refused(upload))  # fmt: skip
    assert one == other
    assert written(elsewhere) == []


def test_the_same_submission_twice_in_a_file_is_taken_once(home, bo):
    one = kobo(home.code, id="1", power="yes")

    upload = done(sent(results(one, one), bo), "read", "write")

    assert (upload.counts["refused"], len(written(home))) == (1, 1)
    assert "stands in row 1 already" in str(refused(upload))


def test_a_submission_does_not_move_to_another_book(home, bo):
    other = makers.household()
    done(sent(results(kobo(home.code, id="1", power="yes")), bo), "read", "write")

    upload = done(sent(results(kobo(other.code, id="1", power="yes")), bo), "read", "write")

    assert "another household" in str(refused(upload))
    assert written(other) == []


def test_a_submission_without_an_id_is_refused(home, bo):
    nameless = kobo(home.code, power="yes")
    del nameless["_uuid"], nameless["meta/instanceID"]

    with pytest.raises(Problem) as wrong:
        done(sent(results(nameless), bo), "read")

    assert wrong.value.code == "exchange.no_household_named"


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    b"<data><x>&b;</x></data>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE data [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    b"<data><x>&a;</x></data>"
)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.json", b"{ not json"),
        ("a.json", b"[1, 2]"),
        ("a.json", b'{"results": ["x"]}'),
        ("a.json", b"[" * 5000),
        ("a.json", b'[{"a": NaN}]'),
        ("a.json", b'{"a":' * 60 + b"1" + b"}" * 60),
        ("a.xml", BOMB),
        ("a.xml", OUTSIDE),
        ("a.xml", b"<data><a></data>"),
        ("a.xml", b"<a>" * 60 + b"</a>" * 60),
        ("a.zip", b"PK\x03\x04 and no more"),
        ("a.zip", zipped(photo_dot_jpg=b"x")),
        ("a.csv", b"_uuid,x\n1," + b"y" * 200_000),
        ("a.zip", zipped(one_dot_csv=b"_uuid\n1\n", two_dot_csv=b"_uuid\n1\n")),
    ],
)
def test_what_is_no_submission_is_refused_and_nothing_of_it_is_kept(bo, name, body, settings):
    with pytest.raises(Problem) as wrong:
        sent(body, bo, name)

    assert wrong.value.code == "exchange.not_submissions"
    assert "{" not in wrong.value.sentence("zh")
    assert not Upload.objects.exists()
