"""The pattern language: small, alike in every engine, and never slow."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yihu.rulebook.language.parse import BadText
from yihu.rulebook.language.patterns import MAX_PATTERN, fits, plain_pattern, starting_with

SIGNS = ["a", "b", "月", "-", "0", "&", ".", "[", "]", "^", "(", ")", "|", "*", "+", "?", "~"]
PIECES = st.sampled_from(
    [*SIGNS, r"\.", r"\d", r"\\", "[a-c]", "[^a]", r"[\d-]", "{2}", "{2,4}", "{2,}"]
)
TEXTS = st.text(st.sampled_from("ab0-月&.\\"), max_size=6)


@given(st.lists(PIECES, max_size=10).map("".join), st.lists(TEXTS, max_size=8))
def test_a_pattern_written_anew_fits_what_it_fitted(pattern, texts):
    try:
        plain = plain_pattern(pattern, 0)
    except BadText:
        return

    again = re.compile(plain)
    assert plain_pattern(plain, 0) == plain
    for text in texts:
        assert fits(plain)(text) is bool(again.fullmatch(text))


@pytest.mark.parametrize(
    ("pattern", "plain"),
    [
        (r"\d{17}[\dXx]", "[0-9]{17}[0-9Xx]"),
        ("1[3-9]", "1[3-9]"),
        ("(ab)+", "(ab)+"),
        ("(a|b){2}", "(a|b){2}"),
        ("[a-]", "[a\\-]"),
        ("[^a.]", "[^a\\.]"),
        ("a&&b", "a\\&\\&b"),
        ("", ""),
    ],
)
def test_every_sign_is_escaped_so_that_engines_agree(pattern, plain):
    assert plain_pattern(pattern, 0) == plain


@pytest.mark.parametrize(
    "pattern",
    [
        r"\w", r"\b", r"\1", r"(a)\1", "(?=a)", "(?i)a", "(?P<n>a)", "^a", "a$", "a**", "a{2}{3}",
        "(a+)+", "(a*|b)*", "a{3,2}", "a{1000}", "{2}", "*a", "[", "[]", "[b-a]", "[[:alpha:]]",
        "[a[b]]", "(", ")", "a)", "(a", "\\", "[\\", "[a-\\d]", r"\n", r"\x41", "a{٣}",
        "((((((((((((((((((((((a))))))))))))))))))))))", "(a{99}b{99}){9}", "x" * (MAX_PATTERN + 1),
    ],
)  # fmt: skip
def test_a_pattern_outside_the_language_is_refused(pattern):
    with pytest.raises(BadText, match="not in the pattern language"):
        plain_pattern(pattern, 0)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("(a|a)*b", "a" * 20_000, False),
        ("a?" * 60 + "a" * 60, "a" * 60, True),
        (".*.*.*.*.*.*.*.*.*.*b", "a" * 2_000, False),
        ("(a|ab|b)*c", "ab" * 5_000, False),
    ],
)
def test_no_pattern_runs_long(pattern, text, expected):
    test = fits(plain_pattern(pattern, 0))

    before = time.process_time()
    assert test(text) is expected
    assert time.process_time() - before < 2


def test_a_start_is_taken_literally():
    assert starting_with("a.b[", 0) == "a\\.b\\[.*"
    assert fits(starting_with("村", 0))("村委会") is True
