"""Files named on the command line → a snapshot: which file is of which level, made once, kept.

A kept snapshot (`--snapshot DIR`) is used again while the files, the facts wanted and the way of
reading are the same and every byte of it is as it was written; otherwise it is made anew beside the
old one and then takes its place.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Literal

import click
import pyarrow as pa

from yihu.commands.last_period import with_last
from yihu.commands.progress import Show
from yihu.commands.speaking import said
from yihu.rulebook import snapshot as snapshots
from yihu.rulebook.book import Rulebook
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.intake import Intake
from yihu.rulebook.intake.report import Report
from yihu.rulebook.program import POPULATION, Program
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot
from yihu.rulebook.snapshot.scratch import scratch

Missing = Literal["refuse", "unknown"]
Batches = Callable[[], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class Registers:
    """The files of a run.

    files    level → file; last: the same for the period before
    missing  a fact the rules use and no column brings: refuse, or unknown for everybody
    bad      a cell nobody can mean: refuse the file, or unknown
    strays   persons whose household is in no file: refuse them, or keep them without household
    """

    files: Mapping[str, Path]
    last: Mapping[str, Path] = field(default_factory=dict)
    missing: Missing = "refuse"
    bad: Missing = "refuse"
    strays: Literal["refuse", "keep"] = "refuse"


def registers_of(
    rulebook: Rulebook,
    *,
    persons: Path | None,
    households: Path | None,
    places: Sequence[str] = (),
) -> dict[str, Path]:
    """Level → file. A place file's level is told by its headings, or by `village=FILE`.

    Raises  Refused (command.no_files, command.no_such_place, command.which_place,
            command.place_twice, intake.no_file …)
    """
    names = [level.name for level in rulebook.levels]
    files: dict[str, Path] = {}
    if persons is not None:
        files[names[0]] = persons
    if households is not None:
        files[names[min(1, len(names) - 1)]] = households
    for place in places:
        level, path = _placed(rulebook, place)
        if level in files:
            raise Refused("command.place_twice", file=path, other=files[level], level=level)
        files[level] = path
    return files


def _placed(rulebook: Rulebook, place: str) -> tuple[str, Path]:
    names = [level.name for level in rulebook.levels[2:]]
    level, equals, path = place.partition("=")
    if equals and level in [level.name for level in rulebook.levels]:
        return level, Path(path)
    found = {name: _fit(rulebook, name, Path(place)) for name in names}
    best = max(found, key=lambda name: (found[name], -names.index(name)), default="")
    if not best or found[best] == 0:
        raise Refused("command.which_place", file=place, known=", ".join(names) or "—")
    return best, Path(place)


def _fit(rulebook: Rulebook, level: str, path: Path) -> int:
    """How many facts of a level a file brings, and one more for its key; 0 without the key."""
    facts = [fact for (at, _), fact in rulebook.facts.items() if at == level]
    try:
        opened = Intake(rulebook.levels, facts, {level: path}, missing="unknown")
    except Refused as refused:
        if refused.code == "intake.no_headings":
            return 0
        raise
    if level in opened.report.numbered:
        return 0
    return 1 + sum(at == level for at, _ in opened.report.columns)


@contextmanager
def snapshot_of(
    program: Program, registers: Registers, kept: Path | None, show: Show
) -> Iterator[tuple[Snapshot, Report | None]]:
    """The snapshot of the files, and how they were read (None where a kept one was used again).

    kept     the folder to keep it in; without it, it lies in a temporary folder meanwhile
    Raises   Refused (intake.*, snapshot.*)
    """
    if kept is None:
        with scratch(Path(gettempdir()) / "yihu") as folder:
            yield _made(program, registers, folder / "snapshot", {}, show)
        return
    wanted = _described(program, registers)
    found = _usable(kept, wanted)
    if found is not None:
        yield found, None
        return
    with _replaced(program, registers, kept, wanted, show) as made:
        yield made


def _usable(kept: Path, wanted: Mapping[str, Any]) -> Snapshot | None:
    if not kept.exists():
        return None
    if kept.is_dir() and not any(kept.iterdir()):
        return None
    if not (kept / "snapshot.json").is_file():
        raise Refused("command.not_a_snapshot", path=kept)
    try:
        # Its answers go into decisions: a disk that lost a bit must not decide. Reading all of it
        # costs less than reading the files it was made from, which is done before.
        found = snapshots.open(kept, verify=True)
    except Refused as damaged:
        _tell_made_anew(kept, damaged)
        return None
    about = found.about.get("about", {})
    return found if all(about.get(key) == value for key, value in wanted.items()) else None


def _tell_made_anew(kept: Path, damaged: Refused) -> None:
    file, why = (damaged.details.get(name, "") for name in ("file", "why"))
    if damaged.code == "snapshot.damaged":
        why_zh = getattr(why, "zh", why)
        zh = f"保存的快照 {kept} 已损坏（{file}：{why_zh}），由登记表重新建立。"
        en = (
            f"The kept snapshot {kept} was damaged ({file}: {why}) and is made anew from the files."
        )
    else:
        zh = f"保存的快照 {kept} 是别的版本建立的，由登记表重新建立。"
        en = f"The kept snapshot {kept} is of another version and is made anew from the files."
    click.echo(said(zh, en), err=True)


@contextmanager
def _replaced(
    program: Program, registers: Registers, kept: Path, wanted: Mapping[str, Any], show: Show
) -> Iterator[tuple[Snapshot, Report]]:
    # Each run in a folder of its own: two at once may be asked to keep the same snapshot.
    kept.parent.mkdir(parents=True, exist_ok=True)
    with scratch(kept) as beside:
        new = beside / "new"
        made, report = _made(program, registers, new, wanted, show)
        with suppress(FileNotFoundError):
            kept.rename(beside / "old")
        try:
            new.rename(kept)
        except OSError as fault:
            # The other run was quicker between the two steps; ours is as good from here.
            if fault.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            yield made, report
            return
        yield snapshots.open(kept), report


def _made(
    program: Program, registers: Registers, path: Path, about: Mapping[str, Any], show: Show
) -> tuple[Snapshot, Report]:
    opened = intake_of(program, registers)
    tables = with_last(program, opened.tables(), registers.last, missing=registers.missing)
    made = snapshots.write(
        path,
        [level for level in program.levels if level.name != POPULATION],
        {name: _counted(read, show) for name, read in tables.items()},
        specs=_specs(program),
        keep_strays=registers.strays == "keep",
        about=dict(about),
        names=_file_names(registers, opened.report),
    )
    if not any(opened.report.rows.values()):
        files = ", ".join(dict.fromkeys(path.name for path in registers.files.values()))
        raise Refused("command.no_rows", files=files)
    return made, opened.report


def _file_names(registers: Registers, report: Report) -> dict[str, str]:
    """Level → the name of the file it is read from, its own or that of the level below."""
    own = {level: path.name for level, path in registers.files.items()}
    below = {level: own[lower] for level, lower in report.assembled.items() if lower in own}
    return {**below, **own}


def intake_of(program: Program, registers: Registers) -> Intake:
    """The files opened, their headings matched. Raises Refused (intake.*)."""
    return Intake(
        program.levels,
        list(program.facts.values()),
        registers.files,
        last=[] if registers.last else list(program.last_facts.values()),
        missing=registers.missing,
        bad=registers.bad,
    )


def _counted(read: Batches, show: Show) -> _Shown:
    return _Shown(read, show)


@dataclass(slots=True)
class _Shown:
    """Batches that may be read again, telling how many rows have gone by."""

    read: Batches
    show: Show
    rows: int = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches from the start."""
        self.rows = 0
        for batch in self.read():
            self.rows += batch.num_rows
            self.show(self.rows, 0)
            yield batch


def _specs(program: Program) -> dict[tuple[str, str], FactSpec]:
    last = {(level, f"last.{name}"): spec for (level, name), spec in program.last_facts.items()}
    return {**program.facts, **last}


def _described(program: Program, registers: Registers) -> dict[str, Any]:
    """What a kept snapshot must have been made from to be used again."""
    facts = hashlib.blake2b(repr(sorted(_specs(program).items())).encode(), digest_size=16)
    return {
        "sources": {level: _checksum(path) for level, path in registers.files.items()},
        "last": {level: _checksum(path) for level, path in registers.last.items()},
        "reading": [registers.missing, registers.bad, registers.strays],
        "facts": facts.hexdigest(),
    }


def _checksum(path: Path) -> str:
    """Of a file, or of all files of a folder in the order of their names."""
    if not path.exists():
        raise Refused("intake.no_file", file=path)
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "blake2b").digest())
    return digest.hexdigest()
