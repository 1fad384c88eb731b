"""One household of the synthetic county explained, as an officer would be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from yihu.report.county import HOUSEHOLD_ITEMS, County, files_of
from yihu.report.page import Card, Part, Words
from yihu.report.taking import in_memory
from yihu.rulebook import columns
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.explain.picked import Picker, beyond_a_card
from yihu.rulebook.intake import intake
from yihu.rulebook.program import POPULATION

#: Items told apart: one that fails and one that is unknown for a registered poor household.
ASKED = (("exit_housing", 0, "s6"), ("exit_water", -1, "s6"), ("exit_schooling", 0, ""))


def part(made: County, folder: Path) -> Part:
    """The section of the report."""
    section = Part(
        Words("为什么？", "Why?"),
        Words(
            "每个结论都能说出依据的事实、起决定作用的部分、规则出处，以及最近的一步。以下均为合成住户。",
            "Every answer names the facts that decided, the part of the rule, its source, and the "
            "nearest single change. All households are made up.",
        ),
    )
    for rule, answer, size in ASKED:
        card = _card(made, folder, rule, answer, size)
        if card is not None:
            section.cards.append(card)
    return section


def _card(made: County, folder: Path, rule: str, answer: int, size: str) -> Card | None:
    household = made.answers["household"]
    found = np.flatnonzero((household.rules[rule] == answer) & made.registered)
    if rule not in HOUSEHOLD_ITEMS or not len(found):
        return None
    id_ = household.ids[int(found[0])].as_py()
    explainer = Explainer(made.book, made.day, rule, root=POPULATION)
    fixed = beyond_a_card(explainer.program, "household")
    explainer.fixed = frozenset(fixed)
    files = files_of(folder)
    known = columns.check(explainer.program, in_memory(explainer.program, files), facts=fixed)
    tables = intake(explainer.program, files, missing="unknown").tables()
    because = Because(explainer, Picker(explainer, tables, known).pick([id_])[id_])
    title = explainer.rule.title
    return Card(
        Words(title.zh, title.en), size,
        sentences={lang: because.sentences(lang) for lang in ("zh", "en")},
    )  # fmt: skip
