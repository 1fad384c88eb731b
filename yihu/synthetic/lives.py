"""What each person does and suffers: school, education, health, ability to work, work away.

Shares are synthetic choices in the range one meets in such counties; none is a published figure.
They depend on each other as in life: pupils do not work, the ill work less, posts go to the weak.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yihu.synthetic.columns import some
from yihu.synthetic.families import Families, Truths
from yihu.synthetic.plan import Ints

#: Children of 6 to 15 who are out of school, in poor households and elsewhere.
DROPOUT_POOR, DROPOUT = 0.012, 0.0025
#: Of these: with a doctor's or school's paper that excuses it.
DROPOUT_EXCUSED = 0.35
#: At each age from 16 to 22: at senior or vocational school; at college; 23–25 as graduates.
SENIOR_OR_VOCATIONAL = 0.78
VOCATIONAL_OF_THESE = 0.42
AT_COLLEGE = 0.33
VOCATIONAL_COLLEGE_OF_THESE = 0.55
#: Disabled, seriously ill, chronically ill: at birth, and added by the age of 90.
DISABLED = (0.012, 0.075)
SERIOUSLY_ILL = (0.002, 0.035)
CHRONICALLY_ILL = (0.006, 0.34)
#: Poor households have this many times the illness and disability of others.
POOR_ILLNESS = 1.9
#: Able persons of 18 to 60 who work away for wages, at 18 and at 60.
AWAY = (0.80, 0.30)
#: Where: in the township, in the county, in the province, outside, elsewhere.
AWAY_WHERE = (0.12, 0.19, 0.24, 0.43, 0.02)
#: Wage a month, yuan: median and spread of the logarithm.
WAGE, WAGE_SPREAD = 3_400.0, 0.33
#: Public posts (cleaner, road keeper, ranger) among weak workers of registered households.
PUBLIC_POST = 0.09

#: Education, by place: none, primary, junior, senior, college, university.
EDUCATION = {
    70: (0.42, 0.47, 0.09, 0.02, 0.0, 0.0),
    55: (0.16, 0.52, 0.27, 0.04, 0.01, 0.0),
    40: (0.04, 0.36, 0.51, 0.06, 0.02, 0.01),
    25: (0.01, 0.16, 0.61, 0.13, 0.06, 0.03),
    16: (0.005, 0.055, 0.60, 0.25, 0.07, 0.02),
}

#: Kinds of schooling, in the order of `Lives.school`: the year within a kind is `Lives.grade`.
NOT_AT_SCHOOL, TODDLER, KINDERGARTEN, PRIMARY, JUNIOR, SENIOR, VOCATIONAL = range(7)
VOCATIONAL_COLLEGE, UNIVERSITY, GRADUATE = range(7, 10)
#: Ability to work, in the order of `Lives.ability`.
ORDINARY, SKILLED, WEAK, LOST, NONE = range(5)

Reals = NDArray[np.float64]


@dataclass(slots=True)
class Lives:
    """State of each person, one item each.

    age        whole years on the reference day
    school     one of the kinds above; grade counts years within it from 1
    dropout    6 to 15 and out of school; excused: with a paper
    education  place in EDUCATION's rows
    ill, seriously, disabled   chronically ill, seriously ill, disabled; none = healthy
    ability    one of the abilities above
    away, where, months, wage  works away, place in AWAY_WHERE, months of the year, yuan a month
    post, post_months          holds a public post, months of the year
    """

    age: Ints
    school: Ints
    grade: Ints
    dropout: Truths
    excused: Truths
    education: Ints
    ill: Truths
    seriously: Truths
    disabled: Truths
    grade_of_disability: Ints
    ability: Ints
    away: Truths
    where: Ints
    months: Ints
    wage: Ints
    post: Truths
    post_months: Ints

    @property
    def healthy(self) -> Truths:
        """Neither ill nor disabled."""
        return ~(self.ill | self.seriously | self.disabled)

    @property
    def able(self) -> Truths:
        """Ordinary or skilled worker."""
        return self.ability <= SKILLED

    @property
    def works(self) -> Truths:
        """Able or weak worker."""
        return self.ability <= WEAK


def lives_of(
    family: Families, *, poor: Truths, registered: Truths, rng: np.random.Generator
) -> Lives:
    """Draw the lives of people; `poor` and `registered` say it of each person's household."""
    size = len(family.role)
    age = np.floor(family.years).astype(np.int64)
    dropout = (age >= 6) & (age <= 15)
    dropout &= some(np.where(poor, DROPOUT_POOR, DROPOUT), size, rng=rng)
    school, grade = _schools(family.years, dropout, rng=rng)
    ill, seriously, disabled = _health(age, poor, rng=rng)
    ability = _abilities(age, school, ill | seriously, disabled, rng=rng)
    away = (ability <= SKILLED) & (age < 62)
    away &= some(np.interp(age, (18, 60), AWAY), size, rng=rng)
    post = registered & (ability == WEAK) & ~away & some(PUBLIC_POST, size, rng=rng)
    return Lives(
        age=age,
        school=school,
        grade=grade,
        dropout=dropout,
        excused=dropout & some(DROPOUT_EXCUSED, size, rng=rng),
        education=_education(age, school, dropout, rng=rng),
        ill=ill,
        seriously=seriously,
        disabled=disabled,
        grade_of_disability=rng.integers(1, 5, size),
        ability=ability,
        away=away,
        where=np.searchsorted(np.cumsum(AWAY_WHERE)[:-1], rng.random(size), side="right"),
        months=np.minimum(rng.integers(3, 17, size), 12),
        wage=np.round(WAGE * np.exp(WAGE_SPREAD * rng.standard_normal(size)), -1).astype(np.int64),
        post=post,
        post_months=rng.integers(4, 13, size),
    )


def _schools(
    years: NDArray[np.float32], dropout: Truths, *, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Kind of school and year in it, by the age on the first of September before."""
    start = np.floor(years - np.float32(1 / 3)).astype(np.int64)
    chance, also = rng.random((2, len(years)), np.float32)
    kinds = (start <= 2, start <= 5, start <= 11, start <= 14)
    school = np.select(kinds, (TODDLER, KINDERGARTEN, PRIMARY, JUNIOR), NOT_AT_SCHOOL)
    senior = (start >= 15) & (start <= 17) & (chance < SENIOR_OR_VOCATIONAL)
    school[senior] = np.where(also[senior] < VOCATIONAL_OF_THESE, VOCATIONAL, SENIOR)
    college = (start >= 18) & (start <= 21) & (chance < AT_COLLEGE)
    vocational = college & (also < VOCATIONAL_COLLEGE_OF_THESE)
    school[college] = np.where(
        vocational[college] & (start[college] <= 20), VOCATIONAL_COLLEGE, UNIVERSITY
    )
    school[vocational & (start == 21)] = NOT_AT_SCHOOL
    school[(start >= 22) & (start <= 24) & (chance < 0.012)] = GRADUATE
    school[dropout] = NOT_AT_SCHOOL
    first = np.array([0, 0, 3, 6, 12, 15, 15, 18, 18, 22])
    return school, np.maximum(start - first[school] + 1, 1)


def _health(age: Ints, poor: Truths, *, rng: np.random.Generator) -> tuple[Truths, Truths, Truths]:
    times = np.where(poor, POOR_ILLNESS, 1.0)
    found = []
    for base, added in (CHRONICALLY_ILL, SERIOUSLY_ILL, DISABLED):
        # Illness comes slowly and then fast: the square of the age.
        share = base + added * np.minimum(age / 90.0, 1.0) ** 2
        found.append(some(share * times, len(age), rng=rng))
    ill, seriously, disabled = found
    return ill & ~seriously, seriously, disabled


def _abilities(
    age: Ints, school: Ints, ill: Truths, disabled: Truths, *, rng: np.random.Generator
) -> Ints:
    chance = rng.random(len(age), np.float32)
    ability = np.where(chance < 0.09, SKILLED, ORDINARY)
    ability = np.where(ill & (chance > 0.62), WEAK, ability)
    ability = np.where(disabled, np.where(chance < 0.45, WEAK, LOST), ability)
    ability = np.where((age >= 60) & (ability <= SKILLED) & (chance > 0.35), WEAK, ability)
    ability = np.where((age >= 70) & (chance > 0.30), LOST, ability)
    ability = np.where(age >= 80, np.where(chance < 0.5, LOST, NONE), ability)
    return np.where((age < 16) | (school != NOT_AT_SCHOOL), NONE, ability)


def _education(age: Ints, school: Ints, dropout: Truths, *, rng: np.random.Generator) -> Ints:
    """Highest schooling reached; what those at school or below school age have is no matter."""
    chance = rng.random(len(age))
    education = np.zeros(len(age), dtype=np.int64)
    upper = np.inf
    for lower, shares in EDUCATION.items():
        rows = (age >= lower) & (age < upper)
        drawn = np.searchsorted(np.cumsum(shares)[:-1], chance[rows], side="right")
        education[rows] = drawn
        upper = lower
    education[dropout] = np.where(age[dropout] >= 12, 1, 0)
    senior, college = (school == SENIOR) | (school == VOCATIONAL), school >= VOCATIONAL_COLLEGE
    return np.where(college, 3, np.where(senior, 2, education))
