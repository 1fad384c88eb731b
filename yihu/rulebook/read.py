"""TOML → Rulebook. A rulebook is refused as a whole; nothing is half loaded.

Every entry is checked for unknown keys, missing parts and wrong values, and every text is bound
once, so that a fault shows when the rulebook is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from yihu.rulebook.book import AskedSpec, DerivedSpec, Rulebook, RuleSpec, TableSpec
from yihu.rulebook.facts import FactSpec, Level
from yihu.rulebook.language import entries_facts, entries_rules, entries_sources
from yihu.rulebook.language.entries import Entry
from yihu.rulebook.language.layers import (
    Entries,
    Layers,
    folder_of,
    layers,
    require_none,
    sheet,
    shipped,
)
from yihu.rulebook.refusals import Phrase, Refused
from yihu.rulebook.sound import require_sound

__all__ = ["require_sound", "rulebook", "shipped"]

T = TypeVar("T")
Named = FactSpec | DerivedSpec | RuleSpec


def rulebook(name: str | Path, *, check: bool = True) -> Rulebook:
    """Read a rulebook by its shipped name or its folder.

    check   bind every text once (False: only for a rulebook that was checked before)
    Raises  Refused (rulebook.*); several faults come in one refusal
    """
    folder = folder_of(name)
    found = _built(folder, layers(folder))
    if check:
        require_sound(found)
    return found


class _Maker:
    """Makes specs of entries and keeps the faults, so that all are told at once."""

    def __init__(self, parts: Entries) -> None:
        self.parts = parts
        self.faults: list[Refused] = []

    def each(self, section: str, make: Callable[[Entry], T]) -> list[tuple[str, T]]:
        made: list[tuple[str, T]] = []
        for key, entry in self.parts[section].items():
            try:
                made.append((key, make(entry)))
            except Refused as fault:
                self.faults.append(fault)
        return made


def _built(folder: Path, read: Layers) -> Rulebook:
    head = _head(folder, read.entries)
    make = _Maker(read.entries)
    money = head.text("money", "yuan")
    levels = tuple(level for _, level in make.each("level", entries_facts.level))
    names = tuple(level.name for level in levels)
    codes = dict(make.each("codes", entries_facts.code_list))
    forms = dict(make.each("form", entries_facts.forms))
    # What is missing here would be told again of every fact that names it.
    require_none(folder.name, make.faults or _level_faults(head, levels))
    facts = make.each("fact", lambda e: entries_facts.fact(e, codes, names, money, forms))
    asked = [spec for _, spec in make.each("fact", lambda e: _asked(e, facts, names)) if spec]
    derived = make.each("derived", lambda e: entries_rules.derived(e, names))
    rules = make.each("rule", lambda e: entries_rules.rule(e, names))
    lines = dict(make.each("line", entries_rules.line))
    tables = dict(make.each("table", lambda e: _table(e, names)))
    sources = dict(make.each("source", entries_sources.source))
    if not make.faults:
        named: list[Named] = [fact for _, fact in facts]
        named += [spec for _, spec in derived]
        named += [spec for _, spec in rules]
        make.faults += _name_faults(named)
        texts = [(s.where, s.name, s.source) for s in (*named, *tables.values())]
        texts += [(a.where, a.name, a.source) for a in asked]
        texts += [(x.where, x.name, s.source) for x in lines.values() for _, s in x.steps]
        make.faults += entries_sources.unknown_labels(texts, sources)
    require_none(folder.name, make.faults)
    return Rulebook(
        name=head.text("name", folder.name),
        version=head.text("version"),
        title=head.both("title"),
        money=money,
        levels=levels,
        codes=codes,
        facts={(f.level, f.name): f for _, f in facts},
        lines=lines,
        derived={(d.level, d.name): d for _, d in derived},
        rules={(r.level, r.name): r for _, r in rules},
        tables=tables,
        hash=read.hash,
        folder=str(folder),
        sources=sources,
        asked={(a.level, a.name): a for a in asked},
    )


def _asked(
    entry: Entry, facts: list[tuple[str, FactSpec]], names: tuple[str, ...]
) -> AskedSpec | None:
    """When a fact is asked; a fact that was refused is not told of twice."""
    return entries_facts.asked(entry, names) if entry.key in dict(facts) else None


def _head(folder: Path, parts: Entries) -> Entry:
    head = parts["rulebook"].get("rulebook")
    if head is None:
        raise Entry("rulebook.toml", {}, folder.name, folder).refuse(
            "there is no [rulebook] section", "没有 [rulebook] 部分"
        )
    head.only("name", "title", "version", "money", "extends")
    if not head.text("money", "yuan"):
        raise head.refuse("money is the unit of money, as “yuan”", "money 应为金额单位，如 yuan")
    return head


def _level_faults(head: Entry, levels: tuple[Level, ...]) -> list[Refused]:
    """A level's name, alias and plural mean that level alone."""
    if not levels:
        return [head.refuse("there is no [[level]]", "没有 [[level]] 层级")]
    seen: dict[str, str] = {}
    twice = [
        (word, level.name)
        for level in levels
        for word in sorted({level.name, level.alias, level.plural, level.label.zh} - {""})
        if seen.setdefault(word, level.name) != level.name
    ]
    return [
        head.refuse(
            f"“{word}” names the levels {seen[word]} and {name}",
            f"“{word}”同时是层级 {seen[word]} 与 {name} 的名称",
        )
        for word, name in twice
    ]


def _name_faults(specs: Iterable[Named]) -> list[Refused]:
    seen: dict[tuple[str, str], str] = {}
    faults: list[Refused] = []
    for spec in specs:
        at = seen.get((spec.level, spec.name))
        seen[spec.level, spec.name] = spec.where
        if at is not None:
            faults.append(
                Refused(
                    "rulebook.bad_entry",
                    at=spec.where,
                    what=spec.name,
                    why=Phrase(f"the name stands already at {at}", f"该名称已用于 {at}"),
                    advice=Phrase("One level has one space of names. ", "一个层级内名称不能重复。"),
                )
            )
    return faults


def _table(entry: Entry, names: tuple[str, ...]) -> TableSpec:
    entry.only(*entries_rules.TABLE_KEYS)
    return entries_rules.table(entry, sheet(entry), names)
