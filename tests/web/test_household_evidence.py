"""What a phone recorded and photographed is found in the household's book, by who may see it."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from tests import makers, people
from tests.sync.phones import Phone, helper
from yihu.access.models import Reading

pytestmark = pytest.mark.django_db
VOICE = b"\x1a\x45\xdf\xa3" + b"what was said at the door" * 9
MP4 = b"\0\0\0\x1cftypiso5" + b"by another phone" * 9


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"


def recorded(home, content=VOICE, *, arrives=True):
    """Handed in by a phone: the entry, and its file if it arrives."""
    phone = Phone(helper("Gu", home))
    name = hashlib.sha256(content).hexdigest()
    says = {"sha256": name, "type": "audio/webm", "size": len(content), "about": {"of": "voice"}}
    (answer,) = phone.send(phone.entry(home, kind="evidence", says=says))
    if arrives:
        sent = phone.ask("put", f"files/{name}?offset=0&size={len(content)}", content)
        assert sent.json()["whole"] is True
    return answer["number"]


def signed_in(worker) -> Client:
    client = Client()
    client.force_login(worker)
    return client


@pytest.mark.parametrize(("content", "type_"), [(VOICE, "audio/webm"), (MP4, "audio/mp4")])
def test_a_recording_is_played_from_the_book_and_that_is_logged(content, type_):
    home = makers.household()
    number = recorded(home, content)
    client = signed_in(people.mei())
    where = reverse("household_evidence", args=[home.pk, number])

    page = client.get(f"/households/{home.pk}/?part=book").content.decode()
    whole = client.get(where)
    part = client.get(where, headers={"Range": "bytes=4-9"})

    assert f'src="{where}"' in page
    assert "<audio" in page
    assert "手机应用" in page
    assert "电话询问" not in page
    assert (whole.content, whole["Content-Type"]) == (content, type_)
    assert (part.status_code, part.content) == (206, content[4:10])
    assert part["Content-Range"] == f"bytes 4-9/{len(content)}"
    assert Reading.objects.filter(what="evidence", household_id=home.pk).count() == 2


def test_what_has_not_come_yet_is_said_and_not_offered():
    home = makers.household()
    number = recorded(home, arrives=False)
    client = signed_in(people.mei())
    where = reverse("household_evidence", args=[home.pk, number])

    page = client.get(f"/households/{home.pk}/?part=book").content.decode()

    assert "文件还没传到" in page
    assert where not in page
    assert client.get(where).status_code == 404
    assert not Reading.objects.filter(what="evidence").exists()


def test_who_may_not_see_it_hears_nothing_and_leaves_no_trace():
    home = makers.household()
    number = recorded(home)
    where = reverse("household_evidence", args=[home.pk, number])
    admin = people.worker("Ann", "administrator", makers.place("county"))

    answers = {
        name: signed_in(who).get(where).status_code
        for name, who in (("dou", people.dou()), ("admin", admin))
    }

    assert set(answers.values()) <= {403, 404}
    assert not Reading.objects.filter(what="evidence").exists()


def test_an_entry_that_is_no_evidence_has_no_file():
    home = makers.household()

    answer = signed_in(people.mei()).get(reverse("household_evidence", args=[home.pk, 1]))

    assert answer.status_code == 404
