"""Photos go up piece by piece, after the words, and are what the entry says they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests import makers
from tests.sync.phones import Phone, helper
from yihu.book import files
from yihu.book.audit import faults_of_files
from yihu.book.models import StoredFile
from yihu.sync.photos import PARTS, awaited

pytestmark = pytest.mark.django_db
SHOT = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40
NAME, SIZE = hashlib.sha256(SHOT).hexdigest(), len(SHOT)


@pytest.fixture(autouse=True)
def on_the_day(settings, tmp_path):
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"


def shooting(name=NAME, size=SIZE, by="Gu"):
    """A phone that has handed in the entry of a photo."""
    home = makers.household()
    phone = Phone(helper(by, home))
    says = {"sha256": name, "type": "image/jpeg", "size": size}
    assert phone.send(phone.entry(home, kind="evidence", says=says))[0]["outcome"] == "taken"
    return phone


def piece(phone, offset, content, size=SIZE, name=NAME, method="put"):
    return phone.ask(method, f"files/{name}?offset={offset}&size={size}", content)


def test_a_photo_is_kept_when_its_last_piece_has_come():
    phone = shooting()

    first, last = piece(phone, 0, SHOT[:5000]), piece(phone, 5000, SHOT[5000:], method="patch")

    assert first.json() == {"offset": 5000, "whole": False}
    assert last.json() == {"offset": len(SHOT), "whole": True}
    assert files.content_of(NAME) == SHOT
    assert StoredFile.objects.get().by == phone.worker


def test_half_a_photo_goes_on_where_it_broke_off():
    phone = shooting()
    piece(phone, 0, SHOT[:3000])

    asked = phone.ask("get", f"files/{NAME}").json()
    head = phone.ask("head", f"files/{NAME}")
    again, over = piece(phone, 0, SHOT[:3000]), piece(phone, 9000, SHOT[9000:])
    rest = piece(phone, asked["offset"], SHOT[asked["offset"] :])

    assert asked == {"offset": 3000, "whole": False}
    assert head.status_code == 200
    assert [again.json()["offset"], over.json()["offset"]] == [3000, 3000]
    assert rest.json()["whole"] is True
    assert files.content_of(NAME) == SHOT


def test_a_photo_awaited_is_said_to_be_and_is_no_fault_of_the_book():
    phone = shooting()

    assert awaited({NAME, "b" * 64}) == {NAME}
    assert list(faults_of_files()) == []
    piece(phone, 0, SHOT)
    files.path_of(NAME).unlink()
    assert awaited({NAME}) == set()
    assert [fault.what for fault in faults_of_files()] == ["file.missing"]


def test_what_is_not_what_the_entry_says_is_dropped_and_begins_anew():
    phone = shooting()

    wrong = piece(phone, 0, SHOT[:-1] + b"!")

    assert (wrong.status_code, wrong.json()["code"]) == (422, "sync.wrong_hash")
    assert phone.ask("get", f"files/{NAME}").json() == {"offset": 0, "whole": False}
    assert not StoredFile.objects.exists()
    assert piece(phone, 0, SHOT).json()["whole"] is True


def test_more_bytes_than_were_said_are_dropped():
    phone = shooting()

    over = piece(phone, 0, SHOT + b"more")

    assert (over.status_code, over.json()["code"]) == (422, "sync.wrong_size")
    assert phone.ask("get", f"files/{NAME}").json()["offset"] == 0


def test_a_file_too_large_is_refused_before_a_byte_of_it_is_kept(settings):
    phone = shooting()

    reply = piece(phone, 0, SHOT, size=files.LARGEST + 1)

    assert (reply.status_code, reply.json()["code"]) == (413, "file.too_large")
    assert not (Path(settings.FILES) / PARTS).exists()


@pytest.mark.parametrize("size", [0, -5])
def test_an_empty_file_is_refused(size):
    assert piece(shooting(), 0, b"", size=size).json()["code"] == "file.empty"


def test_what_is_no_picture_is_refused_whatever_it_is_called():
    page = b"<html><script>alert(1)</script></html>"
    name = hashlib.sha256(page).hexdigest()
    phone = shooting(name, len(page))

    reply = piece(phone, 0, page, size=len(page), name=name)

    assert (reply.status_code, reply.json()["code"]) == (415, "file.wrong_type")
    assert phone.ask("get", f"files/{name}").json()["offset"] == 0


@pytest.mark.parametrize("name", ["c" * 64, "x", "..%2F..%2Fetc"])
def test_a_file_no_entry_speaks_of_is_not_taken(name):
    phone = shooting()

    reply = piece(phone, 0, SHOT, name=name)

    assert reply.status_code == 404
    assert not StoredFile.objects.exists()


def test_nobody_spoils_what_another_has_half_sent():
    phone, other = shooting(), shooting(by="Tan")
    piece(phone, 0, SHOT[:5000])

    piece(other, 0, b"\xff\xd8\xff" + b"rubbish" * 700)

    assert piece(phone, 5000, SHOT[5000:]).json()["whole"] is True


def test_the_same_photo_sent_by_two_is_kept_once_and_whole_at_once():
    first, second = shooting(), shooting(by="Tan")
    piece(first, 0, SHOT)

    assert piece(second, 0, SHOT[:10]).json() == {"offset": len(SHOT), "whole": True}
    assert StoredFile.objects.count() == 1
