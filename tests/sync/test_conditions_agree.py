"""The phone's and the desk's reader of conditions answers as the engine does, cell by cell.

The engine answers random cards; the TypeScript reader, as it is built for phones, answers the same
trees over the same values as they travel.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.makers import TODAY
from tests.rulebook.books import FACTS, quoted, rulebook
from yihu.check.kept import BookReader
from yihu.rulebook import asked, read
from yihu.rulebook.asked_data import as_data
from yihu.rulebook.days import day_of, month_text
from yihu.rulebook.one_card import OneCard
from yihu.sync.package import _fact

REPOSITORY = Path(__file__).parents[2]
ESBUILD = REPOSITORY / "node_modules" / ".bin" / "esbuild"
CARDS = 60
#: Every kind of node a condition may hold, and what is between.
TEXTS = (
    "sick", "not (sick and works)", "sick or works and not household.water", "sick = works",
    "age(birth) between 6 and 15", "age(birth) = 16", "age(birth) not between 3 and 60",
    "months_since(since) < 30", "days_since(birth) <= 9000", "year(birth) = 2004",
    "month(birth) in (1, 2, 12)", "month_of(birth) > since", "since >= '2019-07'",
    "birth < '2004-02-29'", "schooling = 'primary'", "schooling <> 'none'",
    "schooling in ('primary', 'junior')", "schooling = household.school",
    "case when sick then schooling when works then 'junior' else 'none' end = 'junior'",
    "has(gets, 'b')", "not has_any(gets, 'a', 'd')", "gets is blank", "name is not blank",
    "name = '甲'", "name in ('甲', '乙')", "wage > 1200.5", "wage in (1200, 3000.07)",
    "wage / household.rooms > 100", "wage * 0.6 >= household.income", "wage + 1 = household.debt",
    "wage - household.income < -3", "-wage < 0", "size > 1.7", "size * 2 < weight",
    "round(size) = 2", "round_down(size) = 1", "round_up(size) = 2", "round(wage, 100) = 1200",
    "capped(wage, 2000) = 2000", "not_below(household.rooms, 3) = 3",
    "at_least(2, sick, works, household.water, household.power)", "household.rooms / 0.5 <> 4",
    "household.grade in ('c', 'd') and household.left_in is blank", "wage > line.it", "on > birth",
    "household.rooms = 0 or wage / household.rooms >= 1000", "year_end > birth or sick",
)  # fmt: skip
LINE = """
[line.it]
title = { zh = "线", en = "line" }
unit = "yuan/year"
2016-01-01 = { value = 1200, source = "a test" }
"""


def small():
    """A small rulebook whose conditions hold every kind of node that may stand in one."""
    facts = [
        f"""
[fact.person.q{n}]
type = "text"
label = {{ zh = "问{n}", en = "q{n}" }}
asked_if = {quoted(text)}
"""
        for n, text in enumerate(TEXTS)
    ]
    return rulebook(LINE, facts=FACTS + "".join(facts))


@pytest.fixture(scope="module", params=["small", "guangxi"])
def book(request):
    return small() if request.param == "small" else read.rulebook("guangxi", check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    if not ESBUILD.exists() or shutil.which("node") is None:
        pytest.skip("node and its packages are not here: make env")
    script = tmp_path_factory.mktemp("agree") / "agree.mjs"
    source = REPOSITORY / "fieldapp" / "tests" / "agree.ts"
    subprocess.run(
        [ESBUILD, source, "--bundle", "--platform=node", "--format=esm", f"--outfile={script}",
         "--log-level=warning"], check=True,
    )  # fmt: skip
    return script


def constants(tree):
    """Every plain value in a tree: cards are drawn at these edges."""
    if isinstance(tree, list):
        return [one for part in tree for one in constants(part)]
    return [tree] if not isinstance(tree, str) else []


def a_value(spec, edges, draw):
    """A value as a book may have it: unknown, at an edge, anywhere, or no value of today."""
    if draw.random() < 0.3:
        return None
    if spec.kind == "yes_no":
        return draw.random() < 0.5
    if spec.codes is not None:
        keys = [code.key for code in spec.codes.codes] + ["gone"]
        several = draw.sample(keys, draw.randrange(min(4, len(keys))))
        return draw.choice(keys) if spec.kind == "code" else several
    if spec.kind == "date":
        return _day(edges, draw)
    if spec.kind == "month":
        month = draw.choice([e for e in edges if 12_000 < e < 30_000] or [24_249])
        return month_text(month + draw.randint(-1, 1))
    if spec.kind in ("whole", "money", "number"):
        return _number(spec, edges, draw)
    return draw.choice(["甲", "乙", "x"])


def _day(edges, draw):
    near = [e for e in edges if 600_000 < e < 800_000]
    with suppress(ValueError, IndexError):
        day = day_of(draw.choice(near)) + timedelta(days=draw.randint(-1, 1))
        return day.isoformat()
    return (date(1950, 1, 1) + timedelta(days=draw.randrange(25_000))).isoformat()


def _number(spec, edges, draw):
    scale = 100 if spec.kind == "money" else 1
    low, high = (end / scale for end in spec.bounds)
    found = draw.choice([0, low, high, high + 1, *[e / scale for e in edges][:20], 1.5, 3, 999])
    found += draw.choice([0, 0, 1, -1, 0.01])
    return int(found) if spec.kind == "whole" or found == int(found) else round(found, 2)


def test_the_reader_of_phones_answers_as_the_engine(book, built, tmp_path):
    draw = random.Random(20)
    conditions = asked.conditions(book, TODAY)
    trees = {key: as_data(book, condition) for key, condition in conditions.items()}
    program = asked.program(book, TODAY, root="household")
    one = OneCard(book, TODAY, "household", program=program)
    one.reader = BookReader(program, book)
    waits = sorted({key for condition in conditions.values() for key in condition.waits})
    edges = [e for e in constants([*trees.values()]) if type(e) in (int, float)]
    cases = []

    for _ in range(CARDS):
        card = {key: a_value(book.facts[key], edges, draw) for key in waits}
        home = {name: value for (level, name), value in card.items() if level == "household"}
        person = {name: value for (level, name), value in card.items() if level == "person"}
        _, row, _ = one.rows({**home, "members": [person]})
        answers = {
            "household": one.compiled.answers(row, "household"),
            "person": one.compiled.answers(row.below[0], "person"),
        }
        named = {f"{level}.{name}": value for (level, name), value in card.items()}
        for (level, name), tree in trees.items():
            cases.append({"card": named, "tree": tree, "answer": answers[level][name].holds})
    facts = {".".join(key): _fact(book.facts[key]) for key in waits}
    (tmp_path / "cases.json").write_text(json.dumps({"facts": facts, "cases": cases}))
    told = subprocess.run(
        ["node", built, tmp_path / "cases.json"], check=True, capture_output=True, text=True
    )

    found = json.loads(told.stdout)
    assert found == {"looked": len(trees) * CARDS, "wrong": []}
    spread = Counter(case["answer"] for case in cases)
    assert min(spread[answer] for answer in (True, False, None)) > len(cases) // 20
