"""What people type into a field or a condition, as the book takes it."""

from __future__ import annotations

import re
import unicodedata

from yihu.rulebook.facts import FactSpec

_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")
_YES, _NO = ("true", "yes", "是", "有"), ("false", "no", "否", "无")


def typed_in(spec: FactSpec, text: str) -> object:
    """A number, a yes or a no where the fact is one and the text can be read so; else the text.

    >>> from yihu.rulebook.facts import Text
    >>> typed_in(FactSpec("household", "size", "whole", Text("人口", "size")), "1，2００")
    1200
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if spec.kind in ("whole", "money", "number"):
        figures = plain.replace(",", "").replace(" ", "")
        if _NUMBER.match(figures):
            return int(figures) if "." not in figures else float(figures)
    if spec.kind == "yes_no" and plain.casefold() in (*_YES, *_NO):
        return plain.casefold() in _YES
    return text
