"""What the API answers by itself: no such path, a wrong method, too much at once, a failure."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from tests import makers, people
from tests.api.test_api import Program, entry, on_the_day
from yihu.book.models import Entry

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
    answers = [Client().get(path) for path in ("/api/", "/api/v2/households", "/api/v1/x?y=1")]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.json()["code"] for answer in answers} == {"api.no_such_path"}
    assert "/api/v1/x" in answers[-1].json()["message"]


def test_what_fails_is_refused_in_the_same_shape(monkeypatch):
    program = Program(people.mei())
    program.client.raise_request_exception = False
    monkeypatch.setattr("yihu.web.api_places.need", lambda *_: 1 / 0)

    answer = program.get("/places")

    assert answer.status_code == 500
    assert answer.json()["code"] == "api.failed"
