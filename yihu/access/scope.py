"""The one gate: what a worker reaches. Every query of the desk begins with `Scope.of(model)`.

A worker reaches the places of his posts and all below them; a helper the households paired with
him. Who has no post in force reaches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model, Q, QuerySet

from yihu.access.models import Pairing, Post, Worker
from yihu.access.roles import ROLES, Role
from yihu.places.models import Place, within
from yihu.problems import Problem
from yihu.tables import join_one, rows_by

M = TypeVar("M", bound=Model)

#: table → the fields that hold the path of its place (several: any of them), and the one that
#: names its household. A table that is not here can be reached by nobody through a scope.
REACHED: dict[str, tuple[str, str]] = {
    "Household": ("place_path", "book_id"),
    "Person": ("place_path", "household_id"),
    "Gap": ("place_path", "book_id"),
    "HouseholdFindings": ("household__place_path", "household_id"),
    "Step": ("household__place_path", "household_id"),
    "YearEnd": ("household__place_path", "household_id"),
    "Summary": ("household__place_path", "household_id"),
    "Sealed": ("household__place_path", "household_id"),
    "Spelling": ("place_path", "household_id"),
    "Pairing": ("household__place_path", "household_id"),
    "Place": ("path", ""),
    "PlaceFindings": ("place__path", ""),
    "GapFlow": ("place__path", ""),
    "PlaceName": ("place__path", ""),
    "PlaceChange": ("from_place__path to_place__path", ""),
    "Book": ("household__place_path place__path", "pk"),
    "Entry": ("book__household__place_path book__place__path", "book_id"),
    "Post": ("place__path", ""),
    "Upload": ("place_path", ""),
    "Form": ("place_path", ""),
    "Difference": ("place_path", ""),
    "Settlement": ("place_path", ""),
    "PossibleMatch": ("place_path", ""),
    "DuplicatePair": ("place_path", ""),
    "Arrival": ("place_path", "household_id"),
    "Notice": ("place_path", ""),
    "Sign": ("place_path", ""),
    "Burden": ("place_path", ""),
    "VisitSum": ("place_path", ""),
    "Planned": ("household__place_path", "household_id"),
}
#: table → the field that names the department it comes from. A post of a department reaches the
#: rows of that department only.
DEPARTMENTAL: dict[str, str] = {
    "Upload": "department",
    "Difference": "department",
    "Settlement": "department",
    "PossibleMatch": "department",
}


#: table → the privacy class its rows say, and the rows that may be seen without it: what fails in
#: a family, and that it is unknown whether an illness is treated, says as much as the facts.
TOLD: dict[str, tuple[str, Q]] = {
    "Gap": ("sensitive", Q(household=None)),
    "HouseholdFindings": ("sensitive", Q(pk__in=[])),
    "Entry": ("sensitive", ~Q(kind="gap") | Q(book__household=None)),
}

#: tables of what a worker keeps for himself or shares with all who work at a place and below it.
SHARED = {"SavedView"}

#: tables of those who work here → the field that names the worker: reached through his posts.
PEOPLE = {
    "Worker": "pk",
    "Reading": "worker_id",
    "Token": "worker_id",
    "Device": "worker_id",
    "NoticeRead": "worker_id",
    "Attendance": "worker_id",
    "DuplicateSearch": "by_id",
}


def _value(row: Model, lookup: str) -> Any:
    """What `a__b` of a row is; None where there is no a."""
    found: Any = row
    for name in lookup.split("__"):
        try:
            found = getattr(found, name, None)
        except ObjectDoesNotExist:
            return None
    return found


def _in_force(row: Post | Pairing, day: date) -> bool:
    return row.since <= day and (row.until is None or row.until >= day)


class Scope:
    """What a worker reaches on a day; made once a request."""

    def __init__(self, worker: Worker, today: date) -> None:
        self.worker = worker
        self.today = today
        self._last: tuple[Model, list[Role]] | None = None

    @cached_property
    def posts(self) -> list[Post]:
        """The worker's posts in force, each with its place."""
        # Each page asks this first: read without building a query.
        posts = sorted(rows_by(Post, "worker_id", [self.worker.pk]), key=lambda post: post.pk)
        join_one(posts, "place")
        return [p for p in posts if _in_force(p, self.today)]

    @cached_property
    def roles(self) -> list[Role]:
        """The role of each post."""
        return [ROLES[post.role] for post in self.posts]

    @property
    def paths(self) -> list[str]:
        """Paths of the places reached whole."""
        return [p.place.path for p in self.posts if ROLES[p.role].whole]

    @property
    def departments(self) -> set[str]:
        """Departments the worker's posts belong to."""
        return {post.department for post in self.posts if post.role == "department"}

    @property
    def whole(self) -> list[str] | None:
        """The same where nothing else is reached; None where some households are one by one."""
        return self.paths if all(role.whole for role in self.roles) else None

    @cached_property
    def helped(self) -> set[UUID]:
        """Households paired with the worker today."""
        pairings = rows_by(Pairing, "worker_id", [self.worker.pk])
        return {p.household_id for p in pairings if _in_force(p, self.today)}

    def may(self, act: str, at: Model | None = None) -> bool:
        """May the worker do this: somewhere, or with this row, by a role that reaches it?"""
        return any(act in role.do for role in self._roles_at(at))

    def require(self, act: str, at: Model | None = None) -> None:
        """Refuse unless the worker may. Raises Problem (access.may_not)."""
        if not self.may(act, at):
            raise may_not(act)

    def sees(self, privacy: str, at: Model | None = None) -> bool:
        """Is this privacy class shown: by a role that reaches the row, or by every role?

        Without a row all roles must show it. An administrator of the county who helps three
        families sees the illnesses of the three, not of the county.
        """
        if at is None:
            return bool(self.roles) and all(privacy in role.see for role in self.roles)
        return any(privacy in role.see for role in self._roles_at(at))

    def require_sight(self, privacy: str, at: Model | None = None) -> None:
        """Refuse unless this privacy class is shown. Raises Problem (access.may_not)."""
        if not self.sees(privacy, at):
            what, what_zh = "see what is sensitive", "查看敏感信息"
            raise Problem("access.may_not", status=403, what=what, what_zh=what_zh)

    def _roles_at(self, row: Model | None) -> list[Role]:
        if row is None:
            return self.roles
        # A page asks of one row a hundred times.
        if self._last is None or self._last[0] is not row:
            self._last = row, self._roles_reaching(row)
        return self._last[1]

    def _roles_reaching(self, row: Model) -> list[Role]:
        paths, household = REACHED[type(row).__name__]
        at = [str(_value(row, path) or "") for path in paths.split()]
        found = [
            ROLES[post.role]
            for post in self.posts
            if ROLES[post.role].whole and any(each.startswith(post.place.path) for each in at)
        ]
        if household and _value(row, household) in self.helped:
            found += [role for role in self.roles if not role.whole]
        return found

    def of(self, model: type[M], act: str = "") -> QuerySet[M]:
        """The rows of a table the worker reaches; with an act, those he may do it with."""
        rows: QuerySet[M] = model._default_manager.all()
        return rows.filter(self._reach(model.__name__, act))

    def _reach(self, table: str, act: str) -> Q:
        if table in PEOPLE:
            return self._people(table, act)
        if table in SHARED:
            return self._shared(act)
        paths, household = REACHED[table]
        reach = Q(pk__in=[])
        for post in self._posts(act):
            found = Q()
            for path in paths.split():
                found |= within(post.place.path, path)
            if table in DEPARTMENTAL and post.role == "department":
                found &= Q(**{DEPARTMENTAL[table]: post.department})
            if table in TOLD and TOLD[table][0] not in ROLES[post.role].see:
                found &= TOLD[table][1]
            reach |= found
        if household and any(not r.whole and (not act or act in r.do) for r in self.roles):
            reach |= Q(**{f"{household}__in": self.helped})
        return reach

    def _posts(self, act: str) -> list[Post]:
        whole = [post for post in self.posts if ROLES[post.role].whole]
        return [post for post in whole if not act or act in ROLES[post.role].do]

    def _shared(self, act: str) -> Q:
        """One's own; and, to look at, what is shared with one's posts, from above too."""
        found = Q(worker=self.worker)
        for post in () if act else self.posts:
            path, step = post.place.path, len(post.place.path.split("/")[0]) + 1
            above = [path[:end] for end in range(step, len(path) + 1, step)]
            found |= Q(place_path__in=above, role__in=("", post.role))
        return found

    def _people(self, table: str, act: str) -> Q:
        """Workers with a post, now or once, in a place that is reached; and the worker himself.

        Whoever keeps the accounts of the whole tree reaches those without any post too.
        """
        if any("people" in ROLES[post.role].do and post.place.parent_id is None
               for post in self._posts(act)):  # fmt: skip
            return Q()
        there = Q(pk__in=[])
        for post in self._posts(act):
            there |= within(post.place.path, "place__path")
        workers = Post.objects.filter(there).values("worker_id")
        field = PEOPLE[table]
        own = Q(**{field: self.worker.pk}) if not act else Q(pk__in=[])
        return Q(**{f"{field}__in": workers}) | own

    def one(self, model: type[M], act: str = "", **by: Any) -> M:
        """One row, or the refusal that says nothing of whether it exists.

        act     what is to be done with it
        Raises  Problem (access.not_yours, access.may_not)
        """
        found = self.of(model).filter(**by).first()
        if found is None:
            raise Problem("access.not_yours", status=404)
        # Where each of his duties allows it, he may do it with all that he reaches.
        each = model.__name__ in REACHED and all(act in role.do for role in self.roles)
        if act and not each and not self.of(model, act).filter(pk=found.pk).exists():
            raise may_not(act)
        return found

    def hides(self, table: str) -> bool:
        """Does a post leave out rows of this table in its place? A count of them is none then."""
        return table in TOLD and any(
            TOLD[table][0] not in ROLES[post.role].see for post in self._posts("")
        )

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
    "inspect": ("提出走访疑问", "ask about visits"),
    "notify": ("发通知", "write notices"),
}


def may_not(act: str) -> Problem:
    """What is said to whom no post lets act so, and which posts do: access.may_not."""
    zh, en = ACTS.get(act, (act, act))
    roles = [role for role in ROLES.values() if act in role.do]
    if roles:
        zh += f"（由{'、'.join(role.zh for role in roles)}来做）"
        en += f" (it is for: {', '.join(role.en for role in roles)})"
    return Problem("access.may_not", status=403, what=en, what_zh=zh)
