"""Planes of members: what vector operations give is what a loop over households gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yihu.rulebook.arrays import members
from yihu.rulebook.arrays.members import Members, plane_order

SIZES = st.lists(st.sampled_from([0, 0, 1, 2, 3, 5, 40]), min_size=1, max_size=12)


def arranged(sizes, planes, strays=0):
    """Members in planes, and for each household which rows are its members."""
    households, order = plane_order(np.array(sizes), planes)
    order = np.concatenate([order, np.arange(sum(sizes), sum(sizes) + strays)])
    block = Members(np.array(sizes)[households].astype(np.uint8), planes, len(order))
    ends = np.cumsum(sizes)
    place_of = {row: place for place, row in enumerate(order.tolist())}
    rows = [[place_of[m] for m in range(ends[h] - sizes[h], ends[h])] for h in households.tolist()]
    return block, rows


@given(SIZES, st.integers(0, 6), st.integers(0, 3), st.randoms(use_true_random=False))
def test_reductions_are_those_of_a_loop(sizes, planes, strays, chance):
    block, rows = arranged(sizes, planes, strays)
    marked = np.array([chance.random() < 0.5 for _ in range(block.rows)], np.bool_)
    numbers = np.array([chance.randint(-9, 9) for _ in range(block.rows)], np.int8)
    filled = [i for i, of in enumerate(rows) if of]

    assert block.any(marked).tolist() == [any(marked[of]) for of in rows]
    assert block.all(marked).tolist() == [bool(of) and all(marked[of]) for of in rows]
    assert block.count(marked).tolist() == [sum(marked[of]) for of in rows]
    total = block.sum(numbers, np.dtype(np.int32))
    assert total.tolist() == [sum(numbers[of].tolist()) for of in rows]
    assert block.least(numbers)[filled].tolist() == [min(numbers[rows[i]]) for i in filled]
    most = block.least(numbers, most=True)[filled]
    assert most.tolist() == [max(numbers[rows[i]]) for i in filled]


@given(SIZES, st.integers(0, 6), st.integers(0, 3))
def test_every_member_sees_its_own_household(sizes, planes, strays):
    block, rows = arranged(sizes, planes, strays)

    seen = block.lift(np.arange(block.groups), -1)

    expected = np.full(block.rows, -1)
    for household, of in enumerate(rows):
        expected[of] = household
    assert seen.tolist() == expected.tolist()
    assert block.strays == strays


@pytest.mark.parametrize("planes", [0, 1, 3, 40])
def test_fractions_are_added_in_the_order_of_the_members(planes):
    # Each order of adding these gives another last bit; pairs, as NumPy adds, give a third.
    shares = [0.1, 0.7, 1e16, -1e16, 0.2, 0.3, 1e-9, 3.3, 0.6] * 3
    block, rows = arranged([2, len(shares)], planes)
    values = np.zeros(block.rows)
    for place, share in zip(rows[0], shares, strict=True):
        values[place] = share

    total = block.sum(values, np.dtype(np.float64))

    one_by_one = 0.0
    for share in shares:
        one_by_one += share
    assert total[0] == one_by_one


def test_a_household_of_thousands_does_not_get_thousands_of_planes():
    sizes = np.array([5000, *[4] * 100])

    assert members.planes_for(sizes) == 4


def test_counts_above_255_do_not_turn_over():
    block = Members(np.array([300, 2], np.uint16), 1, 302)

    assert block.count(np.ones(302, np.bool_)).tolist() == [300, 2]
