"""The columns reader on Spark: one task for each county's files.

Households never cross county files, so a province is a list of files and needs no shuffle. The
driver binds the rulebook once and sends the typed tree; no machine reads a rule's text again.
Results lie in a folder all machines see, one folder for each county (see `task`); a run
that was broken off goes on where it stopped. For totals over everybody use `columns`.

Needs pyspark, an optional extra: pip install 'yihu[cluster]'.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from yihu.rulebook import sql
from yihu.rulebook.cluster import task as cluster_task
from yihu.rulebook.cluster.reach import require_inside
from yihu.rulebook.cluster.task import FilePair, Receipt, Task
from yihu.rulebook.program import Program
from yihu.rulebook.refusals import Refused

#: Settings a session is opened with unless told otherwise.
SETTINGS = {
    "spark.app.name": "yihu",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A run over many file pairs.

    receipts  of every file pair, in the order asked
    kept      names of those whose result was already there
    """

    receipts: tuple[Receipt, ...]
    kept: frozenset[str]


def check_files(
    program: Program,
    pairs: Sequence[FilePair],
    out: str | Path,
    *,
    master: str = "local[*]",
    session: Any = None,
    whole: str = "",
    missing: Literal["refuse", "unknown"] = "refuse",
    bad: Literal["refuse", "unknown"] = "refuse",
    strays: Literal["refuse", "keep"] = "refuse",
) -> Checked:
    """Check every file pair; what is finished for the same program and files is kept.

    out      folder of results, one folder for each pair: every machine must see it by this path
    master   Spark master: local[2], spark://host:7077
    session  a Spark session to use instead of opening one
    whole    highest level whose things lie wholly in one file pair; the highest unless given
    missing, bad  see `intake.intake`; strays: persons without household are refused or kept
    Raises   Refused: cluster.no_pyspark, .bad_names, .needs_everybody, .some_failed,
             .place_in_two_files
    """
    _require_names(pairs)
    places = require_inside(program, whole or program.level_names()[-2])
    out = Path(out).absolute()
    out.mkdir(parents=True, exist_ok=True)
    cluster_task.clear_unfinished(out)
    task = Task(str(out), fingerprint(program), places, missing, bad, strays)
    found = {pair.name: cluster_task.result_of(pair, task) for pair in pairs}
    waiting = [pair for pair in pairs if found[pair.name] is None]
    if waiting:
        with _session(master, session) as spark:
            found.update(_ran(spark, waiting, task, program))
    receipts = tuple(r for r in (found[pair.name] for pair in pairs) if r is not None)
    _require_apart(receipts)
    return Checked(receipts, frozenset(found) - {pair.name for pair in waiting})


def results(out: str | Path, level: str) -> Any:
    """All finished results of a level as one Arrow table, by name of the file pair."""
    folders = sorted(p.parent for p in Path(out).glob(f"*/{cluster_task.RECEIPT}"))
    files = [folder / f"{level}.parquet" for folder in folders]
    return pa.concat_tables([pq.read_table(file) for file in files if file.exists()])


def spark_sql(program: Program) -> dict[str, str]:
    """Level → the program as one Spark SQL query, for offices that run it themselves.

    The tables it reads are described in `sql.tables`. Raises Refused sql.not_in_dialect.
    """
    return sql.query(program, "spark")


def fingerprint(program: Program) -> str:
    """Names the program by all it means: its trees printed as a query."""
    texts = sql.query(program)
    whole = "\n".join([program.name, *(f"{level}\n{text}" for level, text in texts.items())])
    return blake2b(whole.encode(), digest_size=16).hexdigest()


def _require_names(pairs: Sequence[FilePair]) -> None:
    names = [pair.name for pair in pairs]
    bad = [n for n in names if names.count(n) > 1 or not re.fullmatch(r"\w[\w.-]*", n)]
    if bad:
        raise Refused("cluster.bad_names", names=", ".join(dict.fromkeys(bad)))


def _require_apart(receipts: Sequence[Receipt]) -> None:
    """No place may be counted in two file pairs: each would give it half its total."""
    seen: dict[tuple[str, str], str] = {}
    for receipt in receipts:
        for level, ids in receipt.places.items():
            for id_ in ids:
                other = seen.setdefault((level, id_), receipt.name)
                if other != receipt.name:
                    raise Refused(
                        "cluster.place_in_two_files",
                        level=level, id=id_, first=other, second=receipt.name,
                    )  # fmt: skip


@contextmanager
def _session(master: str, session: Any) -> Iterator[Any]:
    if session is not None:
        yield session
        return
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415  an optional extra
    except ImportError:
        raise Refused("cluster.no_pyspark") from None
    # Without this the workers take whatever Python is first on their path.
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(master)
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    try:
        yield found
    finally:
        found.stop()


#: What a task gives back: a receipt, or the refusal's code and details.
_Outcome = tuple[str, Receipt | None, str, dict[str, str]]


def _ran(
    spark: Any, pairs: Sequence[FilePair], task: Task, program: Program
) -> dict[str, Receipt | None]:
    context = spark.sparkContext
    sent = context.broadcast(program)
    one_each = context.parallelize(list(pairs), len(pairs))
    outcomes: list[_Outcome] = one_each.map(_on_worker(task, sent)).collect()
    refused = [(name, Refused(code, **told)) for name, _, code, told in outcomes if code]
    if refused:
        raise Refused(
            "cluster.some_failed",
            count=len(refused),
            of=len(pairs),
            list="\n".join(f"  {name}: {r.sentence('en')}" for name, r in refused),
            list_zh="\n".join(f"  {name}：{r.sentence('zh')}" for name, r in refused),
        )
    return {name: receipt for name, receipt, _, _ in outcomes}


def _on_worker(task: Task, sent: Any) -> Callable[[FilePair], _Outcome]:
    def checked(pair: FilePair) -> _Outcome:
        # A refusal of one county must not stop the others: it is told when all are done.
        try:
            return pair.name, cluster_task.run(pair, task, sent.value), "", {}
        except Refused as refused:
            told = {name: str(value) for name, value in refused.details.items()}
            return pair.name, None, refused.code, told
        except OSError as fault:
            return pair.name, None, "cluster.unwritable", {"path": task.out, "why": str(fault)}

    return checked
