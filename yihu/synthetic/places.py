"""The register of places: villages with what is counted in them.

A village's totals are counted from its own people, as they are and not as they were written; its
roads, clinics and offices are drawn by chance, a little worse in the hills. Townships and counties
stand in `upper_places`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic import columns, identity, slips
from yihu.synthetic.columns import MARK
from yihu.synthetic.homes import POOR
from yihu.synthetic.state import State

#: Poverty villages by year of exit. Published: 53 villages, 18 planned for 2018, four left for
#: 2020; the other years are synthetic.
EXIT_YEARS = (2016, 2017, 2018, 2019, 2020)
EXIT_SHARES = (11, 10, 18, 10, 4)
#: Collective income of a village, yuan a year: median and spread.
COLLECTIVE, COLLECTIVE_SPREAD = 68_000.0, 0.22
GRADES = ("very_good", "good", "fair", "poor")
GRADE_SHARES = (0.5, 0.46, 0.035, 0.005)


def villages_of(state: State) -> pa.Table:
    """The rows of villages of a piece."""
    found = _keys(state) | _people(state) | _dwellings(state) | _roads(state)
    return pa.table(found | _services(state) | _economy(state))


def _keys(state: State) -> dict[str, pa.Array]:
    chance, piece = state.villages, state.piece
    villages = piece.county.villages[piece.first : piece.last]
    codes = np.array([int(one.code) for one in villages])
    poverty = piece.county.poverty[piece.first : piece.last]
    exit_year = np.array(EXIT_YEARS)[chance.pick(EXIT_SHARES)]
    out = poverty & (exit_year <= state.year)
    return {
        "village_code": identity.joined([(codes, 12)]),
        MARK: columns.truths(np.ones(len(codes), dtype=np.bool_)),
        "name": pa.array([one.name for one in villages]),
        "poverty_village": chance.yes("poverty_village", poverty),
        "planned_exit_year": chance.amount("planned_exit_year", exit_year, but=~poverty),
        "village_exited": chance.yes("village_exited", out),
        "village_exit_year": chance.amount("village_exit_year", exit_year, but=~out),
    }


def _people(state: State) -> dict[str, pa.Array]:
    chance, homes, lives = state.villages, state.homes, state.lives
    zero = slips.slip("total_zero", chance)
    households = state.per_village(homes.size > 0)
    people = state.per_village(homes.size)

    def persons(rows: NDArray[np.generic]) -> NDArray[np.int64]:
        return state.per_village(state.per_household(rows))

    counted = {
        "households_total": np.where(zero, 0, households),
        "people_total": people,
        "rural_people": people,
        "hamlets": np.maximum(households // 40, 1),
        "groups": np.maximum(households // 32, 1),
        "poor_households": state.per_village(homes.registered),
        "poor_people": state.per_village(homes.size * homes.registered),
        "poor_people_verified": state.per_village(homes.size * (homes.standing == POOR)),
        "allowance_households": state.per_village(homes.allowance > 0),
        "allowance_people": state.per_village(homes.size * (homes.allowance > 0)),
        "destitute_households": state.per_village(homes.supported),
        "destitute_people": state.per_village(homes.size * homes.supported),
        "disabled_people": persons(lives.disabled),
        "labourers": persons(lives.works),
        "away_half_year": persons(lives.away & (lives.months >= 6)),
        "pupils_compulsory": persons((lives.school != 0) & (lives.age >= 6) & (lives.age <= 15)),
        "dropouts": persons(lives.dropout & ~lives.excused),
        "insured_people": persons(lives.age >= 0) - persons(lives.age % 97 == 50),
    }
    found = {name: chance.amount(name, values) for name, values in counted.items()}
    poverty_dropouts = persons(lives.dropout & ~lives.excused) * chance.some(0.15)
    found["dropouts_poverty"] = chance.amount("dropouts_poverty", poverty_dropouts)
    return found | _pensions(state)


def _pensions(state: State) -> dict[str, pa.Array]:
    chance, lives = state.villages, state.lives
    due = state.per_village(state.per_household((lives.age >= 16) & (lives.school == 0)))
    old = state.per_village(state.per_household(lives.age >= 60))
    joined = np.round(due * chance.between(0.90, 0.985))
    old_joined = np.round(old * chance.between(0.93, 0.99))
    return {
        "pension_due_people": chance.amount("pension_due_people", due),
        "pension_people": chance.amount("pension_people", joined),
        "pension_60_joined": chance.amount("pension_60_joined", old_joined),
        "pension_60_paid": chance.amount(
            "pension_60_paid", np.maximum(old_joined - 2 * chance.some(0.03), 0)
        ),
        "allowance_all_covered": chance.yes("allowance_all_covered", chance.some(0.98)),
    }


def _dwellings(state: State) -> dict[str, pa.Array]:
    chance, homes = state.villages, state.homes
    enough = homes.house_area >= 13 * homes.size
    safe = homes.safe_water
    tap = np.round(state.per_village(safe) * chance.between(0.6, 0.95))
    counted: dict[str, NDArray[np.generic]] = {
        "house_13_households": state.per_village(enough),
        "house_small_households": state.per_village(~enough),
        "dangerous_households": state.per_village(homes.house_grade >= 2),
        "unsafe_water_households": state.per_village(~safe),
        "hard_water_households": state.per_village(~homes.near_water),
        "tap_households": tap,
        "no_power_households": state.per_village(~homes.power),
        "tv_households": state.per_village(homes.broadcast),
    }
    return {name: chance.amount(name, values) for name, values in counted.items()}


def _roads(state: State) -> dict[str, pa.Array]:
    chance, remote = state.villages, state.remote
    hard = chance.some(0.997 - 0.01 * remote)
    good = chance.some(0.996 - 0.012 * remote)
    surface = np.where(good, chance.between(4.5, 6.0), chance.between(3.5, 4.4))
    hamlets = np.maximum(state.per_village(state.homes.size > 0) // 55, 1)
    return {
        "hard_road": chance.yes("hard_road", hard),
        "unpaved_km": chance.number("unpaved_km", chance.between(0.5, 6.0) * ~hard, 1),
        "roadbed_width": chance.number("roadbed_width", surface + chance.between(2.0, 2.3), 1),
        "road_width": chance.number("road_width", surface, 1),
        "in_reserve": chance.yes("in_reserve", (remote > 0.93) & chance.some(0.2)),
        "bus": chance.yes("bus", chance.some(0.97 - 0.12 * remote)),
        "hamlets_20": chance.amount("hamlets_20", hamlets),
        "hamlets_20_road": chance.amount("hamlets_20_road", hamlets - chance.some(0.02)),
    }


def _services(state: State) -> dict[str, pa.Array]:
    chance, remote = state.villages, state.remote
    seat = remote < 0.03

    def yes(name: str, share: float) -> pa.Array:
        return chance.yes(name, chance.some(share - 0.01 * remote))

    def count(name: str, low: int, high: int) -> pa.Array:
        return chance.amount(name, chance.whole(low, high))

    return {
        "clinic_standard": yes("clinic_standard", 0.992),
        "clinic_exempt": chance.yes("clinic_exempt", seat),
        "clinic_equipped": yes("clinic_equipped", 0.985),
        "clinics": count("clinics", 1, 2),
        "doctors": count("doctors", 0, 2),
        "village_doctors": count("village_doctors", 1, 3),
        "public_toilets": count("public_toilets", 0, 4),
        "rubbish_points": count("rubbish_points", 1, 9),
        "culture_rooms": count("culture_rooms", 1, 2),
        "culture_room": yes("culture_room", 0.99),
        "basketball_court": yes("basketball_court", 0.99),
        "office": yes("office", 0.998),
        "notice_board": yes("notice_board", 0.998),
        "broadband": yes("broadband", 0.992),
        "primary_schools": count("primary_schools", 0, 2),
        "schooling_policies": yes("schooling_policies", 0.995),
        "reimbursement_works": yes("reimbursement_works", 0.99),
        "care_distance": chance.number("care_distance", chance.between(0.2, 3.0) + 7.0 * remote, 1),
    }


def _economy(state: State) -> dict[str, pa.Array]:
    chance, homes = state.villages, state.homes
    registered = state.per_village(homes.registered)
    people = state.per_village(homes.size * homes.registered)
    unable = state.per_village(homes.registered & (homes.labour == 0))
    away = np.round((registered - unable) * chance.between(0.05, 0.25))
    covered = np.round((registered - unable - away) * chance.between(0.62, 1.0))
    land = state.per_village(10 * (homes.paddy + homes.dry)) / 10 * chance.between(1.06, 1.3)
    income = np.round(chance.around(COLLECTIVE, COLLECTIVE_SPREAD), -2)
    came = state.today - chance.whole(100, 700)
    works = chance.some(0.985)
    return {
        "special_industries": chance.amount("special_industries", chance.whole(1, 3)),
        "industry_households": chance.amount("industry_households", covered),
        "industry_excluded": chance.amount("industry_excluded", unable + away),
        "coop_or_base": chance.yes("coop_or_base", chance.some(0.985)),
        "villagers_coop": chance.yes("villagers_coop", chance.some(0.995)),
        "coops": chance.amount("coops", chance.whole(1, 6)),
        "collective_income_yuan": chance.amount("collective_income_yuan", income),
        "farmland": chance.number("farmland", land, 1),
        "forest": chance.number("forest", land * 3, 1),
        "committee_works": chance.yes("committee_works", works),
        "committee_weak": chance.yes("committee_weak", ~works | chance.some(0.01)),
        "committee_grade": chance.code("committee_grade", chance.pick(GRADE_SHARES), GRADES),
        "first_secretary": chance.yes("first_secretary", chance.some(0.97)),
        "team_members": chance.amount("team_members", chance.whole(2, 5)),
        "team_from": chance.day("team_from", came),
        "team_until": chance.day("team_until", came + chance.whole(715, 900)),
        "team_days_month": chance.amount("team_days_month", chance.whole(18, 27)),
        "village_published": chance.yes("village_published", chance.some(0.99)),
        "village_signed": chance.yes("village_signed", chance.some(0.99)),
        "township_signed": chance.yes("township_signed", chance.some(0.99)),
        "county_signed": chance.yes("county_signed", chance.some(0.99)),
        "poor_people_2013": chance.amount("poor_people_2013", np.round(1.5 * people)),
    }
