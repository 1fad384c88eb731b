"""A household in words: facts by theme, people, the book line by line, answers, amounts due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yihu.access.scope import Scope
from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.book.models import Entry
from yihu.book.order import undone_by
from yihu.book.says import facts_in
from yihu.card.fold import Card, Known, Member
from yihu.card.models import Household
from yihu.ledger.topics import department_label, lists
from yihu.naming import KINDS
from yihu.report.units import unit_text
from yihu.rulebook.facts import FactSpec
from yihu.web.household_evidence import Evidence
from yihu.web.household_themes import themes
from yihu.web.ledger_words import DID_WORDS
from yihu.web.says import label, said
from yihu.web.values import fact_value, measure_called

#: How an entry came → in words; what is not here is shown as it is written.
SOURCES = {
    "desk": ("电脑填写", "the desk"),
    "visit": ("入户走访", "a visit"),
    "import": ("导入表格", "a sheet"),
    "comparison": ("部门比对", "a comparison"),
    "check": ("规则核查", "the check"),
    "undo": ("撤销", "undoing"),
    "register": ("建档立卡系统", "the register"),
    "synthetic": ("合成数据", "synthetic data"),
    "ledger": ("台账", "the ledger"),
    "census": ("普查", "the census"),
    "handbook": ("帮扶手册", "the handbook"),
    "double_recognition": ("双认定", "the exit procedure"),
    "education": ("教育部门", "the education office"),
    "paper": ("证件或材料", "a paper"),
    "call": ("电话询问", "asked by telephone"),
    "phone": ("手机应用", "the field app"),
    "odk": ("ODK/Kobo 表单", "ODK/Kobo form"),
    "sync": ("手机记录裁定", "a decision on a phone's entry"),
    "split": ("分户", "splitting"),
    "village": ("村里上报", "the village"),
    "income": ("收入核算", "the income accounts"),
    "interpolated": ("按年份推算", "drawn between two years"),
    "monitoring": ("防返贫监测", "monitoring"),
}
ACTS = {
    "opened": ("立户，编号 {code}", "Household opened, number {code}"),
    "joined": ("{who}加入（{why}）", "{who} joined ({why})"),
    "left": ("{who}离开（{why}）", "{who} left ({why})"),
    "head": ("{who}成为户主", "{who} became head"),
    "moved": ("迁到 {place}（{why}）", "Moved to {place} ({why})"),
    "closed": ("销户：{why}", "Closed: {why}"),
    "reopened": ("恢复：{why}", "Opened again: {why}"),
}
REASONS = {
    "registered": ("登记", "registered"),
    "born": ("出生", "born"),
    "married_in": ("婚入", "married in"),
    "moved_in": ("迁入", "moved in"),
    "returned": ("返回", "returned"),
    "split": ("分户", "split"),
    "merged": ("合户", "merged"),
    "died": ("去世", "died"),
    "married_out": ("婚出", "married out"),
    "moved_out": ("迁出", "moved out"),
    "not_of_household": ("不是本户的人", "not of the household"),
}
DECISIONS = {
    "identified": ("识别为贫困户", "Identified as poor"),
    "exited": ("脱贫退出", "Exited from poverty"),
    "returned": ("返贫", "Fell back into poverty"),
    "monitored": ("纳入监测：{category}", "Monitored: {category}"),
    "risk_removed": ("消除风险", "Risk removed"),
    "corrected_out": ("清退", "Removed as wrongly listed"),
}


@dataclass(slots=True)
class Shown:
    """A fact on the page. hidden: the worker's posts do not show it."""

    spec: FactSpec
    words: str
    known: Known
    secret: bool = False
    hidden: bool = False

    @property
    def unit(self) -> str:
        """The unit in the language of the page."""
        return label(unit_text(self.spec.unit)) if self.spec.unit else ""

    @property
    def source(self) -> str:
        """Where it comes from, in words."""
        return source_name(self.known.source)


@dataclass(slots=True)
class Group:
    """A theme of the card with what is known of it. gaps: open gaps that ask for its facts."""

    name: str
    title: str
    facts: list[Shown]
    of: int
    gaps: int = 0

    @property
    def unknown(self) -> int:
        """How many of its facts nobody wrote yet."""
        return self.of - len(self.facts)


def source_name(source: str) -> str:
    """Where an entry came from, in words."""
    if source in SOURCES:
        return said(*SOURCES[source])
    if source in lists().departments:
        return label(department_label(source))
    # A program names itself as it likes; it is not taken for an office of that name.
    return said(f"程序“{source}”", f"program “{source}”")


def groups(level: str, facts: Mapping[str, Known], scope: Scope, home: Household) -> list[Group]:
    """The themes of a level with the facts known, those of which nothing is known last."""
    found = []
    for each in themes(level):
        shown = [
            shown_fact(spec, facts[spec.name], scope, home)
            for spec in each.specs
            if spec.name in facts
        ]
        found.append(Group(each.name, label(each.title), shown, len(each.specs)))
    return sorted(found, key=lambda group: not group.facts)


def shown_fact(spec: FactSpec, known: Known, scope: Scope, home: Household) -> Shown:
    """One fact as the worker may see it."""
    if not scope.sees(spec.privacy, home):
        return Shown(
            spec, said("（您的岗位不可见）", "(not shown to your post)"), known, hidden=True
        )
    if known.token:
        opened = dictionary.keys().open(known.value["sealed"], known.token)
        return Shown(spec, masked(opened), known, secret=True)
    return Shown(spec, fact_value(known.value, f"{spec.level}.{spec.name}"), known)


@dataclass(slots=True)
class PersonShown:
    """A person of the card."""

    member: Member
    name: str
    age: int | None
    relation: str
    groups: list[Group] = field(default_factory=list)

    @property
    def left_why(self) -> str:
        """Why the person left, in words."""
        return said(*REASONS.get(self.member.left_why, (self.member.left_why,) * 2))


def people(card: Card, scope: Scope, home: Household, on: date) -> list[PersonShown]:
    """Everybody the card knows with what is known of them, those who left last."""
    gone = [member for member in card.members.values() if member.left_on is not None]
    found = [_person(member, on) for member in [*card.people, *gone]]
    for person in found:
        known = groups("person", person.member.facts, scope, home)
        person.groups = [group for group in known if group.facts]
    return found


def named(card: Card, on: date) -> list[PersonShown]:
    """Who belongs to the household: names and ages only."""
    return [_person(member, on) for member in card.people]


def _person(member: Member, on: date) -> PersonShown:
    facts = member.facts
    birth = facts["birth"].value if "birth" in facts else None
    relation = facts.get("relation")
    return PersonShown(
        member,
        str(facts["name"].value) if "name" in facts else "—",
        _age(date.fromisoformat(birth), on) if birth else None,
        said("户主", "head") if member.is_head
        else fact_value(relation.value, "person.relation") if relation else "",
    )  # fmt: skip


def _age(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


# --- the book -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """An entry in words. undone_by: number of the entry that countered it; file: its evidence."""

    entry: Entry
    kind: str
    lines: list[str]
    undone_by: int | None = None
    sources: str = field(default="")
    file: Evidence | None = None


def timeline(entries: Iterable[Entry], card: Card, scope: Scope, home: Household) -> list[Line]:
    """The book, newest first."""
    rows = list(entries)
    gone = undone_by(rows)
    names = {
        person: str(member.facts["name"].value) if "name" in member.facts else "？"
        for person, member in card.members.items()
    }
    found = []
    for entry in reversed(rows):
        told = _decided(entry, free=scope.sees("sensitive", home))
        lines = [*_acts(entry, names), *told, *_facts(entry, names, scope, home)]
        kind = said(*KINDS.get(entry.kind, (entry.kind, entry.kind)))
        line = Line(entry, kind, lines, gone.get(entry.number), source_name(entry.source))
        found.append(line)
    return found


def _acts(entry: Entry, names: Mapping[str, str]) -> Iterable[str]:
    for act in entry.says.get("acts", ()):
        why = act.get("why", "")
        yield said(*ACTS[act["did"]]).format(
            who=names.get(str(act.get("person")), "？"), code=act.get("code", ""),
            place=act.get("place", ""), why=said(*REASONS.get(why, (why, why))),
        )  # fmt: skip


def _decided(entry: Entry, *, free: bool) -> Iterable[str]:
    """What was decided, done and said; free: with what somebody wrote in his own words."""
    says = entry.says
    if entry.kind == "decision":
        words = DECISIONS.get(says["did"], (says["did"],) * 2)
        yield said(*words).format(category=says.get("category", ""))
    if entry.kind == "correction":
        number, why = entry.undoes, says.get("why", "")
        yield said(f"撤销第 {number} 条：{why}", f"Undoes entry {number}: {why}")
    if entry.kind == "comparison" and says.get("why") and free:
        yield said("理由：", "Why: ") + str(says["why"])
    spoken = ("visit", "help", "signature", "people", "facts")
    if entry.kind in spoken and says.get("words") and free:
        yield str(says["words"])
    if entry.kind == "visit" and free:
        if says.get("with"):
            there = said("、", ", ").join(str(name) for name in says["with"])
            yield said(f"在场：{there}", f"Present: {there}")
        for each in says.get("promised", ()):
            yield said(f"答应：{each}", f"Promised: {each}")
    if "submission" in says:
        yield from _submitted(says["submission"])
    if entry.kind == "help" and says.get("measure"):
        yield f"{measure_called(says['measure'])}{_amount(says.get('amount') or {})}"
    if entry.kind == "gap":
        did = said(*DID_WORDS.get(says["did"], (says["did"],) * 2))
        more = says.get("title") or rule_title(says.get("rule", "")) or says.get("words", "")
        yield f"{did}{said('：', ': ')}{more}" if more else did


def _submitted(told: Mapping[str, Any]) -> Iterable[str]:
    """Who filled the form in, and what of it has not come."""
    if told.get("by"):
        yield said(f"表单提交人：{told['by']}", f"Submitted by {told['by']}")
    if told.get("awaits"):
        names = said("、", ", ").join(told["awaits"])
        yield said(f"待收附件：{names}", f"Attachments awaited: {names}")


def _amount(given: Mapping[str, Any]) -> str:
    """What help came to: "：1,830 元"; "" where nobody wrote it in yuan."""
    yuan = given.get("yuan")
    if not isinstance(yuan, int | float):
        return ""
    return said(f"：{yuan:,} 元", f": {yuan:,} yuan")


def rule_title(rule: str) -> str:
    """The title of a rule in the language of the page; "" for none."""
    spec = dictionary.active().rule(rule) if rule else None
    return label(spec.title) if spec else rule


def _facts(entry: Entry, names: Mapping[str, str], scope: Scope, home: Household) -> Iterable[str]:
    for whose, fact, value in facts_in(entry.says):
        level = "household" if whose == "household" else "person"
        spec = dictionary.active().facts.get((level, fact))
        if spec is None or not scope.sees(spec.privacy, home):
            continue
        who = f"{names.get(whose, '？')} · " if level == "person" else ""
        words = said("（已加密）", "(sealed)") if isinstance(value, dict) else (
            fact_value(value, f"{level}.{fact}")
        )  # fmt: skip
        yield f"{who}{label(spec.label)}{said('：', ': ')}{words}"
