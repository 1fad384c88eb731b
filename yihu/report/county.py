"""The synthetic county in the report: the exit standard item by item, by township, and why.

Everything drawn here is computed by the rulebook `guangxi` from made-up registers; nothing is
written down in this file but which rules stand beside each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from yihu.report.page import (
    BAD,
    GOOD,
    OPEN,
    Card,
    Cell,
    Figure,
    Part,
    Table,
    Words,
    option,
    plain,
    stacked,
)
from yihu.report.taking import in_memory
from yihu.rulebook import columns, read
from yihu.rulebook.bind import bind
from yihu.rulebook.book import Rulebook
from yihu.rulebook.columns.answers import NO_AMOUNT, Answers, counted

#: 八有一超, in the order of the standard; the last is all nine together.
HOUSEHOLD_ITEMS = (
    "exit_income_source", "exit_housing", "exit_medical", "exit_schooling", "exit_water",
    "exit_road", "exit_power", "exit_tv", "exit_income", "exit_eight_one",
)  # fmt: skip
#: 十一有一低于, in the order of the standard.
VILLAGE_ITEMS = (
    "village_industry", "village_housing", "village_medical", "village_schooling", "village_road",
    "village_water", "village_power", "village_services", "village_tv", "village_collective",
    "village_committee", "village_incidence", "village_eleven_one",
)  # fmt: skip
PLACES = {
    "village": "villages.parquet",
    "township": "townships.parquet",
    "county": "counties.parquet",
}


NOT_KNOWN = Words("标准未知", "line not known")


@dataclass(frozen=True, slots=True)
class County:
    """The county judged on one day."""

    book: Rulebook
    day: date
    answers: Answers
    people: int
    households: int
    township: npt.NDArray[np.str_]  # of each household, by name
    registered: npt.NDArray[np.bool_]  # whether it is a registered poor household


def county(folder: Path, day: date) -> County:
    """Take in the registers of a synthetic county and judge them. Raises Refused."""
    book = read.rulebook("guangxi")
    program = bind(book, day)
    taken = in_memory(program, files_of(folder))
    answers = columns.check(program, taken)
    ids = answers["household"].ids.to_pylist()
    return County(
        book, day, answers, taken.count("person"), taken.count("household"),
        _townships(folder, ids), _registered(folder, ids),
    )  # fmt: skip


def _registered(folder: Path, ids: list[str]) -> npt.NDArray[np.bool_]:
    names = ["household_id", "registered_poor"]
    homes = pq.read_table(folder / "households.parquet", columns=names)
    known = dict(zip(*(homes[name].to_pylist() for name in names), strict=True))
    return np.array([known[i] is True for i in ids])


def files_of(folder: Path) -> dict[str, Path]:
    """Level → register of a synthetic county."""
    return {
        "person": folder / "persons.parquet",
        "household": folder / "households.parquet",
        **{level: folder / name for level, name in PLACES.items()},
    }


def _townships(folder: Path, ids: list[str]) -> npt.NDArray[np.str_]:
    homes = pq.read_table(folder / "households.parquet", columns=["household_id", "village_code"])
    village = dict(
        zip(homes["household_id"].to_pylist(), homes["village_code"].to_pylist(), strict=True)
    )
    places = pq.read_table(folder / "townships.parquet", columns=["township_code", "name"])
    names = {
        code: name
        for code, name in zip(
            places["township_code"].to_pylist(), places["name"].to_pylist(), strict=True
        )
        if code
    }
    return np.array([names.get(village[i][:9], village[i][:9]) for i in ids])


def part(made: County, seconds: float) -> Part:
    """The section of the report."""
    section = Part(
        Words("一个合成的县", "A synthetic county"),
        Words(
            f"{made.households:,} 户、{made.people:,} 人，全部为随机生成的合成数据，"
            f"按规则书 guangxi 在 {made.day} 判定。"
            "证据不足的一律为“未知”，既不算达标，也不算不达标。",
            f"{made.households:,} households and {made.people:,} people, all made up from a random "
            f"seed, judged by the rulebook guangxi on {made.day}. Where evidence is missing the "
            "answer is unknown: neither a pass nor a failure.",
        ),
    )
    section.figures = _figures(made, seconds)
    section.cards = [
        _items(made, "household", HOUSEHOLD_ITEMS,
               Words("八有一超：建档立卡户各项达标情况",
                     "八有一超: the exit standard, registered poor households")),
        _heat(made),
        _items(made, "village", VILLAGE_ITEMS,
               Words("十一有一低于：各项达标情况（村）", "十一有一低于: villages")),
        _money(made),
        _quality(made),
    ]  # fmt: skip
    return section


def _figures(made: County, seconds: float) -> list[Figure]:
    whole = _counts(made, "household", "exit_eight_one")
    rules = sum(len(made.answers[level].rules) for level in made.answers.levels)
    answers = sum(
        len(made.answers[level]) * len(made.answers[level].rules) for level in made.answers.levels
    )
    total = max(sum(whole.values()), 1)
    return [
        Figure(f"{100 * whole['holds'] / total:.1f} %",
               Words("建档立卡户九项全部达标", "of registered poor households meet all nine")),
        Figure(f"{whole['unknown']:,}",
               Words("户因证据不足而未知：要去问", "of them unknown: somebody has to ask")),
        Figure(f"{rules}", Words("条规则", "rules asked")),
        Figure(f"{round(answers / seconds, -3):,.0f}",
               Words("个答案每秒（含读入）", "answers a second, reading included")),
    ]  # fmt: skip


def _titles(book: Rulebook, level: str, rules: tuple[str, ...]) -> list[Words]:
    found = [book.rules[level, rule].title for rule in rules]
    return [Words(t.zh, t.en) for t in found]


def _counts(made: County, level: str, rule: str) -> dict[str, int]:
    """Answers of a rule; of households only the registered poor, whom the standard is about."""
    column = made.answers[level].rules[rule]
    return counted(column[made.registered] if level == "household" else column)


def _items(made: County, level: str, rules: tuple[str, ...], title: Words) -> Card:
    counts = [_counts(made, level, rule) for rule in rules]
    total = max(sum(counts[0].values()), 1)

    def of(word: str) -> list[float]:
        return [round(100 * count[word] / total, 2) for count in counts]

    series = [
        (Words("达标", "holds"), GOOD, of("holds")),
        (Words("未知", "unknown"), OPEN, of("unknown")),
        (Words("不达标", "fails"), BAD, of("fails")),
    ]
    drawn = stacked(_titles(made.book, level, rules), series, unit="%")
    return Card(title, "s7" if level == "household" else "s6", drawn, "tall")


def _heat(made: County) -> Card:
    here = made.township[made.registered]
    towns = list(dict.fromkeys(here.tolist()))
    rules = HOUSEHOLD_ITEMS[:-1]
    cells = []
    for x, rule in enumerate(rules):
        open_ = made.answers["household"].rules[rule][made.registered] != 1
        for y, town in enumerate(towns):
            cells.append([x, y, round(float(100 * open_[here == town].mean()), 1)])
    spec = {
        "tooltip": {"renderMode": "richText"},
        "xAxis": {"type": "category", "data": [_short(w) for w in _titles(
            made.book, "household", rules)], "axisLabel": {"rotate": 55, "fontSize": 11}},
        "yAxis": {"type": "category", "data": towns, "inverse": True},
        "visualMap": {"min": 0, "max": max((c[2] for c in cells), default=1), "show": False,
                      "inRange": {"color": ["#eef4f8", "#f3cf8b", "#b42d3b"]}},
        "series": [{"type": "heatmap", "data": cells,
                    "label": {"show": True, "fontSize": 10}}],
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8, "containLabel": True},
    }  # fmt: skip
    return Card(
        Words("还没有确认达标的建档立卡户（%），按乡镇",
              "Not shown to be met, % of registered poor households"),
        "s5", option(spec), "tall",
    )  # fmt: skip


def _short(words: Words) -> dict[str, str]:
    return {"zh": words.zh[:9], "en": words.en[:22]}


def _money(made: County) -> Card:
    rows = []
    for level in ("household", "person"):
        for rule, amounts in made.answers[level].amounts.items():
            due = made.answers[level].rules[rule] == 1
            known = due & (amounts != NO_AMOUNT)
            rows.append((int(amounts[known].sum()), int(due.sum()), int(known.sum()), level, rule))
    rows = sorted((r for r in rows if r[1]), reverse=True)[:9]
    table = Table(
        [Cell(Words("政策", "policy")), Cell(Words("应享", "due"), number=True),
         Cell(Words("尚未享受（元）", "still open, yuan"), number=True)],
        [
            [
                Cell(_titles(made.book, level, (rule,))[0]),
                Cell(plain(f"{due:,}"), number=True),
                Cell(plain(f"{amount / 100:,.0f}") if known else NOT_KNOWN,
                     number=True, mark="" if known else "open"),
            ]
            for amount, due, known, level, rule in rows
        ],
    )  # fmt: skip
    return Card(
        Words("应享政策", "What they are due"), "s6", table=table,
        note=Words("金额已减去领到、贷到的部分。查无来源（HOLE）的只给人数，不编造金额。",
                   "What was paid or lent already is taken off. Where no source gives an amount "
                   "(HOLE), only the number due is given."),
    )  # fmt: skip


def _quality(made: County) -> Card:
    found = []
    for level in made.answers.levels:
        for rule, counts in made.answers[level].counts().items():
            spec = made.book.rules[level, rule]
            if spec.kind == "quality" and spec.wanted == "fails" and counts["holds"]:
                found.append((counts["holds"], spec.title))
    found.sort(key=lambda row: -row[0])
    rows = [
        [Cell(Words(title.zh, title.en)), Cell(plain(f"{count:,}"), number=True)]
        for count, title in found[:10]
    ]
    heads = [Cell(Words("问题", "problem")), Cell(Words("条数", "records"), number=True)]
    return Card(
        Words("数据质量：最多的十类问题", "Data quality: the ten most frequent problems"), "",
        table=Table(heads, rows),
        note=Words("合成登记册里按真实登记册的样子埋入了缺漏与差错。",
                   "Gaps and errors such as real registers have were planted in the made-up ones."),
    )  # fmt: skip


def lines(made: County, lang: str) -> list[str]:
    """The exit standard item by item, a line each, for a terminal."""
    found = []
    for rule in HOUSEHOLD_ITEMS:
        title = _titles(made.book, "household", (rule,))[0]
        count = _counts(made, "household", rule)
        words = ("达标", "不达标", "未知") if lang == "zh" else ("hold", "fail", "unknown")
        shown = ", ".join(f"{w} {count[k]:,}" for w, k in zip(words, count, strict=True))
        found.append(f"{title.zh if lang == 'zh' else title.en}: {shown}")
    return found
