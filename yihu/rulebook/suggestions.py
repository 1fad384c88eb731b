"""Phrases in both languages that name the word somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self


class Phrase(str):
    """A piece of a sentence in both languages: as a text it is the English one."""

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Self:
        """Make the phrase."""
        phrase = super().__new__(cls, en)
        phrase.zh = zh
        return phrase

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Let a phrase travel between processes."""
        return type(self), (str(self), self.zh)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word nearest to one, or nothing.

    >>> nearest("scholing", ["schooling", "age"])
    'schooling'
    """
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def meant(near: str) -> Phrase:
    """A phrase that asks whether a word was meant; nothing for nothing."""
    if not near:
        return Phrase("", "")
    return Phrase(f"; did you mean “{near}”?", f"；是否想写“{near}”？")


def suggestion(word: str, known: Iterable[str], lang: str = "en") -> str:
    """A phrase that names the nearest known word, or nothing.

    >>> suggestion("scholing", ["schooling", "age"])
    '; did you mean “schooling”?'
    """
    phrase = meant(nearest(word, known))
    return phrase.zh if lang == "zh" else phrase
