"""Who helps a household, what was done, what was checked at exit, and what is watched since.

Helpers are names drawn by chance. Monitoring exists from 2019 on, as in the field.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic import livelihood, slips
from yihu.synthetic.homes import OUT
from yihu.synthetic.state import State

#: Watched households: of those out of poverty, and of all others.
UNSTABLE, MARGINAL, SUDDEN = 0.030, 0.0035, 0.0005
MONITOR_FROM, SUDDEN_FROM = 2019, 2021
MONITOR_KINDS = ("unstable", "marginal", "sudden", "none")
RISKS = (
    "illness", "disability", "labour", "accident", "industry", "work", "schooling", "disaster",
    "housing", "water", "other",
)  # fmt: skip
RISK_SHARES = (0.36, 0.15, 0.12, 0.05, 0.04, 0.14, 0.06, 0.03, 0.02, 0.01, 0.02)
REMOVAL_WAYS = ("helped", "natural")
STATUSES = ("not_exited", "exited")
COLOURS = ("blue", "red")
UNITS = ("县教育局", "县水利局", "县住建局", "县医保局", "县民政局", "镇人民政府", "县农业农村局")
SIGNATURES = ("signed", "fingerprint", "phone", "none")
#: Written where a watched household gets nothing of a kind.
NO_MEASURE = "无"
#: Text of a measure, and the risks it answers.
MEASURES = {
    "industry_help": ("种植补助", ("industry", "labour", "work", "other")),
    "job_help": ("就业信息", ("work", "labour", "other")),
    "post_help": ("公益性岗位", ("work", "disability")),
    "health_help": ("医疗救助", ("illness", "accident")),
    "education_help": ("教育资助", ("schooling",)),
    "social_help": ("低保", ("illness", "disability", "labour")),
    "society_help": ("社会捐助", ("illness", "accident", "disaster")),
    "schooling_help": ("义务教育资助", ("schooling",)),
    "housing_help": ("危房改造", ("housing", "disaster")),
    "water_help": ("饮水工程", ("water",)),
}


def columns_of(state: State) -> dict[str, pa.Array]:
    """The columns of this theme."""
    return _helpers(state) | _papers(state) | _exit(state) | _events(state) | _monitoring(state)


def _helpers(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    helped = homes.registered & ~slips.slip("helper_away", chance)
    names = [f"帮扶干部{at + 1:03d}" for at in range(200)]
    helper, out = chance.whole(0, len(names) - 1), homes.standing == OUT
    visited = state.today - chance.whole(1, 80) - 200 * chance.some(0.01)
    return {
        "helper_name": chance.code("helper_name", helper, names, but=~helped),
        "helper_signer": chance.code("helper_signer", helper, names, but=~out),
        "handbook_helper": chance.code(
            "handbook_helper", (helper + chance.some(0.01)) % len(names), names, but=~helped
        ),
        "card_helper": chance.code(
            "card_helper", (helper + chance.some(0.01)) % len(names), names, but=~helped
        ),
        "helper_unit": chance.code("helper_unit", chance.pick([1] * 7), UNITS, but=~helped),
        "helper_from": chance.day(
            "helper_from", state.today - chance.whole(100, 1_400), but=~helped
        ),
        "last_visit_on": chance.day("last_visit_on", visited, but=~helped),
        "visits_month": chance.amount(
            "visits_month", chance.pick((0.03, 0.7, 0.2, 0.07)), but=~helped
        ),
        "visits_quarter": chance.amount(
            "visits_quarter", chance.pick((0.006, 0.03, 0.2, 0.6, 0.164)), but=~helped
        ),
        "visit_signed": chance.yes("visit_signed", chance.some(0.98), but=~helped),
        "visit_photo": chance.yes("visit_photo", chance.some(0.95), but=~helped),
        "measures": chance.amount("measures", chance.whole(0, 7), but=~helped),
        "measures_fit_cause": chance.yes("measures_fit_cause", chance.some(0.96), but=~helped),
        "plan_made": chance.yes("plan_made", chance.some(0.985), but=~helped),
        "plan_signed": chance.yes("plan_signed", chance.some(0.97), but=~helped),
        "policy_late": chance.yes("policy_late", chance.some(0.006), but=~helped),
        "satisfied": chance.yes("satisfied", chance.some(0.985), but=~helped),
        "need_met": chance.yes("need_met", chance.some(0.95), but=~helped),
    }


def _papers(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    not_listed = ~homes.registered
    out = homes.standing == OUT
    red = out ^ chance.some(0.01)
    per_person = np.round(homes.net / homes.size)
    other = chance.some(0.012)
    return {
        "handbook": chance.yes("handbook", chance.some(0.997), but=not_listed),
        "handbook_people": chance.amount(
            "handbook_people", homes.size + chance.some(0.01), but=not_listed
        ),
        "handbook_status": chance.code(
            "handbook_status", out ^ chance.some(0.004), STATUSES, but=not_listed
        ),
        "handbook_periods": chance.amount(
            "handbook_periods", 6 - chance.some(0.04), but=not_listed
        ),
        "handbook_income": chance.amount(
            "handbook_income", per_person + other * 500, but=not_listed
        ),
        "handbook_signatures": chance.amount(
            "handbook_signatures", 9 - chance.some(0.03), but=not_listed
        ),
        "handbook_blank": chance.yes("handbook_blank", chance.some(0.02), but=not_listed),
        "app_people": chance.amount("app_people", homes.size + chance.some(0.008), but=not_listed),
        "app_income": chance.amount("app_income", per_person, but=not_listed),
        "app_updated_on": chance.day(
            "app_updated_on", state.today - chance.whole(0, 45), but=not_listed
        ),
        "register_people": chance.amount("register_people", homes.size + chance.some(0.02)),
        "card_hung": chance.yes("card_hung", chance.some(0.99), but=not_listed),
        "card_colour": chance.code("card_colour", red.astype(np.int64), COLOURS, but=not_listed),
        "card_people": chance.amount("card_people", homes.size + chance.some(0.01), but=not_listed),
        "card_policies": chance.yes("card_policies", chance.some(0.97), but=not_listed),
    }


def _exit(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    stayed = homes.standing != OUT
    # Checked between September and November of the year of exit.
    year_start = state.year_end - (state.year - homes.left) * 365.25 - 365
    checked = np.round(year_start + 244 + chance.whole(0, 55)).astype(np.int64)
    met = checked + chance.whole(2, 6)
    lists = [met + 1, met + 9, met + 10, met + 18]
    return {
        "verified_on": chance.day("verified_on", checked, but=stayed),
        "head_agrees": chance.yes("head_agrees", chance.some(0.998), but=stayed),
        "head_signed": chance.yes("head_signed", chance.some(0.997), but=stayed),
        "head_signature_kind": chance.code(
            "head_signature_kind", chance.pick((0.86, 0.11, 0.027, 0.003)), SIGNATURES, but=stayed
        ),
        "helper_signed": chance.yes("helper_signed", chance.some(0.997), but=stayed),
        "village_meeting_on": chance.day("village_meeting_on", met, but=stayed),
        "list_1_from": chance.day("list_1_from", lists[0], but=stayed),
        "list_1_until": chance.day("list_1_until", lists[1] - 4 * chance.some(0.01), but=stayed),
        "list_2_from": chance.day("list_2_from", lists[2], but=stayed),
        "list_2_until": chance.day("list_2_until", lists[3] - 4 * chance.some(0.01), but=stayed),
        "announced_on": chance.day("announced_on", lists[3] + 2, but=stayed),
        "township_checked": chance.yes("township_checked", chance.some(0.998), but=stayed),
        "county_compared": chance.yes("county_compared", chance.some(0.998), but=stayed),
        "marked_exited_on": chance.day(
            "marked_exited_on", lists[3] + chance.whole(3, 8), but=stayed
        ),
        "evidence_photos": chance.yes("evidence_photos", chance.some(0.98), but=stayed),
        "income_form_signed": chance.yes("income_form_signed", chance.some(0.99), but=stayed),
    }


def _events(state: State) -> dict[str, pa.Array]:
    chance, lives = state.households, state.lives
    ill = state.per_household(lives.seriously) > 0
    return {
        "illness_event": chance.yes("illness_event", ill & chance.some(0.25)),
        "accident_event": chance.yes("accident_event", chance.some(0.004)),
        "disaster_event": chance.yes("disaster_event", chance.some(0.003)),
        "job_lost": chance.yes("job_lost", chance.some(0.006)),
        "business_failed": chance.yes("business_failed", chance.some(0.002)),
        "income_fell": chance.yes("income_fell", chance.some(0.012)),
        "hardship": chance.yes("hardship", chance.some(0.004)),
        "dropout_child": chance.yes("dropout_child", livelihood.out_of_school(state)),
    }


def _monitoring(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    kind = _watched(state)
    watched = kind < MONITOR_KINDS.index("none")
    first = (max(MONITOR_FROM, state.year - 2)) * 12 + 8
    last = state.year * 12 + 11
    since = chance.whole(first, max(first, last))
    removed = watched & (last - since >= 5) & chance.some(0.6)
    natural = removed & chance.some(0.04)
    risk = _risks(state)
    none = livelihood.without_labour(state)
    developing = ~none & chance.some(0.93)
    found = {
        "monitor_kind": chance.code("monitor_kind", kind, MONITOR_KINDS),
        "monitored_month": chance.month("monitored_month", since, but=~watched),
        "risk_1": chance.code("risk_1", risk, RISKS, but=~watched),
        "risk_2": chance.code(
            "risk_2", chance.pick(RISK_SHARES), RISKS, but=~watched | chance.some(0.75)
        ),
        "risk_removed": chance.yes("risk_removed", removed, but=~watched),
        "removal_way": chance.code(
            "removal_way", natural.astype(np.int64), REMOVAL_WAYS, but=~removed
        ),
        "removed_month": chance.month(
            "removed_month", np.minimum(since + chance.whole(4, 14), last), but=~removed
        ),
        "development_help": chance.yes("development_help", developing, but=~watched),
        "no_labour_support": chance.yes(
            "no_labour_support", none & chance.some(0.96), but=~watched
        ),
        "medical_aid": chance.yes("medical_aid", chance.some(0.1), but=~watched),
    }
    for name, values in (
        ("after_wage", homes.wage),
        ("after_operating", homes.operating),
        ("after_property", homes.owned),
        ("after_transfer", homes.transfer),
        ("after_cost", homes.costs),
    ):
        grown = np.round(values * chance.between(0.9, 1.35))
        found[name] = chance.amount(name, grown, but=~removed)
    for name, share in (("after_claims", 0.02), ("after_self_paid", 0.3)):
        paid = np.round(chance.around(2_500, 0.8), -1) * chance.some(share)
        found[name] = chance.amount(name, paid, but=~removed)
    return found | _measures(state, watched, risk)


def _watched(state: State) -> NDArray[np.int64]:
    """Place in MONITOR_KINDS of each household."""
    chance, homes = state.households, state.homes
    out, other = homes.standing == OUT, ~homes.registered
    low = homes.net / homes.size < 6_500
    more = np.where(low, 3.0, 0.6)
    kind = np.full(chance.size, 3)
    kind[other & chance.some(MARGINAL * more)] = 1
    kind[out & chance.some(UNSTABLE * more)] = 0
    if state.year >= SUDDEN_FROM:
        kind[(kind == 3) & chance.some(SUDDEN)] = 2
    return kind if state.year >= MONITOR_FROM else np.full(chance.size, 3)


def _risks(state: State) -> NDArray[np.int64]:
    """The first risk: what the family suffers from, else one drawn by shares."""
    ill = state.per_household(state.lives.seriously) > 0
    disabled = state.per_household(state.lives.disabled) > 0
    unsafe = ~state.homes.safe_water
    drawn = state.households.pick(RISK_SHARES)
    place = RISKS.index
    return np.select(
        [unsafe, state.homes.house_grade >= 2, ill, disabled],
        [place("water"), place("housing"), place("illness"), place("disability")],
        drawn,
    )


def _measures(
    state: State, watched: NDArray[np.bool_], risk: NDArray[np.int64]
) -> dict[str, pa.Array]:
    """Measures that mostly answer the risk; now and then the fitting one is not written down."""
    chance = state.households
    found = {}
    for name, (text, answers) in MEASURES.items():
        fits = np.isin(risk, [RISKS.index(one) for one in answers])
        given = (fits & chance.some(0.9)) | chance.some(0.08)
        found[name] = chance.code(name, np.where(given, 0, 1), (text, NO_MEASURE), but=~watched)
    return found
