"""Townships and counties in the register of places."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from yihu.synthetic import columns
from yihu.synthetic.columns import MARK
from yihu.synthetic.homes import POOR, standing_of
from yihu.synthetic.plan import County

#: Year of the county's exit: 2018 batch (published).
COUNTY_EXIT_YEAR = 2018


def townships_of(county: County) -> pa.Table:
    """One row for each township; its people are the planned ones of its villages."""
    many = len(county.townships)
    people = np.bincount(county.township, weights=county.people, minlength=many)
    return pa.table(
        {
            "township_code": pa.array([one.code for one in county.townships]),
            MARK: columns.truths(np.ones(many, dtype=np.bool_)),
            "name": pa.array([one.name for one in county.townships]),
            "hospital_standard": columns.truths(np.ones(many, dtype=np.bool_)),
            "rural_people": columns.wholes(people),
        }
    )


#: What a county has or has not; synthetic, as all shares and samples below.
_SERVICES = {
    "special_industries": 4,
    "coop_villages_all": True,
    "illness_poverty_solved": True,
    "school_system": True,
    "retention": 95.4,
    "dropouts_poverty": 0,
    "hospitals_second": 2,
    "hospitals_township_standard": True,
    "clinics_standard": True,
    "offices_all": True,
    "courts_all": True,
    "broadband_all": True,
    "allowance_all_covered": True,
    # Growth of farmers' income 2015 to 2019 as published; the national one is left open.
    "income_growth": 9.67,
}


def county_of(county: County, *, year: int) -> pa.Table:
    """The row of the county itself."""
    standing, _, _ = standing_of(county.registered_cohort, year=year)
    registered = len(county.registered_size)
    out = year >= COUNTY_EXIT_YEAR
    row: dict[str, object] = {
        "county_code": county.code,
        MARK: True,
        "name": county.name,
        "poverty_county": True,
        "county_exited": out,
        "county_exit_year": COUNTY_EXIT_YEAR if out else None,
        "poor_people_verified": int(county.registered_size[standing == POOR].sum()),
        "danger_stock": registered // 5,
        "danger_repaired": registered // 5 - registered // 2_000,
        **dict.fromkeys(("city_reviewed", "region_verified", "county_published"), out),
        **_SERVICES,
        **_counted(int(county.people.sum()), registered),
    }
    # The year of exit may be blank in one county's row and filled in the next one's.
    types = {"county_exit_year": pa.int64()}
    return pa.table({name: pa.array([value], types.get(name)) for name, value in row.items()})


def _counted(people: int, registered: int) -> dict[str, int]:
    """Pensions and the samples of the special assessment."""
    surveyed = max(registered // 6, 1)
    return {
        "rural_people": people,
        "pension_due_people": round(people * 0.68),
        "pension_people": round(people * 0.65),
        "pension_60_joined": round(people * 0.15),
        "pension_60_paid": round(people * 0.15),
        "sample_exited": max(registered // 8, 1),
        "sample_wrongly_exited": registered // 1_200,
        "sample_unregistered": max(people // 60, 1),
        "sample_omitted": people // 9_000,
        "surveyed_households": surveyed,
        "satisfied_households": surveyed - registered // 300,
    }
