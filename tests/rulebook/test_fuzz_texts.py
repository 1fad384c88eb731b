"""Whatever text stands in a rulebook is read or refused; nothing else ever comes out."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.rulebook.books import ON, ordinary, refusal_of, with_text
from tests.rulebook.plain_python import foreign, printed
from yihu.rulebook import read
from yihu.rulebook.bind import Binder, bind
from yihu.rulebook.book import DerivedSpec, Rulebook, RuleSpec
from yihu.rulebook.evaluate import compiled
from yihu.rulebook.language.functions import FUNCTIONS
from yihu.rulebook.language.names import parsed
from yihu.rulebook.language.parse import BadText, parse
from yihu.rulebook.sound import require_sound

KEYWORDS = """and or not in between is blank unknown case when then else end true false where + -
* / ( ) , . = <> < <= > >= % ` ' water rooms income area grade phone visited left_in on year_start
line table last member household village county population member.sick member.wage member.birth
member.gets village.poor 0 1 2 3.5 98% 'a' 'b' '2020-01-01' '1[0-9]' weight days_since"""
WORDS = [*KEYWORDS.split(), *FUNCTIONS]
SOUP = st.lists(st.sampled_from(WORDS), min_size=1, max_size=25)
PIECES = st.sampled_from(
    [
        "member.sick", "water", "rooms", "income", "'a'", "1", "visited", "any(member.sick)",
        "sum(member.wage)", "count(member)", "age(visited)", "(rooms + 1)", "village.poor", "grade",
    ]
)  # fmt: skip


def answer_of(text, about="household", kind="holds"):
    """The refusal of a text, or None where it was read; then its Python is looked through."""
    book = with_text(text, about, kind)
    refusal = refusal_of(lambda: require_sound(book))
    if refusal is not None:
        return refusal
    program = bind(book, ON)
    assert foreign(printed(program)) == []
    run = compiled(program)
    if kind != "value" and about == "household":
        row = run.row("household", "1", {})
        assert run.answers(row, "household")["it"].holds in (True, False, None)
    return None


@given(SOUP, st.sampled_from(["", " "]), st.sampled_from(["holds", "value", "amount"]))
def test_any_soup_of_words_is_read_or_refused(words, between, kind):
    answer_of(between.join(words), kind=kind)


@given(st.text(max_size=60), st.sampled_from(["person", "household", "county", "population"]))
def test_any_text_is_read_or_refused(text, about):
    answer_of(text, about)


@given(
    st.recursive(
        PIECES,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "=", "<", "and", "or", "*", "/"]), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            st.tuples(st.sampled_from([*FUNCTIONS]), st.lists(inner, min_size=1, max_size=3)).map(
                lambda t: f"{t[0]}({', '.join(t[1])})"
            ),
            inner.map(lambda t: f"not {t}"),
            st.tuples(inner, inner, inner).map(
                lambda t: f"case when {t[0]} then {t[1]} else {t[2]} end"
            ),
            st.tuples(inner, inner).map(lambda t: f"if_unknown({t[0]}, {t[1]})"),
        ),
        max_leaves=12,
    ),
    st.sampled_from(["holds", "value", "amount"]),
)
def test_any_well_formed_nonsense_is_read_or_refused(text, kind):
    answer_of(text, kind=kind)


@lru_cache(maxsize=1)
def shipped_texts():
    """Every text of the rulebooks that come with yihu: (book, spec, text, level)."""
    found: list[tuple[Rulebook, DerivedSpec | RuleSpec, str]] = []
    for name in read.shipped():
        book = read.rulebook(name, check=False)
        found += [(book, d, text) for d in book.derived.values() for _, text in d.value.texts]
        found += [(book, r, text) for r in book.rules.values() for _, text in r.holds.texts]
    return found


@given(st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_real_text_changed_at_random_is_read_or_refused(data):
    book, spec, text = data.draw(st.sampled_from(shipped_texts()))
    for _ in range(data.draw(st.integers(1, 4))):
        i = data.draw(st.integers(0, len(text)))
        j = data.draw(st.integers(i, min(len(text), i + 12)))
        piece = data.draw(st.sampled_from(["", text[i:j] * 2, *WORDS]) | st.text(max_size=3))
        text = text[:i] + piece + text[j:]

    binder = Binder(book, date(2020, 6, 30))
    refusal = refusal_of(lambda: binder.text(spec, text, spec.level))
    assert refusal is None or refusal.code in (
        "rulebook.bad_expression", "rulebook.circle", "rulebook.not_in_force"
    )  # fmt: skip


@given(st.text(max_size=80))
@example("\x00")
def test_the_parser_gives_a_tree_or_a_place(text):
    fault = fault_of(text)

    assert fault is None or (0 <= fault.at <= len(text) and fault.why and fault.zh)


def fault_of(text):
    try:
        parse(text)
    except BadText as fault:
        return fault
    return None


def test_parsed_texts_are_kept_and_the_same_for_everybody():
    assert parsed("water and power") is parsed("water and power")
    assert ordinary() is ordinary()
