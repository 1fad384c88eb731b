"""The rules as OpenFisca formulas: one function a variable, over arrays.

`openfisca_natural` hands the formulas OpenFisca's own populations. `openfisca_known` hands them
populations whose values are pairs (value, known), because OpenFisca has no value for unknown.
Every `all` is asked as `not any`, which is the cheaper call in OpenFisca.
"""

# ruff: noqa: D103 -- each formula means what the rule of its name means in bench/rulebook/.
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from openfisca_core import entities
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.model_api import Variable
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

Formula = Callable[..., Any]

CODES = {
    "house_grade": ("a", "b", "c", "d"),
    "water_source": ("piped", "well", "spring", "river"),
    "toilet": ("flush", "dry", "none"),
    "registered": ("never", "poor", "exited", "at_risk"),
    "schooling": ("none", "primary", "junior", "senior", "college"),
    "disability": ("none", "one", "two", "three", "four"),
    "labour": ("none", "weak", "normal", "skilled"),
    "illness": ("healthy", "chronic", "serious"),
    "relation": ("head", "spouse", "child", "parent", "soldier", "other"),
}
CODE_TYPES: dict[str, Any] = {
    name: Enum(name, [(key, key) for key in keys]) for name, keys in CODES.items()
}
YES_NO = frozenset(
    ("male", "school_exempt", "insured", "pension", "certified", "absent", "electricity", "road")
) | {"owns_company", "clothing"}
DATES = ("birth", "last_visit")
COUNTIES = ("990201", "9900", "9901", "*")
RISKS = (
    "income_risk",
    "medical_risk",
    "illness_risk",
    "disability_risk",
    "labour_risk",
    "disaster_risk",
    "debt_risk",
)
PERIOD = "2020"

person = entities.build_entity("person", "persons", "", is_person=True)
household = entities.build_entity("household", "households", "", roles=[{"key": "member"}])

#: Amounts by year, one of them also by county.
PARAMETERS = {
    "income": {"2018-01-01": 3500, "2019-01-01": 3750, "2020-01-01": 4000},
    "watch": {"2018-01-01": 5000, "2020-01-01": 6000},
    "debt": {"2018-01-01": 20000, "2020-01-01": 25000},
    "vehicle": {"2018-01-01": 80000},
    "area": {"2018-01-01": 13},
    "fetch": {"2018-01-01": 20},
    "relief_from": {"2018-01-01": 2000, "2020-01-01": 3000},
    "relief_most": {"2018-01-01": 20000},
    "grant_primary": {"2018-01-01": 1000},
    "grant_junior": {"2018-01-01": 1250},
    "dibao_990201": {"2018-01-01": 3800, "2020-01-01": 5400},
    "dibao_9900": {"2018-01-01": 3800, "2020-01-01": 4200},
    "dibao_9901": {"2018-01-01": 3800, "2020-01-01": 4600},
    "dibao_rest": {"2018-01-01": 3800, "2020-01-01": 5000},
}


def day(text: str) -> Any:
    """A day as OpenFisca's dates are."""
    return np.datetime64(text, "D")


def is_(value: Any, name: str, *keys: str) -> Any:
    """A code is one of these."""
    found = value == CODE_TYPES[name][keys[0]]
    for key in keys[1:]:
        found = found | (value == CODE_TYPES[name][key])
    return found


# -- persons --------------------------------------------------------------------------------------


def school_age(p: Any, t: Any, _: Any) -> Any:
    born = p("birth", t)
    return (born > day("2004-06-30")) & (born <= day("2014-06-30"))


def worker(p: Any, t: Any, _: Any) -> Any:
    born = p("birth", t)
    later = p("male", t) & (born > day("1960-06-30")) & (born <= day("1965-06-30"))
    of_age = (born <= day("2004-06-30")) & ((born > day("1965-06-30")) | later)
    return is_(p("labour", t), "labour", "normal", "skilled") & of_age


def dependant(p: Any, t: Any, _: Any) -> Any:
    born = p("birth", t)
    return ((born > day("2004-06-30")) | (born <= day("1960-06-30"))) & ~p("absent", t)


def severe(p: Any, t: Any, _: Any) -> Any:
    return is_(p("disability", t), "disability", "one", "two") & p("certified", t)


# -- households -----------------------------------------------------------------------------------


def net_income(h: Any, t: Any, _: Any) -> Any:
    gross = h("wage_income", t) + h("business_income", t) + h("property_income", t)
    return gross + h("transfer_income", t) - h("production_cost", t)


def income_per_person(h: Any, t: Any, _: Any) -> Any:
    return h("net_income", t) / h.nb_persons()


def own_medical(h: Any, t: Any, _: Any) -> Any:
    return h.sum(h.members("medical_cost", t)) - h("medical_aid", t)


def income_ok(h: Any, t: Any, parameters: Any) -> Any:
    return h("income_per_person", t) >= parameters(t).income


def two_worries(h: Any, t: Any, _: Any) -> Any:
    return (h("food_months", t) == 0) & h("clothing", t)


def schooling_ok(h: Any, t: Any, _: Any) -> Any:
    m = h.members
    at_school = is_(m("schooling", t), "schooling", "primary", "junior")
    return ~h.any(m("school_age", t) & ~at_school & ~m("school_exempt", t))


def insured_ok(h: Any, t: Any, _: Any) -> Any:
    m = h.members
    return ~h.any(~(m("insured", t) | is_(m("relation", t), "relation", "soldier")))


def house_ok(h: Any, t: Any, parameters: Any) -> Any:
    enough = h("house_area", t) / h.nb_persons() >= parameters(t).area
    return is_(h("house_grade", t), "house_grade", "a", "b") & enough


def water_ok(h: Any, t: Any, parameters: Any) -> Any:
    source = h("water_source", t)
    near = h("water_minutes", t) <= parameters(t).fetch
    shared = is_(source, "water_source", "well", "spring")
    return is_(source, "water_source", "piped") | (shared & near)


def services_ok(h: Any, t: Any, _: Any) -> Any:
    return h("electricity", t) & h("road", t) & ~is_(h("toilet", t), "toilet", "none")


def pension_ok(h: Any, t: Any, _: Any) -> Any:
    m = h.members
    grown = m("birth", t) <= day("2004-06-30")
    later = is_(m("schooling", t), "schooling", "senior", "college")
    return ~h.any(grown & ~later & ~m("pension", t))


def three_guarantees(h: Any, t: Any, _: Any) -> Any:
    housed = h("house_ok", t) & h("water_ok", t)
    return h("schooling_ok", t) & h("insured_ok", t) & housed


def income_risk(h: Any, t: Any, parameters: Any) -> Any:
    return h("income_per_person", t) < parameters(t).watch


def medical_risk(h: Any, t: Any, _: Any) -> Any:
    return h("own_medical", t) * 4 > h("net_income", t)


def illness_risk(h: Any, t: Any, _: Any) -> Any:
    m = h.members
    return h.any(is_(m("illness", t), "illness", "serious") & ~m("insured", t))


def disability_risk(h: Any, t: Any, _: Any) -> Any:
    disabled = ~is_(h.members("disability", t), "disability", "none")
    return h.any(h.members("severe", t)) | (count(h, disabled) >= 2)


def labour_risk(h: Any, t: Any, _: Any) -> Any:
    return ~(count(h, h.members("worker", t)) >= 1)


def elderly_alone(h: Any, t: Any, _: Any) -> Any:
    return ~h.any(h.members("birth", t) > day("1960-06-30"))


def disaster_risk(h: Any, t: Any, _: Any) -> Any:
    half = h("disaster_loss", t) * 2 > h("net_income", t)
    return half | is_(h("house_grade", t), "house_grade", "d")


def debt_risk(h: Any, t: Any, parameters: Any) -> Any:
    return h("debt", t) / h.nb_persons() > parameters(t).debt


def care_burden(h: Any, t: Any, _: Any) -> Any:
    workers = h.sum(h.members("worker", t))
    return count(h, h.members("dependant", t)) > workers * 2


def migrant(h: Any, t: Any, _: Any) -> Any:
    working = h.members("worker", t)
    return any_of_those(h, h.members("months_out", t) >= 6, working)


def wage_gap(h: Any, t: Any, _: Any) -> Any:
    return h("wage_income", t) != h.sum(h.members("wage", t))


def visited(h: Any, t: Any, _: Any) -> Any:
    return h("last_visit", t) >= day("2020-04-01")


def return_risk(h: Any, t: Any, _: Any) -> Any:
    return two_or_more([h(risk, t) for risk in RISKS])


def excluded(h: Any, t: Any, parameters: Any) -> Any:
    return h("owns_company", t) | (h("vehicle_value", t) > parameters(t).vehicle)


def exit_standard(h: Any, t: Any, _: Any) -> Any:
    return h("income_ok", t) & h("two_worries", t) & h("three_guarantees", t)


def may_exit(h: Any, t: Any, _: Any) -> Any:
    waiting = is_(h("registered", t), "registered", "poor", "at_risk")
    return waiting & h("exit_standard", t) & ~h("return_risk", t) & h("visited", t)


def may_enter(h: Any, t: Any, _: Any) -> Any:
    in_need = h("income_risk", t) | ~h("three_guarantees", t)
    return is_(h("registered", t), "registered", "never") & in_need & ~h("excluded", t)


def dibao_due(h: Any, t: Any, _: Any) -> Any:
    return (h("income_per_person", t) < h("dibao_line", t)) & ~h("excluded", t)


def disability_allowance(h: Any, t: Any, _: Any) -> Any:
    return h.any(h.members("severe", t))


def medical_relief(h: Any, t: Any, parameters: Any) -> Any:
    return (h("own_medical", t) > parameters(t).relief_from) & ~h("excluded", t)


def school_grant(h: Any, t: Any, _: Any) -> Any:
    at_school = is_(h.members("schooling", t), "schooling", "primary", "junior")
    return count(h, h.members("school_age", t) & at_school) >= 1


# -- amounts, in whole fen -------------------------------------------------------------------------


def dibao_due_amount(h: Any, t: Any, _: Any) -> Any:
    return (h("dibao_line", t) * h.nb_persons() - h("net_income", t)) * 100


def disability_allowance_amount(h: Any, t: Any, _: Any) -> Any:
    return h.sum(h.members("allowance", t)) * 100


def medical_relief_amount(h: Any, t: Any, parameters: Any) -> Any:
    p = parameters(t)
    due = (h("own_medical", t) * 100.0 - p.relief_from * 100.0) * 0.7
    return rounded(due, p.relief_most * 100.0)


def school_grant_amount(h: Any, t: Any, parameters: Any) -> Any:
    p, age = parameters(t), h.members("school_age", t)
    schooling = h.members("schooling", t)
    primary = h.sum(age & is_(schooling, "schooling", "primary"))
    junior = h.sum(age & is_(schooling, "schooling", "junior"))
    return primary * (p.grant_primary * 100) + junior * (p.grant_junior * 100)


#: Formulas of persons, then of households: conditions, then whole numbers.
OF_PERSON = (school_age, worker, dependant, severe)
RULES = (
    income_ok, two_worries, schooling_ok, insured_ok, house_ok, water_ok, services_ok, pension_ok,
    three_guarantees, income_risk, medical_risk, illness_risk, disability_risk, labour_risk,
    elderly_alone, disaster_risk, debt_risk, care_burden, migrant, wage_gap, visited, return_risk,
    excluded, exit_standard, may_exit, may_enter, dibao_due, disability_allowance, medical_relief,
    school_grant,
)  # fmt: skip
NUMBERS = (net_income, own_medical)
AMOUNTS = (
    dibao_due_amount,
    disability_allowance_amount,
    medical_relief_amount,
    school_grant_amount,
)


# -- what a pair answers otherwise than an array ---------------------------------------------------


def count(h: Any, condition: Any) -> Any:
    """How many; of pairs, the least and the most there may be."""
    return h.count_of(condition) if hasattr(h, "count_of") else h.sum(condition)


def any_of_those(h: Any, condition: Any, where: Any) -> Any:
    """Whether one of those meant meets a condition, which is what its maximum would tell."""
    if hasattr(h, "any_of_those"):
        return h.any_of_those(condition, where)
    return h.any(where & condition)


def two_or_more(risks: list[Any]) -> Any:
    """Two or more conditions hold."""
    if hasattr(risks[0], "known"):
        return type(risks[0]).two_or_more(risks)
    return sum(risk.astype(np.int8) for risk in risks) >= 2


def rounded(due: Any, most: float) -> Any:
    """Fen, at most so many, half a fen upwards."""
    if hasattr(due, "known"):
        return type(due)(np.floor(np.minimum(due.value, most) + 0.5), due.known)
    return np.floor(np.minimum(due, most) + 0.5)


# -- the system ------------------------------------------------------------------------------------


def variable(entity: Any, name: str, kind: type, formula: Formula | None = None) -> type:
    """A yearly variable."""
    body: dict[str, Any] = {
        "entity": entity,
        "value_type": kind,
        "definition_period": DateUnit.YEAR,
        "label": name,
    }
    if kind is Enum:
        codes = CODE_TYPES[name]
        body |= {"possible_values": codes, "default_value": next(iter(codes))}
    if formula is not None:
        body["formula"] = formula
    return type(name, (Variable,), body)


def system(variables: list[type]) -> Any:
    """A tax and benefit system with these variables and the parameters."""
    found = TaxBenefitSystem([household, person])
    found.parameters = ParameterNode(
        "",
        data={
            name: {"values": {on: {"value": value} for on, value in values.items()}}
            for name, values in PARAMETERS.items()
        },
    )
    found.add_variables(*variables)
    return found


def code_array(name: str, places: Any) -> Any:
    """Codes as OpenFisca keeps them."""
    return EnumArray(places.astype(np.uint8), CODE_TYPES[name])
