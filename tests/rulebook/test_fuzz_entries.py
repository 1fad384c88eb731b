"""Whatever kind of value stands in an entry, a file or on a card, it is read or refused."""

from __future__ import annotations

import tempfile
import tomllib
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.rulebook.attack_texts import REFUSED
from tests.rulebook.books import FACTS, HEAD, ON, RULE, refusal_of, with_text
from yihu.rulebook import examples, read
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused

MORE = """
[line.income]
unit = "yuan/person/year"
2018-01-01 = { value = 2995, source = "s", mark = "K" }
[line.food]
unit = "yuan/month"
by = "size"
2020-01-01 = { value = { "1" = 600, "2+" = 900 }, source = "s" }
[derived.household.size]
label = { zh = "人口", en = "size" }
value = { 2016-01-01 = "count(member)", 2017-01-01 = "count(member) + 0" }
unit = "persons"
given = true
[table.repair]
about = "household"
file = "repair.csv"
value = "yuan"
source = "s"
"""
EXAMPLES = """
amount = "line.income"
from = 2018-01-01
days = 30
[[rule.it.examples]]
says = "Tap water holds."
on = 2020-09-01
is = "holds"
amount = 2995
[rule.it.examples.card]
water = true
members = [ { times = 2, sick = true } ]
last = { rooms = 1 }
village = { poor = true }
[[rule.it.examples]]
says = "Not asked is unknown."
on = 2020-09-01
is = "unknown"
card = {}
"""
WHOLE = HEAD + FACTS + MORE + RULE.format(about="household", text='"water"') + EXAMPLES
BROKEN = ("rulebook.broken_toml", "rulebook.bad_entry", "rulebook.several")
SHEET = "grade,yuan\na|b,0\nc,1\nd,2\n"
ODD = st.sampled_from(
    [
        0, -1, 10**18, 10**40, 1.5, float("inf"), float("nan"), True, False, "", " ", "x", "村",
        "person", "household", "and", "a" * 5000, "yuan", "2020-01-01", "2020-13-45", "../../x",
        "water", "income", "${x}", "{0}", "\\", '"', "\t", [], {}, [[]], [{}], {"": 1}, {"zh": 1},
        {"zh": "a", "en": "b"}, {"a": {"b": {"c": 1}}}, [1, "a", True], ["a"], [None],
        date(2020, 1, 1), date(1, 1, 1), date(9999, 12, 31), datetime(2020, 1, 1, tzinfo=UTC),
        datetime.fromisoformat("2020-01-01T02:03"), time(1, 2),
        {"value": 1, "source": "s"}, {"2020-01-01": 1}, {"2020-01-01": {"value": []}},
    ]
)  # fmt: skip


def as_toml(value):
    """A value as TOML writes it in a line; what TOML has no word for is left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(str(k))} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(v) for v in value if v is not None) + "]"
    if isinstance(value, str):
        escaped = "".join(
            c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value
        )
        return f'"{escaped}"'
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def places_in(value, path=()):
    """Every place inside a document."""
    yield path
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in inner:
        yield from places_in(part, (*path, key))


def changed(document, path, value, how):
    """The document with one place replaced, removed, wrapped or added to."""
    whole = tomllib.loads(document)
    at = whole
    for key in path[:-1]:
        at = at[key]
    if how == "remove":
        del at[path[-1]]
    elif how == "wrap":
        at[path[-1]] = [at[path[-1]]]
    elif how == "add" and isinstance(at[path[-1]], dict):
        at[path[-1]]["odd"] = value
    else:
        at[path[-1]] = value
    return "\n".join(f"{as_toml(key)} = {as_toml(part)}" for key, part in whole.items())


PATHS = [path for path in places_in(tomllib.loads(WHOLE)) if path]


def read_and_run(text, sheet=SHEET):
    """Read a rulebook of one file and run its examples; True where it was read."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rulebook.toml").write_text(text, encoding="utf-8")
        (Path(folder) / "repair.csv").write_text(sheet, encoding="utf-8")
        books = []
        if refusal_of(lambda: books.append(read.rulebook(folder))) is not None:
            return False
    for outcome in examples.run(books[0]):
        assert outcome.answer is not None or outcome.refusal is not None or outcome.ok is False
    return True


def test_the_document_itself_is_read():
    assert read_and_run(WHOLE)


@given(st.sampled_from(PATHS), ODD, st.sampled_from(["put", "put", "put", "remove", "wrap", "add"]))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_an_entry_of_a_wrong_kind_is_refused_and_nothing_else(path, value, how):
    read_and_run(changed(WHOLE, path, value, how))


@pytest.mark.parametrize("path", [p for p in PATHS if len(p) <= 2], ids=str)
def test_no_section_may_be_of_a_wrong_kind(path):
    for value in (1, "x", [], [1], {"a": 1}, {"a": {"b": 1}}):
        read_and_run(changed(WHOLE, path, value, "put"))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_file_is_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rulebook.toml").write_text(HEAD, encoding="utf-8")
        (Path(folder) / "more.toml").write_bytes(content)
        (Path(folder) / "more.csv").write_bytes(content)
        refusal = refusal_of(lambda: read.rulebook(folder))
    assert refusal is None or refusal.code in BROKEN


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "{a=" * 100_000,
        "x = " + "1" * 10_000,
        "[" + "a." * 20_000 + "a]",
    ],
)
def test_a_file_nested_without_end_is_refused(text):
    assert not read_and_run(HEAD + text)


@given(st.text(max_size=120))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@example('"' * 9)
@example("a\x00b,c")
@example("a" * 200_000 + ",b\n1,2")
def test_any_sheet_is_read_or_refused(sheet):
    read_and_run(WHOLE, sheet)


# -- cards ----------------------------------------------------------------------------------------

CODES = ("card.unknown_name", "card.bad_value")
NAMES = [
    "water",
    "rooms",
    "income",
    "grade",
    "visited",
    "left_in",
    "phone",
    "members",
    "last",
    "id",
]
NAMES += ["village", "county", "population", "times", "households", "sick", "birth", "gets", "x"]
CARDS = st.recursive(
    ODD | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(
    st.dictionaries(st.sampled_from(NAMES), CARDS, max_size=6) | CARDS,
    st.sampled_from(["person", "household", "village", "county", "population"]),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_any_card_is_read_or_refused(card, about):
    answers = []

    refusal = refusal_of(lambda: answers.append(one_card(about).answers(card)["it"].holds))

    assert answers[0] in (True, False, None) if refusal is None else refusal.code in CODES


@lru_cache(maxsize=10)
def one_card(about):
    texts = {"person": "sick", "household": "water or any(member.sick)"}
    book = with_text(texts.get(about, "any(household.water)"), about)
    return OneCard(book, ON, about)


def test_the_attacks_are_no_cards_either():
    for text in REFUSED[:50]:
        with pytest.raises(Refused):
            one_card("household").answers({text: True})
