"""Many county files on Spark give what one run over everything gives, and a run can go on."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.rulebook.conftest import need_spark
from tests.rulebook.county_files import COUNTIES, WITHOUT_NAMES, rulebook, write_counties
from tests.rulebook.standalone_spark import standalone
from yihu.rulebook import cluster, columns, intake, read, snapshot, sql
from yihu.rulebook.bind import bind
from yihu.rulebook.cluster import task as cluster_task
from yihu.rulebook.cluster.task import FilePair
from yihu.rulebook.refusals import Refused

TODAY = date(2020, 12, 31)
LEVELS = ("person", "household", "village", "county")


@pytest.fixture
def program(tmp_path):
    return bind(rulebook(tmp_path), TODAY, rules=WITHOUT_NAMES)


def by_id(table):
    """(id, column) → value."""
    return {
        (id_, name): value
        for name in table.column_names if name != "id"
        for id_, value in zip(table["id"].to_pylist(), table[name].to_pylist(), strict=True)
    }  # fmt: skip


def made_snapshot(program, files, path):
    data = intake.intake(program, files)
    tables = {level: list(batches()) for level, batches in data.tables().items()}
    return snapshot.write(path, program.levels, tables, specs=program.facts)


def whole(program, files, folder):
    """Level → the same, from one run of the columns reader over everybody."""
    found = columns.check(program, made_snapshot(program, files, folder / "all"))
    return {level: by_id(cluster_task.as_table(found[level])) for level in LEVELS}


def in_counties(out):
    return {level: by_id(cluster.results(out, level)) for level in LEVELS}


def without_spark(program, pairs, out, **task):
    """The driver's work without a cluster: what does not depend on Spark is tried in a second."""

    class Here:
        sparkContext = property(lambda self: self)  # noqa: N815  Spark's own name

        def broadcast(self, value):
            return type("Sent", (), {"value": value})

        def parallelize(self, items, _parts):
            self.items = items
            return self

        def map(self, work):
            self.items = [work(item) for item in self.items]
            return self

        def collect(self):
            return self.items

    return cluster.check_files(program, pairs, out, session=Here(), **task)


def in_own_process(arguments, master, folder):
    """`check_files` with a session of its own; this process may have another one already."""
    code = (
        "import pickle, sys; from yihu.rulebook import cluster\n"
        "cluster.check_files(*pickle.load(sys.stdin.buffer), master=sys.argv[1])"
    )
    subprocess.run(
        [sys.executable, "-c", code, master],
        input=pickle.dumps(arguments),
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=folder,
        check=True,
        timeout=300,
    )


def test_spark_gives_each_cell_that_one_run_gives(program, tmp_path, spark):
    pairs, everything = write_counties(tmp_path)

    checked = cluster.check_files(program, pairs, tmp_path / "out", session=spark)

    assert in_counties(tmp_path / "out") == whole(program, everything, tmp_path)
    assert [r.name for r in checked.receipts] == list(COUNTIES)
    assert not checked.kept


def test_a_master_with_two_workers_gives_the_same(program, tmp_path):
    need_spark()
    pairs, everything = write_counties(tmp_path)

    with standalone(tmp_path) as master:
        in_own_process((program, pairs, tmp_path / "out"), master, tmp_path)

    assert in_counties(tmp_path / "out") == whole(program, everything, tmp_path)


def test_a_finished_county_is_not_computed_again(program, tmp_path):
    pairs, _ = write_counties(tmp_path)
    out = tmp_path / "out"
    without_spark(program, pairs[:2], out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*.parquet")}

    checked = without_spark(program, pairs, out)

    assert checked.kept == {"451021", "451022"}
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert (out / "451023" / "county.parquet").exists()


def test_a_changed_file_or_rule_is_computed_again(program, tmp_path):
    pairs, _ = write_counties(tmp_path)
    out = tmp_path / "out"
    without_spark(program, pairs, out)
    path = pairs[0].files["household"]
    os.utime(path, ns=(1, 1))

    assert without_spark(program, pairs, out).kept == {"451022", "451023"}
    fewer = bind(read.rulebook(tmp_path / "small"), TODAY, rules=["dry"])
    assert without_spark(fewer, pairs, out).kept == frozenset()
    assert cluster.results(out, "village").column_names == ["id", "dry"]


def test_a_bad_county_stops_no_other_and_leaves_nothing(program, tmp_path):
    pairs, _ = write_counties(tmp_path)
    out = tmp_path / "out"
    with Path(pairs[1].files["person"]).open("a", encoding="utf-8") as file:
        file.write("x,451022-0,31.31.2020,是,a\n")

    with pytest.raises(Refused, match="1 of 3 file pairs") as refused:
        without_spark(program, pairs, out)

    assert "451022：" in refused.value.sentence("zh")
    assert sorted(p.name for p in out.iterdir()) == ["451021", "451023"]


def test_what_a_broken_run_left_is_cleared_and_never_read(program, tmp_path):
    pairs, _ = write_counties(tmp_path)
    out = tmp_path / "out"
    half = out / f"{cluster_task.UNFINISHED}451021-x"
    half.mkdir(parents=True)
    (half / "household.parquet").write_bytes(b"half")
    (out / "451021").mkdir()

    without_spark(program, pairs, out)

    assert sorted(p.name for p in out.iterdir()) == list(COUNTIES)


def test_a_snapshot_folder_may_stand_for_the_files(program, tmp_path):
    pairs, _ = write_counties(tmp_path)
    made_snapshot(program, pairs[0].files, tmp_path / "day")
    as_files, as_snapshot = tmp_path / "one", tmp_path / "two"

    without_spark(program, pairs[:1], as_files)
    without_spark(program, [FilePair("451021", {}, str(tmp_path / "day"))], as_snapshot)

    assert in_counties(as_files) == in_counties(as_snapshot)


def test_rules_that_look_at_everybody_are_refused_by_name(tmp_path):
    program = bind(rulebook(tmp_path), TODAY)

    with pytest.raises(Refused, match="1 rules look beyond one file pair: same_name"):
        without_spark(program, [], tmp_path / "out")
    with pytest.raises(Refused, match=r"3 rules look .*: grown_up, dry, watered|watered"):
        without_spark(program, [], tmp_path / "out", whole="household")


def test_a_place_in_two_files_is_refused(program, tmp_path):
    pairs, everything = write_counties(tmp_path)

    with pytest.raises(Refused, match="stands in both “451021” and “all”"):
        without_spark(program, [pairs[0], FilePair("all", everything)], tmp_path / "out")


@pytest.mark.parametrize("names", [("a", "a"), ("../a", "b"), ("", "b"), (".a", "b")])
def test_names_that_cannot_name_folders_are_refused(names, program, tmp_path):
    with pytest.raises(Refused, match="cannot name a folder"):
        without_spark(program, [FilePair(n, {}) for n in names], tmp_path / "out")


def test_the_text_for_spark_is_the_query_of_the_same_tree(program):
    assert cluster.spark_sql(program) == sql.query(program, "spark")
    assert "`_row`" in cluster.spark_sql(program)["household"]
