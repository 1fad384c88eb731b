"""What is done with gaps by a form: somebody made responsible, a day set, answered, waived."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from yihu.access.models import Pairing, Post, Worker
from yihu.access.queries import in_force
from yihu.access.roles import ROLES
from yihu.access.scope import Scope
from yihu.ledger import actions
from yihu.ledger.deadlines import latest_due, require_due, require_moved_for
from yihu.ledger.models import Gap
from yihu.places.models import within
from yihu.problems import Problem
from yihu.web.middleware import DeskRequest


def workers_of(
    scope: Scope, *, place: str = "", gap: Gap | None = None, most: int = 300
) -> list[Worker]:
    """Those who may be made responsible where the worker assigns: in force, and able to answer.

    place   path the list is narrowed to: posts there, below it or above it
    gap     the one that is assigned: posts that reach it, and the helpers of its household
    """
    posts = scope.of(Post, "assign").filter(in_force(scope.today), role__in=ANSWERING)
    if gap is not None:
        whole = posts.filter(place__path__in=_upward(gap.place_path)).exclude(role__in=BY_PAIRING)
        helpers = scope.of(Pairing, "assign").filter(
            in_force(scope.today), household_id=gap.household_id
        )
        helping = posts.filter(role__in=BY_PAIRING, worker__in=helpers.values("worker_id"))
        ids = {*whole.values_list("worker_id", flat=True),
               *helping.values_list("worker_id", flat=True)}  # fmt: skip
        chosen = Q(pk__in=ids)
    else:
        if place:
            posts = posts.filter(within(place, "place__path") | Q(place__path__in=_upward(place)))
        chosen = Q(pk__in=posts.values("worker_id"))
    rows = scope.of(Worker, "assign").filter(chosen, is_active=True)
    return list(rows.only("name", "username", "unit").order_by("unit", "name")[:most])


#: Roles that answer gaps, and of them those that reach only who is paired with them.
ANSWERING = [role.name for role in ROLES.values() if "answer" in role.do]
BY_PAIRING = [name for name in ANSWERING if not ROLES[name].whole]


def _upward(path: str) -> list[str]:
    """The path itself and those of all places above it."""
    step = len(path.partition("/")[0]) + 1
    return [path[:end] for end in range(step, len(path) + 1, step)]


def worker_named(scope: Scope, given: str) -> Worker:
    """Whoever a field names: “name (username)”, a username, or a name only one worker has.

    Raises    ledger.nobody_named, ledger.no_such_worker
    """
    text, workers = given.strip(), scope.of(Worker, "assign")
    if not text:
        raise Problem("ledger.nobody_named")
    username = text[text.rfind("(") + 1 : -1] if text.endswith(")") else text
    found = workers.filter(username=username).first()
    if found is None:
        # Two of one name are told apart by the list alone.
        namesakes = list(workers.filter(name=text, is_active=True).distinct()[:2]) if text else []
        found = namesakes[0] if len(namesakes) == 1 else None
    if found is None:
        raise Problem("ledger.no_such_worker", found=given)
    return found


def _require_reach(worker: Worker, gaps: list[Gap], today: date) -> None:
    """Nobody is made responsible for what he may neither see nor answer."""
    his, ids = Scope(worker, today).of(Gap, "answer"), [gap.pk for gap in gaps]
    parts = [ids[at : at + 500] for at in range(0, len(ids), 500)]
    beyond = len(ids) - sum(his.filter(pk__in=part).count() for part in parts)
    if beyond:
        raise Problem("ledger.not_his", status=403, name=str(worker), count=beyond)


#: Days a form of the ledger has → what they are called there.
DAYS = {"due_on": ("期限", "The deadline"), "until": ("豁免至", "“Waive until”")}


def given_day(text: str, name: str) -> date | None:
    """A day of a form; None where nothing stands. Raises Problem (ledger.no_such_day)."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        zh, en = DAYS[name]
        raise Problem("ledger.no_such_day", what=en, what_zh=zh, found=text[:40]) from None


def do_assign(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Make somebody responsible."""
    to = worker_named(request.scope, request.POST.get("to", ""))
    _require_reach(to, gaps, request.at.today)
    due_on = given_day(request.POST.get("due_on", ""), "due_on")
    why = request.POST.get("why", "")
    return actions.assign(gaps, to=to, due_on=due_on, why=why, **_by(request))


def do_due(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Set the last day, or move it for a reason."""
    due_on = given_day(request.POST.get("due_on", ""), "due_on")
    if due_on is None:
        raise Problem("ledger.no_due", latest=latest_due(request.at.today))
    why = request.POST.get("why", "")
    return actions.set_due(gaps, due_on=due_on, why=why, **_by(request))


def require_due_given(request: DeskRequest, gaps: list[Gap]) -> None:
    """Refuse a deadline that would be refused, before anybody is asked to confirm it."""
    due_on = given_day(request.POST.get("due_on", ""), "due_on")
    require_due(due_on, request.at.today)
    require_moved_for(gaps, due_on, request.POST.get("why", ""))


def do_answer(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Say what was done."""
    return actions.answer(gaps, words=request.POST.get("words", ""), **_by(request))


def do_waive(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Let rest until a day."""
    until = given_day(request.POST.get("until", ""), "until") or request.at.today
    return actions.waive(gaps, why=request.POST.get("words", ""), until=until, **_by(request))


def do_unwaive(request: DeskRequest, gaps: list[Gap]) -> list[Gap]:
    """Let what rested stand open again."""
    return actions.take_back_waiver(gaps, why=request.POST.get("words", ""), **_by(request))


def _by(request: DeskRequest) -> dict[str, Any]:
    return {"by": request.user, "now": request.at.now, "today": request.at.today}
