"""A value of a card as a cell of a list that is given out: written so that it reads back the same.

Headings and words are those of the rulebook, in Chinese, as registers have them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from yihu.access.sealing import masked
from yihu.book import dictionary
from yihu.exchange.mapping import propose
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.intake.cells import word_of

#: Before the heading of a column whose numbers are masked: no import takes it for the number. (What
#: stands in brackets behind a heading is a note, and passed over.)
MASKED = "遮盖后的"
#: What stands between the codes of one cell, and what may then stand in none of them.
BETWEEN, _SEVERAL = "、", re.compile(r"[,;|、，；/\s]")
NUMBERS = ("money", "whole", "number")


def cell(spec: FactSpec, value: Any) -> str | int | float | None:
    """A value as the book keeps it → what stands in the cell; None stays blank."""
    if value is None:
        return None
    if spec.kind == "yes_no":
        return "是" if value else "否"
    if spec.kind == "code":
        return _words(spec).get(value, str(value))
    if spec.kind == "codes":
        return _several(spec, value)
    return value if spec.kind in NUMBERS else str(value)


def as_told(level: str, fact: str, value: Any) -> str:
    """A value as it may stand in a sentence: in the words of registers, a secret one masked."""
    if dictionary.is_secret(level, fact):
        return masked(str(value))
    found = cell(dictionary.spec_of(level, fact), value)
    return word_of(found) if isinstance(found, float) else str(found)


def _several(spec: FactSpec, keys: Sequence[str]) -> str:
    words = [_words(spec).get(key, key) for key in keys]
    return BETWEEN.join(keys if any(map(_SEVERAL.search, words)) else words)


@lru_cache(maxsize=1000)
def _words_of(level: str, name: str, _hash: str) -> dict[str, str]:
    spec = dictionary.spec_of(level, name)
    spellings = spec.spellings()
    made = {}
    for place, code in enumerate(spec.codes.codes if spec.codes else ()):
        # A word two codes share means the first: the second is given by its key.
        made[code.key] = next((w for w in (code.label.zh, code.key) if spellings[w] == place), "")
    return {key: word or key for key, word in made.items()}


def _words(spec: FactSpec) -> dict[str, str]:
    return _words_of(spec.level, spec.name, dictionary.active().hash)


def unsealed(pair: Sequence[str] | None, *, whole: bool) -> str | None:
    """A sealed value in clear, or masked unless whole."""
    if not pair:
        return None
    found = dictionary.keys().open(*pair)
    return found if whole else masked(found)


def headings(targets: Sequence[str], fixed: Sequence[str] = ()) -> list[str]:
    """A heading for each target ("person.schooling") by which an import knows it again.

    fixed   headings that stand in the same list and are taken
    """
    return list(_headings(tuple(targets), tuple(fixed), dictionary.active().hash))


@lru_cache(maxsize=50)
def _headings(targets: tuple[str, ...], fixed: tuple[str, ...], _hash: str) -> tuple[str, ...]:
    names = [_names(target) for target in targets]
    taken = [0] * len(targets)
    while True:
        made = [names[at][nth] for at, nth in enumerate(taken)]
        known = propose([*fixed, *made])
        wrong = [
            at
            for at, target in enumerate(targets)
            if known.get(at + len(fixed)) != target and taken[at] + 1 < len(names[at])
        ]
        if not wrong:
            return tuple(_own(made, known, targets, len(fixed)))
        for at in wrong:
            taken[at] += 1


def _own(
    made: Sequence[str], known: Mapping[int, str], targets: Sequence[str], fixed: int
) -> list[str]:
    """The headings; one that would be read as another fact says its target, and is not read."""
    return [
        heading if known.get(at + fixed) == target else f"{target}：{heading}"
        for at, (heading, target) in enumerate(zip(made, targets, strict=True))
    ]


def _names(target: str) -> list[str]:
    level, _, name = target.partition(".")
    spec = dictionary.spec_of(level, name)
    return list(dict.fromkeys([spec.label.zh, *spec.columns, name]))
