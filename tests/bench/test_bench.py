"""The comparison as a whole, on few people: it runs, writes its figures and judges its goals."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("psutil", reason="psutil is not installed (make env-bench)")

from bench import __main__ as bench
from bench import data, goals, measure
from bench.engines import REFERENCE
from bench.measure import Engine, Run


def test_a_quick_comparison_writes_its_figures_and_finds_no_difference(tmp_path):
    engines = "yihu_answers,scan,plain_sql"
    code = bench.main(
        ["--quick", "--people", "2k", "--engines", engines, "--folder", str(tmp_path)]
    )

    found = json.loads((tmp_path / "results.json").read_text())
    measured_ones = found["sizes"]["2000"]
    assert code == 0
    assert set(measured_ones) == {"yihu_snapshot", "yihu_answers", "scan", "plain_sql"}
    assert all(engine["core"] > 0 for engine in measured_ones.values())
    assert measured_ones["plain_sql"]["difference"]["wrong"] == 0
    assert found["single_ms"]["all rules of one household, evaluate"] > 0


def test_an_engine_that_is_not_there_is_named_with_the_reason(tmp_path):
    small = data.made(500, tmp_path)
    (tmp_path / "out").mkdir()

    with pytest.raises(RuntimeError, match="No module named"):
        measure.run("no_such_engine", small, small, tmp_path / "out" / "answers.parquet")


def test_an_unknown_engine_is_refused_by_name(tmp_path):
    with pytest.raises(SystemExit, match="There is no engine duckdbb"):
        bench.main(["--engines", "duckdbb", "--folder", str(tmp_path)])


def test_the_same_seed_makes_the_same_people_and_another_seed_others(tmp_path):
    first = data.made(500, tmp_path / "a").persons.read_bytes()
    again = data.made(500, tmp_path / "b").persons.read_bytes()
    other = data.made(500, tmp_path / "c", seed=2).persons.read_bytes()

    assert first == again
    assert first != other


def measured(name: str, core: float) -> Engine:
    return Engine(name, runs=[Run(core, core, core, 100.0, 50.0)])


def test_a_goal_is_met_at_its_limit_and_not_met_above_it():
    engines = {e: measured(e, 1.0) for e in ("yihu_snapshot", "polars_lazy")}
    engines["yihu_snapshot"].runs[0] = Run(0.7, 0.7, 0.7, 100.0, 50.0)
    slower = {**engines, "yihu_snapshot": measured("yihu_snapshot", 0.71)}

    met = goals.all_of({10_000_000: engines}, {})
    missed = goals.all_of({10_000_000: slower}, {})

    polars = "core-seconds / Polars"
    assert [g.verdict for g in met if g.says == polars] == ["met"]
    assert [g.verdict for g in missed if g.says == polars] == ["not met"]
    assert [g.verdict for g in met if g.says.endswith("pandas")] == ["not measured"]


def test_a_comparison_over_fewer_households_does_not_meet_the_goal_for_a_million():
    found = goals.all_of({20_000: {}}, {goals.COMPARED.format(households=5_000): 1.0})

    (goal,) = [g for g in found if "changed income line" in g.says]
    assert goal.verdict == "not measured"


def test_the_command_for_a_nation_in_the_help_is_one_that_runs():
    command = next(line for line in bench.NATION.splitlines() if "100M" in line)

    asked = bench._asked(command.split()[3:])

    assert asked.people == [1_000_000, 100_000_000]
    assert [peer.name for peer in asked.engines] == [REFERENCE]
    assert not asked.single
