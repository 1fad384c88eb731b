"""Submissions as a table: a row for each member of a repeat, columns for what every export says.

So what is done to sheets – columns, dry run, refused rows, writing, undoing – is done to them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.utils.timezone import get_default_timezone

from yihu.exchange.returned_marks import is_added
from yihu.exchange.submissions_read import Sent, Tree, read_file
from yihu.problems import Problem
from yihu.rulebook.intake.opened import BATCH, Batch

#: Columns the table makes itself, whatever the export calls them.
SUBMISSION, DAY, BY, REPEAT = "_submission", "_day", "_submitter", "_repeat"
ATTACHED, REVIEW, FORM = "_attachments_named", "_review", "_form"
OWN = (SUBMISSION, DAY, BY, REPEAT, REVIEW, ATTACHED, FORM)
#: What names a submission, however often it was edited, then what names this version of it.
_IDS = (
    SUBMISSION, "meta/rootuuid", "__id", "meta/deprecatedid", "_uuid", "key", "meta/instanceid",
    "instanceid",
)  # fmt: skip
_DAYS = (DAY, "today", "start", "end", "_submission_time", "__system/submissiondate",
         "submissiondate")  # fmt: skip
_BY = (BY, "_submitted_by", "__system/submittername", "submittername", "username")
_REVIEWS = (REVIEW, "__system/reviewstate", "reviewstate", "_validation_status/uid",
            "_validation_status")  # fmt: skip
#: What servers add and nobody answered.
_OF_SERVERS = re.compile(
    r"(_id|formhub/uuid|__version__|_version_|_version|_xform_id_string|_status|_tags|_notes"
    r"|_validation_status(/.*)?|_submission_time|_submitted_by|_geolocation|_attachments|_bamboo.*|_index|_edited|__system/.*|@odata.*|.*@odata\..*"
    r"|meta/.*|instanceid|key|_uuid|__id|set-of-.*|_deleted|_rooted|deviceid|attachments(present"
    r"|expected)|status|reviewstate|edits|formversion|submitter(id|name)|submissiondate)",
    re.IGNORECASE,
)
#: What the book keeps as evidence: pictures and papers.
_MEDIA = re.compile(r"[^/\\\n]{1,150}\.(jpe?g|png|webp|heic|pdf)", re.IGNORECASE)
_SEPARATOR = re.compile(r"[/.\-:]")


class SubmissionTable:
    """An opened file of submissions; see `Table`.

    form     id of the form, "" where the file does not say
    partial  the server had more submissions than the file holds
    """

    is_folder = False
    first_row = 1

    def __init__(self, path: Path) -> None:
        sent = read_file(path)
        self.name, self.form, self.partial = path.name, sent.form, sent.partial
        self.rows = list(_rows(sent))
        if not self.rows:
            raise Problem("exchange.nothing_in_it", file=path.name)
        seen = dict.fromkeys(heading for row in self.rows for heading in row)
        self.headings = [name for name in OWN if name in seen]
        self.headings += [name for name in seen if name not in OWN and not is_added(name)]

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch."""
        for start in range(0, len(self.rows), size):
            part = self.rows[start : start + size]
            columns: dict[int, Any] = {
                place: [row.get(self.headings[place]) for row in part] for place in places
            }
            yield Batch(range(start + 1, start + len(part) + 1), columns)


def leaf(heading: str) -> str:
    """The question's own name in a path of groups.

    >>> leaf("house/water"), leaf("group-members-schooling"), leaf("_day")
    ('water', 'schooling', '_day')
    """
    return _SEPARATOR.split(heading)[-1] or heading


def _rows(sent: Sent) -> Iterator[Tree]:
    for tree in sent.trees:
        flat, repeats = _flattened(tree)
        low = {name.lower().replace("-", "/").replace(".", "/"): v for name, v in flat.items()}
        base = {
            SUBMISSION: _text(_first(low, _IDS)).removeprefix("uuid:"),
            DAY: day_in(low), BY: _text(_first(low, _BY)), REVIEW: _text(_first(low, _REVIEWS)),
            ATTACHED: "\n".join(_attached(tree)), FORM: sent.form,
        }  # fmt: skip
        base = {name: value for name, value in base.items() if value}
        answers = {name: _value(v) for name, v in flat.items() if not _is_of_server(name)}
        for row in _unrolled(repeats):
            yield {**base, **answers, **row}


def _flattened(tree: Tree, above: str = "") -> tuple[Tree, list[tuple[str, list[Tree]]]]:
    """Answers by path, and the repeats with their trees."""
    flat: Tree = {}
    repeats: list[tuple[str, list[Tree]]] = []
    for name, value in tree.items():
        # Inside a repeat Kobo names questions by their whole path again.
        path = name if not above or name.startswith(f"{above}/") else f"{above}/{name}"
        if isinstance(value, dict) and not _is_point(value):
            more, inner = _flattened(value, path)
            flat |= more
            repeats += inner
        elif isinstance(value, list) and value and all(isinstance(e, dict) for e in value):
            if name not in ("_attachments", "_notes", "_tags"):
                repeats.append((path, value))
        else:
            flat[path] = value
    return flat, repeats


def _unrolled(repeats: Sequence[tuple[str, Sequence[Tree]]]) -> Iterator[Tree]:
    """A row for each member of each repeat; one empty row where there is none."""
    found = False
    for path, trees in repeats:
        for at, tree in enumerate(trees, start=1):
            flat, inner = _flattened(tree, path)
            answers = {name: _value(v) for name, v in flat.items() if not _is_of_server(name)}
            for row in _unrolled(inner):
                found = True
                within = row.get(REPEAT, "")
                mark = f"{path}[{at}]" + (f" {within}" if within else "")
                yield {**answers, **row, REPEAT: mark}
    if not found:
        yield {}


def _is_of_server(name: str) -> bool:
    plain = name.replace(".", "/").replace("meta-", "meta/")
    return name not in OWN and _OF_SERVERS.fullmatch(plain) is not None


def _is_point(value: Tree) -> bool:
    """Whether OData says a place: a point of two or three numbers."""
    found = value.get("coordinates")
    return (
        isinstance(found, list)
        and len(found) in (2, 3)
        and all(isinstance(number, int | float | None) for number in found)
    )


def _value(value: Any) -> Any:
    """An answer as a cell: a list of choices with blanks, a point as ODK writes it."""
    if isinstance(value, list):
        return " ".join(_text(each) for each in value)
    if isinstance(value, dict):
        longitude, latitude, *height = [*value["coordinates"], None][:3]
        about = value.get("properties")
        accuracy = about.get("accuracy") if isinstance(about, dict) else None
        return " ".join(_text(n or 0) for n in (latitude, longitude, *height, accuracy))
    return value


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _first(flat: Tree, names: Sequence[str]) -> Any:
    return next((flat[name] for name in names if flat.get(name) not in (None, "")), None)


def day_in(low: Tree) -> str:
    """The day of a submission: what the form noted, else when the server had it."""
    for name in _DAYS:
        found = next((v for path, v in low.items() if path.rpartition("/")[2] == name
                      or path == name), None)  # fmt: skip
        day = local_day(_text(found))
        if day is not None:
            return day.isoformat()
    return ""


def local_day(text: str) -> date | None:
    """The day of a moment where it was written; a server's moment as the county's day.

    >>> local_day("2020-10-16T23:30:00.000+08:00"), local_day("2020-10-17")
    (datetime.date(2020, 10, 16), datetime.date(2020, 10, 17))
    """
    try:
        if len(text) == len("2020-10-17"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.utcoffset():
        return moment.date()
    return moment.astimezone(get_default_timezone()).date()


def _attached(tree: Any) -> list[str]:
    """Names of pictures and papers that belong to a submission."""
    found: list[str] = []
    listed = tree.get("_attachments") if isinstance(tree, dict) else None
    if isinstance(listed, list):
        names = [str(each.get("media_file_basename") or each.get("filename") or "")
                 for each in listed if isinstance(each, dict)]  # fmt: skip
        found += [name.rpartition("/")[2] for name in names]
    elif isinstance(tree, dict) and isinstance(tree.get(ATTACHED), str):
        found += tree[ATTACHED].split("\n")
    _add_media({k: v for k, v in tree.items() if k != "_attachments"}, found)
    return list(dict.fromkeys(name for name in found if _MEDIA.fullmatch(name)))


def _add_media(value: Any, into: list[str]) -> None:
    if isinstance(value, str):
        if _MEDIA.fullmatch(value.strip()):
            into.append(value.strip())
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _add_media(each, into)
