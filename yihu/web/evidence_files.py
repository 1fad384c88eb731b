"""Files of evidence on their way to a browser: shown, played or saved as what their bytes are."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from yihu.book import files
from yihu.book.models import StoredFile

PICTURES = ("image/jpeg", "image/png", "image/webp")
SOUNDS = ("audio/webm", "audio/ogg", "audio/mp4")
#: What a browser shows in its own window; the rest is only ever saved.
SHOWN = (*PICTURES, *SOUNDS, "application/pdf")
#: type → how the name of such a file may end; the first is put behind any other ending.
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"), "image/png": (".png",), "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"), "application/pdf": (".pdf",), "audio/webm": (".webm",),
    "audio/ogg": (".ogg",), "audio/mp4": (".m4a",),
}  # fmt: skip
_PART = re.compile(r"^bytes=(\d+)-(\d*)$")


def evidence_answer(kept: StoredFile, name: str, part: str = "") -> HttpResponse:
    """The file, under its name; part: the header `Range`, by which some players ask for pieces.

    Raises  Problem: file.missing, file.changed
    """
    content = files.content_of(kept.sha256)
    asked = _PART.match(part)
    first = int(asked[1]) if asked else 0
    last = min(int(asked[2]) if asked and asked[2] else len(content) - 1, len(content) - 1)
    if asked and first <= last:
        answer = HttpResponse(content[first : last + 1], content_type=kept.type, status=206)
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    else:
        answer = HttpResponse(content, content_type=kept.type)
    answer.headers["Accept-Ranges"] = "bytes"
    as_ = saved_as(name or kept.sha256[:12], kept.type)
    answer.headers["Content-Disposition"] = (
        content_disposition_header(kept.type not in SHOWN, as_) or "attachment"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def saved_as(name: str, type_: str) -> str:
    """The name under which a file is saved: it ends as what it is.

    A photo that was sent as a page would be opened as one, and run, where somebody saved it.

    >>> saved_as("屋顶.JPG", "image/jpeg"), saved_as("屋顶.html", "image/png")
    ('屋顶.JPG', '屋顶.html.png')
    """
    plain, endings = " ".join(name.split()), ENDINGS.get(type_, (".bin",))
    return plain if plain.lower().endswith(endings) else plain + endings[0]
