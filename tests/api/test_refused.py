"""What the API answers by itself: no such path, a wrong method, too much at once, a failure."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import translation

from tests import makers, people
from tests.api.test_api import Program, entry, on_the_day
from yihu.book.models import Entry
from yihu.web.api_faults import fault

__all__ = ["on_the_day"]  # as a fixture

pytestmark = pytest.mark.django_db


def sent_wrongly(program):
    home = makers.household()
    big = json.dumps(entry(words="x" * 2_000))
    return {
        "api.no_such_path": program.get("/nothing"),
        "api.wrong_method": program.post("/households", {}),
        "api.too_large": program.client.post(
            f"/api/v1/households/{home.pk}/entries", big,
            content_type="application/json", headers=program.sent,
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "sign"), [("en", "nothing was written"), ("zh-Hans", "未写入任何内容")]
)
def test_what_no_operation_takes_is_refused_in_the_shape_of_all_refusals(settings, lang, sign):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    program = Program(people.mei(), "read", "write")
    program.sent["Accept-Language"] = lang

    answers = sent_wrongly(program)

    assert [answer.status_code for answer in answers.values()] == [404, 405, 413]
    for code, answer in answers.items():
        assert answer.headers["Content-Type"].startswith("application/json")
        assert set(answer.json()) == {"code", "message", "where"}
        assert answer.json()["code"] == code
        assert sign in answer.json()["message"]
    assert answers["api.wrong_method"].headers["Allow"] == "GET"
    assert not Entry.objects.filter(source="program").exists()


def test_an_unknown_path_is_refused_alike_with_and_without_a_token():
    answers = [Client().get(path) for path in ("/api/v2", "/api/v2/households", "/api/v1/x?y=1")]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["code"] for answer in answers} == {"api.no_such_path"}
    assert "/api/v1/x" in answers[-1].json()["message"]


def test_the_beginning_of_the_api_leads_to_its_description_and_that_to_signing_in():
    client = Client()

    answers = [client.get(path) for path in ("/api/", "/api/docs", "/api/v1/")]

    assert {(each.status_code, each.url) for each in answers} == {(302, "/api/v1/docs")}
    assert "/account/login/" in client.get("/api/v1/docs").url
    client.force_login(people.mei())
    assert client.get("/api/", follow=True).status_code == 200


#: What a program reads → the names it may ask there.
READ = {
    "/findings": "place, after, limit", "/me": "—", "/facts": "—",
    "/gaps": "place, household, state, origin, rule, department, battle, overdue, after, limit",
    "/households": "place, status, closed, after, limit",
    "/places": "under, level, after, limit", "/households/cards": "place, after, limit",
    "/figures": "place, on",
}  # fmt: skip


@pytest.mark.parametrize(("path", "known"), READ.items())
def test_a_name_in_the_address_that_an_operation_does_not_know_is_refused(path, known):
    program = Program(people.chen(), "read", "export")
    needed = {"place": makers.place("county").code} if path == "/figures" else {}

    answer = program.get(path, **needed, asof="2019-01-01", limits=1)

    assert (answer.status_code, answer.json()["code"]) == (422, "api.unknown_name")
    assert f"takes no asof, limits in its address, but: {known}." in answer.json()["message"]


def test_a_name_nobody_knows_is_no_way_to_ask_without_a_token():
    answer = Client().get("/api/v1/households?asof=2019-01-01")

    assert (answer.status_code, answer.json()["code"]) == (401, "access.no_token")


def test_what_fails_is_refused_in_the_same_shape(monkeypatch):
    program = Program(people.mei())
    program.client.raise_request_exception = False
    monkeypatch.setattr("yihu.web.api_places.need", lambda *_: 1 / 0)

    answer = program.get("/places")

    assert answer.status_code == 500
    assert answer.json()["code"] == "api.failed"


@pytest.mark.parametrize(
    ("lang", "kind", "seen_on", "id", "extra"),
    [
        ("en", "body.sent.kind: found “gossip”, expected one of 'facts', 'people'",
         "body.sent.seen_on: found “17/10/2020”, expected a day, as 2020-10-17",
         "body.sent.id: missing, and it is needed", "found a list, expected an object"),
        ("zh-Hans", "body.sent.kind：收到“gossip”，应为其中之一：'facts', 'people'",
         "body.sent.seen_on：收到“17/10/2020”，应为日期，如 2020-10-17",
         "body.sent.id：没有给出，必须有", "收到一个列表，应为对象"),
    ],
)  # fmt: skip
def test_a_wrong_shape_says_what_was_found_and_expected_in_the_asked_language(
    lang, kind, seen_on, id, extra
):
    home, program = makers.household(), Program(people.mei(), "write")
    program.sent["Accept-Language"] = lang
    body = entry(kind="gossip", seen_on="17/10/2020", says=[])
    del body["id"]

    answer = program.post(f"/households/{home.pk}/entries", body)

    where = "\n".join(answer.json()["where"]).replace("body.entry.", "body.sent.")
    assert answer.status_code == 422
    assert all(words in where for words in (kind, seen_on, id, extra))
    assert answer.json()["where"][0] in answer.json()["message"]
    assert not Entry.objects.filter(source="program").exists()


def test_numbers_out_of_bounds_are_told_their_bounds():
    program = Program(people.mei())

    wrong = [program.get("/households", limit=limit).json()["where"] for limit in (0, 201, "x")]

    assert wrong == [
        ["query.limit: found “0”, expected 1 or more"],
        ["query.limit: found “201”, expected 200 or less"],
        ["query.limit: found “x”, expected a whole number"],
    ]


def test_a_fault_of_a_kind_nobody_named_still_says_where_the_shape_is_described():
    with translation.override("zh-hans"):
        words = fault("some_new_fault", ("body", 0), "x" * 60, {})

    assert words == f"body.0：收到“{'x' * 40}…”，应为/api/v1/docs 中所写的格式"


@pytest.mark.parametrize(("lang", "sign"), [("en", "is no JSON"), ("zh-Hans", "不是 JSON")])
def test_a_body_that_is_no_json_is_refused_in_words(lang, sign):
    home, program = makers.household(), Program(people.mei(), "write")
    sent = {**program.sent, "Accept-Language": lang}

    answer = program.client.post(
        f"/api/v1/households/{home.pk}/entries", "{", content_type="application/json", headers=sent
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "api.bad_shape")
    assert sign in answer.json()["message"]


@pytest.mark.parametrize(("lang", "sign"), [("en", "is not this desk's"), ("zh-Hans", "不是这个")])
def test_another_hosts_name_is_refused_in_json_under_the_api(lang, sign):
    named = {"Host": "elsewhere.example", "Accept-Language": lang}

    answer = Client().get("/api/v1/me", headers=named)

    assert (answer.status_code, answer.json()["code"]) == (400, "desk.wrong_host")
    assert "“elsewhere.example”" in answer.json()["message"]
    assert sign in answer.json()["message"]


def test_another_hosts_name_is_refused_on_a_page_in_both_languages():
    page = Client().get("/", headers={"Host": "<b>.example"})

    text = page.content.decode()
    assert page.status_code == 400
    assert "不是这个工作台的" in text
    assert "is not this desk&#x27;s" in text
    assert "&lt;b&gt;.example" in text
