"""A small rulebook of four levels, and files of several counties with blanks in them."""

from __future__ import annotations

import csv
import random

from yihu.rulebook import read
from yihu.rulebook.cluster.task import FilePair

TOML = """
[rulebook]
name = "small"
title = { zh = "小", en = "small" }
version = "1"
money = "yuan"

[[level]]
name = "person"
zh = "成员"
en = "person"
plural = "members"
alias = "member"
id = ["person_id"]
parent = ["household_id"]
[[level]]
name = "household"
zh = "家庭"
en = "household"
plural = "households"
id = ["household_id"]
parent = ["village_code"]
[[level]]
name = "village"
zh = "村"
en = "village"
plural = "villages"
id = ["village_code"]
parent = "code:6"
[[level]]
name = "county"
zh = "县"
en = "county"
plural = "counties"
id = ["county_code"]

[fact.person.birth]
type = "date"
label = { zh = "出生日期", en = "day of birth" }
[fact.person.at_school]
type = "yes_no"
label = { zh = "在校", en = "at school" }
[fact.person.name]
type = "text"
label = { zh = "姓名", en = "name" }
[fact.household.income]
type = "money"
unit = "yuan/year"
range = [0, 1000000]
label = { zh = "收入", en = "income" }
[fact.household.water]
type = "yes_no"
label = { zh = "饮水安全", en = "safe water" }

[derived.household.income_per_person]
label = { zh = "人均收入", en = "income per person" }
unit = "yuan/person/year"
value = "income / count(member)"

[rule.schooling]
about = "household"
title = { zh = "义务教育", en = "children at school" }
holds = "all(age(member.birth) not between 6 and 15 or member.at_school)"
wanted = "holds"
kind = "assurance"
owner = "education"
source = "test"
[rule.low_income]
about = "household"
title = { zh = "低收入", en = "low income" }
holds = "income_per_person < 4000"
amount = "4000 - income_per_person"
wanted = "fails"
kind = "entitlement"
owner = "office"
source = "test"
[rule.grown_up]
about = "person"
title = { zh = "成年", en = "grown up" }
holds = "age(birth) >= 18 and not village.dry"
wanted = "holds"
kind = "assurance"
owner = "office"
source = "test"
[rule.dry]
about = "village"
title = { zh = "缺水", en = "dry" }
holds = "share(household.water) < 50%"
wanted = "fails"
kind = "risk"
owner = "water"
source = "test"
[rule.watered]
about = "county"
title = { zh = "全县有水", en = "has water" }
holds = "share(household.water) >= 40%"
wanted = "holds"
kind = "exit"
owner = "water"
source = "test"
[rule.same_name]
about = "person"
title = { zh = "同名", en = "same name" }
holds = "repeats(name) > 1"
wanted = "fails"
kind = "quality"
owner = "office"
source = "test"
"""
WITHOUT_NAMES = ("schooling", "low_income", "grown_up", "dry", "watered")
BIRTHS = ("", "2010-05-01", "2001-02-28", "1960-12-31")
YES_NO = ("", "是", "否")
COUNTIES = ("451021", "451022", "451023")


def rulebook(folder):
    """The rulebook as a person would write it."""
    home = folder / "small"
    home.mkdir()
    (home / "rulebook.toml").write_text(TOML, encoding="utf-8")
    return read.rulebook(home)


def write_counties(folder, households=40):
    """Files of each county and of all together: (pairs, files of the whole)."""
    draw = random.Random(1)
    rows = {county: _county(draw, county, households) for county in COUNTIES}
    pairs = [FilePair(county, _written(folder, county, *rows[county])) for county in COUNTIES]
    homes, people = ([row for both in rows.values() for row in both[i]] for i in (0, 1))
    return pairs, _written(folder, "all", homes, people)


def _county(draw, county, households):
    homes, people = [], []
    for n in range(households):
        home = f"{county}-{n}"
        village = f"{county}00{draw.randint(0, 4)}"
        income, water = draw.choice(["", 0, 5000, 20000.5]), draw.choice(YES_NO)
        homes.append([home, village if draw.random() > 0.1 else "", income, water])
        for k in range(draw.randint(0, 6)):
            birth, name = draw.choice(BIRTHS), draw.choice(["韦月", "Li", ""])
            people.append([f"{home}-{k}", home, birth, draw.choice(YES_NO), name])
    return homes, people


def _written(folder, name, homes, people):
    heads = {
        "household": ["household_id", "village_code", "income", "water"],
        "person": ["person_id", "household_id", "birth", "at_school", "name"],
    }
    files = {}
    for level, rows in (("household", homes), ("person", people)):
        path = folder / f"{name}-{level}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heads[level], *rows])
        files[level] = str(path)
    return files
