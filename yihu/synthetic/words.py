"""Headings and spellings of the Guangxi rulebook, for files that people read."""

from __future__ import annotations

import re

import pyarrow as pa

from yihu.rulebook import read
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import FactSpec
from yihu.synthetic.columns import MARK
from yihu.synthetic.writing import Words

RULEBOOK = "guangxi"
HEADINGS = ("names", "zh")
_CODES = pa.dictionary(pa.int8(), pa.string())
#: Kind of a fact → type of its column where every cell is blank.
_BLANK = {
    "yes_no": pa.bool_(), "whole": pa.int64(), "money": pa.int64(), "number": pa.float64(),
    "date": pa.date32(), "month": _CODES, "code": _CODES, "codes": pa.string(),
}  # fmt: skip
#: Chinese headings of keys and of the mark.
_KEYS = {
    "person_id": "人编号", "household_id": "户编号", "village_code": "行政村代码",
    "township_code": "乡镇代码", "county_code": "县代码", MARK: "合成数据",
}  # fmt: skip


def words_for(headings: str, *levels: str) -> dict[str, Words]:
    """Words for the tables of these levels: the rulebook's names, or the Chinese of its labels."""
    book = read.rulebook(RULEBOOK, check=False)
    asked = _asked(book)
    if headings == "names":
        return {level: Words(asked=_of(level, asked)) for level in levels}
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
            asked=_of(level, asked),
        )
    return found


def _asked(book: Rulebook) -> list[FactSpec]:
    """Facts whose name stands in some rule: a register has a column for each, filled or not."""
    texts = [text for rule in book.rules.values() for _, text in rule.holds.texts]
    texts += [text for r in book.rules.values() if r.amount for _, text in r.amount.texts]
    texts += [text for derived in book.derived.values() for _, text in derived.value.texts]
    texts += [line.by for line in book.lines.values()]
    texts += [key for table in book.tables.values() for key in table.keys]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    return [fact for fact in book.facts.values() if words & {fact.name, fact.label.zh}]


def _of(level: str, facts: list[FactSpec]) -> dict[str, pa.DataType]:
    return {f.name: _BLANK.get(f.kind, pa.string()) for f in facts if f.level == level}
