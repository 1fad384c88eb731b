"""Lists that leave the desk: which, of where, with what columns, in what format."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from yihu.access.scope import Scope
from yihu.exchange.out import LISTS, STATES, STATUS, Column, Listing, Wish, facts_of, give_out
from yihu.exchange.out_files import TYPES, parts_of_csv, write_parquet, write_xlsx
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.report.section_titles import file_name, section_titles
from yihu.rulebook.language.layers import SHIPPED
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language


@signed_in
@require_http_methods(["GET", "POST"])
def exports(request: DeskRequest) -> HttpResponseBase:
    """Choose a list; POST gives it out."""
    request.scope.require("export")
    if request.method != "POST":
        return render(request, "exports/choose.html", _form(request, request.GET))
    try:
        return _file(request)
    except Problem as refused:
        # What was chosen comes back: a reason left out costs no column that was ticked.
        context = {**_form(request, request.POST), "refused": refused.sentence(language())}
        return render(request, "exports/choose.html", context, status=refused.status)


def _form(request: DeskRequest, given: QueryDict) -> dict[str, Any]:
    scope = request.scope
    what = given.get("what", "households")
    level = {"households": "household", "people": "person"}.get(what, "")
    return {
        "what": what,
        "lists": [(name, label(text)) for name, text in LISTS.items()],
        "place": given.get("place", ""),
        "places": places_of(scope),
        "status": given.get("status", ""),
        "statuses": [(name, label(text)) for name, text in STATUS.items()],
        "state": given.get("state", ""),
        "states": [(name, label(text)) for name, text in STATES.items()],
        "rule": given.get("rule", ""),
        "level": level,
        "groups": _groups(level, scope) if level else [],
        "endings": [("xlsx", "Excel (xlsx)"), ("csv", "CSV"), ("parquet", "Parquet")],
        "ending": given.get("ending", "xlsx"),
        "chosen": given.getlist("fact"),
        "whole": given.get("whole"),
        "why": given.get("why", ""),
        "may_unmask": scope.may("unmask") and scope.sees("secret") and bool(level),
    }


def places_of(scope: Scope) -> list[tuple[str, str]]:
    """Code and name of each place that is reached, set in by its depth."""
    rows = scope.of(Place).filter(until=None).exclude(level="hamlet").order_by("path")
    found = list(rows.values_list("code", "name", "path"))
    least = min((len(way) for *_, way in found), default=0)
    return [(code, "　" * ((len(way) - least) // 7) + name) for code, name, way in found]


def _groups(level: str, scope: Scope) -> list[tuple[str, list[tuple[str, str]]]]:
    titles = section_titles(sorted(SHIPPED.iterdir()))
    groups: dict[str, list[tuple[str, str]]] = {}
    for spec in facts_of(level, scope):
        file = spec.where.rpartition(":")[0].removesuffix(".toml")
        title = label(titles.get(file) or file_name(file))
        groups.setdefault(title, []).append((spec.name, label(spec.label)))
    return list(groups.items())


def _file(request: DeskRequest) -> HttpResponseBase:
    given = request.POST
    ending = given.get("ending", "xlsx")
    if ending not in TYPES:
        raise Problem("exchange.no_such_format", found=ending, known=", ".join(TYPES))
    wish = Wish(
        given.get("what", ""), given.get("place", ""), given.get("status", ""),
        given.get("state", ""), given.get("rule", ""), tuple(given.getlist("fact")),
        given.get("whole") == "1", given.get("why", ""),
    )  # fmt: skip
    listing = give_out(wish, scope=request.scope, now=request.at.now)
    name = f"{LISTS[listing.what].zh}-{request.at.today.isoformat()}.{ending}"
    return answer(listing, ending, name)


def answer(listing: Listing, ending: str, name: str) -> HttpResponseBase:
    """A list as a file: csv as it is read, the others once they are whole."""
    if ending not in TYPES:
        raise Problem("exchange.no_such_format", found=ending, known=", ".join(TYPES))
    if ending == "csv":
        made: HttpResponseBase = StreamingHttpResponse(
            parts_of_csv(listing), content_type=TYPES[ending]
        )
        made.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        return made
    file = tempfile.NamedTemporaryFile(suffix=f".{ending}")  # noqa: SIM115  sent, then closed
    try:
        {"xlsx": write_xlsx, "parquet": write_parquet}[ending](listing, Path(file.name))
    except BaseException:
        file.close()
        raise
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[ending])


def small_table(
    name: str, ending: str, columns: list[str], rows: list[list[Any]]
) -> HttpResponseBase:
    """A table of a page as a file; cells that are numbers stay numbers."""
    if ending not in TYPES:
        raise Problem("exchange.no_such_format", found=ending, known=", ".join(TYPES))
    kinds = zip(*rows, strict=True) if rows else [()] * len(columns)
    made = [
        Column(word, all(isinstance(v, int | float) or v is None for v in cells))
        for word, cells in zip(columns, kinds, strict=True)
    ]
    return answer(Listing("table", made, len(rows), lambda: iter(rows)), ending, f"{name}.{ending}")


urls = [path("exports/", exports, name="exports")]
