"""Names of people: surnames of the region and given names, joined by chance.

The lists are common knowledge, not a sample of anybody; the shares of surnames are rough.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.synthetic.families import Families, Role
from yihu.synthetic.plan import Ints

#: Surnames common among Zhuang, Han and Yao people of western Guangxi, with rough shares.
SURNAMES = {
    "黄": 17.0, "韦": 9.0, "农": 7.5, "陆": 6.5, "李": 6.0, "梁": 5.5, "罗": 4.5, "陈": 3.5,
    "潘": 3.0, "卢": 2.5, "周": 2.5, "林": 2.0, "零": 1.5, "岑": 1.5, "覃": 2.0, "苏": 2.0,
    "莫": 1.5, "蒙": 1.3, "玉": 0.8, "凌": 1.4, "许": 1.4, "赵": 1.3, "杨": 1.5, "何": 1.4,
    "王": 1.6, "张": 1.3, "刘": 1.3, "吴": 1.2, "谭": 1.0, "隆": 0.8, "班": 0.7, "闭": 0.6,
    "蓝": 1.2, "盘": 0.7, "邓": 0.8, "唐": 0.8, "冯": 0.7, "甘": 0.6, "廖": 0.8, "施": 0.4,
}  # fmt: skip
_MALE = "建国志强文明华军勇海永福光荣忠义德才家启春生庆贵秀继宏胜利安平新民学正朝金玉龙飞宇浩杰俊"
_FEMALE = "秀美丽英兰芳梅凤玉珍桂花春香彩莲爱月金小红艳云燕霞萍翠娟妹少琴雪婷雅慧思倩敏静佳柳"
#: Part of the given names with one character.
ONE_CHARACTER = 0.22

#: Members who carry the surname of the head's line.
_LINE = (Role.HEAD, Role.CHILD, Role.GROWN_CHILD, Role.FATHER, Role.SIBLING)


def names_of(family: Families, *, rng: np.random.Generator) -> pa.Array:
    """Draw a name for each member; children share the surname of the line they belong to."""
    many = len(family.starts) - 1
    own, line, married = (_surnames(size, rng=rng) for size in (len(family.role), many, many))
    role = family.role
    surname = np.where(np.isin(role, _LINE), line[family.household], own)
    # A daughter's children have her husband's surname, and so does he.
    through = np.where(family.through_son, line[family.household], married[family.household])
    surname = np.where(role == Role.GRANDCHILD, through, surname)
    son_in_law = (role == Role.CHILD_IN_LAW) & family.male
    surname = np.where(son_in_law, married[family.household], surname)
    first, second = _given(family, rng=rng)
    return pc.binary_join_element_wise(
        pa.array(list(SURNAMES)).take(pa.array(surname)),
        pa.array(list(_MALE + _FEMALE)).take(pa.array(first)),
        pa.array([*(_MALE + _FEMALE), ""]).take(pa.array(second)),
        "",
    )


def _surnames(size: int, *, rng: np.random.Generator) -> Ints:
    ends = np.cumsum(list(SURNAMES.values()))
    return np.asarray(np.searchsorted(ends, rng.random(size) * ends[-1], side="right"))


def _given(family: Families, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Places of the two characters in the list of all; the place after the last means none."""
    male = family.male
    start = np.where(male, 0, len(_MALE))
    count = np.where(male, len(_MALE), len(_FEMALE))
    chance = rng.random((2, len(male)), np.float32)
    first, second = (start + (one * count).astype(np.int64) for one in chance)
    alone = (rng.random(len(male), np.float32) < ONE_CHARACTER) | (first == second)
    return first, np.where(alone, len(_MALE) + len(_FEMALE), second)
