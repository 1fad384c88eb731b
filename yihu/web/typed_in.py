"""What people type into a field or a condition, as the book takes it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.http import QueryDict

from yihu.rulebook.facts import FactSpec

_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")
#: The largest number either database takes for a key or a place in a list.
LARGEST = 2**31 - 1
#: More figures than any quantity has; Python itself reads no longer ones.
MOST_FIGURES = 300
_YES, _NO = ("true", "yes", "是", "有"), ("false", "no", "否", "无")


@dataclass(frozen=True, slots=True)
class SentBack:
    """What was ticked and typed below a list, when it comes back with a refusal.

    box  name of the boxes that are ticked
    """

    form: QueryDict
    refused: str
    box: str

    @property
    def ticked(self) -> set[str]:
        """Ids of what was ticked."""
        return set(self.form.getlist(self.box))


def number_in(text: str, otherwise: int = 0) -> int:
    """A whole number of an address or a hidden field; `otherwise` where none stands there.

    >>> [number_in(text) for text in ("17", "", "-1", "\u00b2", "9" * 5000)]
    [17, 0, 0, 0, 0]
    """
    # The sign for "squared" is a digit, and no number.
    if not text.isdecimal() or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        return otherwise
    return int(text)


def typed_in(spec: FactSpec, text: str) -> object:
    """A number, a yes or a no where the fact is one and the text can be read so; else the text.

    >>> from yihu.rulebook.facts import Text
    >>> typed_in(FactSpec("household", "size", "whole", Text("人口", "size")), "1，2００")
    1200
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if spec.kind in ("whole", "money", "number"):
        figures = plain.replace(",", "").replace(" ", "")
        if _NUMBER.match(figures) and len(figures) <= MOST_FIGURES:
            return int(figures) if "." not in figures else float(figures)
    if spec.kind == "yes_no" and plain.casefold() in (*_YES, *_NO):
        return plain.casefold() in _YES
    return text
