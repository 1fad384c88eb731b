"""Which word names what: levels by name, alias and Chinese name; facts by Chinese label.

Also what a text uses, read from its words alone, so that everything can be bound in an order in
which nothing is asked for before it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from yihu.rulebook.book import Rulebook
from yihu.rulebook.language.parse import Name, Syntax, children, parse
from yihu.rulebook.program import POPULATION

Key = tuple[str, str]
parsed = lru_cache(maxsize=20_000)(parse)


@lru_cache(maxsize=64)
def level_words(rulebook: Rulebook) -> Mapping[str, str]:
    """Every word for a level → its name."""
    words = {POPULATION: POPULATION, "全体": POPULATION}
    for level in rulebook.levels:
        for word in (level.name, level.alias, level.label.zh):
            if word:
                words.setdefault(word, level.name)
    return words


@lru_cache(maxsize=64)
def labels(rulebook: Rulebook) -> Mapping[Key, str]:
    """(level, Chinese label) → name, where only one thing of the level is called so."""
    found: dict[Key, str] = {}
    twice: set[Key] = set()
    for level in (*(level.name for level in rulebook.levels), POPULATION):
        for name in rulebook.names(level):
            key = (level, rulebook.label_of(level, name).zh)
            if key in found:
                twice.add(key)
            found[key] = name
    return {k: v for k, v in found.items() if k not in twice}


def definition(rulebook: Rulebook, level: str, name: str) -> Key | None:
    """The derived fact or rule of that name or Chinese label, if there is one."""
    for key in ((level, name), (level, labels(rulebook).get((level, name), name))):
        if key in rulebook.derived or key in rulebook.rules:
            return key
        if key in rulebook.facts:
            return None
    return None


def uses(rulebook: Rulebook, level: str, text: str) -> Iterator[Key]:
    """Derived facts and rules a text of a level names. Raises BadText."""
    words = level_words(rulebook)
    for parts in named_in(text):
        for at, name in _meant(rulebook, words, level, parts):
            key = definition(rulebook, at, name)
            if key is not None:
                yield key


def _meant(
    rulebook: Rulebook, words: Mapping[str, str], level: str, parts: tuple[str, ...]
) -> Iterator[Key]:
    """The (level, name) that a dotted name may mean; of lines and tables, those of their keys."""
    if len(parts) == 1:
        yield level, parts[0]
    elif len(parts) == 2 and parts[0] == "line":
        line = rulebook.lines.get(parts[1])
        if line is not None and line.by and line.by not in words:
            yield from _meant(rulebook, words, level, tuple(line.by.split(".")))
    elif len(parts) == 2 and parts[0] == "table":
        table = rulebook.tables.get(parts[1])
        if table is not None:
            yield from ((table.level, key) for key in table.keys)
    elif len(parts) == 2 and parts[0] in words:
        yield words[parts[0]], parts[1]


@lru_cache(maxsize=20_000)
def named_in(text: str) -> tuple[tuple[str, ...], ...]:
    """Every dotted name in a text, once each, in order. Raises BadText."""
    found: dict[tuple[str, ...], None] = {}
    waiting: list[Syntax] = [parsed(text)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Name):
            found[part.parts] = None
        waiting.extend(children(part))
    return tuple(found)
