"""A whole check for the stories: files as they are, a shipped rulebook, answers in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.rulebook.bind import bind
from yihu.rulebook.columns import check
from yihu.rulebook.columns.answers import Answered, Answers
from yihu.rulebook.intake import intake
from yihu.rulebook.program import Program
from yihu.rulebook.read import rulebook
from yihu.rulebook.snapshot import BLOCK
from yihu.rulebook.snapshot.build import Plan, build
from yihu.rulebook.snapshot.files import InMemory

Key = tuple[str, str]


def checked(
    name: str,
    on: date,
    files: Mapping[str, Path],
    *,
    rules: Iterable[str] | None = None,
    facts: Iterable[Key] = (),
) -> Answers:
    """Read the files, build a snapshot, ask the rules."""
    program = bind(
        rulebook(name), on, rules=None if rules is None else list(rules), values=list(facts)
    )
    plan = Plan(program.levels, specs_of(program), block=BLOCK, keep_strays=True)
    made = build(plan, intake(program, files).tables(), InMemory())
    return check(program, made, facts=facts)


def specs_of(program: Program) -> dict[Key, Any]:
    last = {(level, f"last.{name}"): spec for (level, name), spec in program.last_facts.items()}
    return {**program.facts, **last}


def flags_of(table: pa.Table, key: str, flag: str) -> dict[str, object]:
    """Official flag by key, as the file has it."""
    keys = [str(value) for value in table[key].to_pylist()]
    return dict(zip(keys, table[flag].to_pylist(), strict=True))


def answers_of(answered: Answered, rule: str) -> dict[str, int]:
    """Answer by id: 1 holds, 0 fails, -1 unknown."""
    return dict(zip(answered.ids.to_pylist(), answered.rules[rule].tolist(), strict=True))


def share(holds: Iterable[bool], weights: Iterable[float]) -> float:
    """Weighted share of those who hold, in per cent."""
    weight = np.asarray(list(weights), np.float64)
    return float(100 * weight[np.asarray(list(holds), np.bool_)].sum() / weight.sum())
