"""The comparison, side by side in one run:  python -m bench [--quick] [--people 0.4M,1M,10M]

Engines take turns (A B C A B C …), each run in a process of its own after a warm-up on a small data
set; medians are shown. Answers are compared cell by cell with those of yihu's batch reader, and
these with the one-card reader on a sample. All figures go to build/bench/results.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from bench import data as made_up
from bench import equal, goals, machine, measure, single, table
from bench.data import Data
from bench.engines import BY_NAME, PEERS, REFERENCE, Meaning, Peer
from bench.measure import Engine

SIZES = "0.4M,1M,10M"
QUICK = 20_000
NATION = f"""\
a nation of 100 million, the goal of goals.py, without the peers; the people are made first and kept
in --folder, so give it a disk and a machine of its own:
  python -m bench --people 1M,100M --engines {REFERENCE} --runs 1 --no-single
a look whether all of it works, in minutes:
  python -m bench --quick"""
#: People for a comparison over a million households.
COMPARED = round(1_000_000 * made_up.PERSONS_A_HOUSEHOLD)
COUNTY = 347_162


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and write; 1 if answers that must be equal are not, else 0."""
    asked = _asked(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    found_machine = machine.described()
    table.machine(console, found_machine)
    warm = made_up.made(QUICK, asked.folder / "data")
    sizes: dict[int, dict[str, Engine]] = {}
    wrong: list[str] = []
    for people in asked.people:
        data = made_up.made(people, asked.folder / "data")
        sizes[people] = _size(data, warm, asked, console)
        wrong += _wrong(people, sizes[people], data, asked.folder / "out")
        table.engines(console, people, sizes[people])
        table.settled(console, sizes[people])
    alone = _single(asked) if asked.single else {}
    reached = goals.all_of(sizes, alone)
    if alone:
        table.single(console, alone)
    table.goals(console, reached)
    found_machine["load_after"] = machine.load()
    console.print(f"load of the machine afterwards {machine.load()}", style="dim")
    _write(asked.folder / "results.json", found_machine, sizes, alone, reached)
    for line in wrong:
        console.print(line, style="bold red")
    return 1 if wrong else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="yihu beside other engines: the same rules on the same people, in turn.",
        epilog=NATION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--people", default="", help=f"sizes with commas; {SIZES} unless given")
    parser.add_argument("--quick", action="store_true", help="20,000 people, one run, no Spark")
    parser.add_argument("--runs", type=int, default=3, help="runs of each engine and size")
    parser.add_argument("--engines", default="", help="names with commas; all unless given")
    parser.add_argument("--without", default="", help="engines to leave out")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--no-single", dest="single", action="store_false", help="engines only")
    asked = parser.parse_args(arguments)
    sizes = asked.people or (str(QUICK) if asked.quick else SIZES)
    asked.people = sorted({_number(size) for size in sizes.split(",")})
    if asked.quick:
        asked.runs = 1
        asked.without += ",spark_sql"
    asked.engines = _engines(asked.engines, asked.without)
    return asked


def _number(text: str) -> int:
    """People as written: 400000, 0.4M, 20k."""
    scale = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower())
    return round(float(text[:-1]) * scale) if scale else int(text)


def _engines(wanted: str, without: str) -> list[Peer]:
    names = [name for name in wanted.split(",") if name] or list(BY_NAME)
    left = set(without.split(","))
    for name in (*names, *(left - {""})):
        if name not in BY_NAME:
            raise SystemExit(f"There is no engine {name}; there are {', '.join(BY_NAME)}.")
    return [p for p in PEERS if p.name == REFERENCE or (p.name in names and p.name not in left)]


# -- one size -------------------------------------------------------------------------------------


def _size(data: Data, warm: Data, asked: argparse.Namespace, console: Console) -> dict[str, Engine]:
    out = asked.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    found = {peer.name: Engine(peer.name) for peer in asked.engines}
    for turn in range(asked.runs):
        for peer in asked.engines:
            engine = found[peer.name]
            if engine.absent or (peer.once and turn):
                continue
            engine.absent = _too_large(peer, data)
            if not engine.absent:
                with console.status(f"{peer.title}, run {turn + 1}"):
                    _one(engine, data, warm, out)
    return found


def _one(engine: Engine, data: Data, warm: Data, out: Path) -> None:
    try:
        engine.runs.append(measure.run(engine.name, data, warm, out / f"{engine.name}.parquet"))
    except RuntimeError as fault:
        engine.absent = str(fault)
        engine.runs.clear()


def _too_large(peer: Peer, data: Data) -> str:
    needed = peer.bytes_a_person * data.persons_count
    if needed > 0.8 * psutil.virtual_memory().total:
        return f"not run: would need about {needed / 2**30:.0f} GB"
    return ""


def _wrong(people: int, found: Mapping[str, Engine], data: Data, out: Path) -> list[str]:
    """Compare all answers with the reference; what must be equal and is not."""
    reference = out / f"{REFERENCE}.parquet"
    if not found[REFERENCE].runs:
        return [f"{people:,} people: yihu gave no answers: {found[REFERENCE].absent}"]
    said = []
    if cells := equal.witness(data, reference):
        said.append(f"{people:,} people: {cells} cells differ from the one-card reader")
    for name, engine in found.items():
        meaning = BY_NAME[name].meaning
        if not engine.runs or meaning in (Meaning.NONE, Meaning.REFERENCE):
            continue
        difference = equal.difference(reference, out / f"{name}.parquet")
        engine.difference = difference.figures()
        if meaning is Meaning.STRICT and difference.differing:
            said.append(f"{people:,} people: {name} differs in {difference.differing:,} cells")
    shutil.rmtree(out, ignore_errors=True)
    return said


# -- the rest -------------------------------------------------------------------------------------


def _single(asked: argparse.Namespace) -> dict[str, float]:
    if asked.quick:
        data = made_up.made(QUICK, asked.folder / "data")
        return single.all_of(data, people_of_county=2_000, times=20)
    data = made_up.made(COMPARED, asked.folder / "data")
    return single.all_of(data, people_of_county=COUNTY)


def _write(
    path: Path,
    found_machine: Mapping[str, object],
    sizes: Mapping[int, Mapping[str, Engine]],
    alone: Mapping[str, float],
    reached: Sequence[goals.Goal],
) -> None:
    figures = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": found_machine,
        "sizes": {
            str(people): {name: engine.figures() for name, engine in engines.items()}
            for people, engines in sizes.items()
        },
        "single_ms": {name: round(value, 4) for name, value in alone.items()},
        "goals": [goal.figures() for goal in reached],
    }
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
