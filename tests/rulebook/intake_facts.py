"""A small dictionary of facts for the tests of the intake: persons, households, villages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from yihu.rulebook.facts import Code, CodeList, FactSpec, Flag, Level, Text
from yihu.rulebook.intake import Intake
from yihu.rulebook.tree import day_number

SCHOOLING = CodeList(
    "schooling",
    Text("在校生状况", "schooling"),
    (
        Code("none", Text("非在校生", "not at school"), also=("01", "非在校")),
        Code("primary", Text("小学", "primary school"), also=("02",)),
        Code("junior", Text("初中（七至九年级）", "junior secondary"), also=("03",)),
    ),
)
CAUSES = CodeList(
    "cause",
    Text("致贫原因", "cause"),
    (Code("ill", Text("因病", "illness")), Code("school", Text("因学", "schooling costs"))),
)
PERSON = Level(
    "person", Text("成员", "person"), "members", ("person_id", "人编号"), ("household_id", "户编号")
)
HOUSEHOLD = Level(
    "household",
    Text("家庭", "household"),
    "households",
    ("household_id", "户编号"),
    ("行政村代码",),
)
VILLAGE = Level("village", Text("行政村", "village"), "villages", ("village_code", "行政村代码"))
LEVELS = (PERSON, HOUSEHOLD, VILLAGE)


def fact(level: str, name: str, kind: str, zh: str, **more: Any) -> FactSpec:
    columns = more.pop("columns", ())
    return FactSpec(
        level, name, kind, Text(zh, name.replace("_", " ")), columns=(name, zh, *columns), **more
    )


BORN = fact("person", "born", "date", "出生日期", low=day_number(1900, 1, 1))
AT_SCHOOL = fact("person", "schooling", "code", "在校生状况", codes=SCHOOLING)
IDENTITY = fact("person", "identity", "identity", "证件号码", privacy="secret")
MONTHS = fact("person", "months_worked", "whole", "务工时间", unit="months", low=0, high=12)
INSURED = fact("person", "insured", "yes_no", "参加医保", columns=("是否参加医保",))
INCOME = fact("household", "income", "money", "家庭纯收入", unit="yuan/year")
AREA = fact("household", "area", "number", "住房面积", unit="m2", low=0.0, high=2000.0)
SINCE = fact("household", "since", "month", "识别时间")
CAUSE = fact("household", "causes", "codes", "致贫原因", codes=CAUSES)
UNSAFE = fact("household", "unsafe_house", "yes_no", "危房户", columns=("是否危房户",))
PHONE = fact("household", "phone", "text", "联系电话")
FACTS = (BORN, AT_SCHOOL, IDENTITY, MONTHS, INSURED, INCOME, AREA, SINCE, CAUSE, UNSAFE, PHONE)
FLAGGED = fact(
    "household",
    "arrears",
    "code",
    "拖欠",
    codes=SCHOOLING,
    not_applicable=0,
    flag=Flag("arrears_F", not_applicable=("-2",), unknown=("-1", "&")),
)


def opened(files: Mapping[str, Path], facts: Iterable[FactSpec] = FACTS, **more: Any) -> Intake:
    return Intake(LEVELS, facts, files, **{"missing": "unknown", **more})


def read(data: Intake, level: str) -> dict[str, list[Any]]:
    """All rows of a level, column by column."""
    batches = list(data.batches(level))
    return pa.Table.from_batches(batches).to_pydict() if batches else {}
