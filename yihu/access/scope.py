"""The one gate: what a worker reaches. Every query of the desk begins with `Scope.of(model)`.

A worker reaches the places of his posts and all below them; a helper the households paired with
him. Who has no post in force reaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from yihu.access.models import Pairing, Post, Worker
from yihu.access.roles import ROLES, Role
from yihu.places.models import Place, within
from yihu.problems import Problem

M = TypeVar("M", bound=Model)

#: table → the field that holds the path of its place, and the one that names its household.
#: A table that is not here can be reached by nobody through a scope.
REACHED: dict[str, tuple[str, str]] = {
    "Household": ("place_path", "book_id"),
    "Person": ("household__place_path", "household_id"),
    "Gap": ("place_path", "book_id"),
    "HouseholdFindings": ("household__place_path", "household_id"),
    "Sealed": ("household__place_path", "household_id"),
    "Pairing": ("household__place_path", "household_id"),
    "Place": ("path", ""),
    "PlaceFindings": ("place__path", ""),
}


class Scope:
    """What a worker reaches on a day; made once a request."""

    def __init__(self, worker: Worker, today: date) -> None:
        self.worker = worker
        self.today = today
        posts = Post.objects.filter(worker=worker, since__lte=today).select_related("place")
        self.posts = [p for p in posts if p.until is None or p.until >= today]
        self.roles: list[Role] = [ROLES[post.role] for post in self.posts]
        self._helped: set[UUID] | None = None

    @property
    def paths(self) -> list[str]:
        """Paths of the places reached whole."""
        return [p.place.path for p in self.posts if ROLES[p.role].whole]

    @property
    def departments(self) -> set[str]:
        """Departments the worker's posts belong to."""
        return {post.department for post in self.posts if post.role == "department"}

    @property
    def helped(self) -> set[UUID]:
        """Households paired with the worker today."""
        if self._helped is None:
            rows = Pairing.objects.filter(worker=self.worker, since__lte=self.today)
            rows = rows.filter(Q(until=None) | Q(until__gte=self.today))
            self._helped = set(rows.values_list("household_id", flat=True))
        return self._helped

    def may(self, act: str) -> bool:
        """May the worker do this somewhere?"""
        return any(act in role.do for role in self.roles)

    def require(self, act: str) -> None:
        """Refuse unless the worker may. Raises Problem (access.may_not)."""
        if not self.may(act):
            what = ACTS.get(act, (act, act))
            raise Problem("access.may_not", status=403, what=what[1], what_zh=what[0])

    def sees(self, privacy: str) -> bool:
        """Does a role of the worker show this privacy class?"""
        return any(privacy in role.see for role in self.roles)

    def of(self, model: type[M]) -> QuerySet[M]:
        """The rows of a table the worker reaches."""
        path, household = REACHED[model.__name__]
        rows: QuerySet[M] = model._default_manager.all()
        return rows.filter(self._reach(path, household))

    def _reach(self, path: str, household: str) -> Q:
        reach = Q(pk__in=[])
        for each in self.paths:
            reach |= within(each, path)
        if household and any(not role.whole for role in self.roles):
            reach |= Q(**{f"{household}__in": self.helped})
        return reach

    def one(self, model: type[M], **by: Any) -> M:
        """One row, or the refusal that says nothing of whether it exists.

        Raises  Problem (access.not_yours)
        """
        found = self.of(model).filter(**by).first()
        if found is None:
            raise Problem("access.not_yours", status=404)
        return found

    def covers(self, place: Place) -> bool:
        """Does the worker reach all of a place?"""
        return any(place.path.startswith(path) for path in self.paths)

    def top(self) -> Place | None:
        """The highest place of the worker's posts, where his pages begin."""
        places: Iterable[Place] = (post.place for post in self.posts)
        return min(places, key=lambda place: len(place.path), default=None)


#: act → how it is named in a refusal.
ACTS: dict[str, tuple[str, str]] = {
    "write": ("填写户册", "write in the books of households"),
    "place": ("填写村级资料", "write facts of places"),
    "raise": ("提出问题", "raise problems"),
    "assign": ("分派问题", "assign gaps"),
    "answer": ("回复问题", "answer gaps"),
    "clear": ("销号", "clear gaps"),
    "waive": ("批准豁免", "waive gaps"),
    "import": ("导入表格", "take in sheets"),
    "compare": ("处理比对差异", "settle differences"),
    "export": ("导出名单", "export lists"),
    "unmask": ("查看完整号码", "see whole numbers"),
    "pair": ("安排帮扶结对", "pair helpers and households"),
    "simulate": ("试算标准", "try out changed lines"),
    "people": ("管理人员账号", "keep accounts"),
    "audit": ("查阅日志", "read the logs"),
}
