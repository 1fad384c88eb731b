"""The eight heading sets of Chinese registers: read, computed, and refused cell by cell."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.shared import need
from tests.stories.checking import checked
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.intake import Intake
from yihu.rulebook.intake.bad_cells import BadCell
from yihu.rulebook.intake.headings import Sought, find
from yihu.rulebook.read import rulebook
from yihu.rulebook.refusals import Refused

KEYS = ("人编号", "户编号")
#: Form → level its rows are about. Form E is the income card of one household, H of one village.
FORMS = dict.fromkeys("ABCDFG", "person") | {"E": "household", "H": "village"}


@cache
def _book() -> Rulebook:
    return rulebook("guangxi")


@cache
def _rows(form: str) -> list[dict[str, str]]:
    path = need("data", "cn_registry_forms", "form_headings.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["form"] == form]


def _headings(form: str) -> list[str]:
    return [row["heading"] for row in _rows(form)]


def _two_lines(form: str) -> list[list[str]]:
    """Headings with the printed codes below them, as the forms have them."""
    codes = [row["printed_code"] for row in _rows(form)]
    # Form F has letters of its sheet there, and form H numbers of its copy: not printed lines.
    return [_headings(form), codes] if form in "DE" else [_headings(form)]


def _facts() -> list[FactSpec]:
    return list(_book().facts.values())


def _places(form: str) -> dict[int, FactSpec]:
    """Fact of the form's own level in each column."""
    level = next(one for one in _book().levels if one.name == FORMS[form])
    own = tuple(fact for fact in _facts() if fact.level == level.name)
    upper, *lower = _two_lines(form)
    joined = [
        f"{a}\n{b}" if b else a for a, b in zip(upper, lower[0] if lower else upper, strict=True)
    ]
    found = find(joined if lower else upper, Sought(level, own))
    return {place: _book().facts[key] for key, place in found.facts.items()}


def _written(fact: FactSpec) -> tuple[object, object]:
    """A cell someone may write for a fact, and the value it must be read as."""
    if fact.codes is not None:
        value = 0 if fact.kind == "code" else 1
        return fact.codes.codes[0].label.zh, value
    number = 1 if fact.low is None or fact.low <= 1 else int(fact.low)
    written: dict[str, tuple[object, object]] = {
        "yes_no": ("是", 1),
        "whole": (number, number),
        "number": (f"{number}.0", float(number)),
        "money": ("1,200.50", 120_050),
        "date": ("2020年1月31日", (2020 * 12) * 31 + 30),
        "month": ("202005", 2020 * 12 + 4),
    }
    return written.get(fact.kind, ("45102219900101123X", "45102219900101123X"))


def _sheet(path: Path, form: str, line: dict[int, object]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sheet1")
        top: list[list[Any]] = [[_rows(form)[0]["title"]], *_two_lines(form)]
        keys = {place: "7" for place, heading in enumerate(top[1]) if heading in KEYS}
        last = [(keys | line).get(place) for place in range(len(top[1]))]
        for number, cells in enumerate([*top, last]):
            for place, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(number, place, cell)
    return path


def _intake(form: str, path: Path) -> Intake:
    return Intake(_book().levels, _facts(), {FORMS[form]: path}, missing="unknown")


@pytest.mark.parametrize("form", FORMS)
def test_every_column_of_a_form_that_is_a_fact_is_read(tmp_path, form):
    places = _places(form)
    cells = {place: _written(fact)[0] for place, fact in places.items()}

    data = _intake(form, _sheet(tmp_path / f"{form}.xlsx", form, cells))
    (batch,) = data.batches(FORMS[form])

    row: dict[str, Any] = batch.to_pylist()[0]
    assert len(places) >= 10
    for fact in places.values():
        assert row[fact.name] == _written(fact)[1], fact.name


@pytest.mark.parametrize("form", FORMS)
def test_every_bad_cell_of_a_form_is_refused_by_row_and_column(tmp_path, form):
    strict = {"yes_no", "code", "whole", "number", "money", "date", "month"}
    bad = {place: fact for place, fact in _places(form).items() if fact.kind in strict}
    data = _intake(form, _sheet(tmp_path / "b.xlsx", form, dict.fromkeys(bad, "说不清")))

    with pytest.raises(Refused) as refused:
        list(data.batches(FORMS[form]))

    row = 2 + len(_two_lines(form))
    cells = refused.value.details["cells"]
    assert isinstance(cells, list)
    assert {cell.row for cell in cells} == {row}
    assert sorted(_upper(cell) for cell in cells) == sorted(_headings(form)[place] for place in bad)


def _upper(cell: BadCell) -> str:
    return cell.column.split("\n", maxsplit=1)[0]


def test_the_income_card_is_read_and_computed(tmp_path):
    amounts = {
        "A": 4, "C1": 1.5, "C2": 0, "C3": 2.5, "E1": 500, "E2": 300, "E3": 0, "E4": 0, "E5": 0,
        "L": 12_000, "M1": 3_000, "M2": 1_000, "M3": 2_500, "M4": 800, "M5": 333.33, "N": 200,
        "P1": 150, "P2": 100, "P3": 0, "P4": 0, "P5": 50.5,
    }  # fmt: skip
    codes = [row["printed_code"] for row in _rows("E")]
    cells = {codes.index(code): amount for code, amount in amounts.items()}
    path = _sheet(tmp_path / "明白卡.xlsx", "E", dict(cells))
    names = (
        "card_farmland", "card_grain_kg", "card_operating", "card_transfer", "card_total",
        "card_cost", "card_net", "card_per_person",
    )  # fmt: skip

    answers = checked(
        "guangxi",
        date(2018, 12, 31),
        {"household": path},
        rules=[],
        facts=[("household", name) for name in names],
    )

    found = {name: answers["household"].facts[name][0].as_py() for name in names}
    # By hand: M 7 633.33; P 300.50; K 20 133.83; R 1 200 + 450 + 1 000 + 120 + 133.33 (half up
    # of 133.332); S 17 230.50; T 4 307.63 (half up of 4 307.625).
    assert found == {
        "card_farmland": 4.0,
        "card_grain_kg": 800,
        "card_operating": 763_333,
        "card_transfer": 30_050,
        "card_total": 2_013_383,
        "card_cost": 290_333,
        "card_net": 1_723_050,
        "card_per_person": 430_763,
    }
