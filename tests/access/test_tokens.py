"""Tokens for programs on the desk: what they may be for, who sees them, who revokes them."""

from __future__ import annotations

import re

import pytest

from tests import makers, people
from tests.access.test_pages import on_the_day, signed_in
from yihu.access.models import Token

__all__ = ["on_the_day"]  # as a fixture

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_and_revoked_by_its_worker_only():
    mei, bo = people.mei(), people.bo()
    client = signed_in(mei)

    page = client.post("/tokens/", {"name": "report", "days": "30", "scope": ["read"]})
    (text,) = re.findall(r"yihu_[\w-]{43}", page.content.decode())
    token = Token.objects.get()

    assert text not in client.get("/tokens/").content.decode()
    assert signed_in(bo).post(f"/tokens/{token.pk}/revoke/").status_code in (403, 404)
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("county", ["read", "write", "export"]),
        ("inspector", ["read", "export"]),
        ("helper", ["read", "write"]),
        ("administrator", ["read"]),
        (None, []),
    ],
)
def test_a_token_is_offered_what_its_worker_may_and_refused_the_rest(role, offered):
    worker = people.worker("W", role, makers.place("county")) if role else people.dou()
    client = signed_in(worker)

    page = client.get("/tokens/").content.decode()
    answers = {
        scope: client.post("/tokens/", {"name": "t", "days": "30", "scope": [scope]}).status_code
        for scope in ("read", "write", "export")
    }

    for scope, status in answers.items():
        assert (f'name="scope" value="{scope}"' in page) == (scope in offered)
        assert status == (200 if scope in offered else 400)
    assert sorted(token.scopes[0] for token in Token.objects.all()) == sorted(offered)
