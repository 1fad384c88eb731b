"""The files of a day: typed, whole, without what is sealed."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import makers
from yihu import loop
from yihu.check.kept_files import write_county

pytestmark = pytest.mark.django_db

NUMBER = "45102220080301001X"


def test_the_files_hold_what_the_cards_say_in_their_types_and_nothing_sealed(tmp_path):
    child = {"name": "小月", "birth": "2008-03-01", "identity": NUMBER, "schooling": "none"}
    home = makers.household({"birth": "1980-01-01"}, child, net_income_stated=12345.67)
    village = home.place
    makers.write_place(village, says={"place": {"clinics": 1}})
    run = loop.check_all(at=makers.AT)

    folder = write_county(tmp_path, on=makers.TODAY)

    assert folder == tmp_path / "2020-10-17"
    homes = pq.read_table(folder / "households.parquet")
    persons = pq.read_table(folder / "persons.parquet")
    assert homes.column("net_income_stated").to_pylist() == [Decimal("12345.67")]
    assert homes.column("village_code").to_pylist() == [village.code]
    assert homes.column("household_id").to_pylist() == [home.pk.hex]
    assert persons.schema.field("birth").type == pa.date32()
    assert sorted(persons.column("birth").to_pylist()) == [date(1980, 1, 1), date(2008, 3, 1)]
    assert "identity" not in persons.column_names
    assert all(NUMBER.encode() not in path.read_bytes() for path in folder.iterdir())
    assert pq.read_table(folder / "villages.parquet").column("clinics").to_pylist() == [1]
    answers = pq.read_table(folder / "findings_person.parquet").column("child_in_school")
    assert sorted(answers.to_pylist()) == ["holds", "unknown"]
    head = json.loads((folder / "county.json").read_text("utf-8"))
    assert head["hash"] == run.hash
    assert head["rows"]["persons"] == 2


def test_a_second_run_of_the_day_takes_the_place_of_the_first(tmp_path):
    makers.household()
    write_county(tmp_path, on=makers.TODAY)
    makers.household()

    folder = write_county(tmp_path, on=makers.TODAY)

    assert pq.read_metadata(folder / "households.parquet").num_rows == 2
    assert [path.name for path in tmp_path.iterdir()] == ["2020-10-17"]
