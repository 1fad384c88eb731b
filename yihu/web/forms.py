"""Upper levels' forms: sent once, mapped, saved by name, filled for chosen households."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from yihu.exchange import forms
from yihu.exchange.forms_filled import Chosen, Filled, fill, homes_of, is_list, listing
from yihu.exchange.forms_out import WHY, log_form
from yihu.exchange.models import Form
from yihu.exchange.out import LEAST_REASON, MOST_REASON, STATUS
from yihu.exchange.targets import Choice, meant
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.web.exports import answer as as_file
from yihu.web.exports import places_of
from yihu.web.imports import attachment
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import label, language, said

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
#: Cells that were not filled, on the page; the file has all of them.
SHOWN = 200
#: Blank lines for cells nobody guessed.
MORE = 4
_CODES = re.compile(r"[\s,，、;；]+")


@signed_in
def all_forms(request: DeskRequest) -> HttpResponse:
    """Forms that were sent, and the form to send one."""
    request.scope.require("export")
    if request.method == "POST":
        file, place = request.FILES.get("file"), request.scope.top()
        if not isinstance(file, UploadedFile) or place is None or not file.name:
            raise Problem("exchange.no_file")
        made = forms.receive(
            file.name, file.chunks(), by=request.user, place=place, now=request.at.now
        )
        _say_like(request, made.like)
        return redirect("form", id=made.form.pk)
    rows = forms.forms_of(request.scope).select_related("by", "place").order_by("name")
    crumbs = [(said("导出", "Give out"), reverse("exports")), (said("上级表样", "Forms"), "")]
    return render(request, "forms/list.html", {"rows": rows, "crumbs": crumbs})


def _say_like(request: DeskRequest, like: str) -> None:
    """From which saved form the proposal comes."""
    if like:
        messages.info(
            request,
            said(f"表头与表样“{like}”相近，已沿用它的填法；请核对后保存。",
                 f"The headings are those of “{like}”: what stands in them was taken "
                 "over. Look through it and save."),
        )  # fmt: skip


def _form(request: DeskRequest, id: UUID) -> Form:
    found = forms.forms_of(request.scope).select_related("by", "place").filter(pk=id).first()
    if found is None:
        raise Problem("access.not_yours", status=404)
    return found


def _own(request: DeskRequest, id: UUID) -> Form:
    found = _form(request, id)
    if found.by_id != request.user.pk:
        raise Problem("access.not_yours", status=404)
    return found


@signed_in
def one_form(request: DeskRequest, id: UUID) -> HttpResponse:
    """One form: what stands in its cells, and for whom it is to be filled."""
    request.scope.require("export")
    form = _form(request, id)
    return render(request, "forms/one.html", _context(request, form))


def _context(request: DeskRequest, form: Form) -> dict[str, Any]:
    offered = forms.form_choices()
    return {
        "form": form,
        "mine": form.by_id == request.user.pk,
        "is_list": is_list(form) or not form.mapping.get("cells"),
        "lines": _lines(form, offered),
        "more": range(MORE),
        "choices": [
            (each.written(language()), " · ".join(each.also)) for each in offered.values()
        ],
        "places": places_of(request.scope),
        "may_unmask": request.scope.may("unmask") and request.scope.sees("secret"),
        "statuses": [(name, label(text)) for name, text in STATUS.items()],
        "crumbs": [(said("导出", "Give out"), reverse("exports")),
                   (said("上级表样", "Forms"), reverse("forms")), (form.name, "")],
    }  # fmt: skip


def _lines(form: Form, offered: dict[str, Choice]) -> list[dict[str, str]]:
    """Each column or cell of the form: where, how the form calls it, what stands in it."""
    mapped: dict[str, str] = {
        **form.mapping.get("columns", {}), **form.mapping.get("cells", {})
    }  # fmt: skip
    return [
        {"at": at, "heading": form.headings.get(at, "").replace("\n", " "),
         "written": offered[mapped[at]].written(language()) if mapped.get(at) in offered else ""}
        for at in sorted({*form.headings, *mapped}, key=forms.in_order)
    ]  # fmt: skip


@require_POST
@signed_in
def save_form(request: DeskRequest, id: UUID) -> HttpResponse:
    """Save by name what stands in the cells; or turn to another sheet; or let the form go."""
    request.scope.require("export")
    form = _own(request, id)
    act = request.POST.get("act", "save")
    if act == "drop":
        forms.remove(form.pk)
        return redirect("forms")
    if act == "turn":
        saved = forms.forms_of(request.scope)
        _say_like(request, forms.turn_to(form, request.POST.get("sheet", ""), saved=saved))
    else:
        forms.save(
            form, name=request.POST.get("name", ""), mapping=_mapping(request, form),
            shared=request.POST.get("shared") == "1", now=request.at.now,
        )  # fmt: skip
    return redirect("form", id=form.pk)


def _mapping(request: DeskRequest, form: Form) -> dict[str, Any]:
    given, offered = request.POST, forms.form_choices()
    said_of: dict[str, str] = {}
    for at, text in zip(given.getlist("at"), given.getlist("what"), strict=False):
        where = at.strip().upper()
        if where and text.strip():
            said_of[where] = meant(text, form.headings.get(where, where), offered)
    sheet = form.mapping.get("sheet", "")
    columns = {where: what for where, what in said_of.items() if where.isalpha()}
    cells = {where: what for where, what in said_of.items() if where not in columns}
    row = given.get("first_row", "")
    first = int(row) if row.isdecimal() and 1 <= int(row) <= 1_000_000 else 2
    parts = {"columns": columns, "first_row": first if columns else 0, "cells": cells}
    return {"sheet": sheet, **{name: part for name, part in parts.items() if part}}


@require_POST
@signed_in
def fill_chosen(request: DeskRequest, id: UUID) -> HttpResponseBase:
    """Fill the form for the chosen households: what could not be filled, the file, or the list."""
    request.scope.require("export")
    form, given = _form(request, id), request.POST
    whole, why = given.get("whole") == "1", given.get("why", "")
    codes = tuple(dict.fromkeys(filter(None, _CODES.split(given.get("codes", "")))))
    chosen = Chosen(given.get("place", ""), given.get("status", ""), codes)
    try:
        if whole:
            good_reason(why, "exchange.no_reason", least=LEAST_REASON, most=MOST_REASON)
        homes = homes_of(form, chosen, request.scope)
        made = fill(form, homes, scope=request.scope, whole=whole)
    except Problem as refused:
        context = {**_context(request, form), "chosen": chosen,
                   "whole": whole, "why": why, "refused": refused.sentence(language())}  # fmt: skip
        return render(request, "forms/one.html", context, status=refused.status)
    wanted = given.get("wanted", "page")
    if wanted == "file":
        log_form(
            form.mapping, form.name, homes, scope=request.scope, now=request.at.now,
            whole=whole, why=why if whole else "",
        )  # fmt: skip
        return _sent(form, made)
    words = {name: label(text) for name, text in WHY.items()}
    if wanted == "list":
        table = listing(made.unfilled, forms.form_choices(), words, language())
        return as_file(table, "xlsx", f"{form.name}-{said('未填单元格', 'unfilled')}.xlsx")
    result = _result(form, made, words, chosen) | {"whole": whole, "why": why}
    return render(request, "forms/filled.html", result)


def _sent(form: Form, made: Filled) -> HttpResponse:
    reply = HttpResponse(made.content, content_type=TYPES[made.ending])
    reply.headers["Content-Disposition"] = attachment(f"{form.name}.{made.ending}")
    return reply


def _result(form: Form, made: Filled, why: dict[str, str], chosen: Chosen) -> dict[str, Any]:
    names = forms.form_choices()
    return {
        "form": form, "made": made, "count": len(made.unfilled),
        "unfilled": [
            {"code": code or each.whose, "sheet": each.sheet, "address": each.address,
             "what": label(names[each.what].label) if each.what in names else each.what,
             "why": why.get(each.why, each.why)}
            for code, each in made.unfilled[:SHOWN]
        ],
        "fields": {"place": chosen.place, "status": chosen.status,
                   "codes": " ".join(chosen.codes)}.items(),
        "crumbs": [(said("上级表样", "Forms"), reverse("forms")),
                   (form.name, reverse("form", args=[form.pk])), (said("填好的表", "Filled"), "")],
    }  # fmt: skip


urls = [
    path("forms/", all_forms, name="forms"),
    path("forms/<uuid:id>/", one_form, name="form"),
    path("forms/<uuid:id>/save/", save_form, name="form-save"),
    path("forms/<uuid:id>/fill/", fill_chosen, name="form-fill"),
]
