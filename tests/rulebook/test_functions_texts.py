"""Several codes, texts, identity numbers and places: docs/language.md §2."""

import pytest

from tests.rulebook.books import fault, holds, value

T, F, U = True, False, None


def test_several_codes_contain_one_or_one_of_several():
    card = {"gets": ["a", "c"]}

    assert holds("has(gets, 'a')", card, about="person") is T
    assert holds("has(gets, 'C级')", card, about="person") is T
    assert holds("has(gets, 'b')", card, about="person") is F
    assert holds("has_any(gets, 'b', 'c')", card, about="person") is T
    assert holds("has_any(gets, 'b', 'd')", card, about="person") is F
    assert holds("has(gets, 'a')", {"gets": []}, about="person") is F
    assert holds("has(gets, 'a')", {}, about="person") is U
    assert holds("any(has(member.gets, 'a'))", {"members": [card]}) is T


def test_a_text_fits_a_pattern_as_a_whole():
    assert holds("matches(phone, '1[0-9]{10}')", {"phone": "13800000000"}) is T
    assert holds("matches(phone, '1[0-9]{10}')", {"phone": "138000000001"}) is F
    assert holds(r"matches(phone, '\d{3}-\d{4}|\d{11}')", {"phone": "010-1234"}) is T
    assert holds("matches(phone, '.*村')", {"phone": "古念村"}) is T
    assert holds("matches(phone, '1')") is U


def test_starts_with_takes_its_signs_as_they_are():
    assert holds("starts_with(phone, '1.')", {"phone": "1.5"}) is T
    assert holds("starts_with(phone, '1.')", {"phone": "125"}) is F
    assert holds("starts_with(phone, '(*[')", {"phone": "(*[x"}) is T
    assert holds("starts_with(phone, '1')") is U


def test_length_and_part_count_characters_from_one():
    assert value("length(phone)", {"phone": "古念a"}, unit="characters") == 3
    assert holds("part(phone, 2, 2) = '念a'", {"phone": "古念a"}) is T
    assert holds("part(phone, 3, 2) = 'a'", {"phone": "古念a"}) is U
    assert holds("part(phone, 1, 1) in ('古', '今')", {"phone": "古念a"}) is T
    assert holds("length(part(phone, 1, 2)) = 2", {"phone": "古念a"}) is T


def test_text_is_trimmed_and_empty_is_unknown():
    assert holds("phone = '1'", {"phone": " 1 "}) is T
    assert holds("phone is blank", {"phone": "  "}) is T


def test_an_identity_number_is_checked_and_read():
    man, woman = {"card": "11010519491231001X"}, {"card": "11010519491231002X"}

    assert holds("identity_ok(card)", woman, about="person") is T
    assert holds("identity_ok(card)", man, about="person") is F
    assert holds("identity_male(card)", man, about="person") is T
    assert holds("identity_male(card)", woman, about="person") is F
    assert holds("identity_birth(card) = '1949-12-31'", woman, about="person") is T
    assert holds("age(identity_birth(card)) = 70", woman, about="person") is T
    assert holds("identity_ok(card)", {}, about="person") is U
    assert holds("identity_birth(card) is blank", {"card": "123"}, about="person") is T


def test_a_place_is_known_by_the_beginning_of_its_code():
    home = {"village": {"id": "451022100201"}, "county": {"id": "451022"}}

    assert holds("village.place_in('4510')", home) is T
    assert holds("village.place_in('4511', '451022')", home) is T
    assert holds("county.place_in('45')", home) is T
    assert holds("village.place_in('1')", home) is F
    assert holds("place_in('451')", {"id": "4510"}, about="village") is T
    below = {"id": "4510", "households": [{"water": True}]}
    assert holds("any(place_in('45') and household.water)", below, about="village") is T


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("has(grade, 'a')", "has(…) asks a fact with several codes"),
        ("any(member.gets = 'a')", "several codes are asked with has"),
        ("any(member.gets in ('a'))", "in (…) needs whole numbers"),
        ("any(member.gets = member.gets)", "several codes are asked with has"),
        ("any(has(member.gets, member.gets))", "expected quoted text"),
        ("any(has(member.gets, 'z'))", "“z” is not in the code list “grade”"),
        ("matches(rooms, '1')", "expected a text fact, this is a whole number"),
        ("matches('1', '1')", "expected a text fact, this is text"),
        ("matches(phone, phone)", "expected quoted text"),
        ("matches(phone, '')", "there is nothing between the quotes"),
        ("phone = ' a'", "texts are trimmed"),
        ("part(phone, 0, 1) = '1'", "expected a fixed number from 1 to 1000"),
        ("part(phone, 1.5, 1) = '1'", "expected a whole number"),
        ("identity_ok(rooms)", "expected a text fact"),
        ("member.place_in('45')", "“person.…” is below a household"),
        ("village.place_in(45)", "expected quoted text"),
        ("population.place_in('45')", "everybody together has no code"),
    ],
)
def test_a_text_that_means_nothing_is_refused(text, why):
    assert why in str(fault(text))
