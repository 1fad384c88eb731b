"""Headings and spellings of the Guangxi rulebook, for files that people read."""

from __future__ import annotations

from yihu.rulebook import read
from yihu.synthetic.columns import MARK
from yihu.synthetic.writing import Words

RULEBOOK = "guangxi"
HEADINGS = ("names", "zh")
#: Chinese headings of keys and of the mark.
_KEYS = {
    "person_id": "人编号", "household_id": "户编号", "village_code": "行政村代码",
    "township_code": "乡镇代码", "county_code": "县代码", MARK: "合成数据",
}  # fmt: skip


def words_for(headings: str, *levels: str) -> dict[str, Words]:
    """Words for the tables of these levels: the rulebook's names, or the Chinese of its labels."""
    if headings == "names":
        return {level: Words() for level in levels}
    book = read.rulebook(RULEBOOK, check=False)
    found = {}
    for level in levels:
        facts = {name: fact for (of, name), fact in book.facts.items() if of == level}
        found[level] = Words(
            headings=_KEYS | {name: fact.label.zh for name, fact in facts.items()},
            spellings={
                name: {code.key: code.label.zh for code in fact.codes.codes}
                for name, fact in facts.items()
                if fact.codes
            },
            yes="是",
            no="否",
        )
    return found
