"""How commands end: Ctrl-C, a place that cannot be written, a full disk, a defect, a pipe."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.registers import ROOT, check, county, process, yihu
from yihu.commands.ending import DONE, FAILED, REFUSED, STOPPED, run_to_the_end
from yihu.commands.speaking import choose_language

OLD = "earlier result\n"


def left(folder):
    """What lies in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


# -- Ctrl-C ---------------------------------------------------------------------------------------


def many(folder, households=60_000):
    """Registers that take a while."""
    county(folder)
    with (folder / "households.csv").open("w", encoding="utf-8") as file:
        file.write("household_id,village_code,net_income\n")
        file.writelines(f"h{i},v{i % 50},{i}\n" for i in range(households))
    with (folder / "persons.csv").open("w", encoding="utf-8") as file:
        file.write("person_id,household_id,birth,schooling\n")
        file.writelines(f"p{i},h{i // 3},2015-03-01,primary\n" for i in range(3 * households))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_check_that_is_stopped_says_so_and_leaves_everything_as_it_was(tmp_path, sent):
    # On a busy machine a check may be done before it can be stopped: then a longer one is tried.
    for households in (60_000, 200_000, 600_000):
        folder = tmp_path / str(households)
        folder.mkdir()
        many(folder, households)
        (folder / "out.csv").write_text(OLD, encoding="utf-8")
        before = left(folder)
        running = process(*check(folder, "--reader", "sql"), start_new_session=True)
        # Stopped once the result is being written, or at the latest after a while of reading.
        end = time.monotonic() + 90
        while left(folder) == before and time.monotonic() < end and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(sent)
        _, said = running.communicate(timeout=60)
        if running.returncode != 0:
            break

    # Python itself ends by the signal where it was inside generated code; a shell shows 130 then.
    assert running.returncode in (STOPPED, -signal.SIGINT), said
    assert "Stopped; earlier results are untouched." in said
    assert "Traceback" not in said
    assert (folder / "out.csv").read_text(encoding="utf-8") == OLD
    assert left(folder) == before


def test_what_a_killed_check_left_is_cleared_by_the_next(tmp_path):
    many(tmp_path)
    before = left(tmp_path)
    kept = ("--snapshot", str(tmp_path / "kept"))
    running = process(*check(tmp_path, *kept), start_new_session=True)
    end = time.monotonic() + 90
    while left(tmp_path) == before and time.monotonic() < end and running.poll() is None:
        time.sleep(0.02)
    running.kill()
    running.communicate(timeout=60)
    assert left(tmp_path) != before

    yihu(*check(tmp_path, *kept))

    assert left(tmp_path) == sorted([*before, "kept", "out.csv"])


def test_an_interrupt_inside_a_database_is_an_interrupt():
    class InterruptException(Exception):  # noqa: N818  the name the database gives it
        """What DuckDB raises when Ctrl-C stops a query."""

    def work():
        raise InterruptException

    assert run_to_the_end(work) == STOPPED


# -- places and disks -----------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named_before_anything_is_read(tmp_path):
    county(tmp_path)

    result = yihu(*check(tmp_path, out="nowhere/out.csv"))

    assert result.exit_code == REFUSED
    assert "There is no folder" in result.output


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    county(tmp_path)
    (tmp_path / "out.csv").mkdir()

    result = yihu(*check(tmp_path))

    assert result.exit_code == REFUSED
    assert "is a folder" in result.output


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    county(tmp_path)
    # Root may write anywhere, so the question is answered here as it is for everybody else.
    monkeypatch.setattr("yihu.commands.whole_file.os.access", lambda path, how: False)

    result = yihu(*check(tmp_path))

    assert result.exit_code == REFUSED
    assert "may not be written" in result.output
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_full_disk_leaves_the_earlier_result(tmp_path, form):
    county(tmp_path)
    out = tmp_path / f"out.{form}"
    out.write_text(OLD, encoding="utf-8")
    before = left(tmp_path)

    def tiny() -> None:
        # No file may grow beyond a few bytes: what a full disk is like, without filling one.
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    running = process(*check(tmp_path, "--wide", out=out.name), preexec_fn=tiny)
    _, said = running.communicate(timeout=120)

    assert running.returncode == REFUSED, said
    assert "Traceback" not in said
    assert "larger than this account may write" in said or "cannot be written" in said
    assert out.read_text(encoding="utf-8") == OLD
    assert left(tmp_path) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_device_is_a_full_disk():
    program = (
        "import sys; from yihu.commands.ending import run_to_the_end\n"
        "def work():\n with open('/dev/full', 'w') as file: file.write('x')\n"
        "sys.exit(run_to_the_end(work))"
    )

    running = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert running.returncode == REFUSED
    assert "磁盘已满" in running.stderr


def test_a_result_may_go_to_a_pipe(tmp_path):
    county(tmp_path)
    os.mkfifo(tmp_path / "out.csv")

    running = process(*check(tmp_path))
    # Opened by another program: a command that ends without opening it would leave us waiting.
    read = subprocess.run(
        ["cat", tmp_path / "out.csv"], capture_output=True, text=True, check=False, timeout=60
    )
    running.communicate(timeout=60)

    assert running.returncode == DONE
    assert read.stdout.splitlines()[1] == "household,h1,low_income,holds,"


# -- the rest -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "no", "x"), REFUSED),
        (MemoryError(), REFUSED),
        (ZeroDivisionError(), FAILED),
    ],
)
def test_whatever_stops_a_command_is_one_sentence_and_a_code(error, code, capsys):
    choose_language(["--lang", "zh"])

    def work():
        raise error

    assert run_to_the_end(work) == code
    said = capsys.readouterr().err
    assert said.splitlines()[0].endswith("。")
    assert ("Traceback" in said) == (code == FAILED)


def test_a_reader_that_went_away_is_no_defect(tmp_path):
    running = subprocess.run(
        f"{sys.executable} -m yihu.commands rulebook test mexico | true",
        shell=True, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "Traceback" not in running.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check"], "缺少 --rulebook"),
        (["check", "--rulbook", "spain"], "--rulebook"),
        (["chekc"], "“check”"),
        (["--lang", "fr"], "fr"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_in_chinese(words, says):
    result = yihu(*words, lang="")

    assert result.exit_code == REFUSED
    assert says in result.output


@pytest.mark.parametrize(
    "words", [["check"], ["measure"], ["rulebook"], ["rulebook", "test"], ["rulebook", "docs"],
              ["rulebook", "new"], []],
)  # fmt: skip
def test_every_help_page_has_examples_in_both_languages(words):
    zh, en = yihu(*words, "--help", lang=""), yihu("--lang", "en", *words, "--help")

    assert zh.exit_code == en.exit_code == DONE
    assert "例：" in zh.output
    assert "选项" in zh.output
    assert "Examples:" in en.output
    assert "Options" in en.output
    assert all(len(line) <= 100 for line in en.output.splitlines())


@pytest.mark.parametrize("words", [["--lang", "en", "check"], ["check", "--lang", "en"]])
def test_the_language_may_stand_before_or_after_the_command(words):
    assert "--rulebook is missing" in yihu(*words, lang="").output
