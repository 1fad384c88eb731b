"""Totals over members: docs/language.md §2 (functions) and §3 (nobody there, sharp, unknown)."""

import pytest

from tests.rulebook.books import fault, holds, members, value

T, F, U = True, False, None
ILL, WELL = {"sick": True}, {"sick": False}
OPEN: dict[str, bool] = {}


def count(text, *cards):
    return value(text, members(*cards), unit="persons")


def money(text, *cards, **household):
    return value(text, members(*cards, **household), unit="yuan/year")


@pytest.mark.parametrize(
    ("cards", "one", "every"),
    [
        ([ILL, WELL], T, F), ([ILL, ILL], T, T), ([WELL, WELL], F, F), ([ILL, OPEN], T, U),
        ([WELL, OPEN], U, F), ([OPEN], U, U), ([], U, U),
    ],
)  # fmt: skip
def test_any_and_all_are_kleene_and_unknown_over_nobody(cards, one, every):
    assert holds("any(member.sick)", members(*cards)) is one
    assert holds("all(member.sick)", members(*cards)) is every


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        # of: one ill, one ill and one open, two ill and one open, nobody ill and one open, nobody
        ("count(member.sick) >= 2", [F, U, T, F, U]),
        ("count(member.sick) > 1", [F, U, T, F, U]),
        ("count(member.sick) <= 1", [T, U, F, T, U]),
        ("count(member.sick) = 1", [T, U, F, U, U]),
        ("count(member.sick) <> 1", [F, U, T, U, U]),
        ("count(member.sick) = 0", [F, F, F, U, U]),
        ("2 <= count(member.sick)", [F, U, T, F, U]),
        ("1 = count(member.sick)", [T, U, F, U, U]),
        ("count(member.sick) between 2 and 5", [F, U, T, F, U]),
        ("count(member.sick) >= rooms", [F, U, T, F, U]),
        ("rooms <= count(member.sick)", [F, U, T, F, U]),
    ],
)
def test_a_count_compared_is_unknown_only_if_the_unknown_members_could_change_it(text, answers):
    families = [[ILL], [ILL, OPEN], [ILL, ILL, OPEN], [WELL, OPEN], []]

    assert [holds(text, members(*f, rooms=2)) for f in families] == answers


def test_a_derived_fact_that_is_nothing_but_a_count_is_as_sharp():
    ill = """
    [derived.household.ill]
    label = { zh = "病人数", en = "number ill" }
    value = "count(member.sick)"
    unit = "persons"
    """

    assert holds("ill >= 2", members(ILL, ILL, OPEN), more=ill) is T
    assert holds("2 > 病人数", members(ILL, ILL, OPEN), more=ill) is F
    assert holds("ill + 0 >= 2", members(ILL, ILL, OPEN), more=ill) is U
    homes = {"households": [members(ILL, ILL, OPEN), members(WELL, WELL)]}
    assert holds("count(household.ill >= 2) = 1", homes, about="village", more=ill) is T


def test_a_count_by_itself_is_unknown_if_one_is_unknown():
    assert count("count(member.sick)", ILL, WELL) == 1
    assert count("count(member.sick)", ILL, OPEN) is U
    assert count("count(member)", ILL, OPEN) == 2
    assert count("count(成员)", ILL, OPEN) == 2
    assert count("count(member)") is U


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        # of: 1 of 2, 1 of 3 and one open, 2 of 3 and one open, nobody
        ("share(member.sick) >= 50%", [T, U, T, U]),
        ("share(member.sick) > 0.5", [F, F, U, U]),
        ("share(member.sick) = 50%", [T, U, U, U]),
        ("share(member.sick) <> 50%", [F, U, U, U]),
        ("0.3 > share(member.sick)", [F, U, F, U]),
        ("share(member.sick) < 1", [T, T, T, U]),
        ("share(member.sick) >= 1", [F, F, F, U]),
    ],
)
def test_a_share_compared_is_sharp(text, answers):
    families = [[ILL, WELL], [ILL, WELL, WELL, OPEN], [ILL, ILL, WELL, OPEN], []]

    assert [holds(text, members(*f)) for f in families] == answers


def test_a_share_of_those_meant_looks_at_who_might_be_meant():
    text = "share(member.sick where member.works) >= 50%"
    ill, well, open_ = ({"works": True, **c} for c in (ILL, WELL, OPEN))

    assert holds(text, members(ill, well, {"works": False, **WELL})) is T
    assert holds(text, members(ill, well, {**WELL})) is U  # she may work: 1 of 3
    assert holds(text, members(ill, ill, {**WELL})) is T  # 2 of 3 at worst
    assert holds(text, members(ill, open_)) is T
    assert holds(text, members(well, open_)) is U
    assert holds(text, members({"works": False, **ILL})) is U  # nobody is meant
    assert value("share(member.sick where member.works)", members(ill, well), unit="share") == 0.5
    assert value("share(member.sick where member.works)", members(ill, open_), unit="share") is U


def test_sum_is_exact_money_and_unknown_if_one_value_is():
    assert money("sum(member.wage)", {"wage": 0.1}, {"wage": 0.2}) == 30
    assert money("sum(member.wage)", {"wage": 1}, {}) is U
    assert money("sum(member.wage)") is U


def test_where_leaves_out_people_whose_value_is_unknown():
    meant = "sum(member.wage where member.works)"

    assert money(meant, {"wage": 1, "works": True}, {"works": False}) == 100
    assert money(meant, {"wage": 1, "works": True}, {"wage": 1}) is U
    assert money(meant, {"works": False}) == 0


@pytest.mark.parametrize(("op", "found"), [("min", 100), ("max", 300), ("avg", 200)])
def test_min_max_and_avg_of_nobody_meant_are_unknown(op, found):
    text = f"{op}(member.wage where member.works)"

    assert money(text, {"wage": 1, "works": True}, {"wage": 3, "works": True}) == found
    assert money(text, {"wage": 1, "works": False}) is U
    assert money(text, {"wage": 1, "works": True}, {"works": True}) is U


def test_avg_is_a_fraction_until_rounded():
    cards = [{"wage": 0.01}, {"wage": 0.02}]

    assert money("avg(member.wage)", *cards) == 1.5
    assert money("round(avg(member.wage))", *cards) == 2


def test_min_and_max_also_take_days_and_months():
    cards = [{"birth": "1980-05-01"}, {"birth": "1990-05-01"}]

    assert holds("max(member.birth) = '1990-05-01'", members(*cards)) is T
    assert holds("age(min(member.birth)) = 40", members(*cards)) is T
    assert holds("min(member.since) = '2020-01'", members({"since": "2020-01"})) is T


def test_only_is_the_value_of_the_single_one_meant():
    text = "only(member.schooling where member.works) = 'none'"
    worker = {"works": True, "schooling": "none"}

    assert holds(text, members(worker, {"works": False})) is T
    assert holds(text, members(worker, worker)) is U
    assert holds(text, members({"works": False})) is U
    assert holds(text, members(worker, {})) is U
    assert holds("only(member.sick where member.works)", members({**worker, **ILL})) is T


def test_the_median_is_weighted_and_leaves_out_who_is_not_known():
    homes = {"households": [members(*(
        {"wage": w, "weight": n} for w, n in [(1, 1), (2, 1), (3, 2), (10, 4)]
    )), members({"weight": 9}, {"wage": 99})]}  # fmt: skip
    median = "median(member.wage, weight = member.weight)"

    # Half of the weight of 8 ends exactly at 3: the mean of 3 and 10.
    assert value(median, homes, about="village", unit="yuan") == 650
    assert value("quantile(member.wage, 20%, weight = member.weight)", homes, about="village",
                 unit="yuan") == 200  # fmt: skip
    assert value("median(member.wage where member.wage < 4)", homes, about="village",
                 unit="yuan") == 200  # fmt: skip
    assert value(median, {"households": []}, about="village", unit="yuan") is U


def test_a_quantile_of_the_population_sees_everybody():
    villages = [{"households": [{"income": n}, {"income": 10 * n}]} for n in (1, 2, 3)]
    people = {"counties": [{"villages": villages}]}

    assert value("median(household.income)", people, about="population", unit="yuan") == 650
    assert value("0.6 * median(household.income)", people, about="population", unit="yuan") == 390


def test_repeats_counts_the_same_value_in_the_whole_population():
    homes = [{"phone": "1"}, {"phone": "1", "water": True}, {"phone": "2"}, {}]
    people = {"counties": [{"villages": [{"households": homes}, {"households": homes[:1]}]}]}

    assert value("max(household.it)", people, about="population", unit="homes",
                 more=_many("repeats(phone)")) is U  # fmt: skip
    known = "max(household.many where household.phone is not blank)"
    assert value(known, people, about="population", unit="homes",
                 more=_many("repeats(phone)")) == 3  # fmt: skip
    assert value(known, people, about="population", unit="homes",
                 more=_many("repeats(phone where water)")) == 1  # fmt: skip
    fewest = known.replace("max", "min")
    assert value(fewest, people, about="population", unit="homes",
                 more=_many("repeats(phone where water)")) == 0  # fmt: skip


def _many(text):
    return f"""
    [derived.household.many]
    label = {{ zh = "同值数", en = "how many" }}
    value = "{text}"
    unit = "homes"
    [derived.household.it]
    label = {{ zh = "它二", en = "it" }}
    value = "many"
    unit = "homes"
    """


def test_repeats_is_unknown_on_a_card_of_one_household():
    assert holds("repeats(phone) > 1", {"phone": "1"}) is U


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sum(member.sick) > 1", "sum takes numbers or money, this is a condition"),
        ("sum(member.birth) > 1", "sum takes numbers or money, this is a day"),
        ("any(member.wage)", "expected a condition, this is money"),
        ("count(member.sick, member.works) > 1", "count is written count(c), count(member)"),
        ("count(member.sick where member.works) > 1", "count takes no “where”"),
        ("sum(member.wage, weight = member.weight) > 1", "sum takes no weight"),
        ("quantile(member.wage, 1.5) > 1", "expected a fixed number from 0 to 1"),
        ("quantile(member.wage, rooms) > 1", "expected a fixed number from 0 to 1"),
        ("quantile(member.wage, true) > 1", "expected a fixed number from 0 to 1"),
        ("median(member.birth) > 1", "expected a number, this is a day"),
        ("repeats(area) > 1", "repeats takes a fact of text"),
        ("repeats('a') > 1", "repeats takes a fact of text"),
        ("count(county.old) > 1", "count(…) needs a level below"),
        ("count(household) > 1", "count(…) needs a level below"),
        ("count(member = 1) > 1", "unknown fact “member”"),
    ],
)  # fmt: skip
def test_a_total_that_means_nothing_is_refused(text, why):
    assert why in str(fault(text))
