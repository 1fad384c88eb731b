"""The field app's files: small, packed, whole without a network, and nothing beside them."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from yihu.web.field import FILES

pytestmark = pytest.mark.skipif(
    not (FILES / "index.html").exists(), reason="make env builds the field app"
)
#: Bytes over the wire before the app opens for the first time, all that it keeps included.
FIRST_LOAD = 300_000


def kept() -> list[str]:
    """The addresses the service worker keeps."""
    listed = re.search(r"FILES = (\[.*?\]);", (FILES / "worker.js").read_text(encoding="utf-8"))
    assert listed is not None
    return list(json.loads(listed[1]))


def test_all_that_is_kept_is_there_and_the_first_load_is_light(client):
    answers = [client.get(each, headers={"Accept-Encoding": "gzip"}) for each in kept()]

    assert "/field/" in kept()
    assert {each.status_code for each in answers} == {200}
    assert sum(len(each.content) for each in answers) < FIRST_LOAD


def test_a_file_of_a_build_is_kept_for_ever_and_the_page_is_asked_for_each_time(client):
    script = next(each for each in kept() if each.startswith("/field/assets/"))
    page = client.get("/field/")
    again = client.get("/field/", headers={"If-None-Match": page["ETag"]})

    assert "immutable" in client.get(script)["Cache-Control"]
    assert page["Cache-Control"] == client.get("/field/worker.js")["Cache-Control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_a_packed_file_says_the_same(client):
    plain = client.get("/field/worker.js")
    packed = client.get("/field/worker.js", headers={"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["nothere.js", "../field.py", "..%2ffield.py", "assets/", "index.html.gz", "/etc/hosts"]
)
def test_nothing_but_the_files_of_the_build_is_served(client, name):
    assert client.get(f"/field/{name}").status_code == 404


def test_the_page_obeys_the_policy_and_carries_nothing_inline(client):
    page = client.get("/field/")

    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert not re.search(rb"<script>|<style|style=|onload=", page.content)
