"""What every page shows around itself: navigation, the worker, the language, demo mode."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from yihu.web.says import language, said


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of the frame."""
    scope = getattr(request, "scope", None)
    return {
        "demo": settings.DEMO,
        "lang": language(),
        "scope": scope,
        "top_place": scope.top() if scope else None,
        "navigation": [
            {"url": url, "name": said(zh, en), "icon": icon}
            for url, zh, en, icon, act in PAGES
            if scope and (not act or scope.may(act))
        ],
    }


#: name of the page, its two names, its icon, the act it needs
PAGES = (
    ("today", "今日", "Today", "home", ""),
    ("households", "农户", "Households", "users", ""),
)
