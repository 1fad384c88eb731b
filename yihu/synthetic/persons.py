"""The register of persons: one row for each, columns named as facts of the Guangxi rulebook."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic import columns, identity, lives, slips
from yihu.synthetic.columns import MARK
from yihu.synthetic.families import Role
from yihu.synthetic.names import names_of
from yihu.synthetic.plan import Ints
from yihu.synthetic.state import State

SEXES = ("male", "female")
RELATIONS = (
    "head", "spouse", "son", "daughter", "son_in_law", "daughter_in_law", "sons_son",
    "sons_daughter", "daughters_son", "daughters_daughter", "father", "mother", "sibling", "other",
)  # fmt: skip
#: Zhuang, Han, Yao, Miao and a few others, as the county is.
ETHNIC_GROUPS = ("zhuang", "han", "yao", "miao", "dong", "mulao")
ETHNIC_SHARES = (0.885, 0.075, 0.034, 0.003, 0.002, 0.001)
ID_KINDS = ("identity_card", "disability_card", "none")
DISABILITY_KINDS = ("sight", "hearing", "speech", "limb", "intellect", "mental", "multiple")
DISABILITY_SHARES = (0.13, 0.20, 0.03, 0.38, 0.11, 0.11, 0.04)
EDUCATIONS = ("illiterate", "primary", "junior", "senior", "college", "bachelor")
SCHOOLINGS = (
    "none", "preschool_age", "preschool", "primary", "junior", "senior", "vocational",
    "higher_vocational", "bachelor", "postgraduate",
)  # fmt: skip
#: From this year the list names the year at school.
GRADES_FROM = 2021
_GRADED = {"junior": 3, "senior": 3, "vocational": 3, "higher_vocational": 3, "bachelor": 5}
REASONS = ("illness", "disability", "suspended", "home_taught", "weary", "poverty", "other")
ABILITIES = ("normal", "skilled", "weak", "lost", "none")
WORK_AREAS = ("township", "county", "region", "outside", "other", "none")
ALLOWANCES = ("rural", "none")
#: Insured with the residents' fund, through an employer, not at all (the rest).
INSURED_RESIDENT, INSURED_EMPLOYEE = 0.9965, 0.021
UNINSURED_POOR = 0.0008
PENSION_JOINED = 0.93


def persons_of(state: State) -> pa.Table:
    """The rows of persons of a piece."""
    found = _keys(state) | _who(state) | _school(state) | _health(state) | _work(state)
    return pa.table(found | _security(state))


def household_keys(state: State, of: Ints) -> list[tuple[Ints, int]]:
    """Numbers that joined make household keys: code of the village, number in the village."""
    codes = np.array([int(one.code) for one in state.piece.county.villages])
    return [(codes[state.village[of]], 12), (state.in_village[of], 5)]


def _keys(state: State) -> dict[str, pa.Array]:
    parts = household_keys(state, state.family.household)
    return {
        "person_id": identity.joined([*parts, (state.place, 2)]),
        "household_id": identity.joined(parts),
        MARK: columns.truths(np.ones(state.persons.size, dtype=np.bool_)),
    }


def _who(state: State) -> dict[str, pa.Array]:
    chance, family, age = state.persons, state.family, state.lives.age
    county, village = state.piece.county, state.village[family.household]
    figures = identity.identity_numbers(
        county=county.number, township=county.township[village], within=county.within[village],
        birth=state.birth, male=family.male,
    )  # fmt: skip
    female = ~family.male ^ slips.slip("sex_differs", chance)
    disabled = state.lives.disabled
    kind = np.where(disabled & ~slips.slip("disabled_without_card", chance), 1, 0)
    births = slips.spoil_births(state.birth, today=state.today, chance=chance)
    number = slips.spoil_numbers(figures, age=age, chance=chance)
    kinds, grades = chance.pick(DISABILITY_SHARES), state.lives.grade_of_disability
    # A disability card bears the identity number with kind and grade behind it.
    card = identity.joined([((kinds + 1) * 10 + grades, 2)])
    number = columns.extended(number, card, rows=kind == 1)
    # A newborn child often has no number yet.
    unnumbered = chance.blank("identity", (age < 1) & chance.some(0.12))
    return {
        "name": names_of(family, rng=chance.rng),
        "sex": chance.code("sex", female.astype(np.int64), SEXES),
        "birth": chance.day("birth", births),
        "id_kind": chance.code("id_kind", kind, ID_KINDS),
        "identity": columns.blanked(number, unnumbered),
        "disability_kind": chance.code("disability_kind", kinds, DISABILITY_KINDS, but=~disabled),
        "disability_grade": chance.amount("disability_grade", grades, but=~disabled),
        "relation": chance.code("relation", _relations(state), RELATIONS),
        "ethnic_group": chance.code("ethnic_group", _groups(state), ETHNIC_GROUPS),
        "phone": _phones(state),
        "registered_here": chance.yes("registered_here", chance.some(0.985)),
        "on_payroll": chance.yes(
            "on_payroll", (age >= 22) & (age < 60) & state.lives.able & chance.some(0.004)
        ),
    }


def _relations(state: State) -> Ints:
    family = state.family
    role, male = family.role, family.male
    child = np.where(male, 2, 3)
    grandchild = np.where(family.through_son, 6, 8) + ~male
    relation = np.choose(
        role, [0, 1, child, child, np.where(male, 4, 5), grandchild, 10, 11, 12]
    ).astype(np.int64)
    missing, twice = slips.head_slips(family, chance=state.persons)
    return np.where(missing, 13, np.where(twice, 0, relation))


def _groups(state: State) -> Ints:
    """Families mostly share a group; 作登 is a Yao township."""
    many = state.households
    group = many.pick(ETHNIC_SHARES)
    county = state.piece.county
    yao = np.array([one.code[6:] == "201" for one in county.townships])[county.township]
    group = np.where(yao[state.village] & many.some(0.62), 2, group)
    married_in = np.isin(state.family.role, (Role.SPOUSE, Role.CHILD_IN_LAW))
    own = state.persons.pick(ETHNIC_SHARES)
    return np.where(married_in & state.persons.some(0.15), own, state.to_members(group))


def _phones(state: State) -> pa.Array:
    chance = state.persons
    numbers = identity.phones(chance.size, rng=chance.rng)
    short = pa.array(slips.slip("phone_too_short", chance))
    numbers = columns.cut(numbers, short, 10)
    return columns.blanked(
        numbers, chance.blank("phone", (state.lives.age < 16) | chance.some(0.2))
    )


def _school(state: State) -> dict[str, pa.Array]:
    chance, of = state.persons, state.lives
    pupil = of.school != lives.NOT_AT_SCHOOL
    aged = (of.age >= 6) & (of.age <= 15)
    places, keys = _schoolings(of.school, of.grade, graded=state.year >= GRADES_FROM)
    both = slips.slip("education_and_school", chance)
    nothing = slips.slip("nothing_about_school", chance)
    excuse = chance.pick((0.35, 0.25, 0.2, 0.2))
    reason = np.where(of.excused, excuse, 4 + chance.pick((0.6, 0.1, 0.3)))
    compulsory = pupil & aged
    aid = compulsory & state.to_members(state.homes.registered).astype(np.bool_)
    return {
        "education": chance.code(
            "education", of.education, EDUCATIONS, but=((pupil | of.dropout) & ~both) | nothing
        ),
        # Whoever is not at school and above school age has the education alone.
        "schooling": chance.code(
            "schooling", places, keys, but=(~pupil & ~of.dropout & ~both) | nothing
        ),
        "at_school": chance.yes("at_school", of.school >= lives.PRIMARY),
        "not_at_school_reason": chance.code(
            "not_at_school_reason", reason, REASONS, but=~of.dropout | chance.some(0.15)
        ),
        "on_roll": chance.yes("on_roll", compulsory & chance.some(0.996), but=~aged),
        "attends": chance.yes("attends", compulsory & chance.some(0.997), but=~aged),
        "home_taught": chance.yes("home_taught", of.excused & (reason == 3), but=~aged),
        "absence_proved": chance.yes(
            "absence_proved", of.excused & chance.some(0.85), but=~of.dropout
        ),
        "school_visits": chance.amount("school_visits", chance.whole(0, 4), but=~of.dropout),
        "helper_school_visits": chance.amount(
            "helper_school_visits", chance.whole(0, 4), but=~of.dropout
        ),
        "parent_signed": chance.yes("parent_signed", chance.some(0.6), but=~of.dropout),
        "school_signed": chance.yes("school_signed", chance.some(0.6), but=~of.dropout),
        "helper_signed_school": chance.yes(
            "helper_signed_school", chance.some(0.6), but=~of.dropout
        ),
        "boarding": chance.yes(
            "boarding", compulsory & (of.school == lives.JUNIOR) & chance.some(0.75)
        ),
        **_yulu(state),
        "education_aid_due": chance.yes("education_aid_due", aid),
        "education_aid_received": chance.yes("education_aid_received", aid & chance.some(0.985)),
    }


def _yulu(state: State) -> dict[str, pa.Array]:
    """Aid for vocational study of registered households, and for new undergraduates."""
    chance, of = state.persons, state.lives
    registered = state.to_members(state.homes.registered).astype(np.bool_)
    vocational = np.isin(of.school, (lives.VOCATIONAL, lives.VOCATIONAL_COLLEGE))
    fresh = (of.school == lives.UNIVERSITY) & (of.grade == 1)
    kind = np.where(registered & vocational, 1, np.where(registered & fresh, 2, 0))
    paid = np.array((0, 3_000, 5_000))[kind] * chance.some(0.97)
    return {
        "yulu_kind": chance.code("yulu_kind", kind, ("none", "vocational", "undergraduate")),
        "yulu_paid": chance.amount("yulu_paid", paid),
        "first_year_student": chance.yes("first_year_student", fresh),
    }


def _schoolings(kind: Ints, grade: Ints, *, graded: bool) -> tuple[Ints, tuple[str, ...]]:
    """Places in the list of schoolings, and the list; with years of school from 2021."""
    if not graded:
        return kind, SCHOOLINGS
    keys: list[str] = []
    start = []
    years = []
    for key in SCHOOLINGS:
        start.append(len(keys))
        years.append(_GRADED.get(key, 1))
        keys += [f"{key}_{at + 1}" for at in range(years[-1])] if years[-1] > 1 else [key]
    within = np.clip(grade, 1, np.array(years)[kind]) - 1
    return np.array(start)[kind] + within, tuple(keys)


def _health(state: State) -> dict[str, pa.Array]:
    chance, of = state.persons, state.lives
    employee = of.away & (of.where <= 3) & chance.some(INSURED_EMPLOYEE / 0.2)
    registered = state.to_members(state.homes.registered).astype(np.bool_)
    none = chance.some(np.where(registered, UNINSURED_POOR, 1 - INSURED_RESIDENT))
    both = slips.slip("both_insurances", chance, of.age >= 18)
    resident = (~employee & ~none) | both
    insured = resident | employee | both
    treated = ~of.healthy
    cost = np.round(chance.around(6_500, 0.9), -1)
    inpatient = (of.seriously & chance.some(0.8)) | (of.ill & chance.some(0.15))
    listed = of.ill & chance.some(0.45)
    carded = listed & chance.some(0.93)
    return {
        "health": chance.code("health", _healths(of), HEALTHS),
        "medical_resident": chance.yes("medical_resident", resident),
        "medical_employee": chance.yes("medical_employee", employee | both),
        "medical_serious": chance.yes("medical_serious", insured & chance.some(0.9992)),
        "medical_commercial": chance.yes("medical_commercial", chance.some(0.006)),
        "premium_aided": chance.yes("premium_aided", registered & resident, but=~registered),
        "treated": chance.yes("treated", treated & chance.some(0.992), but=~treated),
        "reimbursed": chance.yes("reimbursed", chance.some(0.993), but=of.healthy),
        "medical_aid_due": chance.yes("medical_aid_due", inpatient & registered),
        "medical_aid_received": chance.yes(
            "medical_aid_received", inpatient & registered & chance.some(0.98)
        ),
        "inpatient_cost": chance.amount("inpatient_cost", cost, but=~inpatient),
        "inpatient_paid_back": chance.amount(
            "inpatient_paid_back", cost * chance.between(0.88, 0.97), but=~inpatient
        ),
        "chronic_listed": chance.yes("chronic_listed", listed),
        "chronic_card": chance.yes("chronic_card", carded),
        "chronic_card_number": columns.blanked(
            identity.joined([(chance.whole(0, 99_999_999), 8)]), ~carded | chance.some(0.03)
        ),
        "chronic_card_on": chance.day(
            "chronic_card_on", state.today - chance.whole(20, 1_300), but=~carded
        ),
        "insured_on_list": chance.yes("insured_on_list", insured ^ chance.some(0.0015)),
        "contract_doctor": chance.yes("contract_doctor", chance.some(0.9)),
    }


#: Several states of health in one cell stand with a comma between them.
HEALTHS = (
    "healthy", "chronic", "serious", "disabled", "chronic,disabled", "serious,disabled",
)  # fmt: skip


def _healths(of: lives.Lives) -> Ints:
    ill = np.where(of.seriously, 2, np.where(of.ill, 1, 0))
    return np.where(of.disabled, np.where(ill > 0, ill + 3, 3), ill)


def _work(state: State) -> dict[str, pa.Array]:
    chance, of = state.persons, state.lives
    pupil = of.school >= lives.PRIMARY
    able = slips.slip("child_called_able", chance, of.age < 16)
    able |= slips.slip("pupil_called_able", chance, pupil)
    worker = (of.age >= 16) & (of.age < 60) & ~pupil & of.healthy
    ability = np.where(able, lives.ORDINARY, of.ability)
    ability = np.where(slips.slip("healthy_called_unable", chance, worker), lives.LOST, ability)
    away = of.away | slips.slip(
        "unable_at_work", chance, (of.ability >= lives.LOST) & (of.age > 16)
    )
    away |= slips.slip("pupil_at_work", chance, pupil & (of.age > 14))
    plans = ~away & (of.ability <= lives.SKILLED) & (of.age < 58) & chance.some(0.06)
    months = np.where(away, of.months, 0)
    start = state.today - 30 * of.months - chance.whole(0, 25)
    ended = ~away & of.able & (of.age < 62) & chance.some(0.12)
    until = state.today - chance.whole(5, 250)
    return {
        "labour": chance.code("labour", ability, ABILITIES),
        "work_area": chance.code("work_area", np.where(away, of.where, 5), WORK_AREAS),
        "work_months": chance.amount("work_months", months, but=of.age < 16),
        "working_away": chance.yes("working_away", away),
        "plans_work": chance.yes("plans_work", plans),
        "work_service_wanted": chance.code(
            "work_service_wanted", chance.pick((0.5, 0.3, 0.2)), SERVICES,
            but=~plans | chance.some(0.1),
        ),
        "work_from": chance.day("work_from", start, but=~away & ~ended),
        "work_until": chance.day("work_until", until, but=~ended),
        "monthly_wage": chance.amount("monthly_wage", _wages(state) * away),
        **_posts(state),
    }  # fmt: skip


SERVICES = ("岗位信息", "职业技能培训", "职业指导")
POSTS = ("保洁员", "护路员", "护林员", "水管员")


def _wages(state: State) -> NDArray[np.float64]:
    """Monthly wages that add up to the household's; a few in thousands or by the year."""
    chance, of = state.persons, state.lives
    earned = state.per_household(of.away * of.months * of.wage)
    part = state.to_members(state.homes.wage / np.maximum(earned, 1)).astype(np.float64)
    wage = np.floor(of.wage * part / 10) * 10
    return np.asarray(wage * np.array([1.0, 0.001, 12.0])[chance.pick((0.997, 0.0015, 0.0015))])


def _posts(state: State) -> dict[str, pa.Array]:
    chance, of = state.persons, state.lives
    post = of.post | ((of.age >= 70) & of.post & chance.some(0.2))
    unnamed = slips.slip("months_without_post", chance, (of.age > 16) & ~post)
    untimed = slips.slip("post_without_months", chance, post)
    channel = np.where(post, 0, 1 + chance.pick((0.5, 0.3, 0.2)))
    return {
        "public_post": chance.code("public_post", chance.pick((4, 3, 2, 1)), POSTS, but=~post),
        "public_post_months": chance.amount(
            "public_post_months", of.post_months, but=(~post & ~unnamed) | untimed
        ),
        "job_channel": chance.code("job_channel", channel, CHANNELS, but=~(post | of.away)),
    }


CHANNELS = ("公益性岗位", "自主外出务工", "亲友介绍", "政府组织输出")


def _security(state: State) -> dict[str, pa.Array]:
    chance, of, homes = state.persons, state.lives, state.homes
    allowed = state.to_members(homes.allowance > 0).astype(np.bool_)
    supported = state.to_members(homes.supported).astype(np.bool_)
    grown = (of.age >= 16) & (of.school == lives.NOT_AT_SCHOOL)
    joined = grown & chance.some(PENSION_JOINED)
    return {
        "allowance": chance.code("allowance", np.where(allowed, 0, 1), ALLOWANCES),
        "destitute_support": chance.code(
            "destitute_support", np.where(supported, 0, 1), ALLOWANCES
        ),
        "pension_resident": chance.yes("pension_resident", joined, but=of.age < 16),
        "pension_employee": chance.yes("pension_employee", grown & ~joined & chance.some(0.3)),
        "pension_received": chance.yes(
            "pension_received", joined & (of.age >= 60) & chance.some(0.997), but=of.age < 60
        ),
        "disability_subsidy": chance.yes(
            "disability_subsidy", of.disabled & chance.some(0.8), but=~of.disabled
        ),
        "orphan": chance.yes("orphan", (of.age < 18) & chance.some(0.001)),
        "old_age_subsidy": chance.yes(
            "old_age_subsidy", (of.age >= 80) & chance.some(0.97), but=of.age < 80
        ),
    }
