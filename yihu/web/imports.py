"""Taking in sheets: send a file, say what its columns are, see what it would write, write, undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from yihu.access.actions import log_reading
from yihu.access.scope import Scope
from yihu.exchange import submissions_columns, work
from yihu.exchange.dry import is_answers
from yihu.exchange.mapping import remember, require_whole
from yihu.exchange.models import Upload
from yihu.exchange.returned import name_of, refused, write_returned
from yihu.exchange.returned_marks import Remarks
from yihu.exchange.returned_ready import ready
from yihu.exchange.submissions import leaf
from yihu.exchange.targets import Choice, choices, meant, near
from yihu.exchange.throwing_away import may_be_thrown_away
from yihu.loop import Moment
from yihu.problems import Problem
from yihu.rulebook.refusals import Refused
from yihu.web import import_work
from yihu.web.days import day_of
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, said

TABS = ("changed", "new", "refused", "unchanged")
TYPES = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SHOWN = 50


@signed_in
def imports(request: DeskRequest) -> HttpResponse:
    """Files that were sent, and the form to send one."""
    request.scope.require("import")
    if request.method != "POST":
        return _sent_before(request)
    try:
        upload = receive(request, use="import")
    except Refused as refused:
        return _sent_before(request, refused)
    return redirect("import", id=upload.pk)


def _sent_before(request: DeskRequest, refused: Refused | None = None) -> HttpResponse:
    rows = request.scope.of(Upload).filter(use="import").select_related("by", "place")
    context = {
        "rows": rows.order_by("-at")[:SHOWN], "may_open": request.scope.may("write"),
        **given_back(request, refused),
    }  # fmt: skip
    return render(request, "imports/list.html", context, status=status_of(refused))


def given_back(request: DeskRequest, refused: Refused | None) -> dict[str, Any]:
    """What a form that sends a file shows again when it was refused: all but the file."""
    return {"given": request.POST, "refused": refused.sentence(language())} if refused else {}


def status_of(refused: Refused | None) -> int:
    """The status of an answer that shows a refusal, or none."""
    return getattr(refused, "status", 400) if refused else 200


def receive(request: DeskRequest, *, use: str, department: str = "") -> Upload:
    """Keep the file of a form and propose what its columns are.

    Raises  Problem (exchange.*, book.seen_in_future), Refused (intake.*)
    """
    file = request.FILES.get("file")
    place = request.scope.top()
    if not isinstance(file, UploadedFile) or place is None or not file.name:
        raise Problem("exchange.no_file")
    beside = request.FILES.get("attachments") if use == "import" else None
    return import_work.receive(
        file.name, file.chunks(), by=request.user, place=place, at=request.at, use=use,
        seen_on=seen_on(request),
        department=department or _department(request.scope),
        opens=request.POST.get("opens") == "1" and request.scope.may("write"),
        beside=(beside.name, beside.chunks())
        if isinstance(beside, UploadedFile) and beside.name else None,
    )  # fmt: skip


def seen_on(request: DeskRequest) -> date:
    """The day the data of a file is of, as its form says; today where it says none."""
    text = request.POST.get("seen_on", "")
    return day_of(text) if text else request.at.today


def _department(scope: Scope) -> str:
    """The department of a worker who has no other post."""
    return min(scope.departments, default="") if not scope.may("write") else ""


@signed_in
def one_import(request: DeskRequest, id: UUID) -> HttpResponse:
    """One file: its columns, its dry run, what was written."""
    request.scope.require("import")
    upload = request.scope.one(Upload, pk=id, use="import")
    return render(request, "imports/one.html", context_of(request, upload))


def context_of(request: DeskRequest, upload: Upload) -> dict[str, Any]:
    """What the page of an upload shows."""
    tab = request.GET.get("tab", "")
    rows = {kind: upload.counts.get(kind, 0) for kind in TABS}
    if tab not in TABS:
        tab = next((kind for kind in TABS if rows[kind]), "changed")
    return {
        "upload": upload,
        "may_throw_away": may_be_thrown_away(upload),
        "may_undo": upload.batch_id is not None and upload.state in ("written", "failed"),
        "mine": upload.by_id == request.user.pk,
        "cut_off": work.is_cut_off(upload),
        "busy": upload.state in work.BUSY and not work.is_cut_off(upload),
        "tabs": [(kind, rows[kind]) for kind in TABS],
        "tab": tab,
        "sample": upload.samples.get(tab, []),
        "lang": language(),
        "percent": min(100, upload.done * 100 // upload.total) if upload.total else 0,
        "by_fact": _by_fact(upload),
        "columns": columns_shown(upload),
        "choices": offered(upload) if upload.state in mappable(upload) else [],
        "is_form": is_answers(upload),
        "sheets": upload.wishes.get("sheets", []),
        "crumbs": [(said("导入", "Imports"), reverse("imports")), (upload.name, "")],
    }


def mappable(upload: Upload) -> tuple[str, ...]:
    """States in which it may be said what the columns are: a list is compared again at any time."""
    return ("kept", "read", "failed", *(("written",) if upload.use == "list" else ()))


def _by_fact(upload: Upload) -> list[tuple[str, int, int]]:
    found = upload.counts.get("by_fact", {})
    return [(fact, new, changed) for fact, (new, changed) in found.items() if new or changed]


def columns_back(request: DeskRequest, upload: Upload, refused: Refused) -> dict[str, Any]:
    """The columns as they were typed, when what was said of them was refused."""
    return {**given_back(request, refused), "columns": columns_shown(upload, request.POST)}


def columns_shown(upload: Upload, typed: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """The columns of a file, what each was said to be, and what an unknown one may be.

    typed  what a form that was refused said instead, by the name of its field
    """
    known, lang = _choices(upload), language()
    rows = []
    for place, heading in enumerate(upload.headings):
        target = upload.columns.get(str(place), "")
        word = heading.replace("\n", " ")
        like = [known[each].written(lang) for each in near(_asked(upload, word)) if not target]
        rows.append({
            "place": place, "heading": _shown(upload, word), "target": target, "like": like,
            "written": (typed or {}).get(
                f"column-{place}", known[target].written(lang) if target in known else target
            ),
        })  # fmt: skip
    return rows


def _asked(upload: Upload, heading: str) -> str:
    """A heading as the rulebook may know it: of a question in groups its own name."""
    if not is_answers(upload):
        return heading
    return "" if heading in submissions_columns.MADE else leaf(heading)


def _shown(upload: Upload, heading: str) -> str:
    """A heading for people: what the desk itself found in a submission is called by its name."""
    made = submissions_columns.MADE.get(heading) if is_answers(upload) else None
    return (label(made) if made else heading) or "—"


def _choices(upload: Upload) -> dict[str, Choice]:
    return submissions_columns.offered() if is_answers(upload) else choices()


def offered(upload: Upload) -> list[tuple[str, str]]:
    """What a column may be, as it is written, and what else it is called in sheets and forms."""
    lang = language()
    return [(each.written(lang), _hint(each)) for each in _choices(upload).values()]


def _hint(choice: Choice) -> str:
    level = {"person": ("人", "person"), "household": ("户", "household")}
    of = level.get(choice.target.partition(".")[0], ("键", "key"))
    return " · ".join([said(*of), *choice.also])


@require_POST
@signed_in
def map_columns(request: DeskRequest, id: UUID) -> HttpResponse:
    """Take what the columns are, remember it, and do the dry run."""
    request.scope.require("import")
    upload = own(request, id)
    try:
        take_columns(request, upload)
    except Refused as refused:
        context = {**context_of(request, upload), **columns_back(request, upload, refused)}
        return render(request, "imports/one.html", context, status=status_of(refused))
    return started(upload, "read", at=request.at)


def take_columns(request: DeskRequest, upload: Upload) -> None:
    """Keep the mapping of a form with its upload and for the next file of the same shape."""
    columns = {
        place: target
        for place in range(len(upload.headings))
        if (target := _meant(request, upload, place))
    }
    (submissions_columns.require_whole if is_answers(upload) else require_whole)(
        columns, upload.headings
    )
    if upload.state not in mappable(upload) and not work.is_cut_off(upload):
        raise Problem("exchange.not_in_state", status=409, state=upload.state)
    upload.columns = {str(place): target for place, target in columns.items()}
    upload.wishes = {**upload.wishes, "lang": language()}
    upload.save(update_fields=["columns", "wishes"])
    if is_answers(upload):
        submissions_columns.remember(
            upload.wishes["form"], upload.headings, columns, by=request.user, at=request.at.now
        )
        return
    department = upload.department if upload.use == "list" else ""
    remember(
        upload.headings, columns, by=request.user, at=request.at.now, department=department,
        sheet=upload.sheet if upload.wishes.get("chosen") else "",
    )  # fmt: skip


def _meant(request: DeskRequest, upload: Upload, place: int) -> str:
    given = request.POST.get(f"column-{place}")
    if given is None:
        return str(upload.columns.get(str(place), ""))
    return meant(given, upload.headings[place].replace("\n", " "), _choices(upload))


@require_POST
@signed_in
def choose_sheet(request: DeskRequest, id: UUID) -> HttpResponse:
    """Read another sheet of the workbook."""
    request.scope.require("import")
    return turned(request, own(request, id))


def turned(request: DeskRequest, upload: Upload) -> HttpResponse:
    """Turn to the sheet a form names, and show its columns."""
    import_work.turn_to(upload, str(request.POST.get("sheet", "")))
    return redirect("import" if upload.use == "import" else "list", id=upload.pk)


def own(request: DeskRequest, id: UUID, use: str = "import") -> Upload:
    """An upload of the worker's own: what was planned with his reach is written with it."""
    return request.scope.one(Upload, pk=id, use=use, by=request.user)


def started(upload: Upload, what: str, *, at: Moment) -> HttpResponse:
    """Begin work and go back to the page, which says how it ended."""
    try:
        import_work.begin(upload, what, at=at)
    except Problem as problem:
        if problem.code == "exchange.not_in_state":
            raise
    except Refused:
        pass  # kept with the upload, and shown on its page
    return redirect("import" if upload.use == "import" else "list", id=upload.pk)


@require_POST
@signed_in
def write_import(request: DeskRequest, id: UUID) -> HttpResponse:
    """Write what the dry run has shown."""
    request.scope.require("import")
    return started(own(request, id), "write", at=request.at)


@signed_in
def progress(request: DeskRequest, id: UUID) -> HttpResponse:
    """How far the work is, for the page that waits; asks for the whole page when it has ended."""
    request.scope.require("import")
    upload = request.scope.one(Upload, pk=id)
    if upload.state not in work.BUSY:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "imports/progress.html", context_of(request, upload))


@signed_in
def returned(request: DeskRequest, id: UUID) -> FileResponse:
    """The file as it came, with the reasons beside the cells of the refused rows."""
    request.scope.require("import")
    upload = own(request, id)
    made = ready(upload, language())
    if made is None:
        return send(request, upload, refused(upload, language()), "returned")
    return given(request, upload, *made, "returned")


def send(request: DeskRequest, upload: Upload, remarks: Remarks, what: str) -> FileResponse:
    """A file with remarks on its rows, and a line in the log that it was given out."""
    # Not in memory: the register of a county is large. Gone when it is sent.
    file = TemporaryFile(prefix="yihu-")  # noqa: SIM115
    try:
        ending = write_returned(upload, remarks, language(), file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return given(request, upload, file, ending, what)


def given(
    request: DeskRequest, upload: Upload, file: Iterable[bytes], ending: str, what: str
) -> FileResponse:
    """A file that is ready, and a line in the log that it was given out."""
    log_reading(
        request.user, what="exported", now=request.at.now, rows=upload.counts.get("rows", 0),
        facts=upload.columns.values(), why=f"{what}: {upload.name}"[:200],
    )  # fmt: skip
    answer = FileResponse(file, content_type=TYPES.get(ending, "text/plain"))
    answer.headers["Content-Disposition"] = attachment(name_of(upload, what, language(), ending))
    return answer


def attachment(name: str) -> str:
    """A header that names a file in any language."""
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"


urls = [
    path("imports/", imports, name="imports"),
    path("imports/<uuid:id>/", one_import, name="import"),
    path("imports/<uuid:id>/columns/", map_columns, name="import-columns"),
    path("imports/<uuid:id>/sheet/", choose_sheet, name="import-sheet"),
    path("imports/<uuid:id>/write/", write_import, name="import-write"),
    path("imports/<uuid:id>/progress/", progress, name="import-progress"),
    path("imports/<uuid:id>/returned/", returned, name="import-returned"),
]
