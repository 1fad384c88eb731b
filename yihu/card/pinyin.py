"""Names as they are typed without Chinese keys: each reading of a surname, and first letters."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypinyin.core import Pinyin

#: Readings of signs that are read otherwise as a surname than in words.
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "朴": "piao", "查": "zha",
    "任": "ren", "华": "hua", "盖": "ge", "尉": "wei", "令": "ling", "覃": "qin tan", "黎": "li",
    "翟": "zhai", "乐": "yue", "员": "yun", "缪": "miao", "洗": "xian", "冼": "xian", "繁": "po",
}  # fmt: skip


@lru_cache(maxsize=1)
def _reader() -> Pinyin:
    """Reads names. Its phrases take a third of a second to load: who reads none does not wait."""
    from pypinyin.converter import DefaultConverter  # noqa: PLC0415
    from pypinyin.core import Pinyin  # noqa: PLC0415

    class Remembering(DefaultConverter):
        """Says again what it once said: given names are made of few thousand signs."""

        def __init__(self) -> None:
            super().__init__()
            self.convert = lru_cache(maxsize=65536)(super().convert)  # type: ignore[method-assign]

    return Pinyin(Remembering())


@lru_cache(maxsize=65536)
def spoken(name: str) -> str:
    """What a name may be typed as: whole and first letters, a blank between each.

    >>> spoken("单月")
    'shanyue sy danyue dy'
    """
    if not name:
        return ""
    usual = _reader().lazy_pinyin(name)
    readings = [[first, *usual[1:]] for first in SURNAMES.get(name[0], "").split()]
    words: list[str] = []
    for reading in [*readings, usual]:
        for word in ("".join(reading), "".join(sound[:1] for sound in reading)):
            if word not in words:
                words.append(word)
    return " ".join(words)[:120]
