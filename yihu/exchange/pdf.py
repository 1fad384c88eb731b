"""Card and handbook of households as PDF: 一户一册一卡, on A4, with a code that opens the card.

The card (帮扶联系卡) is one page to hang up, the handbook (帮扶手册) the book in nine parts. The
split into parts follows the forms of a county system and the national model; it is a working plan,
not the official layout. Blank places are for the pen: nothing is invented to fill them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string

from yihu.access.actions import log_reading
from yihu.access.models import Pairing
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Household, Person
from yihu.exchange.fonts import FAMILY, faces, uncovered
from yihu.exchange.out import LEAST_REASON, MOST_REASON, STATUS, facts_of
from yihu.exchange.out_cells import cell, unsealed
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.reason import good_reason
from yihu.report.section_titles import file_name, section_titles
from yihu.report.units import unit_text
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.language.layers import SHIPPED

#: Households in one file: fifty handbooks take about nine seconds and 300 MB.
AT_ONCE = 50
PAPERS = ("card", "handbook")
#: Facts of a person beside name, relation and number, in the table of members.
OF_MEMBER = ("sex", "birth", "ethnic_group", "education", "schooling", "health", "labour")
#: Part of the handbook → words in the names of the fact files that belong to it.
PARTS = (
    ("一、基本信息", ("household_basic", "household_register")),
    ("二、生产生活条件", ("household_land", "household_house", "household_living")),
    ("三、年度帮扶计划", ("household_help",)),
    ("四、收入登记（元/年）", ("household_income", "household_card_e")),
    ("七、政策与贷款", ("household_loan",)),
    ("八、脱贫认定", ("household_exit", "household_inclusion")),
    ("九、后续跟踪与监测", ("household_monitor", "household_clue")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A fact on paper."""

    label: str
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """All that is printed of one household."""

    home: Household
    where: dict[str, str]
    status: str
    ground: str
    members: list[dict[str, str]]
    member_heads: list[str]
    helpers: list[tuple[str, str]]
    parts: list[tuple[str, list[tuple[str, list[Line]]]]]
    facts: dict[str, str]
    visits: list[dict[str, str]]
    helps: list[dict[str, str]]
    changes: list[dict[str, str]]
    code: str = ""
    address: str = ""


@dataclass(slots=True)
class Printed:
    """A file ready to be sent, what it was made from, and the characters no font had."""

    pdf: bytes
    html: str
    pages: int
    missing: list[str] = field(default_factory=list)


def print_papers(
    ids: Sequence[UUID],
    kind: str,
    *,
    scope: Scope,
    now: datetime,
    site: str,
    whole: bool = False,
    why: str = "",
) -> Printed:
    """Cards or handbooks of some households, in the order of their codes, as one file.

    kind    card or handbook
    site    beginning of the address the code leads to, as https://desk.example.cn
    whole   numbers in full, for the reason given
    Raises  Problem: access.not_yours, access.may_not, exchange.no_reason, exchange.no_such_paper
    """
    import weasyprint  # noqa: PLC0415  a second of work: each desk's process would begin with it

    if kind not in PAPERS:
        raise Problem("exchange.no_such_paper", found=kind, known=", ".join(PAPERS))
    homes = _homes(ids, scope, whole=whole)
    if whole:
        good_reason(why, "exchange.no_reason", least=LEAST_REASON, most=MOST_REASON)
    papers = [_paper(home, scope, site, whole) for home in homes]
    html = render_to_string(
        f"print/{kind}.html",
        {"papers": papers, "faces": faces(), "family": FAMILY, "on": scope.today, "whole": whole,
         "demo": settings.DEMO},
    )  # fmt: skip
    made = weasyprint.HTML(string=html).render()
    for paper in papers:
        log_reading(
            scope.worker, what="unmasked print" if whole else "printed", now=now,
            household=paper.home.pk, rows=1 + len(paper.members), why=f"{kind} {why}".strip(),
        )  # fmt: skip
    return Printed(made.write_pdf(), html, len(made.pages), uncovered(_texts(papers)))


def _homes(ids: Sequence[UUID], scope: Scope, *, whole: bool) -> list[Household]:
    rows = scope.of(Household).filter(pk__in=ids[:AT_ONCE])
    if whole:
        scope.require("unmask")
        rows &= scope.of(Household, "unmask")
    found = list(rows.select_related("place__parent__parent__parent").order_by("code"))
    if not found or len(found) < len(set(ids)):
        raise Problem("access.not_yours", status=404)
    return found


def _texts(papers: Iterable[Paper]) -> Iterable[str]:
    for paper in papers:
        yield from (paper.home.head_name, *paper.where.values(), *paper.facts.values())
        for member in paper.members:
            yield from member.values()


# --- one household --------------------------------------------------------------------------------


def _paper(home: Household, scope: Scope, site: str, whole: bool) -> Paper:
    specs = {
        level: [s for s in facts_of(level, scope) if scope.sees(s.privacy, home)]
        for level in ("household", "person")
    }
    # What a visitor wrote in his own words is about people, as what is sensitive is.
    free = ("visit", "help") if scope.sees("sensitive", home) else ()
    entries = list(
        Entry.objects.filter(book_id=home.pk, kind__in=(*free, "people", "decision"))
        .select_related("author").order_by("-seen_on", "-number")
    )  # fmt: skip
    address = f"{site.rstrip('/')}/households/{home.pk}/"
    shown = {spec.name: _shown(spec, home, whole) for spec in specs["household"]}
    heads, members = _members(home, specs["person"], whole)
    return Paper(
        home=home, where=_where(home.place, shown), status=STATUS[home.status].zh,
        # 蓝卡：未脱贫；红卡：已脱贫 (YHYK)
        ground="red" if home.status in ("exited", "unstable") else "blue",
        members=members, member_heads=heads, helpers=_helpers(home, scope.today),
        parts=_parts(specs["household"], shown), facts={k: v for k, v in shown.items() if v},
        visits=[_visit(e) for e in entries if e.kind == "visit"][:24],
        helps=[_help(e) for e in entries if e.kind == "help"][:24],
        changes=[_change(e) for e in entries if e.kind in ("people", "decision")][:24],
        code=segno.make(address, error="m").svg_data_uri(border=1), address=address,
    )  # fmt: skip


def _shown(spec: FactSpec, row: Household | Person, whole: bool) -> str:
    if spec.privacy == "secret":
        return unsealed(row.sealed.get(spec.name), whole=whole) or ""
    value = cell(spec, row.facts.get(spec.name))
    if value is None:
        return ""
    # A year is a whole number too: only money is set in thousands.
    return f"{value:,}" if spec.kind == "money" else str(value)


def _members(
    home: Household, specs: Sequence[FactSpec], whole: bool
) -> tuple[list[str], list[dict[str, str]]]:
    by_name = {spec.name: spec for spec in specs}
    names = [n for n in ("name", "relation", "identity", *OF_MEMBER) if n in by_name]
    people = Person.objects.filter(household=home, left_on=None)
    rows = [{n: _shown(by_name[n], one, whole) for n in names} for one in people]
    used = [n for n in names if n in ("name", "relation") or any(row[n] for row in rows)]
    heads = [by_name[n].label.zh for n in used]
    return heads, [{n: row[n] for n in used} for row in rows]


def _helpers(home: Household, on: date) -> list[tuple[str, str]]:
    rows = Pairing.objects.filter(Q(until=None) | Q(until__gte=on), household=home, since__lte=on)
    return [(p.worker.name, p.worker.unit) for p in rows.select_related("worker")]


def _where(place: Place, shown: dict[str, str]) -> dict[str, str]:
    found = {"hamlet": shown.get("hamlet", "")}
    at: Place | None = place
    while at is not None:
        found[at.level] = at.name
        at = at.parent
    return found


def _parts(
    specs: Sequence[FactSpec], shown: dict[str, str]
) -> list[tuple[str, list[tuple[str, list[Line]]]]]:
    titles = section_titles(sorted(SHIPPED.iterdir()))
    parts = []
    for title, words in PARTS:
        groups: dict[str, list[Line]] = {}
        for spec in specs:
            file = spec.where.rpartition(":")[0].removesuffix(".toml")
            if shown[spec.name] and any(word in file for word in words):
                section = (titles.get(file) or file_name(file)).zh
                line = Line(spec.label.zh, shown[spec.name], unit_text(spec.unit).zh)
                groups.setdefault(section, []).append(line)
        parts.append((title, list(groups.items())))
    return parts


def _visit(entry: Entry) -> dict[str, str]:
    by = entry.author.name if entry.author else ""
    return {"on": entry.seen_on.isoformat(), "by": by, "words": entry.says.get("words", "")}


def _help(entry: Entry) -> dict[str, str]:
    says = entry.says
    amount = says.get("amount") or {}
    return {
        "on": entry.seen_on.isoformat(),
        "what": says.get("measure") or says.get("programme") or says.get("words", ""),
        "amount": " ".join(str(value) for value in amount.values()),
    }


_CHANGES: dict[str, str] = {
    "opened": "建册", "joined": "增加成员", "left": "减少成员", "head": "变更户主", "moved": "迁移",
    "closed": "关闭", "reopened": "重新启用", "identified": "识别为贫困户", "exited": "脱贫",
    "returned": "返贫", "monitored": "纳入监测", "risk_removed": "风险消除",
    "corrected_out": "错评清退",
}  # fmt: skip


def _change(entry: Entry) -> dict[str, Any]:
    did = [act["did"] for act in entry.says.get("acts", ())] or [entry.says.get("did", "")]
    words = dict.fromkeys(_CHANGES.get(each, each) for each in did)
    return {"on": entry.seen_on.isoformat(), "what": "、".join(words)}
