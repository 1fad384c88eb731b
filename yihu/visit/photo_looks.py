"""How photos look: 64 bits that stay nearly the same when a picture is made smaller or sent on.

The difference hash: nine by eight grey points, each brighter than its right neighbour or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from yihu.book import files
from yihu.book.models import Entry, StoredFile
from yihu.problems import Problem
from yihu.visit.models import PhotoLook

WIDE, HIGH = 9, 8
PICTURES = ("image/jpeg", "image/png", "image/webp")
#: A phone's picture has under 50 million points; a file that claims more is not opened.
MOST_POINTS = 100_000_000


def bits_of(content: bytes) -> int | None:
    """The 64 bits of a picture; None where it cannot be read, or is all one shade."""
    try:
        with Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_POINTS:
                return None
            # A JPEG is read at an eighth of its size: that is enough for 72 points.
            picture.draft("L", (WIDE * 8, HIGH * 8))
            grey = picture.convert("L").resize((WIDE, HIGH), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    points = grey.tobytes()
    if max(points) - min(points) < WIDE:
        return None
    found = 0
    for row in range(HIGH):
        for at in range(row * WIDE, row * WIDE + WIDE - 1):
            found = found << 1 | (points[at] > points[at + 1])
    return found


def read_new(since: date, today: date) -> int:
    """Read the photos of these days that were not read before; returns how many were."""
    done = 0
    for sha256 in _unread(since, today):
        try:
            bits = bits_of(files.content_of(sha256))
        except Problem:
            continue  # its bytes are still to come, or `yihu audit` names it
        kept = None if bits is None else bits.to_bytes(8)
        PhotoLook.objects.get_or_create(sha256=sha256, defaults={"bits": kept})
        done += 1
    return done


def _unread(since: date, today: date) -> Iterator[str]:
    rows = Entry.objects.filter(kind="evidence", seen_on__range=(since, today)).order_by()
    named = {says["sha256"] for says in rows.values_list("says", flat=True).iterator()}
    pictures = StoredFile.objects.filter(type__in=PICTURES).order_by("sha256")
    pictures = pictures.exclude(pk__in=PhotoLook.objects.values("pk"))
    for sha256 in list(pictures.values_list("pk", flat=True)):
        if sha256 in named:
            yield sha256
