"""Random texts that the language accepts, and random cards for them, blanks everywhere."""

from __future__ import annotations

from hypothesis import strategies as st

WHOLES = ["rooms", "rooms + 1", "count(member)", "count(member.sick)", "3", "length(phone)",
          "round(area)", "round_down(area / 3)", "months_since(visited)", "age(visited)",
          "year(visited)", "month(visited)", "sum(2 where member.works)", "last.rooms",
          "count(member.wage > 1)", "months_since(left_in)", "round_up(income / debt)"]  # fmt: skip
NUMBERS = [*WHOLES, "area", "area / rooms", "rooms / 2", "share(member.sick)", "0.5", "98%",
           "income / debt", "avg(member.size)", "share(member.sick where member.works)",
           "area * rooms - 1", "-area", "median(member.size, weight = member.weight)",
           "sum(member.weight)", "if_unknown(area, 1)", "capped(area, rooms)"]  # fmt: skip
MONEY = ["income", "debt", "0.05", "12", "income + debt", "income - 1", "income * rooms", "-debt",
         "income / rooms", "income * 0.5", "sum(member.wage)", "max(member.wage)", "line.pay",
         "sum(member.wage where member.works)", "capped(income, 12)", "not_below(income - debt, 0)",
         "round(income, 10)", "avg(member.wage)", "if_unknown(debt, income)", "line.by_grade",
         "only(member.wage where member.sick)", "case when water then 1 else income end",
         "round(income / area)", "min(member.wage)", "last.income", "table.help"]  # fmt: skip
DAYS = ["visited", "on", "year_start", "max(member.birth)", "min(member.birth)",
        "identity_birth(phone)", "not_below(visited, '2020-01-01')"]  # fmt: skip
TRUTHS = ["water", "power", "road", "village.poor", "county.old", "any(member.sick)", "last.water",
          "all(member.sick or member.works)", "any(member.sick and household.water)", "true",
          "grade = 'a'", "grade in ('b', 'c')", "'d' <> grade", "any(has(member.gets, 'a'))",
          "count(has_any(member.gets, 'b', 'c')) >= 1", "phone = '12'", "matches(phone, '1[0-9]*')",
          "starts_with(phone, '1')", "part(phone, 1, 2) = '12'", "identity_ok(phone)",
          "identity_male(phone)", "days_since(visited) <= 40", "left_in >= '2020-01'",
          "any(member.schooling = 'none')", "village.place_in('4510')", "visited > '2020-03-31'",
          "any(age(member.birth) < 18)", "'2020-03-31' <= visited",
          "max(member.birth) > '2000-01-01'",
          "month_of(visited) = '2020-03'", "phone in ('12', 'ab')", "visited in ('2020-03-31')",
          "only(member.schooling where member.works) = 'none'", "income in (1, 0.05)",
          "any(member.birth > household.visited)", "any(member.last.wage > member.wage)",
          "if_unknown(water, false)", "1 = 2", "case when true then false else true end",
          "on > '2020-01-01'", "not false and 1 < 2", "round(2.5) = 3", "capped(1, 2) > rooms",
          "if_unknown(3, 4) = rooms", "year(on) = 2020 or water", "line.pay < 2",
          "(1 = 1) is blank", "grade = case when water then 'a' else 'b' end"]  # fmt: skip
OPS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def _compared(values):
    side = st.sampled_from(values)
    return st.tuples(side, OPS, side).map(lambda t: f"{t[0]} {t[1]} {t[2]}")


def _between(values):
    side = st.sampled_from(values)
    return st.tuples(side, side, side).map(lambda t: f"{t[0]} between {t[1]} and {t[2]}")


LEAVES = (
    st.sampled_from(TRUTHS)
    | _compared(NUMBERS)
    | _compared(MONEY)
    | _compared(DAYS)
    | _between(NUMBERS)
    | _between(MONEY)
    | st.sampled_from([*NUMBERS[:20], *MONEY, *TRUTHS]).map(lambda t: f"({t}) is blank")
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        inner.map(lambda t: f"not ({t})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda t: f"at_least(2, {', '.join(t)})"),
        st.tuples(inner, inner, inner).map(
            lambda t: f"case when {t[0]} then {t[1]} else {t[2]} end"
        ),
    ),
    max_leaves=5,
)
AMOUNTS = st.sampled_from(MONEY)
MORE = """
[line.pay]
unit = "yuan"
2020-01-01 = { value = 1.5, source = "s" }
[line.by_grade]
unit = "yuan"
by = "grade"
2020-01-01 = { value = { a = 0.05, b = 12, "*" = 1 }, source = "s" }
[table.help]
about = "household"
file = "help.csv"
value = "yuan"
otherwise = 3.5
"""
SHEET = "grade,rooms,yuan\na|b,0..2,1\na|b,3+,12\nc,*,0.05\n"


def _maybe(values):
    """One of the values; now and then unknown."""
    return st.sampled_from([*values, *values, *values, None])


def _facts(values):
    return st.fixed_dictionaries({name: _maybe(of) for name, of in values.items()})


PEOPLE = _facts(
    {
        "sick": [True, False], "works": [True, False], "schooling": ["none", "junior"],
        "gets": [[], ["a"], ["b", "d"]], "wage": [0, 0.05, 1, 12, -3], "size": [0.5, 1.0, -2.5],
        "weight": [0, 1, 2.5], "birth": ["2002-09-01", "2002-09-02", "1990-02-28", "2020-03-31"],
    }
)  # fmt: skip
HOMES = _facts(
    {
        "water": [True, False], "power": [True, False], "road": [True, False],
        "grade": ["a", "b", "c", "d"], "rooms": [0, 1, 2, 3], "area": [0.0, 0.5, 2.5, 3.0],
        "income": [0, 0.01, 0.05, 1, 12, -3], "debt": [0, 0.05, 1, 12], "left_in": ["2020-01"],
        "phone": ["12", "ab", "1", "11010519491231002X", "110105194912310021", "110105491231002"],
        "visited": ["2020-09-01", "2020-03-31", "2019-12-31", "2020-07-23", "2020-07-24"],
    }
)  # fmt: skip
CARDS = st.builds(
    lambda home, people, last, old_wages, poor, old: {
        **home,
        "members": [
            {**p, "last": {"wage": w}}
            for p, w in zip(people, [*old_wages, *[None] * 9], strict=False)
        ],
        "last": last,
        "village": {"id": "451022100201", "poor": poor},
        "county": {"id": "451022", "old": old},
    },
    HOMES,
    st.lists(PEOPLE, max_size=4),
    _facts({"water": [True, False], "rooms": [1, 2], "income": [1, 12]}),
    st.lists(_maybe([0, 1, 12]), max_size=4),
    _maybe([True, False]),
    _maybe([True, False]),
)
