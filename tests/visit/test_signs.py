"""Signs of hollow help: planted ones are found, and what honestly looks like them is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from yihu.visit import signs
from yihu.visit.followed import Told, still
from yihu.visit.signs import Limits, Photo, Spot, Visit

LIMITS = Limits(
    seconds=60, courtyard=50, metres=1000, door_visits=3, share=0.9, signs=20, writers=3, bits=4,
    months=6, helps=2,
)  # fmt: skip
DAY = date(2020, 10, 17)
NOON = datetime(2020, 10, 17, 4, tzinfo=UTC)
#: A degree north is 111.2 km.
A, B, FAR = Spot(23.6, 107.1), Spot(23.61, 107.1), Spot(23.65, 107.1)
YARD = Spot(23.6002, 107.1)
LONG = "今天到家里看了住房和饮水情况，户主说收成比去年好，打算再养两头牛"
OTHER = "孩子九月已经返校，奶奶的慢性病卡还没有拿到，约好下周陪她去卫生院办"


def who(number: int) -> UUID:
    return UUID(int=number)


def visit(book: int, number: int = 1, *, by: int = 100, spot=None, after=0, lasts=600, words="",
          on=DAY) -> Visit:  # fmt: skip
    began = NOON + timedelta(seconds=after) if spot else None
    until = began + timedelta(seconds=lasts) if began else None
    return Visit(who(book), number, who(by), on, began, until, spot, words)


def photo(book: int, *, sha="a", of="house", on=DAY, by=100, place="1/", look=None) -> Photo:
    return Photo(who(book), 1, who(by), on, sha * 64, of, place, look)


def books_of(found) -> list[list[int]]:
    return [sorted({book.int for book, _ in each.entries}) for each in found]


def test_visits_seconds_apart_at_different_doors_are_one_question():
    visits = [visit(1, spot=A), visit(2, spot=B, after=605), visit(3, spot=FAR, after=1215)]

    found = list(signs.too_quick(visits, {}, LIMITS))

    assert books_of(found) == [[1, 2, 3]]
    assert found[0].figures == {"seconds": 5, "doors": 3}


def test_father_and_son_in_one_courtyard_are_no_question():
    visits = [visit(1, spot=A), visit(2, spot=YARD, after=605)]

    assert list(signs.too_quick(visits, {}, LIMITS)) == []


def test_visits_without_a_position_are_unknown_and_no_question():
    visits = [visit(1), visit(2), visit(3, spot=A), visit(4, spot=B, after=900)]

    assert list(signs.too_quick(visits, {}, LIMITS)) == []


def test_a_visit_far_from_the_door_is_measured_from_where_the_others_were():
    visits = [visit(1, n, spot=A) for n in (1, 2, 3)] + [visit(1, 4, spot=FAR)]

    found = list(signs.far_off(visits, LIMITS))

    assert [(f.entries, f.figures) for f in found] == [(((who(1), 4),), {"metres": 5560})]


def test_a_phone_that_says_how_wrong_it_may_be_is_believed():
    vague = Spot(FAR.latitude, FAR.longitude, metres=5000)
    visits = [visit(1, n, spot=A) for n in (1, 2, 3)] + [visit(1, 4, spot=vague)]

    assert list(signs.far_off(visits, LIMITS)) == []


def test_a_door_nobody_agrees_on_is_not_known():
    scattered = [visit(1, n, spot=Spot(23 + n / 10, 107)) for n in range(5)]

    assert list(signs.far_off(scattered, LIMITS)) == []
    assert signs.doors(scattered, LIMITS) == {}


def test_the_same_house_in_two_books_is_asked_about_and_a_shared_well_is_not():
    house = [photo(1), photo(2)]
    well = [photo(1, sha="b", of=""), photo(2, sha="b", of="")]
    letter = [photo(1, sha="c", of="paper"), photo(9, sha="c", of="paper", place="2/")]

    found = list(signs.same_photo([*house, *well, *letter], {}, LIMITS))

    assert books_of(found) == [[1, 2]]
    assert found[0].figures == {"photos": 2, "same": 1}


def test_one_photo_on_two_days_is_asked_about():
    days = [photo(1), photo(1, on=DAY - timedelta(days=30))]

    assert len(list(signs.same_photo(days, {}, LIMITS))) == 1


def test_one_house_of_one_courtyard_is_no_question():
    known = {who(1): A, who(2): YARD}

    assert list(signs.same_photo([photo(1), photo(2)], known, LIMITS)) == []


def test_photos_that_only_look_the_same_are_asked_about_on_different_days():
    near = [photo(1, look=0b1111), photo(2, sha="d", look=0b1110, on=DAY - timedelta(days=9))]
    other = photo(3, sha="e", look=2**64 - 1, on=DAY - timedelta(days=2))

    found = list(signs.same_photo([*near, other], {}, LIMITS))

    assert books_of(found) == [[1, 2]]
    assert found[0].figures == {"photos": 2, "same": 0}


def test_words_copied_between_families_are_found_through_other_points():
    visits = [visit(1, words=LONG), visit(2, words=LONG.replace("，", " ")), visit(3, words=OTHER)]

    found = list(signs.copied_words(visits, LIMITS))

    assert books_of(found) == [[1, 2]]
    assert found[0].figures == {"share": 1.0, "doors": 2}


def test_a_form_letter_of_many_helpers_is_no_question_but_what_one_adds_to_it_is():
    letters = [visit(n, by=100 + n // 2, words=LONG) for n in range(8)]
    added = [visit(20, by=100, words=LONG + OTHER), visit(21, by=100, words=LONG + OTHER)]

    found = list(signs.copied_words([*letters, *added], LIMITS))

    assert books_of(found) == [[20, 21]]


def test_short_words_and_one_family_are_never_compared():
    visits = [visit(1, words="一切正常"), visit(2, words="一切正常")]
    visits += [visit(3, 1, words=LONG), visit(3, 2, words=LONG)]

    assert list(signs.copied_words(visits, LIMITS)) == []


def helped(number: int, month: int, person: str = "") -> Told:
    return Told(number, date(2020, month, 1), who(7), help=True, person=person)


def test_help_that_nothing_followed_is_asked_of_the_helper():
    before = Told(1, date(2019, 12, 1), None, {("household", "water"): "well"})
    again = Told(4, date(2020, 6, 1), None, {("household", "water"): "well"})
    told = [before, helped(2, 2), helped(3, 3), again]

    found = still(who(1), told, who(100), DAY, LIMITS)

    assert found is not None
    assert found.entries == ((who(1), 2), (who(1), 3))
    assert found.figures == {"helps": 2, "months": 8, "asked": 1}


def test_help_that_something_followed_or_that_is_young_is_no_question():
    changed = Told(9, date(2020, 8, 1), None, {("household", "water"): "tap"})
    old = [helped(2, 2), helped(3, 3)]

    assert still(who(1), [*old, changed], who(100), DAY, LIMITS) is None
    assert still(who(1), [helped(2, 8), helped(3, 9)], who(100), DAY, LIMITS) is None
    assert still(who(1), old[:1], who(100), DAY, LIMITS) is None


def test_without_lines_nothing_is_asked():
    visits = [visit(1, spot=A, words=LONG), visit(2, spot=B, after=601, words=LONG)]

    assert not [*signs.too_quick(visits, {}, Limits()), *signs.far_off(visits, Limits()),
                *signs.copied_words(visits, Limits())]  # fmt: skip


@given(st.permutations(range(6)))
def test_the_order_of_reading_changes_no_sign(order):
    visits = [visit(n, spot=Spot(23.6 + n / 100, 107.1), after=610 * n, words=LONG)
              for n in range(6)]  # fmt: skip
    turned = [visits[at] for at in order]

    for look in (lambda v: signs.too_quick(v, {}, LIMITS), lambda v: signs.copied_words(v, LIMITS)):
        assert {f.id for f in look(turned)} == {f.id for f in look(visits)}
