"""Making a synthetic county: plan, draw piece by piece, write, and only then show.

A piece is some villages of one county. Each has its own stream of chance, named by seed, county
and piece, so pieces may be drawn side by side and the bytes stay the same.
"""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from yihu import __version__
from yihu.rulebook.refusals import Refused
from yihu.synthetic import plan
from yihu.synthetic.pieces import Tables, tables_of
from yihu.synthetic.state import Piece, pieces_of
from yihu.synthetic.upper_places import county_of, townships_of
from yihu.synthetic.words import HEADINGS, words_for
from yihu.synthetic.writing import FORMS, Writer, open_writer

#: File that marks a folder as made here; such a folder may be written again.
STAMP = "synthetic.json"
#: Pieces drawn at once. Memory grows with it; two cores are what a small machine has.
WORKERS = 2
#: More people than this do not go into spreadsheets in reasonable time.
MOST_IN_XLSX = 300_000
FILES = {
    "person": "persons",
    "household": "households",
    "village": "villages",
    "township": "townships",
    "county": "counties",
}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: the folder, one file for each level, and how much is in them."""

    folder: Path
    form: str
    persons: int
    households: int
    villages: int
    counties: int

    @property
    def files(self) -> dict[str, Path]:
        """Level of the rulebook → its file."""
        return {level: self.folder / f"{name}.{self.form}" for level, name in FILES.items()}


def make(
    seed: int,
    people: int,
    folder: Path | str,
    form: str = "parquet",
    year: int = 2019,
    progress: Progress | None = None,
    *,
    headings: str = "",
    broken: bool = False,
) -> Made:
    """Write the registers of synthetic counties into `folder`.

    seed      with `people`, `year` and the form it fixes every byte
    people    persons in all; 347,162 make one whole county
    form      parquet, csv or xlsx
    year      the state is that of 31 December of this year, 2015 to 2023
    progress  called with (persons written, persons in all) after each piece
    headings  names: fact names and code keys; zh: Chinese headings and labels.
              Empty: names for parquet, which programs read; zh for sheets, which people read
    broken    also rows that a reader has to refuse: people without a household, a household
              without people, a number used twice
    Raises    Refused (county.*): the folder is somebody else's, or the request cannot be met.
              Nothing is left half written: all is made beside the folder and renamed at the end.
    """
    target = Path(folder)
    _require_possible(people=people, form=form, year=year, headings=headings)
    _require_ours(target)
    rough = target.with_name(f".{target.name}.making")
    shutil.rmtree(rough, ignore_errors=True)
    rough.mkdir(parents=True)
    try:
        counts = _write(
            rough, seed=seed, people=people, form=form, year=year,
            progress=progress, headings=headings, broken=broken,
        )  # fmt: skip
        _stamp(rough, {"seed": seed, "people": people, "form": form, "year": year, **counts})
        _put_in_place(rough, target)
    finally:
        shutil.rmtree(rough, ignore_errors=True)
    return Made(folder=target, form=form, persons=people, **counts)


def _require_possible(*, people: int, form: str, year: int, headings: str) -> None:
    for word, known in ((form, FORMS), (headings or HEADINGS[0], HEADINGS)):
        if word not in known:
            raise Refused("county.unknown_word", word=word, known=", ".join(known))
    if year not in plan.YEARS:
        raise Refused("county.year", year=year, first=plan.YEARS[0], last=plan.YEARS[-1])
    most = MOST_IN_XLSX if form == "xlsx" else plan.MAX_COUNTIES * plan.PEOPLE_OF_A_COUNTY
    if not 1 <= people <= most:
        raise Refused("county.people", people=people, form=form, most=most)


def _require_ours(target: Path) -> None:
    """Refuse a folder, or a file, that was not made here."""
    if not target.exists() or (target / STAMP).is_file():
        return
    if target.is_dir() and not any(target.iterdir()):
        return
    raise Refused("county.not_ours", folder=str(target), stamp=STAMP)


def _write(
    folder: Path,
    *,
    seed: int,
    people: int,
    form: str,
    year: int,
    progress: Progress | None,
    headings: str,
    broken: bool,
) -> dict[str, int]:
    """Write the three files and return what was counted."""
    words = words_for(headings or ("names" if form == "parquet" else "zh"), *FILES)
    counts = dict.fromkeys(("households", "villages", "counties"), 0)
    done = 0
    with ExitStack() as stack:
        writers = {
            level: _opened(stack, folder / f"{name}.{form}") for level, name in FILES.items()
        }

        def write(level: str, table: pa.Table) -> None:
            writers[level].write(words[level].put_on(table))

        for piece, tables in _drawn(seed=seed, people=people, year=year, broken=broken):
            write("person", tables.persons)
            write("household", tables.households)
            write("village", tables.villages)
            counts["households"] += tables.households.num_rows
            counts["villages"] += tables.villages.num_rows
            if piece.closing:
                write("township", townships_of(piece.county))
                write("county", county_of(piece.county, year=year))
                counts["counties"] += 1
            done += piece.people
            if progress:
                progress(done, people)
    return counts


def _opened(stack: ExitStack, path: Path) -> Writer:
    writer = open_writer(path)
    stack.callback(writer.close)
    return writer


def _drawn(*, seed: int, people: int, year: int, broken: bool) -> Iterator[tuple[Piece, Tables]]:
    """Draw pieces side by side, hand them over in order, and hold only a few at a time."""
    todo = (
        piece for county in plan.counties(seed=seed, people=people) for piece in pieces_of(county)
    )
    draw = partial(tables_of, seed=seed, year=year, broken=broken)
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[tuple[Piece, Future[Tables]]] = deque()
        for piece in todo:
            waiting.append((piece, pool.submit(draw, piece)))
            if len(waiting) > WORKERS:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


def _stamp(folder: Path, facts: dict[str, object]) -> None:
    says = {
        "synthetic": True,
        "zh": "本文件夹内全部人员、家庭、收入均为程序随机生成,不对应任何真实个人。",
        "en": "All people, households and figures here were drawn by chance; nobody real is meant.",
        "version": __version__,
        **facts,
    }
    text = json.dumps(says, ensure_ascii=False, indent=2) + "\n"
    (folder / STAMP).write_text(text, encoding="utf-8")


def _put_in_place(rough: Path, target: Path) -> None:
    """Show the finished folder under its name; an older run of ours gives way only now."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    rough.rename(target)
    shutil.rmtree(old, ignore_errors=True)
