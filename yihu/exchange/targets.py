"""What a column may be, as people look for it: by label, heading, printed code or name.

On a page a target is written with its label and its name, 在校生状况 [person.schooling], so that
whoever types any of these finds it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from yihu.book import dictionary
from yihu.exchange.mapping import KEYS, NOT_TAKEN
from yihu.problems import Problem
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import Text
from yihu.rulebook.intake.cells import plain

KEY_NAMES = {
    "key.household": Text("户编号", "household number"),
    "key.person": Text("人编号", "person number"),
    "key.village": Text("行政村代码", "village code"),
}
_BRACKETED = re.compile(r".*\[([a-z0-9_.]+)\]\s*")
#: Near names shown for a heading nobody knows.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A target with its label and all it is called in sheets and forms."""

    target: str
    label: Text
    also: tuple[str, ...] = ()

    def written(self, lang: str) -> str:
        """As a page shows it and `meant` reads it."""
        return f"{self.label.zh if lang == 'zh' else self.label.en} [{self.target}]"


@lru_cache(maxsize=4)
def _choices(rulebook: Rulebook) -> dict[str, Choice]:
    found = {key: Choice(key, label) for key, label in KEY_NAMES.items()}
    for (level, name), spec in rulebook.facts.items():
        target = f"{level}.{name}"
        if level in (dictionary.PERSON, dictionary.HOUSEHOLD) and target not in NOT_TAKEN:
            also = tuple(c for c in spec.columns if c not in (name, spec.label.zh))
            found[target] = Choice(target, spec.label, also)
    return found


def choices() -> dict[str, Choice]:
    """Target → choice, keys first, then the facts in the order of the rulebook."""
    return _choices(dictionary.active())


@lru_cache(maxsize=4)
def _names(rulebook: Rulebook) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for choice in _choices(rulebook).values():
        name = choice.target.partition(".")[2] if choice.target not in KEYS else ""
        for word in {plain(w) for w in (choice.label.zh, choice.label.en, name, *choice.also) if w}:
            found[word].append(choice.target)
    return dict(found)


def meant(text: str, heading: str = "", among: Mapping[str, Choice] | None = None) -> str:
    """The target somebody typed; "" for nothing.

    >>> meant("在校生状况 [person.schooling]"), meant("AAR012"), meant(" ")
    ('person.schooling', 'household.phone', '')

    heading  of the column, for the refusal
    among    what may be meant; unless given, what a column of an import may be
    Raises   Problem (exchange.no_such_target): nothing or more than one thing is called so
    """
    text = text.strip()
    bracketed = _BRACKETED.fullmatch(text)
    target = bracketed[1] if bracketed else text
    offered = choices() if among is None else among
    if not text or target in offered:
        return target
    names = _names(dictionary.active())
    those = [each for each in names.get(plain(text), []) if each in offered]
    those += [each.target for each in offered.values() if plain(each.label.zh) == plain(text)]
    those = list(dict.fromkeys(those))
    if len(those) == 1:
        return those[0]
    like = those or near(text)
    shown = {lang: ", ".join(choices()[t].written(lang) for t in like) for lang in ("zh", "en")}
    raise Problem(
        "exchange.no_such_target", heading=heading, found=text[:60],
        like_zh=f"（相近的有 {shown['zh']}）" if like else "",
        like=f" (near: {shown['en']})" if like else "",
    )  # fmt: skip


def near(heading: str) -> list[str]:
    """Targets whose names resemble a heading, the nearest first."""
    names = _names(dictionary.active())
    word = plain(heading)
    if not word:
        return []
    within = [name for name in names if len(word) > 1 and (word in name or name in word)]
    within = sorted((n for n in within if len(n) > 1), key=lambda n: abs(len(n) - len(word)))
    words = dict.fromkeys([*within, *get_close_matches(word, names, n=NEAR, cutoff=0.6)])
    return list(dict.fromkeys(target for name in words for target in names[name]))[:NEAR]
