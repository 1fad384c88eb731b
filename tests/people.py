"""Four people stand ready.

Mei keeps one village, Bo leads the township, Chen works for the county and never decides on his
own, Dou may see nothing.
"""

from __future__ import annotations

from datetime import date

from tests.makers import place
from yihu.access.models import Post, Worker
from yihu.places.models import Place


def worker(name: str, role: str = "", at: Place | None = None, **post) -> Worker:
    """Somebody who signs in, with a post if a role is given."""
    made = Worker.objects.create_user(username=name.lower(), password=f"{name}-9f3k", name=name)
    if role:
        where = at or place("county")
        Post.objects.create(worker=made, role=role, place=where, since=date(2016, 1, 1), **post)
    return made


def mei() -> Worker:
    """Keeps village 451022100201."""
    return worker("Mei", "village", place("village"))


def bo() -> Worker:
    """Leads township 451022100."""
    return worker("Bo", "township", place("township"))


def chen() -> Worker:
    """County office."""
    return worker("Chen", "county", place("county"))


def dou() -> Worker:
    """Signs in and has no post."""
    return worker("Dou")
