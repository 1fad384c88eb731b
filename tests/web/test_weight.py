"""What travels to the browser is no heavier than it must be."""

from __future__ import annotations

import gzip

import pytest

from tests import makers, people

pytestmark = pytest.mark.django_db
PACKED = {"Accept-Encoding": "gzip"}


def test_a_page_travels_packed_and_says_the_same(client):
    client.force_login(people.mei())

    whole = client.get("/rulebook/").content
    answer = client.get("/rulebook/", headers=PACKED)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.content) < len(whole) / 4
    assert "广西".encode() in gzip.decompress(answer.content)


def test_a_file_travels_as_it_is(client):
    makers.household({"name": "黄秀英"})
    client.force_login(people.chen())

    answer = client.get("/ledger/list.xlsx", headers=PACKED)

    answer.close()
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
