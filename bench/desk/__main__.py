"""The desk on a made county:  python -m bench.desk [--people 34716,347162] [--imports 8k,20k,200k]

Each size is a demo county made once and kept in the folder; it is copied before it is measured, for
measuring writes in it. The whole desk runs on this machine, the clients beside it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import machine
from bench.desk import pages, sheets, table
from bench.desk.running import run, yihu

SIZES = "34716,347162"
IMPORTS = "8000,20000,200000"
#: Where made counties are kept.
MADE = Path("build/bench/desk")
WHAT = ("check", "rebuild", "snapshot", "every", "pages", "imports")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    asked = _asked(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    console = Console(width=None if sys.stdout.isatty() else 120)
    found_machine = machine.described()
    console.print(" · ".join(f"{name} {value}" for name, value in found_machine.items() if value))
    path = asked.folder / "desk.json"
    sizes: dict[int, Any] = {}
    for people in asked.people:
        sizes[people] = _size(people, asked)
        table.shown(console, sizes)
        _keep(path, found_machine, sizes)
    if "imports" in asked.what:
        found = sizes.setdefault(max(asked.people), {}).setdefault("imports", {})
        for count in asked.imports:
            for form in asked.forms:
                found[f"{count} {form}"] = sheets.measured(count, form, asked.folder)
                _keep(path, found_machine, sizes)
        table.shown(console, sizes)
    console.print(f"load of the machine afterwards {machine.load()}", style="dim")
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description=__doc__)
    parser.add_argument("--people", default=SIZES, help="sizes of made counties, with commas")
    parser.add_argument("--home", type=Path, help="a made county to copy, for the largest size")
    parser.add_argument("--imports", default=IMPORTS, help="people of the sheets, with commas")
    parser.add_argument("--forms", default="csv,xlsx", help="csv, xlsx")
    parser.add_argument("--what", default=",".join(WHAT), help="what to measure, with commas")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10, help="of each load")
    parser.add_argument("--folder", type=Path, default=MADE)
    asked = parser.parse_args(arguments)
    asked.people = sorted(int(size) for size in asked.people.split(","))
    asked.imports = sorted(int(size) for size in asked.imports.split(",") if size)
    asked.forms = asked.forms.split(",")
    asked.what = asked.what.split(",")
    asked.folder = asked.folder.resolve()
    return asked


def _size(people: int, asked: argparse.Namespace) -> dict[str, Any]:
    home = _copied(people, asked)
    found: dict[str, Any] = _counted(home)
    for what in ("check", "rebuild", "snapshot"):
        if what in asked.what:
            cost = run(home, "bench.desk.inside", what)
            said = json.loads(cost.said.splitlines()[-1])
            found[what] = {**said, "core": round(cost.core, 1), "peak_mb": round(cost.peak_mb)}
    if "every" in asked.what:
        found["every"] = pages.every_page(home)
    if "pages" in asked.what:
        found["pages"] = pages.measured(home, clients=asked.clients, seconds=asked.seconds)
    shutil.rmtree(home)
    return found


def _copied(people: int, asked: argparse.Namespace) -> Path:
    """A copy of the made county of that size; made first where there is none yet."""
    made: Path = asked.folder / f"county-{people}"
    if asked.home and people == max(asked.people):
        made = asked.home
    elif not (made / "demo-people.json").exists():  # written last
        yihu(made, "demo", "make", "--people", str(people))
    home: Path = asked.folder / f"measured-{people}"
    copied(made, home)
    return home


def copied(made: Path, home: Path) -> None:
    """A copy of a made county, to be written in."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with sqlite3.connect(made / "yihu.sqlite3") as store:
        store.execute("VACUUM INTO ?", (str(home / "yihu.sqlite3"),))
    store.close()
    for path in made.iterdir():
        if path.suffix != ".log" and not path.name.startswith("yihu.sqlite3"):
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, home / path.name)


def _counted(home: Path) -> dict[str, Any]:
    store = sqlite3.connect(home / "yihu.sqlite3")
    counts = {
        "households": "SELECT count(*) FROM yihu_household",
        "persons": "SELECT count(*) FROM yihu_person",
        "entries": "SELECT count(*) FROM yihu_entry",
    }
    found = {name: store.execute(query).fetchone()[0] for name, query in counts.items()}
    store.close()
    return {**found, "store_mb": round((home / "yihu.sqlite3").stat().st_size / 1e6)}


def _keep(path: Path, found_machine: dict[str, object], sizes: dict[int, Any]) -> None:
    figures = {"machine": found_machine, "sizes": {str(n): each for n, each in sizes.items()}}
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    sys.exit(main())
