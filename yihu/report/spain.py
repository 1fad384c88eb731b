"""The real survey in the report: ours beside what Spain's statistics office published."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from yihu.measure import inequality, quantiles
from yihu.report.page import BLUE, OPEN, Card, Cell, Figure, Part, Table, Words, option, plain
from yihu.report.taking import in_memory
from yihu.rulebook import columns, read
from yihu.rulebook.bind import bind
from yihu.rulebook.language import layers

EXAMPLE = layers.SHIPPED / "spain" / "example"
#: Incomes and ages of the survey of 2018 are of this day.
DAY = date(2017, 12, 31)
Answers = npt.NDArray[np.int8]
Reals = npt.NDArray[np.float64]

#: Rule → the official flag of the survey file it must equal, and the file's level.
FLAGS = (
    ("person", "income_poverty", "vhPobreza"),
    ("person", "material_deprivation_ine", "vhMATDEP"),
    ("person", "low_work_intensity", "vrLOWJOB"),
    ("person", "arope_ine", "vrEU2020"),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the page needs, one entry per person in file order."""

    answers: dict[str, Answers]
    income: Reals  # equivalised, euro a year
    line: float
    weight: Reals
    region: npt.NDArray[np.str_]
    official: dict[str, npt.NDArray[np.bool_]]
    households: dict[str, Answers]


def survey() -> Survey:
    """Take in the bundled files and judge everybody in them."""
    book = read.rulebook("spain")
    line, income = ("population", "poverty_line"), ("person", "equivalised_income")
    program = bind(book, DAY, values=[line, income])
    files = {
        "household": EXAMPLE / "households_2018.parquet",
        "person": EXAMPLE / "persons_2018.parquet",
    }
    taken = in_memory(program, files)
    answers = columns.check(program, taken, facts=[line, income])
    persons = answers["person"]
    ids = [int(i) for i in persons.ids.to_pylist()]
    order = np.argsort(np.argsort(persons_column("RB030"))).argsort()[np.argsort(np.argsort(ids))]
    flags = official_flags()
    return Survey(
        answers=persons.rules,
        income=np.asarray(persons.facts["equivalised_income"]) / 100,
        line=answers["population"].facts["poverty_line"][0].as_py() / 100,
        weight=persons_column("RB050")[order],
        region=_regions_of_persons()[order],
        official={flag: set_[order] for flag, set_ in flags.items()},
        households={
            "material_deprivation": answers["household"].rules["deprived_household"],
        },
    )


def _regions_of_persons() -> npt.NDArray[np.str_]:
    homes = pq.read_table(EXAMPLE / "households_2018.parquet", columns=["HB030", "DB040"])
    keys = [int(k) for k in homes["HB030"].to_pylist()]
    known = dict(zip(keys, homes["DB040"].to_pylist(), strict=True))
    return np.array([known[int(k)] for k in persons_column("HID")])


def official_flags() -> dict[str, npt.NDArray[np.bool_]]:
    """Flag → whether the statistics office set it, for each person in file order."""
    persons = pq.read_table(EXAMPLE / "persons_2018.parquet")
    homes = pq.read_table(EXAMPLE / "households_2018.parquet")
    place = {int(k): i for i, k in enumerate(homes["HB030"].to_pylist())}
    home = np.array([place[int(k)] for k in persons["HID"].to_pylist()])
    found = {}
    for _, _, flag in FLAGS:
        table = persons if flag in persons.column_names else homes
        values = np.nan_to_num(table[flag].to_numpy().astype(float)) == 1
        found[flag] = values if table is persons else values[home]
    return found


def persons_column(name: str) -> npt.NDArray[np.float64]:
    """A column of the persons file as floats."""
    values = pq.read_table(EXAMPLE / "persons_2018.parquet", columns=[name])[name].to_numpy()
    return np.asarray(values, dtype=np.float64)


def regions() -> dict[str, Words]:
    """Region code → its name."""
    with (EXAMPLE / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Words(row["zh"], row["name"]) for row in csv.DictReader(file)}


def published(indicator: str) -> dict[str, float]:
    """Group → published figure of an indicator."""
    return {
        row["group"]: float(row["published"])
        for row in _rows(EXAMPLE / "published_2018.csv")
        if row["indicator"] == indicator
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mismatches(survey: Survey) -> dict[str, int]:
    """Rule → persons for whom our answer is not the official flag (unknown counts as one)."""
    return {
        rule: int(np.sum((survey.answers[rule] == 1) != survey.official[flag]))
        for _, rule, flag in FLAGS
    }


def share(holds: npt.NDArray[np.bool_], weight: Reals) -> float:
    """Weighted share in per cent."""
    return float(100 * weight[holds].sum() / weight.sum())


def part(survey: Survey, seconds: float) -> Part:
    """The section of the report."""
    wrong = mismatches(survey)
    people, homes = len(survey.weight), len(survey.households["material_deprivation"])
    section = Part(
        Words("真实调查：西班牙 2018", "A real survey: Spain 2018"),
        Words(
            f"西班牙统计局（INE）生活条件调查的 {homes:,} 户、{people:,} 人，"
            "用规则书 spain 逐人判定，与官方逐人标记和公布数字对照。",
            f"{homes:,} households and {people:,} persons of the Living Conditions Survey of "
            "Spain’s statistics office (INE), judged one by one with the rulebook spain, beside "
            "the official flag of every person and the published figures.",
        ),
    )
    section.figures = _figures(survey, wrong, seconds)
    section.cards = [_against(survey, wrong), _unknown(survey), _by_region(survey), _curve(survey)]
    return section


def _figures(survey: Survey, wrong: dict[str, int], seconds: float) -> list[Figure]:
    total = sum(wrong.values())
    return [
        Figure(str(total), Words("与官方逐人标记不同的人数（四项）",
                                 "persons whose flag differs, all four rules"),
               "ok" if total == 0 else ""),
        Figure(f"{share(survey.answers['arope_ine'] == 1, survey.weight):.1f} %",
               Words("面临贫困或社会排斥（公布 26.1 %）",
                     "at risk of poverty or exclusion (published 26.1 %)")),
        Figure(f"{survey.line:,.2f} €", Words("贫困线：中位数的 60 %", "line: 60 % of the median")),
        Figure(f"{seconds:.1f} s", Words("读入并判定用时", "to read and judge them")),
    ]  # fmt: skip


def _against(survey: Survey, wrong: dict[str, int]) -> Card:
    names = {
        "income_poverty": Words("收入贫困风险", "at risk of poverty"),
        "material_deprivation_ine": Words("严重物质匮乏（九缺四）", "severe deprivation (4 of 9)"),
        "low_work_intensity": Words("住户工作强度低", "low work intensity"),
        "arope_ine": Words("贫困或社会排斥", "poverty or social exclusion"),
    }
    indicators = {
        "income_poverty": "at_risk_of_poverty",
        "arope_ine": "arope",
        "material_deprivation_ine": "material_deprivation_ge4",
    }
    rows = []
    for _, rule, flag in FLAGS:
        ours = share(survey.answers[rule] == 1, survey.weight)
        figure = published(indicators[rule]).get("all") if rule in indicators else None
        rows.append(
            [
                Cell(names[rule]),
                Cell(plain(f"{ours:.6f}"), number=True),
                Cell(plain("—" if figure is None else f"{figure:.1f}"), number=True),
                Cell(plain(flag)),
                Cell(plain(wrong[rule]), number=True, mark="ok" if wrong[rule] == 0 else "bad"),
            ]
        )
    rows += _measures(survey)
    heads = [
        Cell(Words("指标", "indicator")),
        Cell(Words("本系统 %", "ours, %"), number=True),
        Cell(Words("公布", "published"), number=True),
        Cell(Words("官方标记", "official flag")),
        Cell(Words("不同人数", "differing"), number=True),
    ]
    return Card(
        Words("与官方结果对照", "Beside the official results"),
        "s7",
        table=Table(heads, rows),
        note=Words(
            "来源：INE，www.ine.es；计算为本系统自行完成。",
            "Source: INE, www.ine.es; own calculations.",
        ),
    )


def _measures(survey: Survey) -> list[list[Cell]]:
    gini = 100 * inequality.gini(survey.income, survey.weight)
    ratio = quantiles.s80_s20(survey.income, survey.weight)
    rows = []
    for name, ours, indicator in (
        (Words("基尼系数", "Gini"), gini, "gini"),
        (Words("S80/S20", "S80/S20"), ratio, "s80_s20"),
    ):
        rows.append(
            [
                Cell(name),
                Cell(plain(f"{ours:.6f}"), number=True),
                Cell(plain(f"{published(indicator)['all']:.1f}"), number=True),
                Cell(plain("")),
                Cell(plain(""), number=True),
            ]
        )
    return rows


def _unknown(survey: Survey) -> Card:
    answers = survey.households["material_deprivation"]
    counts = [int((answers == code).sum()) for code in (1, -1, 0)]
    rows = [
        [Cell(name), Cell(plain(f"{count:,}"), number=True, mark=mark)]
        for name, count, mark in zip(
            (Words("成立", "holds"), Words("未知", "unknown"), Words("不成立", "fails")),
            counts,
            ("bad", "open", "ok"),
            strict=True,
        )
    ]
    return Card(
        Words("未知就是未知", "Unknown stays unknown"), "s5",
        table=Table([Cell(Words("严重物质匮乏，户数", "severe deprivation, households")),
                     Cell(plain(""), number=True)], rows),
        note=Words(
            "INE 把没有回答的项目当作“不缺”。本系统两种做法都给：三值的（上表）与 INE 的（左表）。",
            "INE counts an item nobody answered as not lacking. Both treatments are given: three "
            "answers here, INE’s own on the left.",
        ),
    )  # fmt: skip


def _by_region(survey: Survey) -> Card:
    known, figures = regions(), published("at_risk_of_poverty")
    found = []
    for code, name in known.items():
        inside = survey.region == code
        if inside.any():
            ours = share(survey.answers["income_poverty"][inside] == 1, survey.weight[inside])
            found.append((ours, name, figures.get(f"region={code}")))
    found.sort(key=lambda row: row[0])
    spec = {
        "legend": {"top": 0, "left": 0},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {"type": "category", "data": [{"zh": n.zh, "en": n.en}
                                               for _, n, _ in found]},
        "series": [
            {"type": "bar", "name": {"zh": "本系统", "en": "ours"}, "barMaxWidth": 12,
             "itemStyle": {"color": BLUE}, "data": [round(o, 2) for o, _, _ in found]},
            {"type": "bar", "name": {"zh": "公布", "en": "published"}, "barMaxWidth": 12,
             "itemStyle": {"color": OPEN}, "data": [p for _, _, p in found]},
        ],
    }  # fmt: skip
    title = Words("各大区收入贫困率", "At risk of poverty by region")
    return Card(title, "s7", option(spec), "tall",
                note=Words("“公布”只画出新闻稿给出的大区。",
                           "“Published” where the press release gives the region."))  # fmt: skip


def _curve(survey: Survey) -> Card:
    order = np.argsort(survey.income, kind="stable")
    people = np.cumsum(survey.weight[order]) / survey.weight.sum()
    money = np.cumsum((survey.income * survey.weight)[order])
    picks = np.searchsorted(people, np.linspace(0, 1, 51)[1:-1])
    points = [[0, 0]] + [
        [round(float(100 * people[i]), 2), round(float(100 * money[i] / money[-1]), 2)]
        for i in picks
    ] + [[100, 100]]  # fmt: skip
    spec = {
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value} %"},
                  "name": {"zh": "人口", "en": "people"}, "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value} %"},
                  "name": {"zh": "收入", "en": "income"}},
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 24, "containLabel": True},
        "series": [
            {"type": "line", "data": points, "showSymbol": False, "lineStyle": {"color": BLUE},
             "areaStyle": {"color": "rgba(31,95,168,.12)"}},
            {"type": "line", "data": [[0, 0], [100, 100]], "showSymbol": False,
             "lineStyle": {"color": "#9aa7b4", "type": "dashed"}},
        ],
    }  # fmt: skip
    return Card(
        Words("洛伦兹曲线", "Lorenz curve"),
        "s5",
        option(spec),
        "tall",
        note=Words(
            "收入由低到高排列的人口，累计占有的收入。",
            "People from the poorest up, and the share of income they have together.",
        ),
    )
