"""The measuring of the desk, without measuring: what waits, what is asked, what is shown."""

from __future__ import annotations

from collections import Counter

import pytest
from rich.console import Console

from bench.desk import table
from bench.desk.clients import Load


def test_ninety_five_of_a_hundred_waited_so_long_or_less():
    found = Load([float(n) for n in range(100, 0, -1)], Counter({200: 100}), 4.0)

    assert found.p95 == 95.0
    assert found.figures()["per_second"] == 25.0


def test_a_refusal_is_no_answer_to_be_measured():
    with pytest.raises(RuntimeError, match="403"):
        Load([1.0], Counter({403: 1}), 1.0).figures()


def test_each_size_has_its_column_and_the_growth_stands_beside():
    sizes = {
        34_716: {"households": 10_000, "entries": 200_000, "check": {"seconds": 1.5}},
        347_162: {"households": 100_000, "entries": 2_000_000, "check": {"seconds": 12.0}},
    }
    console = Console(width=140, record=True)

    table.shown(console, sizes)

    row = next(line for line in console.export_text().splitlines() if "全县体检（读" in line)
    assert [cell.strip() for cell in row.split("│")[3:7]] == ["1.5", "12.0", "8.0", "10 s"]
