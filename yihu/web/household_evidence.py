"""Photos, papers and recordings of a household's book: looked at and played from there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.book import files
from yihu.book.models import Entry
from yihu.card.models import Household
from yihu.problems import Problem
from yihu.web.evidence_files import PICTURES, SOUNDS, evidence_answer
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said

#: What a phone says a photo shows → its two names.
OF = {
    "house": ("房屋照片", "Photo of the house"), "card": ("帮扶卡照片", "Photo of the card"),
    "paper": ("证件材料照片", "Photo of a paper"), "person": ("人的照片", "Photo of a person"),
    "voice": ("录音", "Recording"), "signature 户主": ("户主签名", "Signature of the household"),
    "signature 帮扶人": ("帮扶人签名", "Signature of the helper"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of an entry. kind: picture, sound or file; "" while it has not come."""

    name: str
    kind: str
    kilobytes: int


def files_of(entries: Iterable[Entry], scope: Scope, home: Household) -> dict[int, Evidence]:
    """Number of an entry → its file, as far as the worker may see what is sensitive."""
    if not scope.sees("sensitive", home):
        return {}
    rows = {e.number: e.says for e in entries if e.kind == "evidence"}
    types = files.types_of({says["sha256"] for says in rows.values()})
    return {
        number: Evidence(
            name=_name(says), kind=_kind(types.get(says["sha256"])),
            kilobytes=max(1, int(says["size"]) // 1024),
        )
        for number, says in rows.items()
    }  # fmt: skip


def _name(says: dict[str, object]) -> str:
    about = says.get("about")
    of = about.get("of") if isinstance(about, dict) else None
    words = OF.get(str(of))
    return said(*words) if words else str(says.get("name") or str(says["sha256"])[:12])


def _kind(type_: str | None) -> str:
    if type_ is None:
        return ""
    return "picture" if type_ in PICTURES else "sound" if type_ in SOUNDS else "file"


@signed_in
@require_safe
def evidence(request: DeskRequest, id: UUID, number: int) -> HttpResponse:
    """One file of a household's book; that it was looked at or listened to is logged."""
    home = request.scope.one(Household, pk=id)
    request.scope.require_sight("sensitive", home)
    entry = request.scope.one(Entry, book_id=home.pk, number=number, kind="evidence")
    kept = files.kept(entry.says["sha256"])
    if kept is None:
        raise Problem("file.missing", status=404, sha256=entry.says["sha256"][:12])
    log_reading(
        request.user, what="evidence", now=request.at.now, household=home.pk, rows=1,
        why=f"book entry {number}",
    )  # fmt: skip
    name = str(entry.says.get("name", ""))
    return evidence_answer(kept, name, request.headers.get("Range", ""))


urls = [
    path("households/<uuid:id>/evidence/<int:number>/", evidence, name="household_evidence"),
]
