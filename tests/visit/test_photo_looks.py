"""Photos that look the same though their bytes differ."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests import makers
from yihu.book import files
from yihu.visit.models import PhotoLook
from yihu.visit.photo_looks import bits_of, read_new


def picture(turn=0, size=(800, 600), quality=90) -> bytes:
    """A house with a roof, a door and a hill behind; turned, it is another picture."""
    made = Image.new("RGB", (800, 600), (190, 205, 220))
    draw = ImageDraw.Draw(made)
    draw.ellipse((100, 200, 900, 900), fill=(70, 110, 60))
    draw.rectangle((200, 250, 520, 560), fill=(220, 210, 190))
    draw.polygon(((160, 260), (360, 120), (560, 260)), fill=(120, 50, 40))
    draw.rectangle((320, 400, 400, 560), fill=(60, 40, 30))
    out = BytesIO()
    made.rotate(turn).resize(size).save(out, "JPEG", quality=quality)
    return out.getvalue()


def apart(one: bytes, other: bytes) -> int:
    a, b = bits_of(one), bits_of(other)
    assert a is not None
    assert b is not None
    return (a ^ b).bit_count()


def test_a_picture_made_smaller_and_saved_again_looks_the_same():
    assert apart(picture(), picture(size=(400, 300), quality=40)) <= 4


def test_another_picture_looks_otherwise():
    assert apart(picture(), picture(turn=90)) > 10


def test_a_blank_picture_says_nothing():
    out = BytesIO()
    Image.new("RGB", (100, 100), "white").save(out, "PNG")

    assert bits_of(out.getvalue()) is None


@given(st.binary(max_size=200))
def test_whatever_is_no_picture_is_not_read(content):
    assert bits_of(content) is None
    assert bits_of(picture()[:100] + content) is None


@pytest.mark.django_db
def test_each_photo_of_the_books_is_read_once(settings, tmp_path):
    settings.FILES = tmp_path
    home = makers.household()
    file = files.keep([picture()], name="a.jpg", by=None, now=makers.NOW)
    says = {"sha256": file.sha256, "type": file.type, "size": file.size}
    makers.write(home.pk, kind="evidence", says=says)

    assert (read_new(makers.TODAY, makers.TODAY), read_new(makers.TODAY, makers.TODAY)) == (1, 0)
    assert PhotoLook.objects.get().sha256 == file.sha256
