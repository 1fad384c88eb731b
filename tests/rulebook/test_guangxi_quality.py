"""The data-quality rules of Guangxi against the collected list of public check programs."""

from __future__ import annotations

import csv
import re

import pytest

from tests.shared import shared
from yihu.rulebook import examples, read

LEVELS = {"人": "person", "户": "household", "村": "village"}


@pytest.fixture(scope="module")
def book():
    return read.rulebook("guangxi", check=False)


@pytest.fixture(scope="module")
def quality(book):
    return [rule for rule in book.rules.values() if rule.theme == "data_quality"]


@pytest.fixture(scope="module")
def listed():
    path = shared("data", "cn_registry_forms", "quality_rules.csv")
    if not path.exists():
        pytest.skip(f"the list of quality rules is not at {path}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_listed_rule_is_in_the_rulebook_once_and_at_its_level(quality, listed):
    found = {
        number: rule.level
        for rule in quality
        if rule.source.en.startswith("quality_rules.csv ")
        for number in re.findall(r"[\d_]+[ab]?", rule.source.en.removeprefix("quality_rules.csv "))
    }

    assert len(listed) == 39
    assert found == {row["rule"]: LEVELS[row["level"]] for row in listed}


def test_every_quality_rule_names_its_source_and_wants_to_fail(quality):
    assert len(quality) >= 69
    assert {rule.wanted for rule in quality} == {"fails"}
    assert {rule.kind for rule in quality} == {"quality"}
    assert all(rule.source for rule in quality)


def test_only_rules_asked_of_everybody_about_blanks_are_never_unknown(quality):
    never = {rule.name for rule in quality if rule.never_unknown}

    assert never == {"ethnic_group_blank", "id_missing"}


def test_the_examples_of_every_quality_rule_give_the_answer_they_say(book, quality):
    wrong = [
        (rule.name, example.says)
        for rule in quality
        for example in rule.examples
        if not examples.outcome(book, rule, example).ok
    ]

    assert wrong == []
    assert all(not examples.lacking(rule) for rule in quality)
