"""Errors that real registers have, planted on purpose so that rules find something.

Each is a share of the rows it can happen to; `SLIPS` names them all, and a test counts them. The
kinds are those that public check programs look for; the shares are synthetic.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yihu.synthetic.chance import Chance
from yihu.synthetic.families import Families, Role, Truths
from yihu.synthetic.identity import Figures, old_numbers, texts
from yihu.synthetic.plan import Ints

SLIPS = {
    # identity numbers
    "wrong_check_digit": 0.0008,
    "fifteen_figures": 0.0015,
    "one_figure_missing": 0.0004,
    "full_width_figures": 0.0005,
    "begins_with_nines": 0.0002,
    "same_number_twice": 0.0004,
    # persons
    "birth_differs": 0.0008,
    "impossible_age": 0.0002,
    "born_tomorrow": 0.00005,
    "sex_differs": 0.0006,
    "both_insurances": 0.0025,
    "child_called_able": 0.0015,
    "pupil_called_able": 0.0020,
    "healthy_called_unable": 0.0020,
    "pupil_at_work": 0.0008,
    "unable_at_work": 0.0010,
    "post_without_months": 0.030,
    "months_without_post": 0.0006,
    "education_and_school": 0.0040,
    "nothing_about_school": 0.0010,
    "disabled_without_card": 0.12,
    "destitute_at_work": 0.01,
    "phone_too_short": 0.0020,
    # households
    "head_missing": 0.0006,
    "two_heads": 0.0005,
    "wrong_number_of_people": 0.0020,
    "house_and_grade_differ": 0.0015,
    "water_said_safe": 0.20,
    "road_too_far": 0.0020,
    "land_too_much": 0.0010,
    "costs_missing": 0.0100,
    "income_in_fen": 0.0003,
    "helper_away": 0.0050,
    # villages
    "total_zero": 0.0050,
}
#: Figures as some keyboards write them.
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def slip(name: str, chance: Chance, may: Truths | None = None) -> Truths:
    """Rows to which a slip happens, among those to which it may."""
    rows = chance.some(SLIPS[name])
    return rows if may is None else rows & may


def spoil_numbers(figures: Figures, *, age: Ints, chance: Chance) -> pa.Array:
    """Identity numbers as they are written: a few are wrong in one of six ways."""
    figures = figures.copy()
    for at in np.flatnonzero(slip("wrong_check_digit", chance)):
        # Any other figure is wrong; the next one stays a figure.
        figures[at, 17] = 48 + (figures[at, 17] - 47) % 10
    old = slip("fifteen_figures", chance, age > 20)
    figures[old] = old_numbers(figures[old])
    short = slip("one_figure_missing", chance, ~old)
    figures[short, 17] = 0
    figures[slip("begins_with_nines", chance, ~old), :6] = ord("9")
    again = np.flatnonzero(slip("same_number_twice", chance))
    if len(figures) > 1:
        other = chance.rng.integers(1, len(figures), len(again))
        figures[again] = figures[(again + other) % len(figures)]
    written = texts(figures)
    wide = slip("full_width_figures", chance)
    wrong = [text.translate(_FULL_WIDTH) for text in written.filter(pa.array(wide)).to_pylist()]
    return pc.replace_with_mask(written, pa.array(wide), pa.array(wrong, pa.string()))


def spoil_births(birth: Ints, *, today: int, chance: Chance) -> Ints:
    """Birth dates as they are written: another day, more than a century ago, or to come."""
    wrong = np.where(slip("birth_differs", chance), birth - chance.whole(20, 800), birth)
    ancient = slip("impossible_age", chance)
    wrong = np.where(ancient, today - chance.whole(42_500, 43_100), wrong)
    return np.where(slip("born_tomorrow", chance), today + chance.whole(20, 300), wrong)


def head_slips(family: Families, *, chance: Chance) -> tuple[Truths, Truths]:
    """Households without a head, and members besides the head who are called so too."""
    many = len(family.starts) - 1
    missing = chance.rng.random(many) < SLIPS["head_missing"]
    head = family.role == Role.HEAD
    twice = (family.role == Role.SPOUSE) & slip("two_heads", chance)
    return head & missing[family.household], twice
