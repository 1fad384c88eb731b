"""Names as they are typed without Chinese keys: each reading of a surname, and first letters."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

#: Readings of signs that are read otherwise as a surname than in words.
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "区": "ou", "朴": "piao", "查": "zha",
    "任": "ren", "华": "hua", "盖": "ge", "尉": "wei", "令": "ling", "覃": "qin tan", "黎": "li",
    "翟": "zhai", "乐": "yue", "员": "yun", "缪": "miao", "洗": "xian", "冼": "xian", "繁": "po",
}  # fmt: skip


@lru_cache(maxsize=65536)
def spoken(name: str) -> str:
    """What a name may be typed as: whole and first letters, a blank between each.

    >>> spoken("单月")
    'shanyue sy danyue dy'
    """
    if not name:
        return ""
    usual = lazy_pinyin(name, style=Style.NORMAL, v_to_u=False)
    readings = [[first, *usual[1:]] for first in SURNAMES.get(name[0], "").split()]
    words: list[str] = []
    for reading in [*readings, usual]:
        for word in ("".join(reading), "".join(sound[:1] for sound in reading)):
            if word not in words:
                words.append(word)
    return " ".join(words)[:120]
