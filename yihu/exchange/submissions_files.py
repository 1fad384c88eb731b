"""Attachments of submissions: taken from the zip that was sent, or from one sent beside the file.

Nothing is fetched from anywhere. What was not sent is awaited: sent later with the same
submissions, it is added to the visits that name it.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO
from uuid import UUID, uuid5

from yihu.access.models import Worker
from yihu.book import files
from yihu.book.actions import NewEntry
from yihu.book.models import StoredFile
from yihu.exchange.kept import PIECE, in_clear, keep, path_of
from yihu.exchange.models import Upload
from yihu.exchange.submissions_plan import VisitPlan
from yihu.exchange.submissions_read import opened_zip
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused

SOURCE = "odk"
_NAME = "attachments.zip"


def id_of(upload: UUID) -> UUID:
    """Under what the attachments sent beside an upload are kept."""
    return uuid5(upload, "attachments")


def keep_beside(upload: UUID, name: str, pieces: Iterable[bytes]) -> None:
    """Keep a zip of attachments beside its upload. Raises Problem (exchange.*)."""
    if not name.lower().endswith(".zip"):
        raise Problem("exchange.wrong_kind", file=name, endings=".zip")
    keep(id_of(upload), _NAME, pieces)


@contextmanager
def zipped(folder: Path) -> Iterator[Iterator[bytes]]:
    """A folder of attachments as a zip."""
    with tempfile.TemporaryFile(prefix="yihu-") as file:
        with zipfile.ZipFile(file, "w") as made:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                made.write(path, path.relative_to(folder).as_posix())
        file.seek(0)
        yield iter(lambda: file.read(PIECE), b"")


class Attachments:
    """The files that came with an upload, by the name a submission gives them."""

    def __init__(self, zips: Iterable[zipfile.ZipFile]) -> None:
        self._by_name = defaultdict[str, list[tuple[zipfile.ZipFile, zipfile.ZipInfo]]](list)
        for each in zips:
            for entry in each.infolist():
                if not entry.is_dir():
                    self._by_name[PurePosixPath(entry.filename).name].append((each, entry))

    def has(self, submission: str, name: str) -> bool:
        """Whether a file was sent that the book would keep."""
        found = self._found(submission, name)
        if found is None or found[1].file_size > files.LARGEST:
            return False
        try:
            with found[0].open(found[1]) as file:
                files.type_of(file.read(32), name)
        except (Refused, zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError):
            return False
        return True

    def keep(self, submission: str, name: str, *, by: Worker, now: datetime) -> StoredFile:
        """Keep a file `has` has found as evidence."""
        found = self._found(submission, name)
        if found is None:
            raise Problem("exchange.changed_since", status=409)
        with found[0].open(found[1]) as file:
            return files.keep(_pieces(file), name=name, by=by, now=now)

    def _found(self, submission: str, name: str) -> tuple[zipfile.ZipFile, zipfile.ZipInfo] | None:
        """The file of that name; of several, the one in a folder named by the submission."""
        those = self._by_name.get(name, [])
        if len(those) > 1:
            own = submission.removeprefix("uuid:")
            those = [each for each in those if own in each[1].filename]
        return those[0] if len(those) == 1 else None


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


@contextmanager
def attachments(upload: Upload) -> Iterator[Attachments]:
    """What came with an upload, for as long as it is read."""
    with ExitStack() as stack:
        zips = []
        if upload.name.lower().endswith(".zip"):
            path = stack.enter_context(in_clear(upload.pk, upload.name))
            zips.append(stack.enter_context(opened_zip(path)))
        if path_of(id_of(upload.pk)).exists():
            path = stack.enter_context(in_clear(id_of(upload.pk), _NAME))
            zips.append(stack.enter_context(opened_zip(path)))
        yield Attachments(zips)


def entries_of_visit(
    plan: VisitPlan, attached: Attachments, *, by: Worker, now: datetime
) -> list[NewEntry]:
    """A submission as entries: who came, the visit or what was mended in it, its files."""
    made = []
    new = {act["person"] for act in plan.acts}
    if plan.acts:
        members = {person: plan.members[person] for person in new if plan.members.get(person)}
        made.append(_entry(plan, "people", {"acts": plan.acts, "members": members}))
    if not plan.is_empty:
        told = {"household": plan.answered["household"], "members": {
            person: facts for person, facts in plan.answered["members"].items()
            if facts and not (plan.known and person in new)
        }}  # fmt: skip
        says = {**{name: value for name, value in told.items() if value}, **plan.about}
        made.append(_entry(plan, "facts" if plan.known else "visit", says))
    for name in plan.files:
        kept = attached.keep(plan.submission, name, by=by, now=now)
        about = {"about": {"submission": plan.submission, "name": name}}
        made.append(files.evidence(kept, book=plan.id, seen_on=plan.day, source=SOURCE, **about))
    return made


def _entry(plan: VisitPlan, kind: str, says: dict[str, object]) -> NewEntry:
    made = NewEntry(book=plan.id, kind=kind, says=says, seen_on=plan.day, source=SOURCE)
    # The id of a visit follows from its submission: two who send it at once write it once.
    return replace(made, id=plan.visit_id) if kind == "visit" else made
