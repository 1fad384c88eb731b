"""The goals set for yihu, held against what was measured: met or not met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.engines import DUCKDB, REFERENCE
from bench.measure import Engine

#: People → engine → its runs.
Sizes = Mapping[int, Mapping[str, Engine]]
#: Name of the comparison, by how many households it was over.
COMPARED = "compare an income line over {households:,} households"
#: The size most goals are set for.
SET_FOR = 10_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal; `found` is None where what it needs was not run.

    people   size it was measured at, 0 where size does not matter
    """

    says: str
    limit: float
    found: float | None
    people: int = 0
    unit: str = ""

    @property
    def verdict(self) -> str:
        """met, not met or not measured."""
        if self.found is None:
            return "not measured"
        return "met" if self.found <= self.limit else "not met"

    def figures(self) -> dict[str, object]:
        """As plain values."""
        found = None if self.found is None else round(self.found, 4)
        return {
            "goal": self.says,
            "limit": self.limit,
            "found": found,
            "people": self.people,
            "verdict": self.verdict,
            "at_the_size_set": self.people in (0, SET_FOR),
        }


def all_of(sizes: Sizes, single: Mapping[str, float]) -> list[Goal]:
    """Every goal, measured at the largest size that was run up to the one it is set for."""
    people = max((n for n in sizes if n <= SET_FOR), default=max(sizes))
    return [*_ratios(people, sizes[people]), *_growth(sizes), *_nation(sizes), *_single(single)]


def _ratios(people: int, engines: Mapping[str, Engine]) -> list[Goal]:
    def ratio(says: str, limit: float, against: str, *, ours: str = REFERENCE) -> Goal:
        found = _over(engines, ours, "core", against, "core")
        return Goal(f"core-seconds / {says}", limit, found, people)

    memory = _over(engines, REFERENCE, "private_mb", "openfisca_known", "peak_mb")
    return [
        ratio("DuckDB, the cheaper query by hand", 0.45, _cheaper(engines)),
        ratio("Polars", 0.7, "polars_lazy"),
        ratio("pandas", 0.35, "pandas_arrow"),
        ratio("OpenFisca, made three-valued", 0.2, "openfisca_known"),
        ratio("OpenFisca, as it is", 0.33, "openfisca_natural"),
        ratio("Spark", 0.08, "spark_sql"),
        ratio("bare scan, answers only", 1.2, "scan", ours="yihu_answers"),
        Goal("private memory / peak of OpenFisca, three-valued", 0.1, memory, people),
    ]


def _cheaper(engines: Mapping[str, Engine]) -> str:
    run = [name for name in DUCKDB if name in engines and engines[name].runs]
    return min(run, key=lambda name: engines[name].median("core"), default=DUCKDB[0])


def _over(
    engines: Mapping[str, Engine], ours: str, figure: str, theirs: str, their_figure: str
) -> float | None:
    if not all(name in engines and engines[name].runs for name in (ours, theirs)):
        return None
    return engines[ours].median(figure) / engines[theirs].median(their_figure)


def _growth(sizes: Sizes) -> list[Goal]:
    """From a million on: smaller runs are mostly the fixed part."""
    run = [n for n in sizes if n >= 1_000_000 and _ran(sizes[n])]
    memory = linear = None
    if len(run) >= 2:
        small, large = (sizes[n][REFERENCE] for n in (min(run), max(run)))
        memory = large.median("private_mb") / small.median("private_mb")
        linear = large.median("core") / small.median("core") / (max(run) / min(run))
    people = max(run, default=0)
    return [
        Goal("private memory, largest size / 1 million", 1.5, memory, people),
        Goal("core-seconds a person, largest size / 1 million", 1.25, linear, people),
    ]


def _nation(sizes: Sizes) -> list[Goal]:
    nation = 100_000_000
    found = None
    if nation in sizes and _ran(sizes[nation]):
        found = sizes[nation][REFERENCE].median("wall")
    return [Goal("100 million people re-checked, end to end, wall", 10, found, nation, "s")]


def _ran(engines: Mapping[str, Engine]) -> bool:
    return REFERENCE in engines and bool(engines[REFERENCE].runs)


def _single(single: Mapping[str, float]) -> list[Goal]:
    def asked(says: str, start: str, limit: float) -> Goal:
        found = next((ms for name, ms in single.items() if name.startswith(start)), None)
        return Goal(says, limit, found, unit="ms")

    one = single.get("all rules of one household, evaluate")
    prepared = single.get("the same in DuckDB, prepared")
    ratio = one / prepared if one and prepared else None
    return [
        asked("one household, all rules", "all rules of one household", 0.5),
        Goal("one household / DuckDB prepared", 0.01, ratio),
        asked("explain one rule", "explain one rule", 2),
        Goal(
            "a changed income line over 1,000,000 households",
            2000,
            single.get(COMPARED.format(households=1_000_000)),
            unit="ms",
        ),
    ]
