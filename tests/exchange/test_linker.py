"""The linker on invented people whose truth is known."""

from __future__ import annotations

import random

import pyarrow as pa

from yihu.exchange.linker import day, exact, link, text

FIELDS = [text("name", frequency=True), day("birth"), exact("village")]
BLOCKS = [("birth",), ("name", "village")]


def county(people=600, seed=3):
    """People by name, birth and village; some names are frequent."""
    draw = random.Random(seed)
    families = ["wei", "huang", "qin", "li", "lu", "mo", "luo", "nong"]
    given = [f"{a}{b}" for a in ("xiao", "da", "guo", "ming") for b in ("hua", "qiang", "ying", "")]
    return [
        {
            "name": f"{draw.choice(families)} {draw.choice(given)}",
            "birth": f"{draw.randint(1940, 2015)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}",
            "village": f"v{draw.randint(1, 20)}",
        }
        for _ in range(people)
    ]


def as_seen(person, draw):
    """The same person in another list: now and then a figure or a letter is wrong."""
    seen = dict(person)
    if draw.random() < 0.15:
        at = draw.randint(0, 7)
        seen["birth"] = f"{seen['birth'][:at]}{draw.randint(0, 9)}{seen['birth'][at + 1 :]}"
    elif draw.random() < 0.15:
        seen["name"] = seen["name"][:-1]
    elif draw.random() < 0.1:
        seen["village"] = None
    return seen


def test_most_people_are_found_and_hardly_anybody_else():
    people, draw = county(), random.Random(5)
    right = [as_seen(person, draw) for person in people[:300]]

    links = link(pa.Table.from_pylist(people), pa.Table.from_pylist(right), FIELDS, BLOCKS)

    sure = links.chance >= 0.95
    hits = (links.left == links.right)[sure].sum()
    assert hits / sure.sum() >= 0.98
    assert hits / 300 >= 0.93


def test_the_same_lists_give_the_same_answers():
    people, draw = county(200), random.Random(5)
    right = pa.Table.from_pylist([as_seen(person, draw) for person in people])

    one, two = (link(pa.Table.from_pylist(people), right, FIELDS, BLOCKS) for _ in range(2))

    assert one.chance.tolist() == two.chance.tolist()
    assert one.left.tolist() == two.left.tolist()


def test_a_rare_name_weighs_more_than_a_frequent_one():
    people = [*county(200), {"name": "ouyang wanli", "birth": None, "village": "v1"}]
    often = max({p["name"] for p in people}, key=[p["name"] for p in people].count)
    people.append({"name": often, "birth": None, "village": "v1"})
    right = [dict(person, birth=None) for person in people[-2:]]

    links = link(pa.Table.from_pylist(people), pa.Table.from_pylist(right), FIELDS, BLOCKS)

    chance = {(a, b): c for a, b, c in zip(links.left, links.right, links.chance, strict=True)}
    assert chance[200, 0] > chance[201, 1]


def test_a_list_without_anybody_in_common_has_no_sure_pair():
    links = link(
        pa.Table.from_pylist(county(300, seed=1)), pa.Table.from_pylist(county(300, seed=2)),
        FIELDS, BLOCKS,
    )  # fmt: skip

    assert (links.chance > 0.9).sum() == 0
