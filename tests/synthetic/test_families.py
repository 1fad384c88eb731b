"""Families whose ages, sexes and relations fit each other."""

from __future__ import annotations

import numpy as np
import pytest

from yihu.synthetic.families import Families, Role, families
from yihu.synthetic.plan import sizes_of


@pytest.fixture(scope="module")
def drawn() -> Families:
    rng = np.random.default_rng(7)
    return families(sizes_of(60_000, rng=rng), rng=rng)


def of(family: Families, role: Role, order: int = 0):
    return np.flatnonzero((family.role == role) & (family.order == order))


def heads(family: Families, rows):
    return family.starts[family.household[rows]]


def test_every_household_begins_with_its_only_head(drawn):
    at_start = drawn.role[drawn.starts[:-1]]

    assert (at_start == Role.HEAD).all()
    assert (drawn.role == Role.HEAD).sum() == len(drawn.starts) - 1


def test_spouses_are_of_opposite_sex(drawn):
    spouses = of(drawn, Role.SPOUSE)

    assert len(spouses) > 1_000
    assert (drawn.male[spouses] != drawn.male[heads(drawn, spouses)]).all()


@pytest.mark.parametrize("role", [Role.FATHER, Role.MOTHER])
def test_parents_are_older_than_the_head(drawn, role):
    parents = of(drawn, role)

    gap = drawn.years[parents] - drawn.years[heads(drawn, parents)]

    # Parents older than 92 are drawn anew between 80 and 96, which may come near to their child.
    assert np.quantile(gap, 0.01) > 15
    assert (drawn.male[parents] == (role is Role.FATHER)).all()


def test_children_are_younger_than_both_parents_by_eighteen_years(drawn):
    for role in (Role.CHILD, Role.GROWN_CHILD):
        children = of(drawn, role)

        gap = drawn.years[heads(drawn, children)] - drawn.years[children]

        assert gap.min() > 18


def test_a_child_in_law_is_married_to_the_eldest_child_at_home(drawn):
    married = of(drawn, Role.CHILD_IN_LAW)
    by_household = dict(
        zip(drawn.household[of(drawn, Role.GROWN_CHILD)], of(drawn, Role.GROWN_CHILD), strict=True)
    )
    partners = np.array([by_household[one] for one in drawn.household[married]])

    assert (drawn.male[married] != drawn.male[partners]).all()


def test_nobody_is_unborn_or_older_than_the_oldest(drawn):
    assert drawn.years.min() > 0
    assert drawn.years.max() < 97


def test_sizes_add_up_to_the_people_asked_for():
    for total in (1, 2, 3, 9, 100, 4_001):
        sizes = sizes_of(total, rng=np.random.default_rng(total))

        assert sizes.sum() == total
        assert sizes.min() >= 1
