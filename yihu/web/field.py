"""The field app's files at /field/: built by `make env`, the same for everybody.

Who signs in, and what he may see, is the business of the addresses the app asks. The files
themselves are served to whoever comes: a phone opens the app before it has a network.
"""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from yihu.problems import Problem

FILES = Path(__file__).parent / "field_files"
_KINDS = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}
#: A file whose name carries the hash of what is in it never changes.
_FOR_EVER = "public, max-age=31536000, immutable"


def _kept(name: str) -> tuple[bytes, bytes | None, str]:
    """The bytes of a file, the same packed where the build packed it, and its mark.

    Raises Problem when the build made no file of that name.
    """
    if name not in _names():
        raise Problem("access.not_yours", status=404)
    found = FILES / name
    packed = FILES / f"{name}.gz"
    stat = found.stat()
    mark = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    return found.read_bytes(), packed.read_bytes() if packed.exists() else None, mark


def _names() -> frozenset[str]:
    # Names are looked up in this list, never put together to a path: nothing else is reachable.
    return frozenset(
        each.relative_to(FILES).as_posix()
        for each in FILES.rglob("*")
        if each.is_file() and each.suffix != ".gz"
    )


@require_safe
def file(request: HttpRequest, name: str = "index.html") -> HttpResponse:
    """One file of the app; the app itself at the folder's own address."""
    plain, packed, mark = _kept(name)
    answer = HttpResponse(content_type=_KINDS.get(Path(name).suffix) or guess_type(name)[0])
    if request.headers.get("If-None-Match") == mark:
        answer = HttpResponseNotModified()
    elif packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.content = packed
        answer["Content-Encoding"] = "gzip"
    else:
        answer.content = plain
    # The page and its worker are asked for each time, or a new version would never be found.
    answer["Cache-Control"] = _FOR_EVER if name.startswith("assets/") else "no-cache"
    answer["ETag"] = mark
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


urls = [
    path("field/", file, name="field"),
    path("field/<path:name>", file, name="field_file"),
]
