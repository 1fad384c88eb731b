"""The API: tokens, pages, cards as of a day, entries written once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from tests import makers, people
from yihu.access import actions
from yihu.access.models import Pairing, Reading
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.loop import this_moment
from yihu.statistics.actions import refresh
from yihu.statistics.indicators import Figures
from yihu.web.statistics import reach_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()


class Program:
    """Something that calls the API with a token."""

    def __init__(self, worker, *scopes):
        now = this_moment().now
        made = actions.make_token(
            worker, name="test", scopes=scopes or ["read"], now=now, until=now + timedelta(days=1)
        )
        self.token, self.client = made, Client()
        self.scope = Scope(worker, makers.TODAY)
        self.sent = {"Authorization": f"Bearer {made.text}", "Accept-Language": "en"}

    def get(self, path, **asked):
        return self.client.get(f"/api/v1{path}", asked, headers=self.sent)

    def post(self, path, body):
        return self.client.post(
            f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=self.sent
        )


def entry(**other):
    body = {
        "id": str(uuid4()), "kind": "facts", "seen_on": "2020-10-01", "source": "program",
        "says": {"household": {"power": True}},
    }  # fmt: skip
    return {**body, **other}


def test_without_a_good_token_there_is_no_answer_and_the_reason_is_said():
    home = makers.household()
    program = Program(people.mei())
    actions.revoke_token(program.token.row, now=this_moment().now)

    for client in (program, Program(people.bo())):
        if client is not program:
            client.sent = {"Accept-Language": "en"}
        answer = client.get(f"/households/{home.pk}")
        assert answer.status_code == 401
        assert answer.json()["code"] == "access.no_token"
        assert answer["WWW-Authenticate"] == "Bearer"


def test_no_answer_to_a_token_is_kept_on_the_way():
    home = makers.household()
    program = Program(people.mei(), "read", "export", "write")
    paths = ("/me", "/households", f"/households/{home.pk}", "/households/cards", "/gaps",
             "/findings", "/sync/hello", "/no-such-page")  # fmt: skip

    answers = [program.get(path) for path in paths] + [Client().get("/api/v1/me")]
    answers.append(program.post(f"/households/{home.pk}/entries", entry()))

    assert {answer.headers.get("Cache-Control") for answer in answers} == {"no-store"}


def test_a_token_does_only_what_its_scopes_say():
    home = makers.household()
    reader, writer = Program(people.mei(), "read"), Program(people.bo(), "write")

    asked = writer.get(f"/households/{home.pk}")
    written = reader.post(f"/households/{home.pk}/entries", entry())
    exported = reader.get("/households/cards")

    assert [a.status_code for a in (asked, written, exported)] == [403, 403, 403]
    assert {a.json()["code"] for a in (asked, written, exported)} == {"access.token_may_not"}
    assert not Entry.objects.filter(source="program").exists()


def test_households_come_in_pages_none_twice_none_missing():
    village = makers.place("village")
    homes = {str(makers.household(village=village).pk) for _ in range(7)}
    program = Program(people.mei())

    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = program.get("/households", limit=3, **after).json()
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}

    assert len(seen) == 7
    assert set(seen) == homes


def test_the_card_is_given_as_of_a_day_with_the_entry_that_says_so():
    home = makers.household(power=False)
    later = makers.write(home.pk, says={"household": {"power": True}}, seen_on=date(2020, 6, 1))
    program = Program(people.mei())

    now = program.get(f"/households/{home.pk}").json()
    then = program.get(f"/households/{home.pk}", as_of="2020-05-31").json()

    assert (now["facts"]["power"]["value"], now["facts"]["power"]["number"]) == (True, later.number)
    assert then["facts"]["power"]["value"] is False


def test_the_book_as_known_at_a_moment_ends_where_it_ended_then():
    home = makers.household(when=makers.at(date(2020, 9, 1)))
    program = Program(people.mei())
    makers.write(home.pk, says={"household": {"power": True}})
    book = f"/households/{home.pk}/entries"

    then = program.get(book, known_at="2020-09-15T00:00:00+08:00").json()["items"]

    assert [entry["kind"] for entry in then if entry["kind"] != "gap"] == ["people"]
    later = [entry["kind"] for entry in program.get(book).json()["items"]]
    assert "facts" in later
    assert program.get(book, known_at="2020-09-15T00:00:00").json()["code"] == "api.no_zone"


def test_an_entry_sent_twice_is_written_once_and_the_receipt_is_the_same():
    mei, home = people.mei(), makers.household()
    program, body = Program(mei, "read", "write"), entry()

    first, second = (program.post(f"/households/{home.pk}/entries", body) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == {**second.json(), "again": False}
    assert Entry.objects.filter(pk=UUID(body["id"])).get().author == mei
    facts = program.get(f"/households/{home.pk}").json()["facts"]
    assert facts["power"]["source"] == "program"


@pytest.mark.parametrize(
    ("says", "code", "words"),
    [
        ({"household": {"powr": True}}, "book.unknown_fact", "power"),
        ({"household": {"power": "perhaps"}}, "book.bad_value", "perhaps"),
        ({"acts": [{"did": "opened", "code": "X", "place": "1"}]}, "access.may_not", "open"),
    ],
)
def test_what_the_rulebook_does_not_know_is_refused_with_its_sentence(says, code, words):
    home = makers.household()
    kind = "people" if "acts" in says else "facts"

    answer = Program(people.mei(), "write").post(
        f"/households/{home.pk}/entries", entry(says=says, kind=kind)
    )

    assert answer.status_code in (400, 403)
    assert answer.json()["code"] == code
    assert words in answer.json()["message"]
    assert not Entry.objects.filter(source="program").exists()


def test_a_household_is_not_moved_into_a_place_of_somebody_else():
    home, other = makers.household(), makers.place("village", "451022101201")
    acts = [{"did": "moved", "place": other.code}]

    answer = Program(people.mei(), "write").post(
        f"/households/{home.pk}/entries", entry(kind="people", says={"acts": acts})
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "access.not_yours")
    home.refresh_from_db()
    assert home.place.code != other.code


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_card_shows_the_privacy_classes_of_the_role_and_masks_what_is_secret(role):
    village = makers.place("village")
    secret = {"identity": "11010519491231002X"}
    home = makers.household({"birth": "1980-01-01", "illness": "尘肺病", **secret})
    worker = people.worker("W", role, village, department="health")
    Pairing.objects.create(worker=worker, household=home, since=date(2020, 1, 1))

    program = Program(worker)
    card = program.get(f"/households/{home.pk}")
    book = program.get(f"/households/{home.pk}/entries")

    (member,) = card.json()["members"]
    text = str(card.json()) + str(book.json())
    assert "11010519491231002X" not in text
    assert ("尘肺病" in text) == ("sensitive" in ROLES[role].see)
    assert ("110*************2X" in text) == ("secret" in ROLES[role].see)
    assert "birth" in member["facts"]


def test_whole_cards_of_many_are_an_export_and_leave_a_trace():
    makers.household(), makers.household()
    program = Program(people.bo(), "export")

    answer = program.get("/households/cards")

    assert len(answer.json()["items"]) == 2
    (trace,) = Reading.objects.all()
    assert (trace.what, trace.rows, trace.worker.name) == ("exported", 2, "Bo")
    helper = people.worker("H", "helper", makers.place("village"))
    assert Program(helper, "export").get("/households/cards").status_code == 403


def test_gaps_findings_and_figures_are_those_of_the_place():
    child = {"birth": "2008-03-01"}
    here = makers.household({"birth": "1980-01-01"}, child)
    makers.household(child, village=makers.place("village", "451022101201"))
    program = Program(people.bo())

    gaps = program.get("/gaps", rule="child_in_school").json()["items"]
    findings = program.get("/findings").json()["items"]

    assert [gap["household"] for gap in gaps] == [str(here.pk)]
    assert [found["household"] for found in findings] == [str(here.pk)]
    assert set(findings[0]["answers"].values()) <= {"holds", "fails", "unknown"}
    assert program.get("/figures", place="451022101").status_code == 404


def test_figures_are_those_of_the_statistics_of_the_place_and_the_day():
    home = makers.household({}, {})
    makers.write(home.pk, kind="decision", seen_on=date(2016, 3, 1), says={"did": "identified"})
    makers.write(home.pk, kind="decision", seen_on=date(2019, 12, 1), says={"did": "exited"})
    refresh(now=makers.NOW, today=makers.TODAY, processes=0)
    program = Program(people.bo())

    now = program.get("/figures", place="451022100").json()
    before = program.get("/figures", place="451022100", on="2018-06-30").json()["figures"]

    place = makers.place("township")
    computed = Figures(makers.TODAY, reach_of(program.scope, place)).all()
    assert now["on"] == "2020-10-17"
    assert {name: f["value"] for name, f in now["figures"].items()} == {
        name: f.as_json()["value"] for name, f in computed.items()
    }
    assert now["figures"]["exited_people"]["value"] == 2
    assert (now["figures"]["poor_people"]["value"], before["poor_people"]["value"]) == (0, 2)


def test_an_old_code_of_a_place_answers():
    from yihu.places import actions as changes  # noqa: PLC0415

    village = makers.place("village")
    program = Program(people.mei())
    changes.recode(village, code="451022100999", on=date(2020, 7, 1))

    now = program.get("/places/451022100201").json()
    then = program.get("/places/451022100999", on="2020-01-01")

    assert (now["code"], now["former_codes"]) == ("451022100999", ["451022100201"])
    assert then.status_code in (200, 404)


@pytest.mark.parametrize(
    ("path", "asked"),
    [("/households", {"limit": 0}), ("/households", {"limit": 201}),
     ("/households/x", {}), ("/gaps", {"after": "x"}), ("/gaps", {"state": "x"}),
     ("/households", {"after": "\0"}), ("/figures", {})],
)  # fmt: skip
def test_a_request_of_another_shape_is_refused_and_says_where(path, asked):
    answer = Program(people.mei()).get(path, **asked)

    assert answer.status_code in (400, 404, 422)


def test_the_description_is_for_those_who_sign_in_and_loads_nothing_from_elsewhere():
    client = Client()
    assert client.get("/api/v1/docs").status_code == 302
    client.force_login(people.dou())

    page = client.get("/api/v1/docs")

    assert page.status_code == 200
    assert b"//cdn" not in page.content
    assert b"/static/ninja/swagger-ui-bundle.js" in page.content


def test_a_program_fetches_its_own_description_by_its_token():
    program = Program(people.mei())
    described, other = program.get("/openapi.json"), Client().get("/api/v1/openapi.json")
    wrong = Client().get("/api/v1/openapi.json", headers={"Authorization": "Bearer nobody"})

    assert described.json()["info"]["title"].startswith("yihu")
    assert (other.status_code, wrong.status_code) == (302, 401)


def test_the_types_of_facts_are_those_of_the_rulebook(settings, tmp_path):
    from tests.api.described import description  # noqa: PLC0415

    says = description()["components"]["schemas"]["EntryIn"]["properties"]["says"]["properties"]
    of_people = says["members"]["additionalProperties"]["properties"]
    power = says["household"]["properties"]["power"]
    assert power["anyOf"] == [{"type": "boolean"}, {"type": "null"}]
    assert power["title"] == "是否通生活用电"
    assert {"type": "null"} not in of_people["name"]["anyOf"]
    assert {"type": "null"} in of_people["phone"]["anyOf"]


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "correction", "says": {"why": "写错"}},
        {"kind": "correction", "says": {"why": "写错"}, "undoes": 0},
        {"undoes": 1},
        {"kind": "people", "says": {"acts": 5}},
        {"written_at": "0001-01-01T00:00:00+14:00"},
        {"written_at": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_an_entry_that_cannot_be_is_refused_in_words_and_not_written(sent):
    home, mei = makers.household(), Program(people.mei(), "write")
    before = Entry.objects.count()

    answer = mei.post(f"/households/{home.pk}/entries", entry(**sent))

    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] in ("book.bad_shape", "api.no_zone")
    assert Entry.objects.count() == before


def test_what_a_program_reads_of_people_is_logged():
    home = makers.household({"name": "覃一", "birth": "1980-01-01", "health": ["chronic"]})
    program = Program(people.mei(), "read")

    for path in ("", "/entries", "/findings"):
        assert program.get(f"/households/{home.pk}{path}").status_code == 200
    assert program.get("/findings").status_code == 200

    logged = list(Reading.objects.order_by("pk").values_list("what", "why", "household_id", "rows"))
    assert logged == [
        ("program", "card (test)", home.pk, 1),
        ("program", "book (test)", home.pk, 1),
        ("program", "findings (test)", home.pk, 1),
        ("program", "findings (test)", None, 1),
    ]
    assert Reading.objects.earliest("pk").facts == ["health"]


def test_a_list_of_households_is_no_reading_of_anybody():
    makers.household({"name": "覃一", "birth": "1980-01-01"})

    assert Program(people.mei(), "read").get("/households").status_code == 200

    assert not Reading.objects.exists()


def test_days_and_moments_that_have_not_come_are_refused():
    home = makers.household()
    program = Program(people.mei())
    card, book = f"/households/{home.pk}", f"/households/{home.pk}/entries"

    refused = [
        program.get(card, as_of="2031-01-01"),
        program.get(card, known_at="2031-01-01T00:00:00+08:00"),
        program.get(book, known_at="2031-01-01T00:00:00+08:00"),
    ]

    assert [answer.status_code for answer in refused] == [400] * 3
    codes = [answer.json()["code"] for answer in refused]
    assert codes == ["desk.day_ahead", "api.known_ahead", "api.known_ahead"]
    assert "2031-01-01" in refused[0].json()["message"]


@pytest.mark.parametrize(("lang", "sign"), [("en", "had no book by then"), ("zh-Hans", "没有户册")])
@pytest.mark.parametrize(
    "then", [{"as_of": "0001-01-01"}, {"known_at": "2000-01-01T00:00:00+08:00"}]
)
def test_a_day_before_the_book_has_no_card_and_that_is_said(lang, sign, then):
    home, program = makers.household(), Program(people.mei())
    program.sent["Accept-Language"] = lang

    answer = program.get(f"/households/{home.pk}", **then)

    assert (answer.status_code, answer.json()["code"]) == (404, "api.no_card_then")
    assert sign in answer.json()["message"]
    assert next(iter(then.values()))[:10] in answer.json()["message"]
    assert not Reading.objects.exists()
