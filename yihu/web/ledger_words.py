"""What gaps are called on the pages of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.card.models import Person
from yihu.exchange.disputes import TITLE
from yihu.exchange.targets import choices
from yihu.ledger import deadlines
from yihu.ledger.models import ORIGINS, STATES, Gap
from yihu.ledger.topics import department_label, lists, topic_label
from yihu.naming import GAP_ACTS, GAP_STATES
from yihu.places.models import Place
from yihu.web.says import label, language, register, said

STATE_WORDS = {
    "todo": ("未销号", "Open"),
    **{state: (zh, en.capitalize()) for state, (zh, en) in GAP_STATES.items()},
    "all": ("全部", "All"),
}
ORIGIN_WORDS = {
    "rule": ("规则核查", "Rule"),
    "inspection": ("督查反馈", "Inspection"),
    "census": ("普查发现", "Census"),
    "visit": ("走访发现", "Visit"),
    "complaint": ("群众反映", "Complaint"),
    "difference": ("数据比对", "Comparison"),
}
ANSWER_WORDS = {
    "fails": ("查出问题", "Problem found"),
    "unknown": ("待核实", "Unknown: ask"),
    "": ("其他问题", "Raised"),
}
DID_WORDS = GAP_ACTS


def title_of(gap: Gap) -> str:
    """What a gap is about, in a line."""
    if gap.origin == "difference" and gap.title.startswith(TITLE) and language() == "en":
        fact = gap.title.removeprefix(TITLE)
        return f"Differs from a department's list: {_in_english().get(fact, fact)}"
    if not gap.rule:
        return gap.title
    rule = dictionary.active().rule(gap.rule)
    return label(rule.title) if rule else gap.rule


def answer_of(gap: Gap) -> str:
    """What the check says of a gap; nothing of a cleared one, which keeps its last bad answer."""
    if gap.answer and gap.state == "cleared":
        return ""
    return said(*ANSWER_WORDS.get(gap.answer, ("", "")))


def _in_english() -> dict[str, str]:
    return {choice.label.zh: choice.label.en for choice in choices().values()}


def state_choices() -> list[tuple[str, str]]:
    """All states a list can show."""
    order = ("todo", *STATES, "all")
    return [(name, said(*STATE_WORDS[name])) for name in order]


def origin_choices() -> list[tuple[str, str]]:
    """Where gaps come from."""
    return [(name, said(*ORIGIN_WORDS[name])) for name in ORIGINS]


def topic_choices() -> list[tuple[str, str]]:
    """The battles and the county's own topics."""
    return [(name, label(topic.label)) for name, topic in lists().topics.items()]


def department_choices(used: Iterable[str]) -> list[tuple[str, str]]:
    """Departments that have gaps."""
    return sorted((name, label(department_label(name))) for name in used if name)


@register.filter
def latest_due(today: date) -> str:
    """The last day a deadline set today may be, for a field of days."""
    return deadlines.latest_due(today).isoformat()


@register.simple_tag
def all_departments() -> list[tuple[str, str]]:
    """Every department of the county, for a form that names one."""
    return department_choices(lists().departments)


def department_name(name: str) -> str:
    """A department, or that none is named."""
    return label(department_label(name)) if name else said("未定部门", "no department")


def topic_name(name: str) -> str:
    """A battle or topic, or that it is none."""
    return label(topic_label(name)) if name else said("其他", "Other")


def places_of(scope: Scope) -> list[Place]:
    """Townships and villages that are reached, in order of the tree."""
    levels = ("county", "township", "village")
    return list(scope.of(Place).filter(until=None, level__in=levels).order_by("path"))


def names_of(gaps: Iterable[Gap], scope: Scope) -> dict[UUID, str]:
    """Names of the persons gaps are about."""
    ids = {gap.person_id for gap in gaps if gap.person_id}
    rows = scope.of(Person).filter(pk__in=ids) if ids else ()
    return {person.pk: person.name for person in rows}
