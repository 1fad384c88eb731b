"""Income, land, animals, industry and loans of households, as the register has them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from yihu.synthetic import lives, slips
from yihu.synthetic.state import State

#: Basic pension of a person over 60, yuan a year (12 × 116 in 2019 is general knowledge).
BASIC_PENSION = 1_392
#: Allowance of a person by class A, B, C, yuan a year. Synthetic.
ALLOWANCE_MONEY = (3_900, 2_760, 1_920)
#: Registered households that raise or grow what the county promotes; loans among the able.
INDUSTRY, LOAN = 0.86, 0.34
INDUSTRIES = ("芒果", "油茶", "生猪养殖", "肉鸡养殖", "蔬菜", "甘蔗", "桑蚕")


def columns_of(state: State) -> dict[str, pa.Array]:
    """The columns of this theme."""
    return _incomes(state) | _parts(state) | _land(state) | _industry(state) | _loan(state)


def _incomes(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    costs = np.where(slips.slip("costs_missing", chance, homes.operating > 0), 0, homes.costs)
    net = homes.net
    stated = np.round(net / homes.size, 2)
    odd = slips.slip("income_in_fen", chance)
    stated = np.where(odd, stated * 100, stated)
    listed = homes.registered
    steady = homes.operating + homes.wage - homes.costs > 0.5 * net
    ill = state.per_household(state.lives.seriously) > 0
    paid = np.where(ill, chance.around(9_000, 0.8), chance.around(700, 0.9) * chance.some(0.4))
    return {
        "wage_income": chance.amount("wage_income", homes.wage),
        "operating_income": chance.amount("operating_income", homes.operating),
        "property_income": chance.amount("property_income", homes.owned),
        "transfer_income": chance.amount("transfer_income", homes.transfer),
        "operating_cost": chance.amount("operating_cost", costs),
        "total_income_stated": chance.amount("total_income_stated", net + homes.costs, but=~listed),
        "net_income_stated": chance.amount("net_income_stated", net, but=~listed),
        "income_per_person_stated": chance.number("income_per_person_stated", stated, 2),
        "self_paid": chance.amount("self_paid", np.round(paid, -1)),
        "claims_income": chance.amount(
            "claims_income", np.round(chance.around(4_000, 0.7), -1) * chance.some(0.01)
        ),
        "necessary_expense": chance.amount(
            "necessary_expense", np.round(paid + homes.size * chance.between(900, 4_500), -1)
        ),
        "income_stable": chance.yes("income_stable", steady | chance.some(0.8)),
        "exit_by_work": chance.yes("exit_by_work", steady),
        "other_stable_income": chance.yes("other_stable_income", chance.some(0.12)),
    }


def _parts(state: State) -> dict[str, pa.Array]:
    """What the transfers are made of, never more than the transfers themselves."""
    chance, homes = state.households, state.homes
    elders = state.per_household((state.lives.age >= 60) & (state.lives.school == 0))
    left = homes.transfer
    pension = np.minimum(elders * BASIC_PENSION, left)
    left = left - pension
    each = np.array((0, *ALLOWANCE_MONEY))[homes.allowance]
    allowance = np.minimum(each * homes.size, left)
    left = left - allowance
    destitute = np.where(homes.supported, left, 0)
    left = left - destitute
    due = chance.some(np.where(homes.returned > 0, 0.9, 0.004))
    ecology = np.where(due, np.round(left * chance.between(0.1, 0.5)), 0)
    left = left - ecology
    planning = np.minimum(chance.whole(60, 1_200) * chance.some(0.01), left)
    left = left - planning
    relief = np.where(chance.some(0.02), np.round(left * 0.5), 0)
    by_class = [np.where(np.isin(homes.allowance, one), allowance, 0) for one in ((1, 2), (3,))]
    return {
        "basic_pension_money": chance.amount("basic_pension_money", pension),
        "pension_money": chance.amount("pension_money", pension),
        "allowance_money": chance.amount("allowance_money", allowance),
        "allowance_ab_money": chance.amount("allowance_ab_money", by_class[0]),
        "allowance_c_money": chance.amount("allowance_c_money", by_class[1]),
        "destitute_money": chance.amount("destitute_money", destitute),
        "ecology_money": chance.amount("ecology_money", ecology),
        "relief_money": chance.amount("relief_money", relief),
        "family_planning_money": chance.amount("family_planning_money", planning),
        "other_transfer": chance.amount("other_transfer", left),
        "stable_policy_income": chance.amount("stable_policy_income", left - relief),
    }


def _land(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    paddy, dry = homes.paddy, homes.dry
    too_much = np.where(slips.slip("land_too_much", chance), 60.0, 1.0)
    forest = chance.around(2.2, 1.0) * homes.size * (0.3 + homes.remote) + homes.returned
    fruit = np.where(chance.some(0.5), chance.around(0.9, 0.8) * homes.size, 0.0)
    pond = np.where(chance.some(0.06), chance.between(0.2, 4), 0.0)
    steady = chance.some(0.94)
    business = chance.some(np.where(homes.poor, 0.005, 0.05))

    def mu(name: str, values: NDArray[np.floating]) -> pa.Array:
        return chance.number(name, values, 1)

    return {
        "farmland": mu("farmland", (paddy + dry) * too_much),
        "paddy": mu("paddy", paddy),
        "dry_land": mu("dry_land", dry),
        "forest": mu("forest", forest + fruit),
        "economic_forest": mu("economic_forest", fruit),
        "mountain_forest": mu("mountain_forest", forest),
        "returned_forest": mu("returned_forest", homes.returned),
        "grassland": mu("grassland", np.where(chance.some(0.02), chance.between(1, 12), 0.0)),
        "water_surface": mu("water_surface", pond),
        "land_income_stable": chance.yes("land_income_stable", steady & (homes.operating > 0)),
        "business_premises": chance.yes("business_premises", business),
        "breeding_at_scale": chance.yes("breeding_at_scale", chance.some(0.07)),
        "pigs": chance.amount("pigs", chance.whole(0, 9) * chance.some(0.4)),
        "cattle": chance.amount("cattle", chance.whole(1, 4) * chance.some(0.12)),
        "poultry": chance.amount("poultry", chance.whole(3, 60) * chance.some(0.8)),
    }


def _industry(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    able = homes.labour > 0
    grows = able & chance.some(np.where(homes.registered, INDUSTRY, 0.5))
    gone = state.per_household(state.lives.away & (state.lives.months >= 10)) >= np.maximum(
        homes.labour, 1
    )
    claimed = np.where(homes.registered & grows, np.round(chance.between(600, 5_000), -2), 0)
    accepted = chance.some(0.97)
    return {
        "county_industry": chance.yes("county_industry", grows),
        "industry_kind": chance.code(
            "industry_kind", chance.pick((3, 2, 2, 2, 1, 2, 1)), INDUSTRIES, but=~grows
        ),
        "main_labour_away": chance.yes("main_labour_away", gone),
        "joined_coop": chance.yes("joined_coop", grows & chance.some(0.55)),
        "led_by_company": chance.yes("led_by_company", grows & chance.some(0.2)),
        "reward_accepted": chance.yes("reward_accepted", accepted & (claimed > 0)),
        "reward_claimed": chance.amount("reward_claimed", claimed),
        "reward_signatures": chance.amount(
            "reward_signatures", 3 - chance.some(0.02), but=claimed == 0
        ),
        "reward_paid": chance.amount("reward_paid", claimed * (accepted & chance.some(0.95))),
        "away_workers_stated": chance.amount(
            "away_workers_stated", state.per_household(state.lives.away)
        ),
        "labourers_stated": chance.amount("labourers_stated", homes.labour),
    }


def _loan(state: State) -> dict[str, pa.Array]:
    chance, homes = state.households, state.homes
    loan = homes.registered & (homes.labour > 0) & chance.some(LOAN)
    amount = np.array((30_000, 50_000, 50_000, 60_000))[chance.pick((0.2, 0.4, 0.397, 0.003))]
    term = np.array((12, 24, 36))[chance.pick((0.1, 0.2, 0.7))]
    start = state.today - chance.whole(30, 1_500)
    over = start + term * 30 < state.today
    interest = np.round(amount * 0.0475)
    return {
        "loan_wanted": chance.yes("loan_wanted", loan | chance.some(0.04)),
        "loan_amount": chance.amount("loan_amount", amount * loan),
        "loan_balance": chance.amount(
            "loan_balance", np.where(over & chance.some(0.97), 0, amount) * loan
        ),
        "loan_from": chance.day("loan_from", start, but=~loan),
        "loan_until": chance.day("loan_until", start + term * 30, but=~loan),
        "loan_term": chance.amount("loan_term", term, but=~loan),
        "loan_rate": chance.number("loan_rate", np.where(term == 12, 4.35, 4.75), 2, but=~loan),
        "loan_mortgage": chance.yes("loan_mortgage", loan & chance.some(0.003)),
        "loan_interest": chance.amount("loan_interest", interest * loan),
        "loan_for_production": chance.yes("loan_for_production", chance.some(0.97), but=~loan),
        "loan_interest_aided": chance.amount(
            "loan_interest_aided", interest * (loan & chance.some(0.985))
        ),
        "loan_overdue": chance.yes("loan_overdue", loan & over & chance.some(0.02)),
    }


def out_of_school(state: State) -> NDArray[np.bool_]:
    """Households with a child of 6 to 15 who is out of school without a paper."""
    return np.asarray(state.per_household(state.lives.dropout & ~state.lives.excused) > 0)


def without_labour(state: State) -> NDArray[np.bool_]:
    """Households in which nobody can work, those at school left out of account."""
    return np.asarray(state.per_household(state.lives.ability <= lives.WEAK) == 0)
