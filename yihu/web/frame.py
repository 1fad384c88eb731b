"""What every page shows around itself: navigation, the worker, the language, demo mode."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.web.says import language, said


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame."""
    scope = getattr(request, "scope", None)
    at = getattr(request, "at", None)
    return {
        "demo": settings.DEMO,
        "lang": language(),
        "scope": scope,
        "gaps_hidden": scope.hides("Gap") if scope else False,
        "today": at.today if at else None,
        "top_place": scope.top() if scope else None,
        "my_posts": posts_of(scope) if scope else "",
        "rulebook": dictionary.active() if scope else None,
        "navigation": navigation(request.path, scope) if scope else [],
    }


def navigation(path: str, scope: Scope) -> list[dict[str, Any]]:
    """The pages a worker may open; the one he is on, or above it, is marked."""
    pages: list[dict[str, Any]] = [
        {
            "url": address,
            "name": said(zh, en),
            "icon": icon,
            "under": under,
        }
        for (url, zh, en, icon, act), (address, under) in zip(
            PAGES, _addresses(get_script_prefix()), strict=True
        )
        if (not act or scope.may(act)) and (scope.posts or url not in OF_PLACES)
    ]
    above = [page["under"] for page in pages if _lies_under(path, page["under"])]
    here = max(above, key=len, default="")
    return [{**page, "here": page["under"] == here} for page in pages]


@lru_cache(maxsize=4)
def _addresses(_prefix: str) -> list[tuple[str, str]]:
    """Of each page its address, and the one below whose address those of its matter lie."""
    return [(reverse(url), reverse(UNDER.get(url, url))) for url, *_ in PAGES]


def _lies_under(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def posts_of(scope: Scope) -> str:
    """What the worker is, and where: 村 · 百乐村."""
    named = [f"{said(role.zh, role.en)} · {post.place.name}" for role, post in _posts(scope)]
    return "；".join(named) if language() == "zh" else "; ".join(named)


def _posts(scope: Scope) -> list[tuple[Any, Any]]:
    return list(zip(scope.roles, scope.posts, strict=True))


#: name of the page → the page below whose address those of the same matter lie
UNDER = {"phone_list": "phones"}
#: Pages that have nothing for who has no post: there is no place whose figures they were.
OF_PLACES = {"statistics"}
#: name of the page, its two names, its icon, the act it needs
PAGES = (
    ("today", "今日", "Today", "home", ""),
    ("households", "农户", "Households", "users", ""),
    ("ledger", "问题台账", "Ledger", "list-check", ""),
    ("visits", "走访", "Visits", "calendar", ""),
    ("notices", "通知", "Notices", "bell", ""),
    ("imports", "导入", "Imports", "table-import", "import"),
    ("compare", "部门比对", "Compare", "arrows-diff", "compare"),
    ("duplicates", "重复人员", "Duplicates", "git-compare", "compare"),
    ("phone_list", "手机", "Phones", "phone", ""),
    ("signs", "走访疑问", "Questions", "help-circle", "inspect"),
    ("statistics", "统计", "Statistics", "chart-bar", ""),
    ("map", "地图", "Map", "map-2", ""),
    ("rulebook", "规则书", "Rulebook", "book-2", ""),
    ("exports", "导出", "Give out", "download", "export"),
    ("people", "人员", "People", "id-badge-2", ""),
    ("administration", "系统管理", "Administration", "settings", "people"),
    ("readings", "查阅日志", "Readings", "eye", "audit"),
)
