"""The register of households: who they are, their house, water, roads and things.

Columns are named as facts of the Guangxi rulebook. Income, land, help and monitoring stand in
`livelihood` and `help_given`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yihu.synthetic import columns, help_given, identity, livelihood, slips
from yihu.synthetic.columns import MARK
from yihu.synthetic.families import Truths
from yihu.synthetic.homes import OTHER, OUT, POOR
from yihu.synthetic.persons import household_keys
from yihu.synthetic.state import State

KINDS = ("ordinary", "poor", "exited")
ATTRIBUTES = ("general", "allowance_poor", "destitute")
STATUSES = ("not_exited", "exited")
EXIT_MODES = ("industry", "jobs", "relocation", "ecology", "education", "security")
CAUSES = (
    "illness", "disability", "schooling", "disaster", "land", "water", "skill", "labour", "money",
    "road", "will", "other",
)  # fmt: skip
CAUSE_SHARES = (0.19, 0.09, 0.10, 0.01, 0.05, 0.01, 0.21, 0.10, 0.16, 0.02, 0.05, 0.01)
CLASSES = ("none", "a", "b", "c")
STRUCTURES = ("steel_concrete", "brick_concrete", "brick_wood", "earth_wood", "wood")
GRADES = ("a", "b", "c", "d")
ROADS = ("earth", "gravel", "concrete", "asphalt")
SOURCES = ("treated_tap", "protected_well", "well", "cistern", "spring")
FUELS = ("firewood", "clean", "electricity", "firewood,electricity", "bottled_gas")
#: Part of the register that was moved to a new site: 3,690 households of 13,276 (published).
RELOCATED = 3_690 / 13_276
RELOCATION_KINDS = ("concentrated", "dispersed")


def households_of(state: State) -> pa.Table:
    """The rows of households of a piece."""
    found = _keys(state) | _standing(state) | _house(state) | _water(state) | _things(state)
    found |= _roads(state) | livelihood.columns_of(state) | help_given.columns_of(state)
    return pa.table(found)


def _keys(state: State) -> dict[str, pa.Array]:
    many = np.arange(state.households.size)
    parts = household_keys(state, many)
    return {
        "household_id": identity.joined(parts),
        "village_code": identity.joined(parts[:1]),
        MARK: columns.truths(np.ones(len(many), dtype=np.bool_)),
    }


def _standing(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    listed = homes.registered
    kind = np.select([homes.standing == POOR, homes.standing == OUT], [1, 2], 0)
    attribute = np.where(homes.supported, 2, np.where(homes.allowance > 0, 1, 0))
    cause = chance.pick(CAUSE_SHARES)
    also = chance.pick(CAUSE_SHARES)
    able = homes.labour > 0
    mode = np.where(able, chance.pick((0.48, 0.34, 0.15, 0.02, 0.01)), 5)
    phones = identity.phones(chance.size, rng=chance.rng)
    people = homes.size + slips.slip("wrong_number_of_people", chance)
    identified = np.maximum(homes.joined, 2014) * 12 + chance.whole(8, 11)
    out = homes.standing == OUT
    return {
        "people": chance.amount("people", people),
        "phone": columns.blanked(phones, chance.blank("phone")),
        "kind": chance.code("kind", kind, KINDS),
        "registered_poor": chance.yes("registered_poor", listed),
        "attribute": chance.code("attribute", attribute, ATTRIBUTES, but=~listed),
        "exit_status": chance.code("exit_status", out.astype(np.int64), STATUSES, but=~listed),
        "exited": chance.yes("exited", out, but=~listed),
        "exit_year": chance.amount("exit_year", homes.left, but=~out),
        "exit_mode": chance.code("exit_mode", mode, EXIT_MODES, but=~out),
        "identified": chance.month("identified", identified, but=~listed),
        "cause": chance.code("cause", cause, CAUSES, but=~listed),
        "cause_2": chance.code(
            "cause_2", also, CAUSES, but=~listed | chance.some(0.5) | (also == cause)
        ),
        "allowance_class": chance.code("allowance_class", homes.allowance, CLASSES),
    }


def _house(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    grade, dangerous = homes.house_grade, homes.house_grade >= 2
    stated = dangerous ^ slips.slip("house_and_grade_differ", chance)
    moved = homes.registered & chance.some(RELOCATED)
    reported = homes.registered | dangerous | chance.some(0.985)
    structure = np.where(
        dangerous, 2 + chance.pick((3, 4, 3)), chance.pick((0.16, 0.68, 0.14, 0.02))
    )
    built = np.minimum(state.year, chance.whole(1978, 2018) + 12 * (grade == 0))
    return {
        "house_area": chance.number("house_area", homes.house_area.astype(np.float64), 1),
        "house_structure": chance.code("house_structure", structure, STRUCTURES),
        "house_year": chance.amount("house_year", built),
        "house_grade": chance.code("house_grade", grade, GRADES),
        "grade_report": chance.yes("grade_report", reported),
        "dangerous_house": chance.yes("dangerous_house", stated),
        "no_house": chance.yes("no_house", chance.some(0.0004)),
        "lives_in_safe_house": chance.yes("lives_in_safe_house", ~dangerous | chance.some(0.06)),
        "new_house": chance.yes("new_house", chance.some(0.03)),
        "doors_windows": chance.yes("doors_windows", chance.some(0.985)),
        **_repair(state, dangerous, moved),
        **_relocation(state, moved),
    }


def _repair(state: State, dangerous: Truths, moved: Truths) -> dict[str, pa.Array]:
    chance = state.households
    repaired = state.homes.registered & ~moved & chance.some(0.21)
    paid = np.round(chance.between(15_000, 30_000), -2)
    return {
        "repair_due": chance.yes("repair_due", dangerous | repaired),
        "repair_done": chance.yes("repair_done", repaired, but=~(dangerous | repaired)),
        "repair_paid": chance.amount("repair_paid", paid, but=~repaired),
    }


def _relocation(state: State, moved: Truths) -> dict[str, pa.Array]:
    chance = state.households
    second = moved & chance.some(0.9)
    down = second & chance.some(0.93)
    kind = chance.pick((0.96, 0.04))
    area = state.homes.size * chance.between(19, 25.2)

    def of_moved(name: str, share: float) -> pa.Array:
        return chance.yes(name, chance.some(share), but=~moved)

    return {
        "second_house": chance.yes("second_house", second),
        "old_house_demolished": chance.yes("old_house_demolished", down, but=~second),
        "relocated": chance.yes("relocated", moved),
        "relocation_kind": chance.code("relocation_kind", kind, RELOCATION_KINDS, but=~moved),
        "relocation_area": chance.number("relocation_area", area, 1, but=~moved),
        "relocation_quality": of_moved("relocation_quality", 0.995),
        "relocation_services": of_moved("relocation_services", 0.995),
        "keys_handed": of_moved("keys_handed", 0.993),
        "moved_in": of_moved("moved_in", 0.985),
        "relocation_follow_up": of_moved("relocation_follow_up", 0.94),
    }


def _water(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    enough, clean, near, sure = homes.water
    litres = np.where(enough, chance.between(35, 130), chance.between(12, 34.9))
    minutes = np.where(near, chance.whole(0, 19), chance.whole(21, 70))
    tap = chance.some(0.93 - 0.45 * homes.remote)
    source = np.where(tap, chance.pick((0.88, 0.12)), 2 + chance.pick((0.3, 0.5, 0.2)))
    at_home = near & (tap | chance.some(0.7))
    surety = np.where(sure, chance.between(90, 100), chance.between(55, 89.9))
    safe = enough & clean & near & sure
    # Some were written down as solved because the pipe was laid.
    said = safe | slips.slip("water_said_safe", chance, ~safe)
    return {
        "water_source": chance.code("water_source", source, SOURCES),
        "water_safe_stated": chance.yes("water_safe_stated", said),
        "water_hard": chance.yes("water_hard", ~(near & sure)),
        "water_litres": chance.number("water_litres", litres, 0),
        "water_clear": chance.yes("water_clear", clean | chance.some(0.4)),
        "water_harmless": chance.yes("water_harmless", clean),
        "water_at_home": chance.yes("water_at_home", at_home),
        "water_minutes": chance.amount("water_minutes", np.where(at_home, 0, minutes)),
        "water_metres": chance.amount("water_metres", np.where(at_home, 0, minutes * 38)),
        "water_height": chance.amount(
            "water_height", np.where(at_home, 0, np.round(minutes * homes.remote * 4))
        ),
        "water_guarantee": chance.number("water_guarantee", surety, 0),
        "water_short_days": chance.amount("water_short_days", np.round((100 - surety) * 3.65)),
        "water_lack_months": chance.amount("water_lack_months", np.round((100 - surety) / 8.4)),
    }


def _things(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    tv = homes.broadcast
    poor = homes.poor
    smart = chance.some(np.where(poor, 0.72, 0.95))
    net = smart & chance.some(0.97)
    return {
        "power": chance.yes("power", homes.power),
        "tv_signal": chance.yes("tv_signal", tv | net),
        "tv": chance.yes("tv", tv & chance.some(0.985)),
        "computer": chance.yes("computer", chance.some(np.where(poor, 0.01, 0.14))),
        "smartphone": chance.yes("smartphone", smart),
        "network": chance.yes("network", net),
        "fridge": chance.yes("fridge", chance.some(np.where(poor, 0.4, 0.9))),
        "washer": chance.yes("washer", chance.some(np.where(poor, 0.3, 0.84))),
        "toilet": chance.yes("toilet", chance.some(np.where(poor, 0.7, 0.95))),
        "toilet_works": chance.yes("toilet_works", chance.some(0.98)),
        "fuel": chance.code("fuel", chance.pick((0.2, 0.2, 0.25, 0.25, 0.1)), FUELS),
        "staple_food": chance.yes("staple_food", ~poor | chance.some(0.97)),
        "side_food": chance.yes("side_food", ~poor | chance.some(0.95)),
        "clothes": chance.yes("clothes", ~poor | chance.some(0.96)),
        "owns_car": chance.yes("owns_car", (homes.standing == OTHER) & chance.some(0.16)),
        "bought_house": chance.yes("bought_house", (homes.standing == OTHER) & chance.some(0.05)),
        "owns_company": chance.yes("owns_company", (homes.standing == OTHER) & chance.some(0.01)),
        "other_veto": chance.yes("other_veto", chance.some(0.002)),
        "outside_register": chance.yes("outside_register", chance.some(0.004)),
        "has_payroll_member": chance.yes(
            "has_payroll_member", (homes.standing == OTHER) & chance.some(0.02)
        ),
    }


def _roads(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    far = chance.around(0.35, 0.65) * (1 + 2.5 * homes.remote)
    far = np.where(slips.slip("road_too_far", chance), far * 30 + 5, far)
    hamlet = np.maximum(chance.around(34, 0.6).astype(np.int64), 2)
    good = homes.road >= 1
    width = np.where(good, chance.between(3.5, 5.0), chance.between(2.0, 3.4))
    return {
        "road_distance": chance.number("road_distance", far, 2),
        "road_type": chance.code("road_type", homes.road, ROADS),
        "road_hard": chance.yes("road_hard", homes.road >= 2),
        "hamlet_households": chance.amount("hamlet_households", hamlet),
        "hamlet_road": chance.code(
            "hamlet_road", np.maximum(homes.road, chance.some(0.9).astype(np.int64)), ROADS
        ),
        "hamlet_road_width": chance.number("hamlet_road_width", width, 1),
        "hamlet_vehicles": chance.yes("hamlet_vehicles", good | chance.some(0.6)),
        "in_reserve": chance.yes("in_reserve", (homes.remote > 0.9) & chance.some(0.1)),
        "care_distance": chance.number("care_distance", far + chance.between(0.2, 4.0), 1),
    }
