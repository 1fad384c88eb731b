"""The figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from bench.engines import BY_NAME, PEERS, Meaning
from bench.goals import Goal
from bench.measure import Engine


def machine(console: Console, found: Mapping[str, object]) -> None:
    """One line about the machine, one about versions."""
    first = ("processor", "cores", "memory_gb", "load_before")
    console.print(" · ".join(f"{name} {found[name]}" for name in first))
    rest = (f"{name} {found[name]}" for name in found if name not in (*first, "system"))
    console.print(" · ".join(rest), style="dim")


def engines(console: Console, people: int, found: Mapping[str, Engine]) -> None:
    """What each engine took for one size."""
    table = Table(title=f"{people:,} people", title_justify="left")
    for name in ("engine", "wall s", "core s", "ratio", "peak MB", "private MB", "answers"):
        table.add_column(name, justify="left" if name in ("engine", "answers") else "right")
    base = _base(found)
    for peer in PEERS:
        engine = found.get(peer.name)
        if engine is None:
            continue
        if not engine.runs:
            table.add_row(peer.title, "–", "–", "–", "–", "–", engine.absent)
            continue
        ratio = f"{engine.median('core') / base:.2f}" if base else "–"
        figures = (f"{engine.median('wall'):.2f}", f"{engine.median('core'):.2f}", ratio)
        sizes = (f"{engine.median(name):,.0f}" for name in ("peak_mb", "private_mb"))
        table.add_row(peer.title, *figures, *sizes, _answers(engine))
    console.print(table)


def _base(found: Mapping[str, Engine]) -> float:
    duckdb = found.get("duckdb_query")
    return duckdb.median("core") if duckdb and duckdb.runs else 0.0


def _answers(engine: Engine) -> str:
    meaning = BY_NAME[engine.name].meaning
    if meaning is Meaning.REFERENCE:
        return "reference"
    if not engine.difference:
        return ""
    differing = sum(engine.difference[k] for k in ("to_holds", "to_fails", "made_up", "wrong"))
    return "equal" if differing == 0 else f"{differing:,} cells differ"


def settled(console: Console, found: Mapping[str, Engine]) -> None:
    """How many unknown answers each engine turns into something else."""
    table = Table(title="What becomes of unknown answers", title_justify="left")
    for name in ("engine", "unknown", "to holds", "to fails", "amount made up", "share", "wrong"):
        table.add_column(name, justify="left" if name == "engine" else "right")
    for peer in PEERS:
        d = found[peer.name].difference if peer.name in found else {}
        if not d:
            continue
        lost = d["to_holds"] + d["to_fails"] + d["made_up"]
        share = f"{lost / d['unknown']:.0%}" if d["unknown"] else "–"
        cells = (d["unknown"], d["to_holds"], d["to_fails"], d["made_up"])
        table.add_row(peer.title, *(f"{n:,}" for n in cells), share, f"{d['wrong']:,}")
    if table.row_count:
        console.print(table)


def single(console: Console, found: Mapping[str, float]) -> None:
    """Single calls, in milliseconds."""
    table = Table(title="One at a time", title_justify="left")
    table.add_column("")
    table.add_column("ms", justify="right")
    for name, milliseconds in found.items():
        table.add_row(name, f"{milliseconds:,.3f}" if milliseconds < 10 else f"{milliseconds:,.0f}")
    console.print(table)


def goals(console: Console, found: Sequence[Goal]) -> None:
    """Goals, met and not met."""
    note = "Goals are set for 10,000,000 people on two cores; other sizes are told as they are."
    table = Table(title="Goals", caption=note, title_justify="left", caption_justify="left")
    for name in ("goal", "at most", "found", "people", ""):
        table.add_column(
            name, justify="right" if name in ("at most", "found", "people") else "left"
        )
    styles = {"met": "green", "not met": "red", "not measured": "dim"}
    for goal in found:
        value = "–" if goal.found is None else f"{goal.found:,.3g} {goal.unit}".strip()
        limit = f"{goal.limit:g} {goal.unit}".strip()
        people = f"{goal.people:,}" if goal.people else ""
        verdict = f"[{styles[goal.verdict]}]{goal.verdict}[/]"
        table.add_row(goal.says, limit, value, people, verdict)
    console.print(table)
