"""`yihu check` on real surveys: every answer beside what the statistics offices say."""

from __future__ import annotations

import csv
from decimal import Decimal

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.commands.registers import yihu
from tests.shared import need

#: The line as published or, to the cent, as recomputed from the files (data README).
SPAIN = {2013: ("8,114.16", None), 2017: (None, None), 2018: ("8,870.92", (658, 1, 12_709))}


def asked(query):
    """All rows of a query."""
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def spain(tmp_path, year, *more, out="x.parquet"):
    households = need("data", "es_ecv", f"households_{year}.parquet")
    persons = need("data", "es_ecv", f"persons_{year}.parquet")
    result = yihu(
        "check", "--rulebook", "spain", "--on", f"{year - 1}-12-31",
        "--households", str(households), "--persons", str(persons),
        "--out", str(tmp_path / out), "--facts", "population.poverty_line", *more,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return result, households, persons


def differences(answers, rule, about, official, key, flag):
    """How many answers are not the official flag, and how many were compared."""
    return asked(
        f"""
        select count(*) filter (answer is distinct from case when flag = 1 then 'holds'
          else 'fails' end), count(*)
        from (select id, answer from '{answers}' where rule = '{rule}' and about = '{about}')
        full join (select cast({key} as varchar) id, {flag} flag from '{official}') using (id)
        """
    )[0]


@pytest.mark.parametrize("year", SPAIN)
def test_every_official_spanish_flag_is_reproduced(tmp_path, year):
    result, households, persons = spain(tmp_path, year)
    answers = tmp_path / "x.parquet"

    def wrong(rule, about, official, key, flag):
        return differences(answers, rule, about, official, key, flag)

    count_households = pq.read_metadata(households).num_rows
    count_persons = pq.read_metadata(persons).num_rows
    assert wrong("poor_household", "household", households, "HB030", "vhPobreza") == (
        0, count_households,
    )  # fmt: skip
    assert wrong("deprived_household_ine", "household", households, "HB030", "vhMATDEP") == (
        0, count_households,
    )  # fmt: skip
    assert wrong("arope_ine", "person", persons, "RB030", "vrEU2020") == (0, count_persons)
    line, counts = SPAIN[year]
    assert line is None or f"{line} EUR" in result.output
    if counts:
        found = asked(
            f"select count(*) filter (answer = 'holds'), count(*) filter (answer = 'unknown'), "
            f"count(*) filter (answer = 'fails') from '{answers}' "
            f"where rule = 'deprived_household'"
        )[0]
        assert found == counts


def test_the_two_readers_write_the_same_spanish_answers(tmp_path):
    households = need("data", "es_ecv", "households_2018.parquet")
    persons = need("data", "es_ecv", "persons_2018.parquet")
    words = [
        "check", "--rulebook", "spain", "--on", "2017-12-31",
        "--households", str(households), "--persons", str(persons), "--wide",
    ]  # fmt: skip

    for reader in ("columns", "sql"):
        result = yihu(*words, "--reader", reader, "--out", str(tmp_path / f"{reader}.parquet"))
        assert result.exit_code == 0, result.output

    one, two = (tmp_path / f"{reader}.parquet" for reader in ("columns", "sql"))
    assert one.read_bytes() == two.read_bytes()


def test_every_mexican_flag_of_2016_is_reproduced_with_dwellings_as_places(tmp_path):
    files = [
        "--households", str(need("data", "mx_enigh", "households_2016.parquet")),
        "--persons", str(need("data", "mx_enigh", "persons_2016.parquet")),
        "--places", str(need("data", "mx_enigh", "dwellings_2016.parquet")),
    ]  # fmt: skip

    result = yihu(
        "check", "--rulebook", "mexico", "--on", "2016-11-30", *files,
        "--out", str(tmp_path / "m.parquet"),
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    found = asked(
        f"select rule, count(*) filter (answer = 'holds'), count(*) from "
        f"'{tmp_path / 'm.parquet'}' where rule like '%_flag_differs' group by rule"
    )
    assert sorted(rule for rule, _, _ in found) == [
        "education_flag_differs", "food_flag_differs", "housing_flag_differs",
        "minors_flag_differs", "services_flag_differs", "social_security_flag_differs",
    ]  # fmt: skip
    assert {holds for _, holds, _ in found} == {0}
    assert min(count for _, _, count in found) == 69_169


def test_the_mexican_state_totals_of_2018_are_those_published(tmp_path):
    dwellings = need("data", "mx_enigh", "dwellings_2018.parquet")

    result = yihu(
        "check", "--rulebook", "mexico", "--on", "2018-11-30", "--places", str(dwellings),
        "--rules", "poor_services,poor_housing", "--out", str(tmp_path / "m.csv"),
        "--facts", "people_poor_housing,people_poor_services", "--missing", "unknown",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    with (tmp_path / "m.facts.csv").open(encoding="utf-8") as file:
        states = {row["id"]: row for row in csv.DictReader(file) if row["about"] == "state"}
    chiapas = states["07"]
    thousands = [
        (Decimal(chiapas[name]) / 1000).quantize(Decimal("0.001"))
        for name in ("people_poor_housing", "people_poor_services")
    ]
    assert thousands == [Decimal("1259.818"), Decimal("3050.500")]
