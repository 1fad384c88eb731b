"""Identity numbers of GB 11643-1999 and the old ones of 15 figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yihu.rulebook.identity import birth, check_figure, is_male, is_valid
from yihu.rulebook.tree import day_number


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("11010519491231002X", True),  # the example of the standard
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("110105491231002", True),
        ("110105491331002", False),
        ("11010519490231002X", False),
        ("1101051949123100", False),
        ("11010519491231002XX", False),
        ("１１０１０５１９４９１２３１００２X", False),
        ("٣٣٠١٠٥١٩٤٩١٢٣١٠٠٢X", False),
        ("11010519491231002Y", False),
        ("X1010519491231002X", False),
        ("110105000000000000", False),
        ("abc", False),
    ],
)
def test_a_number_is_valid_by_form_day_and_check_figure(text, valid):
    assert is_valid(text) is valid


def test_nothing_has_no_answer():
    assert (is_valid(None), birth(None), is_male(None)) == (None, None, None)


def test_the_check_figure_is_not_looked_at_for_birth_and_sex():
    assert birth("110105194912310021") == day_number(1949, 12, 31)
    assert is_male("110105194912310011") is True


def test_fifteen_figures_mean_the_twentieth_century():
    assert birth("110105491231002") == day_number(1949, 12, 31)
    assert is_male("110105491231002") is False
    assert is_male("110105491231003") is True


def test_a_day_that_does_not_exist_is_no_birth():
    assert birth("110105190002290020") is None
    assert birth("110105200002290020") == day_number(2000, 2, 29)
    assert is_male("110105190002290010") is None


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True))
def test_one_check_figure_of_eleven_fits(first):
    fitting = [c for c in "0123456789X" if c == check_figure(first)]

    assert len(fitting) == 1
    day_known = birth(first + fitting[0]) is not None
    assert is_valid(first + fitting[0]) is day_known


@given(st.from_regex(r"[1-9][0-9]{16}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_figure_is_always_found(first, place, more):
    figure = str((int(first[place]) + more) % 10)
    wrong = first[:place] + figure + first[place + 1 :]

    assert check_figure(wrong) != check_figure(first)
