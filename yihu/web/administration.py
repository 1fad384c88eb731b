"""Administration: roles, the rulebook in use, keys, backups, sessions, and one's own tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from yihu import __version__
from yihu.access import actions
from yihu.access.models import Token
from yihu.access.roles import ROLES
from yihu.access.scope import ACTS, Scope
from yihu.book import anchor, dictionary
from yihu.card import anchoring
from yihu.problems import Problem
from yihu.web.middleware import DeskRequest, signed_in
from yihu.web.says import said
from yihu.web.typed_in import number_in

#: Privacy classes as they are called here.
CLASSES = {
    "public": ("公开", "public"),
    "household": ("户情", "household"),
    "sensitive": ("敏感", "sensitive"),
    "secret": ("机密", "secret"),
}


#: Scopes of a token as they are called here.
SCOPES = {"read": ("读取", "read"), "write": ("写入", "write"), "export": ("导出", "export")}


@signed_in
def administration(request: DeskRequest) -> HttpResponse:
    """How the installation stands: for those who keep accounts or read the logs."""
    scope = request.scope
    if not scope.may("audit"):
        scope.require("people")
    book, keys = dictionary.active(), dictionary.keys()
    context = {
        "roles": _roles(), "version": __version__, "book": book,
        "facts": len(book.facts), "rules": len(book.rules),
        "key": keys.now, "keys": len(keys.ciphers), "backups": _backups(),
        "database": settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1],
        "signed_in": Session.objects.filter(expire_date__gt=timezone.now()).count(),
        "https": settings.HTTPS, "may_read": scope.may("audit"), "kept": _newest_anchor(),
    }  # fmt: skip
    return render(request, "administration/page.html", context)


@signed_in
def anchor_on_paper(request: DeskRequest) -> HttpResponse:
    """The newest anchor's day and root, to be printed and kept by another office."""
    if not request.scope.may("audit"):
        request.scope.require("people")
    context = {
        "kept": _newest_anchor(), "place": request.scope.top(),
        "crumbs": [(said("系统管理", "Administration"), reverse("administration")),
                   (said("存证", "Anchor"), "")],
    }  # fmt: skip
    return render(request, "administration/anchor.html", context)


def _newest_anchor() -> dict[str, Any] | None:
    """The newest anchor beside the backups and in the snapshots, by its head."""
    kept, _ = anchor.kept_in(*anchoring.folders())
    if not kept:
        return None
    head = kept[0].head
    return {
        "head": head, "day": date.fromisoformat(head.day),
        "at": datetime.fromisoformat(head.made_at),
        "file": kept[0].path.relative_to(settings.HOME).as_posix(),
    }  # fmt: skip


def _roles() -> list[dict[str, Any]]:
    return [
        {
            "name": said(role.zh, role.en),
            "sees": [said(*CLASSES[c]) for c in CLASSES if c in role.see],
            "does": [said(*ACTS[act]) for act in ACTS if act in role.do],
            "reach": said("整个地方", "the whole place") if role.whole
            else said("结对的农户", "paired families"),
        }
        for role in ROLES.values()
    ]  # fmt: skip


def _backups() -> list[dict[str, Any]]:
    """The newest backups in the data folder, newest first."""
    folder = Path(settings.HOME) / "backups"
    found = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    rows = [(path.stat(), path.name) for path in found]
    return [
        {"name": name, "size": stat.st_size,
         "at": datetime.fromtimestamp(stat.st_mtime, tz=timezone.get_current_timezone())}
        for stat, name in sorted(rows, key=lambda row: -row[0].st_mtime)[:10]
    ]  # fmt: skip


@signed_in
def tokens(request: DeskRequest) -> HttpResponse:
    """One's own tokens for programs; a new one is shown once."""
    made = ""
    if request.method == "POST":
        made = _make(request)
    rows = request.scope.of(Token).filter(worker=request.user).order_by("-made_at")[:50]
    context = {
        "rows": [(row, _named(row.scopes), _stands(row, request)) for row in rows], "made": made,
        "scopes": [(name, said(*SCOPES[name])) for name in _grantable(request.scope)],
        "crumbs": [(said("程序接口", "API"), reverse("api:openapi-view")),
                   (said("访问令牌", "Tokens"), "")],
    }  # fmt: skip
    return render(request, "administration/tokens.html", context)


def _grantable(scope: Scope) -> tuple[str, ...]:
    """Scopes a worker may give a program: to read where he has a post, the rest if he may it."""
    may = {"read": bool(scope.roles), "write": scope.may("write"), "export": scope.may("export")}
    return tuple(name for name in actions.TOKEN_SCOPES if may[name])


def _named(scopes: Sequence[str]) -> str:
    return said("、", ", ").join(said(*SCOPES[name]) for name in scopes)


def _make(request: DeskRequest) -> str:
    name = request.POST.get("name", "").strip()[:60]
    days = number_in(request.POST.get("days", ""))
    if not name or not days:
        raise Problem("access.token_end")
    may = _grantable(request.scope)
    if set(request.POST.getlist("scope")) - set(may):
        raise Problem("access.token_scopes", known=_named(may) or "—")
    until = request.at.now + timedelta(days=min(days, 1000))
    made = actions.make_token(
        request.user, name=name, scopes=request.POST.getlist("scope"), now=request.at.now,
        until=until,
    )  # fmt: skip
    return made.text


def _stands(token: Token, request: DeskRequest) -> str:
    if token.revoked_at:
        return said("已撤销", "revoked")
    if token.until and token.until <= request.at.now:
        return said("已过期", "over")
    return ""


@signed_in
@require_POST
def revoke(request: DeskRequest, id: int) -> HttpResponse:
    """Revoke one of one's own tokens, or, as administrator, of those whose accounts one keeps."""
    found = request.scope.of(Token).filter(pk=id, worker=request.user).first()
    if found is None:
        found = request.scope.one(Token, "people", pk=id)
    actions.revoke_token(found, now=request.at.now)
    messages.success(request, said("令牌已撤销", "The token is revoked"))
    return redirect("tokens")


urls = [
    path("administration/", administration, name="administration"),
    path("administration/anchor/", anchor_on_paper, name="anchor"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:id>/revoke/", revoke, name="revoke_token"),
]
