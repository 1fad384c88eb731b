"""The 30 rules in DuckDB's SQL, by hand, with gaps for what three-valued meaning costs.

`PERSON` are conditions and values of a person. How they are summed up to the household, and what
becomes of unknown ones on the way, is for duckdb_packed, duckdb_query and plain_sql to say; each
offers the same columns to `HOUSEHOLD`.
"""

from __future__ import annotations

SCHOOL_AGE = "(birth > DATE '2004-06-30' AND birth <= DATE '2014-06-30')"
WORKER = (
    "(labour IN ('normal', 'skilled') AND birth <= DATE '2004-06-30' AND (birth > DATE '1965-06-30'"
    " OR (male AND birth > DATE '1960-06-30' AND birth <= DATE '1965-06-30')))"
)

#: Is there anyone who …? (`all` is asked the other way round.)
ANY = {
    "unschooled": f"{SCHOOL_AGE} AND schooling NOT IN ('primary', 'junior') AND NOT school_exempt",
    "uninsured": "NOT (insured OR relation = 'soldier')",
    "unpensioned": (
        "birth <= DATE '2004-06-30' AND schooling NOT IN ('senior', 'college') AND NOT pension"
    ),
    "ill": "illness = 'serious' AND NOT insured",
    "severe": "disability IN ('one', 'two') AND certified",
    "young": "birth > DATE '1960-06-30'",
}
#: How many …?
COUNT = {
    "disabled": "disability <> 'none'",
    "workers": WORKER,
    "dependants": "(birth > DATE '2004-06-30' OR birth <= DATE '1960-06-30') AND NOT absent",
    "pupils": f"{SCHOOL_AGE} AND schooling IN ('primary', 'junior')",
    "primaries": f"{SCHOOL_AGE} AND schooling = 'primary'",
    "juniors": f"{SCHOOL_AGE} AND schooling = 'junior'",
}
STRICT_ALLOWANCE = """CASE WHEN disability IS NULL THEN NULL WHEN disability = 'one' THEN 1200
    WHEN disability = 'two' THEN 960 WHEN disability <> 'three' THEN 0
    WHEN certified IS NULL THEN NULL WHEN certified THEN 600 ELSE 0 END"""
PLAIN_ALLOWANCE = """CASE WHEN disability = 'one' THEN 1200 WHEN disability = 'two' THEN 960
    WHEN disability = 'three' AND certified THEN 600 ELSE 0 END"""
#: The sum of …?
SUM = {"wages": "wage", "medical": "medical_cost", "allowances": STRICT_ALLOWANCE}

DIBAO = """CASE WHEN county_code LIKE '990201%' THEN 5400 WHEN county_code LIKE '9900%' THEN 4200
    WHEN county_code LIKE '9901%' THEN 4600 ELSE 5000 END"""

STRICT_TWO_RISKS = (
    "CASE WHEN {certain} >= 2 THEN TRUE WHEN {possible} < 2 THEN FALSE END",
    "({risk} IS TRUE)::INT",
    "({risk} IS NOT FALSE)::INT",
)
RISKS = (
    "income_risk",
    "medical_risk",
    "illness_risk",
    "disability_risk",
    "labour_risk",
    "disaster_risk",
    "debt_risk",
)

#: Columns offered: people, <any>, two_disabled, no_worker, many_dependants, a_pupil, primary and
#: junior (counts), <sum>, months (most months away of a worker).
HOUSEHOLD = """
known AS (
    SELECT h.*, p.* EXCLUDE (household_id), {dibao} AS dibao,
        h.wage_income + h.business_income + h.property_income + h.transfer_income
            - h.production_cost AS net_income,
        p.medical - h.medical_aid AS own_medical
    FROM households AS h LEFT JOIN grouped AS p ON h.household_id = p.household_id
),
first AS (
    SELECT *,
        net_income / people >= 4000 AS income_ok,
        food_months = 0 AND clothing AS two_worries,
        NOT unschooled AS schooling_ok,
        NOT uninsured AS insured_ok,
        house_grade IN ('a', 'b') AND house_area / people >= 13 AS house_ok,
        water_source = 'piped'
            OR (water_source IN ('well', 'spring') AND water_minutes <= 20) AS water_ok,
        electricity AND road AND toilet <> 'none' AS services_ok,
        NOT unpensioned AS pension_ok,
        net_income / people < 6000 AS income_risk,
        own_medical * 4 > net_income AS medical_risk,
        ill AS illness_risk,
        severe OR two_disabled AS disability_risk,
        no_worker AS labour_risk,
        NOT young AS elderly_alone,
        disaster_loss * 2 > net_income OR house_grade = 'd' AS disaster_risk,
        debt / people > 25000 AS debt_risk,
        many_dependants AS care_burden,
        months >= 6 AS migrant,
        wage_income <> wages AS wage_gap,
        last_visit >= DATE '2020-04-01' AS visited,
        owns_company OR vehicle_value > 80000 AS excluded
    FROM known
),
second AS (
    SELECT *, schooling_ok AND insured_ok AND house_ok AND water_ok AS three_guarantees,
        {two_risks} AS return_risk,
        net_income / people < dibao AND NOT excluded AS dibao_due,
        severe AS disability_allowance,
        own_medical > 3000 AND NOT excluded AS medical_relief,
        a_pupil AS school_grant
    FROM first
),
third AS (
    SELECT *, income_ok AND two_worries AND three_guarantees AS exit_standard,
        registered = 'never' AND (income_risk OR NOT three_guarantees) AND NOT excluded AS may_enter
    FROM second
)
SELECT household_id, income_ok, two_worries, schooling_ok, insured_ok, house_ok, water_ok,
    services_ok, pension_ok, three_guarantees, income_risk, medical_risk, illness_risk,
    disability_risk, labour_risk, elderly_alone, disaster_risk, debt_risk, care_burden, migrant,
    wage_gap, visited, return_risk, excluded, exit_standard,
    registered IN ('poor', 'at_risk') AND exit_standard AND NOT return_risk AND visited AS may_exit,
    may_enter, dibao_due, disability_allowance, medical_relief, school_grant,
    CASE WHEN dibao_due THEN (dibao * people - net_income) * 100 END AS "dibao_due.amount",
    CASE WHEN disability_allowance THEN CAST(allowances * 100 AS BIGINT) END
        AS "disability_allowance.amount",
    CASE WHEN medical_relief THEN CAST(floor(least(
        0.7::DOUBLE * (own_medical * 100 - 300000), 2000000) + 0.5) AS BIGINT) END
        AS "medical_relief.amount",
    CASE WHEN school_grant THEN CAST(primary_count * 100000 + junior_count * 125000 AS BIGINT) END
        AS "school_grant.amount"
FROM third
"""


def household(two_risks: str) -> str:
    """The part above the persons."""
    return HOUSEHOLD.format(dibao=DIBAO, two_risks=two_risks)


def strict_two_risks() -> str:
    """Two or more risks hold: certain as soon as two do, unknown while two still may."""
    text, certain, possible = STRICT_TWO_RISKS
    return text.format(
        certain=" + ".join(certain.format(risk=risk) for risk in RISKS),
        possible=" + ".join(possible.format(risk=risk) for risk in RISKS),
    )
