"""Submissions of a form as Kobo and ODK Central export them, written for a test. Nobody is real."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from uuid import uuid4

from tests.makers import AT, TODAY
from yihu.access.models import Worker
from yihu.exchange.models import Upload
from yihu.web import import_work

FORM = "household_visit"
#: The first bytes by which a picture is known.
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 40


def kobo(code: str, *members: dict[str, str], id: str = "", **answers: Any) -> dict[str, Any]:
    """A submission as Kobo's API gives it: whole paths for names, repeats as lists."""
    id = id or str(uuid4())
    made = {
        "_id": 7, "formhub/uuid": "f" * 32, "__version__": "vA", "meta/instanceID": f"uuid:{id}",
        "_xform_id_string": FORM, "_uuid": id, "_attachments": [], "_status": "submitted_via_web",
        "_geolocation": [23.6, 107.1], "_submission_time": "2020-10-16T12:30:11", "_tags": [],
        "_notes": [], "_validation_status": {}, "_submitted_by": "fang",
        "start": "2020-10-15T09:12:33.000+08:00", "end": "2020-10-15T09:40:00.000+08:00",
        "household/household_code": code,
    }  # fmt: skip
    if members:
        made["members"] = [{f"members/{k}": v for k, v in each.items()} for each in members]
    return made | answers


def results(*sent: dict[str, Any], more: str | None = None) -> bytes:
    """The answer of Kobo's API v2."""
    said = {"count": len(sent), "next": more, "previous": None, "results": list(sent)}
    return json.dumps(said, ensure_ascii=False).encode()


def odata(code: str, *members: dict[str, Any], id: str = "", **answers: Any) -> dict[str, Any]:
    """A submission as ODK Central's OData gives it: groups and repeats as trees."""
    id = id or f"uuid:{uuid4()}"
    return {
        "__id": id,
        "__system": {
            "submissionDate": "2020-10-16T16:30:00.000Z", "submitterId": "5",
            "submitterName": "fang", "attachmentsPresent": 0, "reviewState": None,
        },
        "meta": {"instanceID": id, "instanceName": None},
        "household": {"household_code": code},
        "members": [{"__id": str(n), **each} for n, each in enumerate(members)],
        "members@odata.navigationLink": "Submissions('x')/members",
        **answers,
    }  # fmt: skip


def of_central(*sent: dict[str, Any]) -> bytes:
    """The answer of Central's OData."""
    context = f"https://odk.example/v1/projects/1/forms/{FORM}.svc/$metadata#Submissions"
    return json.dumps({"@odata.context": context, "value": list(sent)}).encode()


def xml(code: str, *members: dict[str, str], id: str = "", **answers: str) -> bytes:
    """A submission as a phone sends it."""
    told = "".join(f"<{k}>{v}</{k}>" for k, v in answers.items())
    for each in members:
        told += f"<members>{''.join(f'<{k}>{v}</{k}>' for k, v in each.items())}</members>"
    return (
        f'<?xml version="1.0"?><data xmlns:orx="http://openrosa.org/xforms" id="{FORM}">'
        f"<start>2020-10-15T09:12:33.000+08:00</start>"
        f"<household><household_code>{code}</household_code></household>{told}"
        f"<orx:meta><orx:instanceID>uuid:{id or uuid4()}</orx:instanceID></orx:meta></data>"
    ).encode()


def table(*rows: dict[str, Any], separator: str = ",") -> bytes:
    """Rows as a CSV."""
    file = io.StringIO()
    heads = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(file, heads, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def zipped(**files: bytes) -> bytes:
    """Files in a zip; `__` in a name is a folder, `_dot_` a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name, body in files.items():
            out.writestr(name.replace("__", "/").replace("_dot_", "."), body)
    return made.getvalue()


def sent(
    content: bytes, by: Worker, name: str = "visits.json", columns=None, opens=False, beside=b""
) -> Upload:
    """A file that was sent and its columns as proposed, but for those given by their headings."""
    place = by.posts.get().place
    upload = import_work.receive(
        name, [content], by=by, place=place, at=AT, seen_on=TODAY, opens=opens,
        beside=("photos.zip", [beside]) if beside else None,
    )  # fmt: skip
    for heading, target in (columns or {}).items():
        upload.columns[str(upload.headings.index(heading))] = target
    upload.save(update_fields=["columns"])
    return upload


def done(upload: Upload, *what: str) -> Upload:
    """The upload after its work: read, write, undo."""
    for each in what:
        import_work.begin(upload, each, at=AT, here=True)
        upload.refresh_from_db()
    return upload
