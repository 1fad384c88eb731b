"""From a form to a plan: splitting, joining, moving and closing households, as entries."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from yihu.access.scope import Scope
from yihu.book.actions import NewEntry
from yihu.card import plans
from yihu.card.fold import Card, Member, fold
from yihu.card.models import Household
from yihu.card.plans import Home, When
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.reason import MOST_IN_LOG, good_reason
from yihu.web.days import day_of
from yihu.web.household import entries_of
from yihu.web.household_forms import source_in
from yihu.web.middleware import DeskRequest

#: Signs a reason has at least.
LEAST_REASON = 4
#: Levels at which a household lives.
LIVED_IN = ("village", "hamlet")


def require_reason(request: DeskRequest) -> str:
    """Why it is done; kept with what is written. Raises Problem."""
    return good_reason(
        request.POST.get("why", ""), "household.no_why", least=LEAST_REASON, most=MOST_IN_LOG
    )


def card_of(request: DeskRequest, home: Household) -> Card:
    """The card as it stands."""
    return fold(entries_of(request, home))


def plan_of(request: DeskRequest, home: Household) -> list[NewEntry]:
    """What the form would write.

    Raises  Problem: household.no_why, household.no_such_change, household.no_day, access.not_yours,
            access.may_not, those of `card.plans`
    """
    why = require_reason(request)
    act = request.POST.get("act", "")
    if act not in PLANS:
        raise Problem("household.no_such_change")
    when = When(day_of(request.POST.get("on", "")), source_in(request))
    found = PLANS[act](request, Home(home.pk, card_of(request, home)), when, why)
    if act in ("split", "give", "head"):
        # Nothing of what these write has room for a reason: it stands with the first entry.
        found[0].says.setdefault("words", why)
    return found


def _split(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    people = request.POST.getlist("people")
    head = request.POST.get("head", "")
    if head in people:
        people = [head, *(person for person in people if person != head)]
    code = request.POST.get("code", "").strip()[:30] or suggested_code(home.card)
    return plans.split(
        home, when, people=people, code=code, place=_lived_in(request).code,
        keep_status=request.POST.get("keep_status") == "1", new_head=_new_head(request),
    )  # fmt: skip


def _give(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    to = other_home(request)
    return plans.move_people(
        home, Home(to.pk, card_of(request, to)), when, people=request.POST.getlist("people"),
        new_head=_new_head(request),
    )  # fmt: skip


def _merge(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    into = other_home(request)
    card = card_of(request, into)
    guessed = plans.alike(home.card, card)
    same = {
        member.id: chosen
        for member in home.card.people
        if (chosen := request.POST.get(f"same-{member.id}", guessed.get(member.id, "")))
    }
    if len(set(same.values())) < len(same):
        raise Problem("household.same_twice")
    return plans.merge_households(home, Home(into.pk, card), when, why=why, same=same)


def _move(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    return plans.move_household(home, when, place=_lived_in(request).code, why=why)


def _head(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    return plans.change_head(home, when, person=request.POST.get("person", ""))


def _close(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    return plans.close(home, when, why=why)


def _reopen(request: DeskRequest, home: Home, when: When, why: str) -> list[NewEntry]:
    return plans.reopen(home, when, why=why)


Plan = Callable[[DeskRequest, Home, When, str], list[NewEntry]]
PLANS: dict[str, Plan] = {
    "split": _split, "give": _give, "merge": _merge, "move": _move, "head": _head,
    "close": _close, "reopen": _reopen,
}  # fmt: skip


def _new_head(request: DeskRequest) -> str | None:
    return request.POST.get("new_head") or None


def other_home(request: DeskRequest) -> Household:
    """The other household, by its number. Raises Problem (household.no_such, household.gone)."""
    found = home_of_code(request.scope, request.POST.get("other", "").strip(), "write")
    if found.closed_on is not None:
        raise Problem("household.gone", status=409, household=found.code)
    return found


def home_of_code(scope: Scope, code: str, act: str) -> Household:
    """A household by its number, to do something with it.

    Raises  Problem (household.no_such): there is none, or it is out of reach; (access.may_not)
    """
    found = scope.of(Household).filter(code=code).first()
    if found is None:
        raise Problem("household.no_such", status=404, found=code[:40])
    return scope.one(Household, act, pk=found.pk)


def _lived_in(request: DeskRequest) -> Place:
    """The village or hamlet of the form: its code, “name (code)”, or a name only one has here.

    Raises  Problem (household.no_such_place, household.not_lived_in, access.may_not)
    """
    text = request.POST.get("place", "").strip()
    code = text[text.rfind("(") + 1 : -1] if text.endswith(")") else text
    rows = request.scope.of(Place).filter(until=None)
    named = list(rows.filter(code=code) or rows.filter(name=text, level__in=LIVED_IN)[:2])
    if len(named) != 1:
        raise Problem("household.no_such_place", status=404, found=text[:40])
    (place,) = named
    request.scope.one(Place, "write", pk=place.pk)
    if place.level not in LIVED_IN:
        raise Problem("household.not_lived_in", place=place.name)
    return place


def suggested_code(card: Card) -> str:
    """A number for a household that leaves this one."""
    return f"{card.code[:28]}-1"


def name_of(member: Member) -> str:
    """The name of a person; “—” where none is known."""
    return str(member.facts["name"].value) if "name" in member.facts else "—"


def ids_of(entries: list[NewEntry]) -> list[UUID]:
    """The books a plan writes in, each once, in the order it comes to them."""
    return list(dict.fromkeys(entry.book for entry in entries))
